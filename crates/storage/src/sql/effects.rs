//! Writing what runs change of what the installation keeps, in a transaction of something else.

use super::{
    Conn, Db,
    dialect::{LISTS_STAY, USERS_STAY},
    vault,
};
use crate::Result;
use model::{
    cache::CacheEntry, effect::Effect, note::Note, number_list::ListEntry, variable::KeptVariable,
};
use sqlx::QueryBuilder;
use std::collections::BTreeMap;

/// The most rows of one statement.
const ROWS_MAX: usize = 500;

/// Writes effects, of which the later ones count; none cost nothing. Rows are written and forgotten in
/// the order of their keys, so that two who change the same do not wait for each other.
pub(super) async fn write(tx: &mut Conn, effects: &[Effect]) -> Result<()> {
    let mut cache: BTreeMap<&str, Option<&CacheEntry>> = BTreeMap::new();
    let mut entries: BTreeMap<(i64, &str), &ListEntry> = BTreeMap::new();
    let mut notes: Vec<&Note> = Vec::new();
    let mut variables: BTreeMap<&str, &KeptVariable> = BTreeMap::new();
    for effect in effects {
        match effect {
            Effect::Cache(entry) => {
                cache.insert(&entry.key, Some(entry));
            }
            Effect::Forget(key) => {
                cache.insert(key, None);
            }
            Effect::AddToList { list, entry } => {
                entries.insert((list.0, &entry.number), entry);
            }
            Effect::Note(note) => notes.push(note),
            Effect::SetVariable(variable) => {
                variables.insert(&variable.name, variable);
            }
        }
    }
    let mut kept = Vec::new();
    for (key, entry) in cache {
        match entry {
            Some(entry) => kept.push(entry),
            None => {
                keep(tx, &std::mem::take(&mut kept)).await?;
                sqlx::query("DELETE FROM cache WHERE key = $1").bind(key).execute(&mut *tx).await?;
            }
        }
    }
    keep(tx, &kept).await?;
    let entries: Vec<_> = entries.into_iter().collect();
    for some in entries.chunks(ROWS_MAX) {
        let mut sql = QueryBuilder::<Db>::new(
            "WITH n (list_id, number, description, expires_at, added_at) AS (",
        );
        sql.push_values(some, |mut row, ((list, _), entry)| {
            row.push_bind(*list)
                .push_bind(&entry.number)
                .push_bind(&entry.description)
                .push_bind(entry.expires_at.map(|at| at.0))
                .push_bind(entry.added_at.0);
        });
        // A list that has gone meanwhile takes nothing.
        sql.push(format!(
            ") INSERT INTO list_entries (list_id, number, description, expires_at, added_at)
               SELECT n.* FROM n JOIN number_lists l ON l.id = n.list_id WHERE TRUE{LISTS_STAY}
               ON CONFLICT (list_id, number) DO UPDATE SET
                   description = excluded.description, expires_at = excluded.expires_at,
                   added_at = excluded.added_at"
        ));
        sql.build().execute(&mut *tx).await?;
    }
    leave(tx, &notes).await?;
    if variables.is_empty() {
        return Ok(());
    }
    let revision = vault::raise(tx).await?;
    for variable in variables.into_values() {
        vault::put(tx, variable, revision).await?;
    }
    Ok(())
}

/// Keeps entries of the cache.
async fn keep(tx: &mut Conn, entries: &[&CacheEntry]) -> Result<()> {
    for some in entries.chunks(ROWS_MAX) {
        let mut sql = QueryBuilder::<Db>::new("INSERT INTO cache (key, value, expires_at) ");
        sql.push_values(some, |mut row, entry| {
            row.push_bind(&entry.key)
                .push_bind(&entry.value)
                .push_bind(entry.expires_at.map(|at| at.0));
        });
        sql.push(
            " ON CONFLICT (key) DO UPDATE SET
                  value = excluded.value, expires_at = excluded.expires_at",
        );
        sql.build().execute(&mut *tx).await?;
    }
    Ok(())
}

/// Writes notes to the users that there are; each once, however often it is written.
async fn leave(tx: &mut Conn, notes: &[&Note]) -> Result<()> {
    for some in notes.chunks(ROWS_MAX) {
        let mut sql = QueryBuilder::<Db>::new(
            "WITH n (user_id, id, kind, message, timeout_s, made_at, expires_at) AS (",
        );
        sql.push_values(some, |mut row, note| {
            row.push_bind(note.user.0)
                .push_bind(note.id.0)
                .push_bind(&note.kind)
                .push_bind(&note.message)
                .push_bind(note.timeout_s.map(i64::from))
                .push_bind(note.made_at.0)
                .push_bind(note.expires_at().0);
        });
        sql.push(format!(
            ") INSERT INTO notes (user_id, id, kind, message, timeout_s, made_at, expires_at)
               SELECT n.* FROM n JOIN users u ON u.id = n.user_id WHERE TRUE{USERS_STAY}
               ON CONFLICT (user_id, id) DO NOTHING"
        ));
        sql.build().execute(&mut *tx).await?;
    }
    Ok(())
}
