//! The installation's facts, by name.

use super::Pool;
use crate::Result;

pub(super) async fn get(readers: &Pool, name: &str) -> Result<Option<String>> {
    Ok(sqlx::query_scalar("SELECT value FROM installation WHERE name = $1")
        .bind(name)
        .fetch_optional(readers)
        .await?)
}

/// Puts a fact where there is none; the one that is there then.
pub(super) async fn put_first(writer: &Pool, name: &str, value: &str) -> Result<String> {
    sqlx::query(
        "INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
    )
    .bind(name)
    .bind(value)
    .execute(writer)
    .await?;
    Ok(sqlx::query_scalar("SELECT value FROM installation WHERE name = $1")
        .bind(name)
        .fetch_one(writer)
        .await?)
}

pub(super) async fn put(writer: &Pool, name: &str, value: &str) -> Result<()> {
    sqlx::query(
        "INSERT INTO installation (name, value) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(name)
    .bind(value)
    .execute(writer)
    .await?;
    Ok(())
}
