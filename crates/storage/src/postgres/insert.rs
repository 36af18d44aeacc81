//! What a commit writes last, in one statement: numbers, new events and deliveries, what was counted,
//! and which deliveries the commit made or changed.

use super::{
    Connection,
    counters::Columns,
    listen, rows,
    senders::Senders,
    tail::{forget, packed},
};
use crate::{
    Result, StorageError,
    counts::{self, Counts, LatencyCounts},
    journal::{Completion, NewDelivery, NewEvent},
    known::Known,
    nodes::Incarnation,
};
use sqlx::{QueryBuilder, Row};
use std::collections::BTreeSet;
use uuid::Uuid;

/// New events and deliveries, in their order.
#[derive(Default)]
pub(super) struct New {
    pub events: Events,
    pub deliveries: Deliveries,
}

impl New {
    /// Adds an event with its deliveries, and counts them.
    pub fn accept(&mut self, new: &NewEvent, counts: &mut Counts) -> Result<()> {
        self.events.push(new)?;
        counts.event(&new.event);
        let place = Place::New(self.events.id.len() as i64);
        for delivery in &new.deliveries {
            counts.accepted(delivery);
            let (kind, call) = (new.event.kind.as_str(), new.event.call_attempt);
            self.deliveries.push(delivery, place, kind, call)?;
        }
        Ok(())
    }
}

/// What a commit writes last.
pub(super) struct Last<'a> {
    pub new: &'a New,
    /// Those of the new events, none of which may have come before.
    pub senders: &'a Senders<'a>,
    pub counts: &'a Counts,
    pub changed: &'a Changed,
    /// Under whom the other nodes are told.
    pub tells: Option<Incarnation>,
    /// Whether it is a transaction of its own, which writes all or nothing.
    pub alone: bool,
}

/// The deliveries that a commit has changed, and how long their events took, by minute and bucket.
pub(super) struct Changed {
    seqs: BTreeSet<i64>,
    pub latencies: LatencyCounts,
}

impl Changed {
    pub fn of(completions: &[Completion]) -> Self {
        let seqs = completions.iter().map(|done| done.seq).collect();
        Self { seqs, latencies: counts::latencies(completions) }
    }
}

/// Whether [`write`] failed, alone, because another node wrote one of the senders' ids at that moment.
pub(super) fn is_sent_meanwhile(error: &StorageError) -> bool {
    let StorageError::Database(sqlx::Error::Database(fault)) = error else { return false };
    fault.code().as_deref() == Some("OH001")
}

