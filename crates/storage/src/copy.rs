//! Copying everything from one database to another, table by table in the order of their keys.
//!
//! A part is one transaction, so that a copy that was killed goes on behind the last key that the
//! target holds. It is bounded by what its rows weigh, not by their number alone: some have a few
//! bytes, and some the trace of an attempt.

mod tables;

pub use tables::TABLES;

use crate::{Result, Storage, StorageError};
use async_trait::async_trait;
use std::hash::{DefaultHasher, Hash, Hasher};
use uuid::Uuid;

/// The fact by which a target knows what is being copied to it, until all of it has been.
pub const COPYING: &str = "copying";

/// How many rows are copied at once, at most: below SQLite's number of parameters.
pub(crate) const PART: u32 = 1_000;
/// How many bytes their texts come to, at most, unless there is but one row.
pub(crate) const PART_BYTES: u64 = 8 << 20;

/// What a column holds, where it holds something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Number,
    Truth,
    Text,
    Bytes,
    Uuid,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Cell {
    Number(Option<i64>),
    Truth(Option<bool>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    Uuid(Option<Uuid>),
}

/// A table that both databases have.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    /// The columns; the first `key` of them are the primary key.
    pub columns: &'static [(&'static str, Kind)],
    pub key: usize,
    /// Whether the first column is numbered by the database.
    pub numbered: bool,
}

/// How many rows of a table there are, and what their content comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    pub rows: u64,
    checksum: u64,
}

impl Sum {
    /// Adds rows, in the order of their keys.
    pub fn add(&mut self, rows: &[Vec<Cell>]) {
        for row in rows {
            let mut hasher = DefaultHasher::new();
            self.checksum.hash(&mut hasher);
            row.hash(&mut hasher);
            self.checksum = hasher.finish();
        }
        self.rows += rows.len() as u64;
    }
}

