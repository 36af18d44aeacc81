//! `/routing/schema`: flows.

use super::{
    super::Services,
    access::Access,
    described::{
        ListParameters, NewRoutingSchema, RoutingSchema, RoutingSchemas, examples,
        faults::{Faults, Missing, Refused},
    },
    fault::Fault,
    members::{Means, Members},
    query::Asked,
    wire::{self, Ids, Item, List},
};
use admin::{AdminError, changes::FlowChange};
use axum::{
    Json,
    extract::{Request, State},
    http::StatusCode,
};
use model::{
    flow::{Flow, FlowFilter, FlowKind},
    ids::FlowId,
};
use serde_json::{Value, json, value::RawValue};

/// The member that holds the steps.
const STEPS: &str = "schema";
/// What use cases name otherwise than the wire does.
const NAMES: &[(&str, &str)] = &[("/kind", "/type"), ("/source", "/schema")];

/// Lists flows
///
/// A page at a time. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/schema",
    operation_id = "searchRoutingSchemas",
    tag = "routing schemas",
    security(("token" = []), ("webitel" = [])),
    params(
        ListParameters,
        ("id" = Option<Vec<i64>>, Query, description = "With one of these ids"),
        ("name" = Option<String>, Query, description = "The whole name, as q"),
        ("type" = Option<Vec<FlowKind>>, Query, description = "Of one of these types"),
        ("tags" = Option<Vec<String>>, Query, description = "With one of these tags"),
        ("editor" = Option<bool>, Query, description = "Made with the original's editor, or not"),
    ),
    responses(
        (status = 200, description = "A page", body = RoutingSchemas,
            example = json!(examples::page(examples::schema()))),
        Faults,
    )
)]
pub async fn list(
    State(services): State<Services>,
    Access(actor): Access,
    mut asked: Asked,
) -> Result<Json<List>, Fault> {
    let filter = FlowFilter {
        patterns: vec![asked.text("q"), asked.text("name")],
        ids: asked.list("id", "schema's id"),
        kinds: asked.words("type"),
        tags: asked.texts("tags"),
        editor: asked.flag("editor"),
        sort: asked.sort(FlowFilter::SORTS),
        ..FlowFilter::default()
    };
    let (paging, fields) = (asked.paging(), asked.fields());
    asked.done()?;
    let page = services.admin.whole_flows(&actor, &filter, paging).await?;
    wire::list(page, paging, &fields, item)
}

/// Shows a flow
///
/// Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/schema/{schema}",
    operation_id = "readRoutingSchema",
    tag = "routing schemas",
    security(("token" = []), ("webitel" = [])),
    params(("schema" = i64, Path, description = "The flow's id")),
    responses(
        (status = 200, description = "The flow", body = RoutingSchema,
            example = json!(examples::schema())),
        Missing,
        Faults,
    )
)]
pub async fn read(
    State(services): State<Services>,
    Access(actor): Access,
    Ids([id]): Ids<1>,
) -> Result<Json<Item>, Fault> {
    answer(services.admin.flow(&actor, FlowId(id), None).await)
}

/// Makes a flow
///
/// Needs a token of scope manage.
#[utoipa::path(
    post,
    path = "/schema",
    operation_id = "createRoutingSchema",
    tag = "routing schemas",
    security(("token" = []), ("webitel" = [])),
    request_body(content = NewRoutingSchema, example = json!(examples::new_schema())),
    responses(
        (status = 200, description = "The flow as it was made", body = RoutingSchema,
            example = json!(examples::schema())),
        Refused,
        Faults,
    )
)]
pub async fn add(
    State(services): State<Services>,
    Access(actor): Access,
    request: Request,
) -> Result<Json<Item>, Fault> {
    let new = said(Members::of(&actor, request, Means::New).await?)?;
    answer(services.admin.add_flow(&actor, new).await)
}

