//! Deliveries that runs begin beside themselves, and how they begin.

use super::{
    Conn, Db, DbRow, Pool,
    log::among,
    replays::{self, Origin},
    rows,
};
use crate::{
    Result,
    journal::{NewChild, NewDelivery, Start},
};
use model::{
    delivery::{Begun, CHILDREN_SHOWN, Child, Overlay},
    ids::{DeliveryId, FlowId, HookId},
    time::Millis,
};
use sqlx::{QueryBuilder, Row};
use std::collections::HashSet;
use uuid::Uuid;

/// The most rows of one statement.
const ROWS_MAX: usize = 200;

/// Children as they are to be written.
#[derive(Default)]
pub(super) struct Children {
    /// Of all that were given, whether it is new.
    pub is_new: Vec<bool>,
    /// Those that are.
    pub made: Vec<NewDelivery>,
    /// The events that these go back to.
    pub origins: Vec<Origin>,
}

/// Notes how these begin, but for those that have been begun before.
pub(super) async fn begin(tx: &mut Conn, children: &[NewChild]) -> Result<Children> {
    if children.is_empty() {
        return Ok(Children::default());
    }
    let mut new = HashSet::new();
    for part in children.chunks(ROWS_MAX) {
        let mut sql = QueryBuilder::<Db>::new(
            "INSERT INTO children (id, parent, step, visit, depth, function, variables, zone) ",
        );
        sql.push_values(part, |mut row, NewChild { delivery, start }| {
            row.push_bind(delivery.id.0)
                .push_bind(delivery.parent.map(|id| id.0))
                .push_bind(start.begun.step.as_deref().unwrap_or_default())
                .push_bind(i64::from(start.begun.visit))
                .push_bind(i64::from(start.depth))
                .push_bind(start.begun.function.as_deref())
                .push_bind(&*start.inherited)
                .push_bind(start.zone.as_deref());
        });
        sql.push(" ON CONFLICT DO NOTHING RETURNING id");
        for row in sql.build().fetch_all(&mut *tx).await? {
            new.insert(rows::uuid(&row, "id")?);
        }
    }
    let made = children.iter().map(|one| &one.delivery).filter(|one| new.contains(&one.id.0));
    let made: Vec<_> = made.cloned().collect();
    let events = replays::events(tx, &made).await?;
    // Of an event that a database has lost that took over without the last commits nothing is begun any
    // more; what runs of it is to come to its end all the same.
    let with_event = |one: NewDelivery| Some((events.get(&one.event_id.0).cloned()?, one));
    let (origins, made): (Vec<_>, Vec<_>) = made.into_iter().filter_map(with_event).unzip();
    let made_now: HashSet<_> = made.iter().map(|one| one.id).collect();
    let is_new = children.iter().map(|one| made_now.contains(&one.delivery.id)).collect();
    Ok(Children { is_new, made, origins })
}

/// Has replays of children begin as those did.
pub(super) async fn begin_again<'a>(
    tx: &mut Conn,
    replays: impl Iterator<Item = &'a NewDelivery>,
) -> Result<()> {
    for replay in replays.filter(|replay| replay.parent.is_some()) {
        sqlx::query(
            "INSERT INTO children (id, step, visit, depth, function, variables, zone)
             SELECT $1, step, visit, depth, function, variables, zone FROM children WHERE id = $2",
        )
        .bind(replay.id.0)
        .bind(replay.replay_of.map(|id| id.0))
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

pub(super) async fn start_of(readers: &Pool, id: DeliveryId) -> Result<Option<Start>> {
    let found = sqlx::query("SELECT * FROM children WHERE id = $1")
        .bind(id.0)
        .fetch_optional(readers)
        .await?;
    found
        .map(|row| {
            Ok(Start {
                begun: begun(&row)?,
                depth: rows::small(&row, "depth")?,
                inherited: row.try_get("variables")?,
                zone: row.try_get("zone")?,
            })
        })
        .transpose()
}

pub(super) async fn count(readers: &Pool, parent: DeliveryId) -> Result<u64> {
    let found = sqlx::query("SELECT COUNT(*) AS children FROM children WHERE parent = $1")
        .bind(parent.0)
        .fetch_one(readers)
        .await?;
    rows::count(&found, "children")
}

/// How this delivery was begun by another.
pub(super) async fn begun_of(readers: &Pool, id: DeliveryId) -> Result<Option<Begun>> {
    let found = sqlx::query("SELECT step, visit, function FROM children WHERE id = $1")
        .bind(id.0)
        .fetch_optional(readers)
        .await?;
    found.as_ref().map(begun).transpose()
}

/// The first of those that this delivery has begun.
pub(super) async fn of(readers: &Pool, id: DeliveryId, overlay: &Overlay) -> Result<Vec<Child>> {
    // Two steps, so that each finds its rows by a key.
    let begun_by = sqlx::query_scalar::<_, Uuid>("SELECT id FROM children WHERE parent = $1")
        .bind(id.0)
        .fetch_all(readers)
        .await?;
    if begun_by.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = QueryBuilder::<Db>::new(
        "SELECT c.step, c.visit, c.function, d.id, d.hook_id, d.flow_id, d.state, d.test, d.created_at,
                COALESCE(f.name, '') AS flow_name
         FROM deliveries d
         JOIN children c ON c.id = d.id
         LEFT JOIN flows f ON f.id = d.flow_id
         WHERE TRUE",
    );
    among(&mut sql, "d.id", begun_by.into_iter());
    sql.push(" ORDER BY d.seq LIMIT ").push_bind(i64::from(CHILDREN_SHOWN));
    sql.build().fetch_all(readers).await?.iter().map(|row| child(row, overlay)).collect()
}

fn child(row: &DbRow, overlay: &Overlay) -> Result<Child> {
    let id = DeliveryId(rows::uuid(row, "id")?);
    let flow_id = FlowId(row.try_get("flow_id")?);
    let hook = HookId(row.try_get("hook_id")?);
    Ok(Child {
        id,
        flow_id,
        flow_name: row.try_get("flow_name")?,
        state: overlay.state(rows::word(row, "state")?, id, hook, flow_id, row.try_get("test")?),
        begun: begun(row)?,
        created_at: Millis(row.try_get("created_at")?),
    })
}

fn begun(row: &DbRow) -> Result<Begun> {
    Ok(Begun {
        step: Some(row.try_get::<String, _>("step")?).filter(|step| !step.is_empty()),
        visit: rows::small(row, "visit")?,
        function: row.try_get("function")?,
    })
}