/// One side of a copy. Nobody else may write to either meanwhile.
#[async_trait]
pub trait CopyStore: Send + Sync {
    /// At most `limit` rows behind this key, in the order of their keys: at least one where there are
    /// any, and no more than are read and written at once without harm.
    async fn rows(&self, table: &Table, after: &[Cell], limit: u32) -> Result<Vec<Vec<Cell>>>;
    /// How many rows there are.
    async fn count(&self, table: &Table) -> Result<u64>;
    /// The key of the last row; nothing where there is no row.
    async fn last_key(&self, table: &Table) -> Result<Vec<Cell>>;
    /// Writes rows, all or none.
    async fn put_rows(&self, table: &Table, rows: &[Vec<Cell>]) -> Result<()>;
    /// The last number that a numbered table gave, also where its row has gone since; 0 where it gave
    /// none.
    async fn last_number(&self, table: &Table) -> Result<i64>;
    /// Goes on numbering behind what has been written and behind these numbers of tables, and forgets
    /// that it is being copied to.
    async fn end_copy(&self, numbers: &[(&'static str, i64)]) -> Result<()>;
}

/// Why a copy ended.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Something is kept already where everything is to be copied to.
    #[error("the database to copy to has {table} already; make an empty one for the copy")]
    NotEmpty { table: &'static str },
    /// There is nothing to copy.
    #[error("the database to copy from holds nothing; is it the right one?")]
    Nothing,
    /// A part of what was to be copied to a database is missing there.
    #[error(
        "the copy from {from} to this database has not ended: run the same `offhook copy` again, or \
         make another database"
    )]
    NotEnded { from: String },
    /// What has been copied is not what was there.
    #[error("the copy of {table} is not as the original: {here} rows, where there are {there}")]
    Differs { table: &'static str, here: u64, there: u64 },
    /// One of the databases failed in the midst of a table.
    #[error("the copy of {table} could not go on; the same command goes on from here")]
    Table { table: &'static str, source: StorageError },
    /// One of the databases failed.
    #[error("the copy could not go on; the same command goes on from here")]
    Storage(#[from] StorageError),
}

impl CopyError {
    /// Says in which table it was.
    fn of(table: &Table) -> impl FnOnce(StorageError) -> Self {
        let table = table.name;
        move |source| Self::Table { table, source }
    }
}

/// Tells how far a copy is: the table, its rows done, and its rows in all.
pub type Progress<'a> = &'a mut (dyn FnMut(Step) + Send);

/// A step of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub table: &'static str,
    /// Whether the table is being compared, which follows the copying of all.
    pub comparing: bool,
    pub done: u64,
    pub of: u64,
}

/// Copies everything `from` one database `to` another, both up to date; `source` names the first.
/// Goes on where an earlier copy from the same source stopped, and compares every table at the end.
/// Fails with [`CopyError::NotEmpty`] where the target holds anything else, and with
/// [`CopyError::Nothing`] where there is nothing to copy.
pub async fn copy(
    from: &dyn Storage,
    to: &dyn Storage,
    source: &str,
    tell: Progress<'_>,
) -> Result<(), CopyError> {
    check_ended(from).await?;
    if first_filled(from).await?.is_none() {
        return Err(CopyError::Nothing);
    }
    if to.fact(COPYING).await?.as_deref() != Some(source) {
        if let Some(table) = first_filled(to).await? {
            return Err(CopyError::NotEmpty { table });
        }
        to.put_fact(COPYING, source).await?;
    }
    for table in TABLES {
        copy_table(from, to, table, tell).await.map_err(CopyError::of(table))?;
    }
    for table in TABLES {
        let there = sum(from, table, tell).await.map_err(CopyError::of(table))?;
        let here = sum(to, table, tell).await.map_err(CopyError::of(table))?;
        if there != here {
            let (here, there) = (here.rows, there.rows);
            return Err(CopyError::Differs { table: table.name, here, there });
        }
    }
    // The number of what was deleted is given to nothing else there, either.
    let mut numbers = Vec::new();
    for table in TABLES.iter().filter(|table| table.numbered) {
        let last = from.last_number(table).await.map_err(CopyError::of(table))?;
        numbers.push((table.name, last));
    }
    Ok(to.end_copy(&numbers).await?)
}

/// Copies what of a table is not there yet.
async fn copy_table(
    from: &dyn Storage,
    to: &dyn Storage,
    table: &Table,
    tell: Progress<'_>,
) -> Result<()> {
    let (mut done, of) = (to.count(table).await?, from.count(table).await?);
    let mut after = to.last_key(table).await?;
    loop {
        tell(Step { table: table.name, comparing: false, done, of });
        let rows = from.rows(table, &after, PART).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last[..table.key].to_vec();
        to.put_rows(table, &rows).await?;
        done += rows.len() as u64;
    }
}

/// Fails with [`CopyError::NotEnded`] where a copy to this database, which is up to date, has begun and
/// not come to its end.
pub async fn check_ended(store: &dyn Storage) -> Result<(), CopyError> {
    match store.fact(COPYING).await? {
        Some(from) => Err(CopyError::NotEnded { from }),
        None => Ok(()),
    }
}

/// The first table that holds anything.
async fn first_filled(store: &dyn Storage) -> Result<Option<&'static str>, CopyError> {
    for table in TABLES {
        if store.count(table).await.map_err(CopyError::of(table))? > 0 {
            return Ok(Some(table.name));
        }
    }
    Ok(None)
}

/// The sum of all rows of a table.
async fn sum(store: &dyn Storage, table: &Table, tell: Progress<'_>) -> Result<Sum> {
    let (mut sum, of) = (Sum::default(), store.count(table).await?);
    let mut after = Vec::new();
    loop {
        tell(Step { table: table.name, comparing: true, done: sum.rows, of });
        let rows = store.rows(table, &after, PART).await?;
        let Some(last) = rows.last() else { return Ok(sum) };
        after = last[..table.key].to_vec();
        sum.add(&rows);
    }
}
