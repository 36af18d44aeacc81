//! Reading columns into the model's types.

use super::{Db, DbRow};
use crate::{Result, StorageError};
use serde::de::DeserializeOwned;
use sqlx::{QueryBuilder, Row};
use std::{fmt::Display, str::FromStr};
use uuid::Uuid;

fn corrupt(what: &'static str, detail: impl Display) -> StorageError {
    StorageError::Corrupt { what, detail: detail.to_string() }
}

/// A column that holds a word of a closed list.
pub fn word<T: FromStr<Err: Display>>(row: &DbRow, column: &'static str) -> Result<T> {
    row.try_get::<&str, _>(column)?.parse().map_err(|error| corrupt(column, error))
}

/// A column that may hold a word of a closed list.
pub fn maybe_word<T: FromStr<Err: Display>>(
    row: &DbRow,
    column: &'static str,
) -> Result<Option<T>> {
    let text = row.try_get::<Option<&str>, _>(column)?;
    text.map(|text| text.parse().map_err(|error| corrupt(column, error))).transpose()
}

/// A column that holds JSON.
pub fn json<T: DeserializeOwned>(row: &DbRow, column: &'static str) -> Result<T> {
    serde_json::from_str(row.try_get(column)?).map_err(|error| corrupt(column, error))
}

/// A column that holds JSON which is read in a way of its own.
pub fn json_by<T>(
    row: &DbRow,
    column: &'static str,
    read: impl FnOnce(&str) -> serde_json::Result<T>,
) -> Result<T> {
    read(row.try_get::<&str, _>(column)?).map_err(|error| corrupt(column, error))
}

/// A column that may hold JSON.
pub fn maybe_json<T: DeserializeOwned>(row: &DbRow, column: &'static str) -> Result<Option<T>> {
    let text = row.try_get::<Option<&str>, _>(column)?;
    text.map(|text| serde_json::from_str(text).map_err(|error| corrupt(column, error))).transpose()
}

/// A count, which is never negative.
pub fn count(row: &DbRow, column: &'static str) -> Result<u64> {
    u64::try_from(row.try_get::<i64, _>(column)?).map_err(|error| corrupt(column, error))
}

/// A small number, which is never negative.
pub fn small(row: &DbRow, column: &'static str) -> Result<u32> {
    u32::try_from(row.try_get::<i64, _>(column)?).map_err(|error| corrupt(column, error))
}

/// A count that may be missing.
pub fn maybe_count(row: &DbRow, column: &'static str) -> Result<Option<u64>> {
    let number = row.try_get::<Option<i64>, _>(column)?;
    number.map(|number| u64::try_from(number).map_err(|error| corrupt(column, error))).transpose()
}

/// A small number that may be missing.
pub fn maybe_small(row: &DbRow, column: &'static str) -> Result<Option<u32>> {
    let number = maybe_count(row, column)?;
    number.map(|number| u32::try_from(number).map_err(|error| corrupt(column, error))).transpose()
}

/// A UUID.
pub fn uuid(row: &DbRow, column: &'static str) -> Result<Uuid> {
    Ok(row.try_get::<Uuid, _>(column)?)
}

/// A value as JSON text.
pub fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| corrupt("value", error))
}

/// A value as JSON text, if there is one.
pub fn maybe_to_json(value: Option<&impl serde::Serialize>) -> Result<Option<String>> {
    value.map(to_json).transpose()
}

/// Whether the text holds what is searched, in any case of every alphabet, which SQLite's own
/// lower() does not know. For tables too small for a folded column.
pub fn holds(text: &str, search: &str) -> bool {
    text.to_lowercase().contains(&search.trim().to_lowercase())
}

/// Adds that the column begins with the text, by what an index finds; an empty one adds nothing.
pub fn begins_with(sql: &mut QueryBuilder<Db>, column: &str, prefix: &str) {
    if !prefix.is_empty() {
        sql.push(format!(" AND {column} >= ")).push_bind(prefix.to_owned());
        sql.push(format!(" AND {column} < ")).push_bind(format!("{prefix}\u{10FFFF}"));
    }
}