/// Replaces a flow
///
/// What the body does not name is as if it were new, but for `type` and additions of Offhook, which
/// stay.
/// Needs a token of scope manage.
#[utoipa::path(
    put,
    path = "/schema/{schema}",
    operation_id = "updateRoutingSchema",
    tag = "routing schemas",
    security(("token" = []), ("webitel" = [])),
    params(("schema" = i64, Path, description = "The flow's id")),
    request_body(content = NewRoutingSchema, example = json!(examples::new_schema())),
    responses(
        (status = 200, description = "The flow as it is now", body = RoutingSchema,
            example = json!(examples::schema())),
        Missing,
        Refused,
        Faults,
    )
)]
pub async fn replace(
    State(services): State<Services>,
    Access(actor): Access,
    Ids([id]): Ids<1>,
    request: Request,
) -> Result<Json<Item>, Fault> {
    let change = said(Members::of(&actor, request, Means::Whole).await?)?;
    answer(services.admin.change_flow(&actor, FlowId(id), change).await)
}

/// Changes a flow
///
/// What the body does not name stays. Needs a token of scope manage.
#[utoipa::path(
    patch,
    path = "/schema/{schema}",
    operation_id = "patchRoutingSchema",
    tag = "routing schemas",
    security(("token" = []), ("webitel" = [])),
    params(("schema" = i64, Path, description = "The flow's id")),
    request_body(content = RoutingSchema, example = json!({"name": "Tell the CRM"})),
    responses(
        (status = 200, description = "The flow as it is now", body = RoutingSchema,
            example = json!(examples::schema())),
        Missing,
        Refused,
        Faults,
    )
)]
pub async fn change(
    State(services): State<Services>,
    Access(actor): Access,
    Ids([id]): Ids<1>,
    request: Request,
) -> Result<Json<Item>, Fault> {
    let change = said(Members::of(&actor, request, Means::Part).await?)?;
    answer(services.admin.change_flow(&actor, FlowId(id), change).await)
}

/// Deletes a flow
///
/// Not while a hook or an unfinished delivery runs it. Needs a token of scope
/// manage.
#[utoipa::path(
    delete,
    path = "/schema/{schema}",
    operation_id = "deleteRoutingSchema",
    tag = "routing schemas",
    security(("token" = []), ("webitel" = [])),
    params(("schema" = i64, Path, description = "The flow's id")),
    responses(
        (status = 200, description = "The flow as it was", body = RoutingSchema,
            example = json!(examples::schema())),
        Missing,
        Refused,
        Faults,
    )
)]
pub async fn delete(
    State(services): State<Services>,
    Access(actor): Access,
    Ids([id]): Ids<1>,
) -> Result<Json<Item>, Fault> {
    answer(services.admin.delete_flow(&actor, FlowId(id)).await)
}

fn answer(done: Result<Flow, AdminError>) -> Result<Json<Item>, Fault> {
    Ok(Json(item(done.map_err(|error| Fault::naming(error, NAMES))?)?))
}

fn said(mut body: Members) -> Result<FlowChange, Fault> {
    let change = FlowChange {
        name: body.needed_text("name"),
        kind: body.word("type"),
        description: body.text("description"),
        mode: body.word("mode"),
        source: body.needed_steps(STEPS),
        extras: body.extras(),
    };
    body.done()?;
    Ok(change)
}

fn item(flow: Flow) -> Result<Item, Fault> {
    let steps = RawValue::from_string(flow.version.source).map_err(|error| {
        tracing::error!(flow = %flow.id, %error, "the steps of a flow do not read back");
        let detail = format!("the steps of schema {} do not read back", flow.id);
        Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "server.corrupt", detail)
    })?;
    let mut extras = flow.extras;
    let mut kept = |name: &str, default| extras.shift_remove(name).unwrap_or(default);
    let own = [
        ("id", wire::id(flow.id.0)),
        ("name", flow.name.into()),
        ("type", flow.kind.as_str().into()),
        // In its place among the members.
        (STEPS, Value::Null),
        ("description", flow.description.into()),
        ("tags", kept("tags", json!([]))),
        ("editor", kept("editor", json!(false))),
        ("debug", kept("debug", json!(false))),
        ("mode", flow.version.mode.as_str().into()),
        ("created_at", wire::time(flow.created_at)),
        ("updated_at", wire::time(flow.updated_at)),
    ];
    Ok(Item::with_written(wire::item(own, extras), STEPS, steps))
}
