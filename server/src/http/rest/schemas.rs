//! `/routing/schema`: flows.

use super::{
    super::Services,
    access::Access,
    fault::Fault,
    members::{Means, Members},
    query::Asked,
    wire::{self, Ids, List},
};
use admin::{AdminError, changes::FlowChange};
use axum::{
    Json,
    extract::{Request, State},
    http::StatusCode,
};
use model::{
    JsonMap,
    flow::{Flow, FlowFilter},
    ids::FlowId,
};
use serde_json::{Value, json};

/// What use cases name otherwise than the wire does.
const NAMES: &[(&str, &str)] = &[("/kind", "/type"), ("/source", "/schema")];

/// A page of the flows.
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

/// One flow, with its newest version.
pub async fn read(
    State(services): State<Services>,
    Access(actor): Access,
    Ids([id]): Ids<1>,
) -> Result<Json<JsonMap>, Fault> {
    answer(services.admin.flow(&actor, FlowId(id), None).await)
}

/// Makes a flow.
pub async fn add(
    State(services): State<Services>,
    Access(actor): Access,
    request: Request,
) -> Result<Json<JsonMap>, Fault> {
    let new = said(Members::of(&actor, request, Means::New).await?)?;
    answer(services.admin.add_flow(&actor, new).await)
}

/// Puts a flow in the place of the one that is there.
pub async fn replace(
    State(services): State<Services>,
    Access(actor): Access,
    Ids([id]): Ids<1>,
    request: Request,
) -> Result<Json<JsonMap>, Fault> {
    let change = said(Members::of(&actor, request, Means::Whole).await?)?;
    answer(services.admin.change_flow(&actor, FlowId(id), change).await)
}

/// Changes what the body names.
pub async fn change(
    State(services): State<Services>,
    Access(actor): Access,
    Ids([id]): Ids<1>,
    request: Request,
) -> Result<Json<JsonMap>, Fault> {
    let change = said(Members::of(&actor, request, Means::Part).await?)?;
    answer(services.admin.change_flow(&actor, FlowId(id), change).await)
}

/// Deletes a flow that no hook uses.
pub async fn delete(
    State(services): State<Services>,
    Access(actor): Access,
    Ids([id]): Ids<1>,
) -> Result<Json<JsonMap>, Fault> {
    answer(services.admin.delete_flow(&actor, FlowId(id)).await)
}

fn answer(done: Result<Flow, AdminError>) -> Result<Json<JsonMap>, Fault> {
    Ok(Json(item(done.map_err(|error| Fault::naming(error, NAMES))?)?))
}

fn said(mut body: Members) -> Result<FlowChange, Fault> {
    let change = FlowChange {
        name: body.needed_text("name"),
        kind: body.word("type"),
        description: body.text("description"),
        mode: body.word("mode"),
        source: body.needed_steps("schema"),
        extras: body.extras(),
    };
    body.done()?;
    Ok(change)
}

fn item(flow: Flow) -> Result<JsonMap, Fault> {
    let steps: Value = serde_json::from_str(&flow.version.source).map_err(|error| {
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
        ("schema", steps),
        ("description", flow.description.into()),
        ("tags", kept("tags", json!([]))),
        ("editor", kept("editor", json!(false))),
        ("debug", kept("debug", json!(false))),
        ("mode", flow.version.mode.as_str().into()),
        ("created_at", wire::time(flow.created_at)),
        ("updated_at", wire::time(flow.updated_at)),
    ];
    Ok(wire::item(own, extras))
}
