//! What can happen in which queue, and what an event carries.

use super::{
    super::{auth::Bearer, problem::ApiProblem},
    parameters::NoParameters,
    refusals::{BadParameters, Refusals},
};
use axum::Json;
use model::catalog::{self, EventKind, FieldType, QueueType};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Everything that Offhook knows of queues and events.
#[derive(Serialize, ToSchema)]
pub struct Catalog {
    queue_types: Vec<QueueTypeEntry>,
    events: Vec<EventEntry>,
    fields: Vec<FieldEntry>,
    hangup_causes: Vec<CauseEntry>,
}

/// A type of queue.
#[derive(Serialize, ToSchema)]
pub struct QueueTypeEntry {
    #[serde(rename = "type")]
    kind: QueueType,
    /// Its number in Webitel's API.
    code: u8,
    /// What its attempts are, unless an event says otherwise: call, chat or task.
    channel: &'static str,
    /// Whether agents work in it.
    agents: bool,
    /// The events that it fires.
    events: Vec<EventKind>,
}

/// An event.
#[derive(Serialize, ToSchema)]
pub struct EventEntry {
    event: EventKind,
    /// What it means.
    about: &'static str,
    /// The types of queue that fire it.
    queue_types: &'static [QueueType],
    /// The names of the fields that it carries, all optional.
    fields: &'static [&'static str],
}

/// A field of an event's data.
#[derive(Serialize, ToSchema)]
pub struct FieldEntry {
    name: &'static str,
    /// Its JSON type. An integer or a number is taken as text, too.
    #[serde(rename = "type")]
    kind: FieldType,
    /// What it means.
    about: &'static str,
    /// Its unit, if it has one.
    unit: Option<&'static str>,
    /// The values that are known, where they are a list.
    values: &'static [&'static str],
    /// Whether no other value is taken.
    closed: bool,
    /// A plausible value.
    example: Value,
}

/// A known value of `call_cause`.
#[derive(Serialize, ToSchema)]
pub struct CauseEntry {
    name: &'static str,
    /// Its number, as in ITU-T Q.850 where that has one.
    q850: u16,
    /// The SIP status that goes with it, if one does.
    sip: Option<u16>,
}

impl Catalog {
    fn new() -> Self {
        Self {
            queue_types: QueueType::ALL.into_iter().map(queue_type).collect(),
            events: catalog::EVENTS.iter().map(event).collect(),
            fields: catalog::FIELDS.iter().map(field).collect(),
            hangup_causes: catalog::HANGUP_CAUSES.iter().map(cause).collect(),
        }
    }

    /// One entry of each kind: what the document shows.
    fn example() -> Self {
        let mut catalog = Self::new();
        catalog.queue_types.truncate(1);
        catalog.events.truncate(1);
        catalog.fields.truncate(1);
        catalog.hangup_causes.truncate(1);
        catalog
    }
}

fn queue_type(kind: QueueType) -> QueueTypeEntry {
    QueueTypeEntry {
        kind,
        code: kind.code(),
        channel: kind.channel(),
        agents: kind.has_agents(),
        events: kind.events().collect(),
    }
}

fn event(info: &'static catalog::EventInfo) -> EventEntry {
    EventEntry {
        event: info.kind,
        about: info.about,
        queue_types: info.queue_types,
        fields: info.fields,
    }
}

fn field(field: &'static catalog::Field) -> FieldEntry {
    FieldEntry {
        name: field.name,
        kind: field.kind,
        about: field.about,
        unit: field.unit,
        values: field.values,
        closed: field.closed,
        example: serde_json::from_str(field.example).unwrap_or_default(),
    }
}

fn cause(cause: &'static catalog::HangupCause) -> CauseEntry {
    CauseEntry { name: cause.name, q850: cause.q850, sip: cause.sip }
}

/// Shows the catalog
///
/// The types of queue, the events that each fires, the fields that each event carries, and the
/// known causes of a hangup. Any token will do.
#[utoipa::path(
    get,
    path = "/catalog",
    operation_id = "getCatalog",
    tag = "catalog",
    responses(
        (status = 200, description = "The catalog", body = Catalog,
            example = json!(Catalog::example())),
        BadParameters,
        Refusals,
    )
)]
pub async fn catalog(_: Bearer, _: NoParameters) -> Result<Json<Catalog>, ApiProblem> {
    Ok(Json(Catalog::new()))
}
