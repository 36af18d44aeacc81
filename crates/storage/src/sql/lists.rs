//! What the lists of queues, hooks and flows have in common: which rows a page has is found
//! first, by their ids alone, and only the page's rows are read whole.

use super::{Db, DbRow, Pool, dialect, log::among, rows};
use crate::Result;
use model::page::Paging;
use sqlx::{QueryBuilder, Row};
use std::collections::HashMap;

/// Which rows a page has, in their order, and how many match in all.
pub struct Found {
    pub ids: Vec<i64>,
    pub total: u64,
}

/// A list as SQL: where its rows come from, and in which order.
pub struct List {
    /// The column with the row's id.
    pub id: &'static str,
    /// The tables.
    pub from: String,
    /// The terms of ORDER BY; the last of them are the same for no two rows.
    pub order: String,
}

/// Finds a page of the list; `narrow` adds the terms of WHERE.
pub async fn find(
    pool: &Pool,
    list: &List,
    paging: Paging,
    narrow: impl Fn(&mut QueryBuilder<Db>),
) -> Result<Found> {
    let List { id, from, order } = list;
    let mut sql = QueryBuilder::new(format!("SELECT {id} FROM {from} WHERE TRUE"));
    narrow(&mut sql);
    sql.push(" ORDER BY ").push(order).push(" LIMIT ").push_bind(i64::from(paging.size));
    sql.push(" OFFSET ").push_bind(paging.offset());
    let ids = sql.build_query_scalar::<i64>().fetch_all(pool).await?;
    let is_last = ids.len() < paging.size as usize && (paging.page <= 1 || !ids.is_empty());
    if is_last {
        let before = u64::try_from(paging.offset()).unwrap_or_default();
        return Ok(Found { total: before + ids.len() as u64, ids });
    }
    let mut sql = QueryBuilder::new(format!("SELECT COUNT(*) AS total FROM {from} WHERE TRUE"));
    narrow(&mut sql);
    let total = rows::count(&sql.build().fetch_one(pool).await?, "total")?;
    Ok(Found { ids, total })
}

/// Reads the rows of these ids, in the order of the ids. `select` ends where the list of ids
/// begins; each row has its `id`.
pub async fn read<T>(
    pool: &Pool,
    ids: &[i64],
    select: &str,
    make: impl Fn(&DbRow) -> Result<T>,
) -> Result<Vec<T>> {
    let mut made: HashMap<i64, T> = HashMap::new();
    if !ids.is_empty() {
        let mut sql = QueryBuilder::new(select);
        sql.push(" (");
        let mut list = sql.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        sql.push(")");
        for row in sql.build().fetch_all(pool).await? {
            made.insert(row.try_get("id")?, make(&row)?);
        }
    }
    Ok(ids.iter().filter_map(|id| made.remove(id)).collect())
}

/// The terms of ORDER BY: by this column or expression, and then by the others.
pub fn order(by: &str, descending: bool, then: &str) -> String {
    let way = if descending { " DESC" } else { "" };
    if by.is_empty() { then.to_owned() } else { format!("{by}{way}, {then}") }
}

/// Adds that a folded column is like the pattern, in which `*` stands for any characters.
pub fn like(sql: &mut QueryBuilder<Db>, column: &str, pattern: &str) {
    let pattern = pattern.trim().to_lowercase();
    if pattern.is_empty() {
        return;
    }
    let mut escaped = String::with_capacity(pattern.len() + 2);
    for letter in pattern.chars() {
        match letter {
            '*' => escaped.push('%'),
            '%' | '_' | '\\' => escaped.extend(['\\', letter]),
            other => escaped.push(other),
        }
    }
    sql.push(format!(" AND {column} LIKE ")).push_bind(escaped).push(" ESCAPE '\\'");
}

/// Adds that at least one of these tags stands in the extras.
pub fn tagged(sql: &mut QueryBuilder<Db>, extras: &str, tags: &[String]) {
    if tags.is_empty() {
        return;
    }
    sql.push(format!(" AND EXISTS (SELECT 1 FROM ({}) AS n WHERE TRUE", dialect::tags(extras)));
    among(sql, "n.name", tags.iter().cloned());
    sql.push(")");
}