/// Takes numbers, and writes all of it in one statement; the row number before the first new
/// delivery. There is no answer where one of the senders' ids came before; then nothing is written, or
/// in a transaction with others the senders' ids that are new.
pub(super) async fn write(tx: &mut Connection, last: &Last<'_>) -> Result<Option<i64>> {
    let Last { new: New { events, deliveries }, senders, counts, changed, tells, alone } = last;
    let noted = !changed.seqs.is_empty() || !deliveries.id.is_empty();
    if events.id.is_empty() && !noted {
        return Ok(Some(0));
    }
    // The count of the new ids is known before the numbers are taken.
    let sql = "WITH s AS (
             INSERT INTO senders (sender_id, queue_id, event_id, fingerprint, deliveries, skipped)
             SELECT * FROM UNNEST($1, $2, $3, $4, $5, $6)
             WHERE NOT $53 OR NOT EXISTS (
                 SELECT 1 FROM UNNEST($1, $2) AS k (sender_id, queue_id),
                               LATERAL (SELECT 1 FROM senders s
                                        WHERE s.sender_id = k.sender_id
                                          AND s.queue_id = k.queue_id
                                        OFFSET 0) AS known)
             ON CONFLICT DO NOTHING
             RETURNING 1
         ), i AS MATERIALIZED (
             SELECT COUNT(*) AS new FROM s
         ), n AS MATERIALIZED (
             SELECT event, delivery, change FROM take_numbers($7, $8, 1)
             WHERE (SELECT CASE WHEN new = $10 THEN TRUE
                                WHEN $53 AND new > 0 THEN sent_meanwhile()
                                ELSE FALSE END FROM i)
         ), c AS (
             -- A part of a minute is that of 64 commits.
             INSERT INTO counters (minute, queue_id, hook_id, events, delivered, failed, skipped,
                                   part)
             SELECT u.*, n.change >> 6
             FROM n, UNNEST($11, $12, $13, $14, $15, $16, $17)
                     AS u (minute, queue_id, hook_id, events, delivered, failed, skipped)
             ON CONFLICT (minute, queue_id, hook_id, part) DO UPDATE SET
                 events = counters.events + excluded.events,
                 delivered = counters.delivered + excluded.delivered,
                 failed = counters.failed + excluded.failed,
                 skipped = counters.skipped + excluded.skipped
         ), l AS (
             INSERT INTO latencies (minute, bucket, count, part)
             SELECT u.*, n.change >> 6
             FROM n, UNNEST($49, $50, $51) AS u (minute, bucket, count)
             ON CONFLICT (minute, bucket, part) DO UPDATE SET
                 count = latencies.count + excluded.count
         ), t AS (
             -- Those that were changed lie before those that are new, which lie side by side.
             INSERT INTO changes (number, deliveries)
             SELECT n.change + 1,
                    $18 || CASE WHEN $8 > 0
                                THEN seven_bits(n.delivery + 1 - $19)
                                     || decode(repeat('01', CAST($8 - 1 AS INT)), 'hex')
                                ELSE '' END
             FROM n WHERE $9 > 0
         ), e AS (
             INSERT INTO events (seq, id, queue_id, kind, sender_id, fingerprint, call_attempt,
                                 occurred_at, accepted_at, data, variables, deliveries,
                                 skipped, test)
             SELECT n.event + u.place, u.id, u.queue_id, u.kind, u.sender_id, u.fingerprint,
                    u.call_attempt, u.occurred_at, u.accepted_at, u.data, u.variables,
                    u.deliveries, u.skipped, u.test
             FROM n, UNNEST($20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)
                     WITH ORDINALITY AS u (id, queue_id, kind, sender_id, fingerprint,
                                           call_attempt, occurred_at, accepted_at, data,
                                           variables, deliveries, skipped, test, place)
         ), d AS (
             INSERT INTO deliveries (seq, id, event_seq, event, queue_id, hook_id, flow_id,
                                     flow_version, call_attempt, state, attempts, warning,
                                     created_at, finished_at, out_of_order, replay_of, test,
                                     shard, parent)
             SELECT n.delivery + u.place, u.id, COALESCE(u.event_seq, n.event + u.event_place),
                    u.event, u.queue_id, u.hook_id, u.flow_id, u.flow_version, u.call_attempt,
                    u.state, 0, u.warning, u.created_at, u.finished_at, FALSE, u.replay_of,
                    u.test, u.shard, u.parent
             FROM n, UNNEST($33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46,
                            $47, $48, $52)
                     WITH ORDINALITY AS u (id, event_seq, event_place, event, queue_id,
                                           hook_id, flow_id, flow_version, call_attempt, state,
                                           warning, created_at, finished_at, replay_of, test,
                                           shard, parent, place)
             RETURNING seq, finished_at IS NULL AS open, state, shard, flow_id, hook_id, queue_id
         ), u AS (
             INSERT INTO undelivered (seq, open, state, shard, flow_id, hook_id, queue_id)
             SELECT seq, open, state, shard, flow_id, hook_id, queue_id FROM d
         )
         SELECT COALESCE(delivery, 0) AS delivery, change + 1 AS change FROM n";
    let counters = Columns::of(counts);
    let found = sqlx::query(sql)
        .bind(&senders.sender_id)
        .bind(&senders.queue_id)
        .bind(&senders.event_id)
        .bind(&senders.fingerprint)
        .bind(&senders.deliveries)
        .bind(&senders.skipped)
        .bind(events.id.len() as i64)
        .bind(deliveries.id.len() as i64)
        .bind(i64::from(noted))
        .bind(senders.sender_id.len() as i64)
        .bind(counters.minute)
        .bind(counters.queue_id)
        .bind(counters.hook_id)
        .bind(counters.events)
        .bind(counters.delivered)
        .bind(counters.failed)
        .bind(counters.skipped)
        .bind(packed(&changed.seqs))
        .bind(changed.seqs.last().copied().unwrap_or_default())
        .bind(&events.id)
        .bind(&events.queue_id)
        .bind(&events.kind)
        .bind(&events.sender_id)
        .bind(&events.fingerprint)
        .bind(&events.call_attempt)
        .bind(&events.occurred_at)
        .bind(&events.accepted_at)
        .bind(&events.data)
        .bind(&events.variables)
        .bind(&events.deliveries)
        .bind(&events.skipped)
        .bind(&events.test)
        .bind(&deliveries.id)
        .bind(&deliveries.event_seq)
        .bind(&deliveries.event_place)
        .bind(&deliveries.event)
        .bind(&deliveries.queue_id)
        .bind(&deliveries.hook_id)
        .bind(&deliveries.flow_id)
        .bind(&deliveries.flow_version)
        .bind(&deliveries.call_attempt)
        .bind(&deliveries.state)
        .bind(&deliveries.warning)
        .bind(&deliveries.created_at)
        .bind(&deliveries.finished_at)
        .bind(&deliveries.replay_of)
        .bind(&deliveries.test)
        .bind(&deliveries.shard)
        .bind(changed.latencies.keys().map(|(minute, _)| *minute).collect::<Vec<_>>())
        .bind(changed.latencies.keys().map(|(_, bucket)| *bucket).collect::<Vec<_>>())
        .bind(changed.latencies.values().copied().collect::<Vec<_>>())
        .bind(&deliveries.parent)
        .bind(alone)
        .fetch_optional(&mut *tx)
        .await?;
    let Some(row) = found else { return Ok(None) };
    let before = row.try_get("delivery")?;
    let mut sql = QueryBuilder::default();
    if forget(&mut sql, row.try_get("change")?) {
        sql.build().execute(&mut *tx).await?;
    }
    if let Some(under) = tells.filter(|_| !deliveries.id.is_empty()) {
        listen::tell_deliveries(tx, under, before + deliveries.id.len() as i64).await?;
    }
    Ok(Some(before))
}

