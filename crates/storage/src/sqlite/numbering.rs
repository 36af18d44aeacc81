//! What goes with rows that are copied here: where numbers go on. SQLite numbers behind what is there;
//! what is there no more it has to be told.

use super::Tx;
use crate::{
    Result,
    copy::{Cell, Table},
};

/// Writes what goes with these rows.
pub(super) async fn written(_: &mut Tx, _: &Table, _: &[Vec<Cell>]) -> Result<()> {
    Ok(())
}

/// The last number that a table gave.
pub(super) const LAST: &str = "SELECT seq FROM sqlite_sequence WHERE name = $1";

/// Lets numbers go on behind these of tables.
pub(super) async fn go_on(tx: &mut Tx, numbers: &[(&str, i64)]) -> Result<()> {
    for (table, last) in numbers {
        sqlx::query("DELETE FROM sqlite_sequence WHERE name = $1")
            .bind(table)
            .execute(&mut **tx)
            .await?;
        sqlx::query("INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)")
            .bind(table)
            .bind(last)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}
