//! What a sender posts, for the document; the engine reads it by the catalog itself.

use crate::http::{
    intake::{Accepted, Entry, Many},
    problem::ApiProblem,
};
use model::{
    catalog::{self, EventKind, FieldType},
    problem::Problem,
    settings::BATCH_MAX,
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ArrayBuilder, KnownFormat, Object, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema,
        SchemaFormat,
        schema::{AdditionalProperties, SchemaType, Type},
    },
};

/// One event, or 1 to 1,000 of them.
pub struct PostBody;

/// The answer to one event, or to many.
pub struct PostAnswer;

impl PartialSchema for PostBody {
    fn schema() -> RefOr<Schema> {
        let many = ArrayBuilder::new()
            .items(Ref::from_schema_name("PostedEvent"))
            .min_items(Some(1))
            .max_items(Some(BATCH_MAX));
        let about = "One event, or 1 to 1,000 of them.";
        one_of(about, Ref::from_schema_name("PostedEvent"), many)
    }
}

impl ToSchema for PostBody {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push(("PostedEvent".into(), PostedEvent::schema()));
        PostedEvent::schemas(schemas);
    }
}

impl PartialSchema for PostAnswer {
    fn schema() -> RefOr<Schema> {
        let about = "The answer to one event, or to many.";
        one_of(about, Ref::from_schema_name("Accepted"), Ref::from_schema_name("Many"))
    }
}

impl ToSchema for PostAnswer {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push(("Accepted".into(), Accepted::schema()));
        Accepted::schemas(schemas);
        schemas.push(("Many".into(), Many::schema()));
        Many::schemas(schemas);
    }
}

fn one_of(
    about: &str,
    one: impl Into<RefOr<Schema>>,
    other: impl Into<RefOr<Schema>>,
) -> RefOr<Schema> {
    let either = OneOfBuilder::new().description(Some(about)).item(one).item(other);
    Schema::from(either.build()).into()
}

/// An event: what happened in a queue.
#[derive(Serialize, ToSchema)]
pub struct PostedEvent {
    /// The sender's own id of the event, unique per queue. The same id and content again gets the
    /// same answer and changes nothing; with other content it is a conflict.
    #[schema(min_length = 1, max_length = 128)]
    id: Option<String>,
    /// What happened; one of the events that the queue's type fires.
    event: EventKind,
    /// The queue in which it happened, as a number or its text.
    #[schema(schema_with = id_schema)]
    queue_id: i64,
    /// When it happened, as in RFC 3339; if it is not given, the time of acceptance.
    #[schema(format = DateTime)]
    occurred_at: Option<String>,
    /// The fields that the catalog gives the event, all optional. Others are taken as variables.
    #[schema(schema_with = data, required = false)]
    data: Value,
    /// Anything else that flows and conditions are to see; goes before the queue's variables.
    #[schema(schema_with = variables, required = false)]
    variables: Value,
}

/// A CloudEvent 1.0.
#[derive(Serialize, ToSchema)]
pub struct CloudEvent {
    /// 1.0.
    specversion: &'static str,
    /// The sender's own id of the event, unique per queue.
    #[schema(min_length = 1, max_length = 128)]
    id: &'static str,
    /// Where it comes from; flows see it as `ce_source`.
    #[schema(min_length = 1, format = "uri-reference")]
    source: &'static str,
    /// The event's word after `offhook.queue.`.
    #[serde(rename = "type")]
    #[schema(pattern = "^offhook\\.queue\\.[a-z]+$")]
    kind: &'static str,
    /// The number of the queue in which it happened.
    #[schema(pattern = "^-?[0-9]{1,18}$")]
    subject: &'static str,
    /// When it happened.
    #[schema(format = DateTime)]
    time: Option<&'static str>,
    /// The event's data and variables.
    data: Option<CloudEventData>,
}

/// What a CloudEvent carries.
#[derive(Serialize, ToSchema)]
pub struct CloudEventData {
    /// The fields that the catalog gives the event, all optional.
    #[schema(schema_with = data, required = false)]
    data: Value,
    /// Anything else that flows and conditions are to see.
    #[schema(schema_with = variables, required = false)]
    variables: Value,
}

const SENDER_ID: &str = "call-80217-leaving";
const HAPPENED: &str = "2026-11-22T09:30:00.080Z";

/// What the document shows of an event that is posted.
pub fn event() -> PostedEvent {
    PostedEvent {
        id: Some(SENDER_ID.into()),
        event: EventKind::Leaving,
        queue_id: 3,
        occurred_at: Some(HAPPENED.into()),
        data: shown_data(),
        variables: shown_variables(),
    }
}

/// The same as a line.
pub fn lines() -> String {
    serde_json::to_string(&event()).unwrap_or_default() + "\n"
}

/// The same as a CloudEvent.
pub fn cloud_event() -> CloudEvent {
    CloudEvent {
        specversion: "1.0",
        id: SENDER_ID,
        source: "/dialler/1",
        kind: "offhook.queue.leaving",
        subject: "3",
        time: Some(HAPPENED),
        data: Some(CloudEventData { data: shown_data(), variables: shown_variables() }),
    }
}

/// The answer to it.
pub fn accepted() -> Accepted {
    Accepted { id: super::examples::EVENT, deliveries: 1, skipped: 0, duplicate: false }
}

/// The answer to many, of which one is refused.
pub fn many() -> Many {
    let fault = Problem::new("/queue_id", "there is no queue 30");
    let refused = Entry::Refused { line: None, error: ApiProblem::invalid(vec![fault]).within(1) };
    let items = vec![Entry::Accepted(accepted()), refused];
    Many { accepted: 1, duplicates: 0, rejected: 1, items }
}

fn shown_data() -> Value {
    json!({
        "channel": "call", "attempt_id": 80_217, "destination": "+380441234567",
        "cc_result": "abandoned", "call_duration": 87,
    })
}

fn shown_variables() -> Value {
    json!({"region": "Kyiv"})
}

/// An id of 64 bits, as a number or its text.
pub fn id_schema() -> Schema {
    let number = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::Integer))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
    let text = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .pattern(Some("^-?[0-9]{1,18}$"));
    OneOfBuilder::new().item(number).item(text).examples([json!(3)]).build().into()
}

fn data() -> Schema {
    let mut object = nullable_object();
    for field in catalog::FIELDS {
        let kinds = match field.kind {
            FieldType::String => vec![Type::String],
            FieldType::Integer => vec![Type::Integer, Type::String],
            FieldType::Number => vec![Type::Number, Type::String],
            FieldType::Boolean => vec![Type::Boolean, Type::String],
        };
        let about = match field.unit {
            Some(unit) => format!("{} In {unit}.", field.about),
            None => field.about.to_owned(),
        };
        let example = serde_json::from_str::<Value>(field.example).ok();
        let property = ObjectBuilder::new()
            .schema_type(SchemaType::Array(kinds.into_iter().chain([Type::Null]).collect()))
            .description(Some(about))
            .examples(example);
        object.properties.insert(field.name.into(), property.into());
    }
    object.into()
}

fn variables() -> Schema {
    nullable_object().into()
}

fn nullable_object() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::Array(vec![Type::Object, Type::Null]))
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .build()
}