/// Events, a column at a time.
#[derive(Default)]
pub(super) struct Events {
    pub id: Vec<Uuid>,
    queue_id: Vec<i64>,
    kind: Vec<String>,
    sender_id: Vec<Option<String>>,
    fingerprint: Vec<Vec<u8>>,
    call_attempt: Vec<Option<i64>>,
    occurred_at: Vec<i64>,
    accepted_at: Vec<i64>,
    data: Vec<String>,
    variables: Vec<String>,
    deliveries: Vec<i64>,
    skipped: Vec<i64>,
    test: Vec<bool>,
}

impl Events {
    fn push(&mut self, new: &NewEvent) -> Result<()> {
        let event = &*new.event;
        let counted = Known::of(new);
        self.id.push(event.id.0);
        self.queue_id.push(event.queue_id.0);
        self.kind.push(event.kind.as_str().to_owned());
        self.sender_id.push(event.sender_id.clone());
        self.fingerprint.push(new.fingerprint.to_vec());
        self.call_attempt.push(event.call_attempt);
        self.occurred_at.push(event.occurred_at.0);
        self.accepted_at.push(event.accepted_at.0);
        self.data.push(rows::to_json(&event.data)?);
        self.variables.push(rows::to_json(&event.variables)?);
        self.deliveries.push(i64::from(counted.deliveries));
        self.skipped.push(i64::from(counted.skipped));
        self.test.push(event.test);
        Ok(())
    }
}

/// Where a delivery's event stands.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// Among the batch's events, counted from 1.
    New(i64),
    /// In the log, under this row number.
    Old(i64),
}

/// Deliveries, a column at a time.
#[derive(Default)]
pub(super) struct Deliveries {
    pub id: Vec<Uuid>,
    event_seq: Vec<Option<i64>>,
    event_place: Vec<Option<i64>>,
    event: Vec<String>,
    queue_id: Vec<i64>,
    hook_id: Vec<i64>,
    flow_id: Vec<i64>,
    flow_version: Vec<i64>,
    call_attempt: Vec<Option<i64>>,
    state: Vec<&'static str>,
    warning: Vec<Option<String>>,
    created_at: Vec<i64>,
    finished_at: Vec<Option<i64>>,
    replay_of: Vec<Option<Uuid>>,
    test: Vec<bool>,
    shard: Vec<i64>,
    parent: Vec<Option<Uuid>>,
}

impl Deliveries {
    /// Adds a delivery of an event of this kind and call.
    pub fn push(
        &mut self,
        new: &NewDelivery,
        place: Place,
        kind: &str,
        call_attempt: Option<i64>,
    ) -> Result<()> {
        let (event_place, event_seq) = match place {
            Place::New(place) => (Some(place), None),
            Place::Old(seq) => (None, Some(seq)),
        };
        self.id.push(new.id.0);
        self.event_seq.push(event_seq);
        self.event_place.push(event_place);
        self.event.push(kind.to_owned());
        self.queue_id.push(new.queue_id.0);
        self.hook_id.push(new.hook_id.0);
        self.flow_id.push(new.flow_id.0);
        self.flow_version.push(i64::from(new.flow_version));
        self.call_attempt.push(call_attempt);
        self.state.push(new.state.as_str());
        self.warning.push(new.warning.as_ref().map(rows::to_json).transpose()?);
        self.created_at.push(new.created_at.0);
        self.finished_at.push(new.state.is_final().then_some(new.created_at.0));
        self.replay_of.push(new.replay_of.map(|id| id.0));
        self.test.push(new.test);
        self.shard.push(i64::from(new.shard.0));
        self.parent.push(new.parent.map(|id| id.0));
        Ok(())
    }
}
