//! What keeps senders' ids unique across the log's days.

use super::{Connection, rows};
use crate::{Result, journal::NewEvent, known::Known};
use model::ids::EventId;
use sqlx::Row;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// The senders' ids of events, each once with the first event that has it, a column at a time. They
/// are in order, so that two commits that write some of the same never wait for each other in a
/// circle.
#[derive(Default)]
pub(super) struct Senders<'a> {
    pub sender_id: Vec<&'a str>,
    pub queue_id: Vec<i64>,
    pub event_id: Vec<Uuid>,
    pub fingerprint: Vec<Vec<u8>>,
    pub deliveries: Vec<i64>,
    pub skipped: Vec<i64>,
}

impl<'a> Senders<'a> {
    pub fn of(events: &'a [NewEvent]) -> Self {
        let mut firsts = BTreeMap::new();
        for new in events {
            if let Some(sender_id) = &new.event.sender_id {
                firsts.entry((sender_id.as_str(), new.event.queue_id.0)).or_insert(new);
            }
        }
        let mut all = Self::default();
        for ((sender_id, queue_id), new) in firsts {
            let known = Known::of(new);
            all.sender_id.push(sender_id);
            all.queue_id.push(queue_id);
            all.event_id.push(known.id.0);
            all.fingerprint.push(known.fingerprint.to_vec());
            all.deliveries.push(i64::from(known.deliveries));
            all.skipped.push(i64::from(known.skipped));
        }
        all
    }

    /// Those that came before, once this transaction has written the others.
    pub async fn known(&self, tx: &mut Connection) -> Result<HashMap<(i64, String), Known>> {
        let found = sqlx::query(
            // By its index for each, however few there were when this was planned: what has an
            // OFFSET is not joined in another way.
            "SELECT s.* FROM UNNEST($1, $2, $3) AS k (sender_id, queue_id, event_id),
                    LATERAL (SELECT * FROM senders s
                             WHERE s.sender_id = k.sender_id AND s.queue_id = k.queue_id
                             OFFSET 0) AS s
             WHERE s.event_id <> k.event_id",
        )
        .bind(&self.sender_id)
        .bind(&self.queue_id)
        .bind(&self.event_id)
        .fetch_all(tx)
        .await?;
        let mut known = HashMap::new();
        for row in found {
            let fingerprint = row.try_get::<&[u8], _>("fingerprint")?;
            known.insert(
                (row.try_get("queue_id")?, row.try_get("sender_id")?),
                Known {
                    id: EventId(rows::uuid(&row, "event_id")?),
                    fingerprint: fingerprint.try_into().unwrap_or_default(),
                    deliveries: rows::small(&row, "deliveries")?,
                    skipped: rows::small(&row, "skipped")?,
                },
            );
        }
        Ok(known)
    }
}
