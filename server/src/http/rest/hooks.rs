//! `/call_center/queues/{queue}/hooks`.

use super::{
    super::Services,
    access::Access,
    described::{
        ListParameters, NewQueueHook, QueueHook, QueueHooks, RestParameter, SwitchParameters,
        examples,
        faults::{Faults, Missing, Refused},
    },
    fault::Fault,
    members::{Means, Members},
    query::Asked,
    wire::{self, Ids, List},
};
use admin::{AdminError, changes::HookChange};
use axum::{
    Json,
    extract::{Request, State},
};
use model::{
    JsonMap,
    catalog::EventKind,
    hook::{HookFilter, HookRow},
    ids::{FlowId, HookId, QueueId},
    policy::PolicyChange,
};
use serde_json::json;

/// What use cases name otherwise than the wire does.
const NAMES: &[(&str, &str)] =
    &[("/flow_id", "/schema/id"), ("/max_hold_ms", "/policy/max_hold_ms")];

/// Lists hooks
///
/// A page at a time. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/queues/{queue}/hooks",
    operation_id = "searchQueueHooks",
    tag = "queue hooks",
    security(("token" = []), ("webitel" = [])),
    params(
        ("queue" = i64, Path, description = "The queue's id"),
        ListParameters,
        SwitchParameters,
        ("id" = Option<Vec<i64>>, Query, description = "With one of these ids"),
        ("schema_id" = Option<Vec<i64>>, Query, description = "That run one of these flows"),
        ("event" = Option<Vec<EventKind>>, Query, description = "Of one of these events"),
    ),
    responses(
        (status = 200, description = "A page", body = QueueHooks,
            example = json!(examples::page(examples::hook()))),
        Missing,
        Faults,
    )
)]
pub async fn list(
    State(services): State<Services>,
    Access(actor): Access,
    Ids([queue]): Ids<1>,
    mut asked: Asked,
) -> Result<Json<List>, Fault> {
    let filter = HookFilter {
        pattern: asked.text("q"),
        ids: asked.list("id", "hook's id"),
        flows: asked.list("schema_id", "schema's id"),
        events: asked.words("event"),
        enabled: asked.flag("enabled"),
        sort: asked.sort(HookFilter::SORTS),
        ..HookFilter::default()
    };
    let (paging, fields) = (asked.paging(), asked.fields());
    asked.done()?;
    let page = services.admin.queue_hooks(&actor, QueueId(queue), filter, paging).await?;
    wire::list(page, paging, &fields, |row| Ok(item(row)))
}

/// Shows a hook
///
/// Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/queues/{queue}/hooks/{hook}",
    operation_id = "readQueueHook",
    tag = "queue hooks",
    security(("token" = []), ("webitel" = [])),
    params(
        ("queue" = i64, Path, description = "The queue's id"),
        ("hook" = i64, Path, description = "The hook's id"),
    ),
    responses(
        (status = 200, description = "The hook", body = QueueHook,
            example = json!(examples::hook())),
        Missing,
        Faults,
    )
)]
pub async fn read(
    State(services): State<Services>,
    Access(actor): Access,
    Ids([queue, id]): Ids<2>,
) -> Result<Json<JsonMap>, Fault> {
    answer(services.admin.queue_hook(&actor, QueueId(queue), HookId(id)).await)
}

/// Makes a hook
///
/// Needs a token of scope manage.
#[utoipa::path(
    post,
    path = "/queues/{queue}/hooks",
    operation_id = "createQueueHook",
    tag = "queue hooks",
    security(("token" = []), ("webitel" = [])),
    params(("queue" = i64, Path, description = "The queue's id")),
    request_body(content = NewQueueHook, example = json!(examples::new_hook())),
    responses(
        (status = 200, description = "The hook as it was made", body = QueueHook,
            example = json!(examples::hook())),
        Missing,
        Refused,
        Faults,
    )
)]
pub async fn add(
    State(services): State<Services>,
    Access(actor): Access,
    Ids([queue]): Ids<1>,
    request: Request,
) -> Result<Json<JsonMap>, Fault> {
    let new = said(Members::of(&actor, request, Means::New).await?)?;
    answer(services.admin.add_hook(&actor, QueueId(queue), new).await)
}

