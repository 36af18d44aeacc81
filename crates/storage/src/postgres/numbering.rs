//! What goes with rows that are copied here: senders' ids, what is not delivered, and where numbers
//! go on.

use super::Tx;
use crate::{
    Result,
    copy::{Cell, Table},
};
use sqlx::AssertSqlSafe;

/// The senders' ids of these events.
const SENDERS: &str =
    "INSERT INTO senders (sender_id, queue_id, event_id, fingerprint, deliveries, skipped)
     SELECT sender_id, queue_id, id, fingerprint, deliveries, skipped FROM events
     WHERE sender_id IS NOT NULL AND seq = ANY ($1)";

/// What of these deliveries is not plainly delivered.
const UNDELIVERED: &str =
    "INSERT INTO undelivered (seq, open, state, shard, flow_id, hook_id, queue_id,
                              next_at, failure_class)
     SELECT seq, finished_at IS NULL, state, shard, flow_id, hook_id, queue_id, next_at,
            failure_class
     FROM deliveries
     WHERE NOT (state = 'delivered' AND failure_class IS NULL) AND seq = ANY ($1)";

/// Writes what goes with these rows.
pub(super) async fn written(tx: &mut Tx, table: &Table, rows: &[Vec<Cell>]) -> Result<()> {
    let sql = match table.name {
        "events" => SENDERS,
        "deliveries" => UNDELIVERED,
        _ => return Ok(()),
    };
    let seqs: Vec<_> = rows
        .iter()
        .filter_map(|row| match row.first() {
            Some(Cell::Number(seq)) => *seq,
            _ => None,
        })
        .collect();
    sqlx::query(sql).bind(&seqs).execute(&mut **tx).await?;
    Ok(())
}

/// The last number that a table gave.
pub(super) const LAST: &str =
    "SELECT COALESCE(pg_sequence_last_value(pg_get_serial_sequence($1, 'id')::regclass), 0)";

/// Lets numbers go on behind what has been copied, and behind these of tables.
pub(super) async fn go_on(tx: &mut Tx, numbers: &[(&str, i64)]) -> Result<()> {
    for (name, last) in numbers {
        // Where no number was given, there is nothing to go on behind.
        sqlx::query(AssertSqlSafe(format!(
            "SELECT setval(pg_get_serial_sequence('{name}', 'id'),
                           NULLIF(GREATEST(MAX(id), $1), 0)) FROM {name}"
        )))
        .bind(last)
        .execute(&mut **tx)
        .await?;
    }
    sqlx::query(
        "SELECT setval('event_numbers', GREATEST(e.last_value, (SELECT MAX(seq) FROM events))),
                setval('delivery_numbers',
                       GREATEST(d.last_value, (SELECT MAX(seq) FROM deliveries)))
         FROM event_numbers e, delivery_numbers d",
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
