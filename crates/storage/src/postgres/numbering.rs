//! What goes with rows that are copied here: senders' ids, and where numbers go on.

use super::Tx;
use crate::{
    Result,
    copy::{Cell, TABLES, Table},
};
use sqlx::AssertSqlSafe;

/// Writes what goes with these rows: the senders' ids of events.
pub(super) async fn written(tx: &mut Tx, table: &Table, rows: &[Vec<Cell>]) -> Result<()> {
    if table.name != "events" {
        return Ok(());
    }
    let seqs: Vec<_> = rows
        .iter()
        .filter_map(|row| match row.first() {
            Some(Cell::Number(seq)) => *seq,
            _ => None,
        })
        .collect();
    sqlx::query(
        "INSERT INTO senders (sender_id, queue_id, event_id, fingerprint, deliveries, skipped)
         SELECT sender_id, queue_id, id, fingerprint, deliveries, skipped FROM events
         WHERE sender_id IS NOT NULL AND seq = ANY ($1)",
    )
    .bind(&seqs)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Lets numbers go on behind what has been copied.
pub(super) async fn go_on(tx: &mut Tx) -> Result<()> {
    for table in TABLES.iter().filter(|table| table.numbered) {
        let name = table.name;
        sqlx::query(AssertSqlSafe(format!(
            "SELECT setval(pg_get_serial_sequence('{name}', 'id'), MAX(id)) FROM {name}"
        )))
        .execute(&mut **tx)
        .await?;
    }
    sqlx::query(
        "UPDATE numbers SET event = GREATEST(event, (SELECT MAX(seq) FROM events)),
                            delivery = GREATEST(delivery, (SELECT MAX(seq) FROM deliveries))",
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