/// Replaces a hook
///
/// What the body does not name is as if it were new, but for `enabled` and additions of Offhook, which
/// stay.
/// Needs a token of scope manage.
#[utoipa::path(
    put,
    path = "/queues/{queue}/hooks/{hook}",
    operation_id = "updateQueueHook",
    tag = "queue hooks",
    security(("token" = []), ("webitel" = [])),
    params(
        ("queue" = i64, Path, description = "The queue's id"),
        ("hook" = i64, Path, description = "The hook's id"),
    ),
    request_body(content = NewQueueHook, example = json!(examples::new_hook())),
    responses(
        (status = 200, description = "The hook as it is now", body = QueueHook,
            example = json!(examples::hook())),
        Missing,
        Refused,
        Faults,
    )
)]
pub async fn replace(
    State(services): State<Services>,
    Access(actor): Access,
    Ids([queue, id]): Ids<2>,
    request: Request,
) -> Result<Json<JsonMap>, Fault> {
    let change = said(Members::of(&actor, request, Means::Whole).await?)?;
    answer(services.admin.change_queue_hook(&actor, QueueId(queue), HookId(id), change).await)
}

/// Changes a hook
///
/// What the body does not name stays. Needs a token of scope manage.
#[utoipa::path(
    patch,
    path = "/queues/{queue}/hooks/{hook}",
    operation_id = "patchQueueHook",
    tag = "queue hooks",
    security(("token" = []), ("webitel" = [])),
    params(
        ("queue" = i64, Path, description = "The queue's id"),
        ("hook" = i64, Path, description = "The hook's id"),
    ),
    request_body(content = QueueHook, example = json!({"enabled": true})),
    responses(
        (status = 200, description = "The hook as it is now", body = QueueHook,
            example = json!(examples::hook())),
        Missing,
        Refused,
        Faults,
    )
)]
pub async fn change(
    State(services): State<Services>,
    Access(actor): Access,
    Ids([queue, id]): Ids<2>,
    request: Request,
) -> Result<Json<JsonMap>, Fault> {
    let change = said(Members::of(&actor, request, Means::Part).await?)?;
    answer(services.admin.change_queue_hook(&actor, QueueId(queue), HookId(id), change).await)
}

/// Deletes a hook
///
/// What it was about to deliver still is, unless `deliveries` says otherwise. Needs a token of
/// scope manage.
#[utoipa::path(
    delete,
    path = "/queues/{queue}/hooks/{hook}",
    operation_id = "deleteQueueHook",
    tag = "queue hooks",
    security(("token" = []), ("webitel" = [])),
    params(
        ("queue" = i64, Path, description = "The queue's id"),
        ("hook" = i64, Path, description = "The hook's id"),
        RestParameter,
    ),
    responses(
        (status = 200, description = "The hook as it was", body = QueueHook,
            example = json!(examples::hook())),
        Missing,
        Refused,
        Faults,
    )
)]
pub async fn delete(
    State(services): State<Services>,
    Access(actor): Access,
    Ids([queue, id]): Ids<2>,
    mut asked: Asked,
) -> Result<Json<JsonMap>, Fault> {
    let rest = asked.rest();
    asked.done()?;
    answer(services.admin.delete_queue_hook(&actor, QueueId(queue), HookId(id), rest).await)
}

fn answer(done: Result<HookRow, AdminError>) -> Result<Json<JsonMap>, Fault> {
    Ok(Json(item(done.map_err(|error| Fault::naming(error, NAMES))?)))
}

fn said(mut body: Members) -> Result<HookChange, Fault> {
    let (ordered, max_hold_ms) = body.policy();
    let change = HookChange {
        base: None,
        event: body.needed_word("event"),
        flow_id: body.needed_lookup("schema").map(FlowId),
        condition: body.own_text("condition"),
        enabled: body.flag("enabled"),
        ordered,
        max_hold_ms,
        policy: PolicyChange::default(),
        extras: body.extras(),
    };
    body.done()?;
    Ok(change)
}

fn item(row: HookRow) -> JsonMap {
    let HookRow { mut hook, flow_name, .. } = row;
    let properties = hook.extras.shift_remove("properties").unwrap_or_else(|| json!([]));
    let own = [
        ("id", hook.id.0.into()),
        ("event", hook.event.as_str().into()),
        ("enabled", hook.enabled.into()),
        ("schema", wire::lookup(hook.flow_id.0, &flow_name)),
        ("properties", properties),
        ("condition", hook.condition.into()),
        ("policy", json!({"ordered": hook.ordered, "max_hold_ms": hook.max_hold_ms})),
    ];
    wire::item(own, hook.extras)
}
