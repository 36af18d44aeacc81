//! `/call_center/queues`.

use super::{
    super::Services,
    access::Access,
    described::{
        CallCenterQueue, CallCenterQueues, ListParameters, NewCallCenterQueue, RestParameter,
        SwitchParameters, examples,
        faults::{Faults, Missing, Refused},
    },
    fault::Fault,
    members::{Means, Members},
    query::Asked,
    wire::{self, Ids, List},
};
use admin::{AdminError, changes::QueueChange};
use axum::{
    Json,
    extract::{Request, State},
};
use model::{
    JsonMap,
    ids::QueueId,
    queue::{Queue, QueueFilter},
};

/// What use cases name otherwise than the wire does.
const NAMES: &[(&str, &str)] = &[("/kind", "/type")];

/// Lists queues
///
/// A page at a time. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/queues",
    operation_id = "searchQueues",
    tag = "call center queues",
    security(("token" = []), ("webitel" = [])),
    params(
        ListParameters,
        SwitchParameters,
        ("id" = Option<Vec<i64>>, Query, description = "With one of these ids"),
        ("type" = Option<Vec<u8>>, Query, description = "Of one of these types, by number"),
        ("team_id" = Option<Vec<i64>>, Query, description = "Of one of these teams"),
        ("tags" = Option<Vec<String>>, Query, description = "With one of these tags"),
    ),
    responses(
        (status = 200, description = "A page", body = CallCenterQueues,
            example = json!(examples::page(examples::queue()))),
        Faults,
    )
)]
pub async fn list(
    State(services): State<Services>,
    Access(actor): Access,
    mut asked: Asked,
) -> Result<Json<List>, Fault> {
    let filter = QueueFilter {
        pattern: asked.text("q"),
        ids: asked.list("id", "queue's id"),
        codes: asked.list("type", "number of a type"),
        enabled: asked.flag("enabled"),
        teams: asked.list("team_id", "team's id"),
        tags: asked.texts("tags"),
        sort: asked.sort(QueueFilter::SORTS),
        ..QueueFilter::default()
    };
    let (paging, fields) = (asked.paging(), asked.fields());
    asked.done()?;
    let page = services.admin.whole_queues(&actor, &filter, paging).await?;
    wire::list(page, paging, &fields, |queue| Ok(item(queue)))
}

/// Shows a queue
///
/// Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/queues/{queue}",
    operation_id = "readQueue",
    tag = "call center queues",
    security(("token" = []), ("webitel" = [])),
    params(("queue" = i64, Path, description = "The queue's id")),
    responses(
        (status = 200, description = "The queue", body = CallCenterQueue,
            example = json!(examples::queue())),
        Missing,
        Faults,
    )
)]
pub async fn read(
    State(services): State<Services>,
    Access(actor): Access,
    Ids([id]): Ids<1>,
) -> Result<Json<JsonMap>, Fault> {
    Ok(Json(item(services.admin.queue(&actor, QueueId(id)).await?)))
}

/// Makes a queue
///
/// Needs a token of scope manage.
#[utoipa::path(
    post,
    path = "/queues",
    operation_id = "createQueue",
    tag = "call center queues",
    security(("token" = []), ("webitel" = [])),
    request_body(content = NewCallCenterQueue, example = json!(examples::new_queue())),
    responses(
        (status = 200, description = "The queue as it was made", body = CallCenterQueue,
            example = json!(examples::queue())),
        Refused,
        Faults,
    )
)]
pub async fn add(
    State(services): State<Services>,
    Access(actor): Access,
    request: Request,
) -> Result<Json<JsonMap>, Fault> {
    let new = said(Members::of(&actor, request, Means::New).await?)?;
    answer(services.admin.add_queue(&actor, new).await)
}

/// Replaces a queue
///
/// What the body does not name is as if it were new, but for `enabled` and additions of Offhook, which
/// stay.
/// Needs a token of scope manage.
#[utoipa::path(
    put,
    path = "/queues/{queue}",
    operation_id = "updateQueue",
    tag = "call center queues",
    security(("token" = []), ("webitel" = [])),
    params(("queue" = i64, Path, description = "The queue's id")),
    request_body(content = NewCallCenterQueue, example = json!(examples::new_queue())),
    responses(
        (status = 200, description = "The queue as it is now", body = CallCenterQueue,
            example = json!(examples::queue())),
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
) -> Result<Json<JsonMap>, Fault> {
    let change = said(Members::of(&actor, request, Means::Whole).await?)?;
    answer(services.admin.change_queue(&actor, QueueId(id), change).await)
}

/// Changes a queue
///
/// What the body does not name stays. Needs a token of scope manage.
#[utoipa::path(
    patch,
    path = "/queues/{queue}",
    operation_id = "patchQueue",
    tag = "call center queues",
    security(("token" = []), ("webitel" = [])),
    params(("queue" = i64, Path, description = "The queue's id")),
    request_body(content = CallCenterQueue, example = json!({"enabled": true})),
    responses(
        (status = 200, description = "The queue as it is now", body = CallCenterQueue,
            example = json!(examples::queue())),
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
) -> Result<Json<JsonMap>, Fault> {
    let change = said(Members::of(&actor, request, Means::Part).await?)?;
    answer(services.admin.change_queue(&actor, QueueId(id), change).await)
}

/// Deletes a queue
///
/// With its hooks; what they were about to deliver still is. Needs a token of scope
/// manage.
#[utoipa::path(
    delete,
    path = "/queues/{queue}",
    operation_id = "deleteQueue",
    tag = "call center queues",
    security(("token" = []), ("webitel" = [])),
    params(("queue" = i64, Path, description = "The queue's id"), RestParameter),
    responses(
        (status = 200, description = "The queue as it was", body = CallCenterQueue,
            example = json!(examples::queue())),
        Missing,
        Refused,
        Faults,
    )
)]
pub async fn delete(
    State(services): State<Services>,
    Access(actor): Access,
    Ids([id]): Ids<1>,
    mut asked: Asked,
) -> Result<Json<JsonMap>, Fault> {
    let rest = asked.rest();
    asked.done()?;
    answer(services.admin.delete_queue(&actor, QueueId(id), rest).await)
}

fn answer(done: Result<Queue, AdminError>) -> Result<Json<JsonMap>, Fault> {
    let queue = done.map_err(|error| Fault::naming(error, NAMES))?;
    Ok(Json(item(queue)))
}

fn said(mut body: Members) -> Result<QueueChange, Fault> {
    let change = QueueChange {
        base: None,
        name: body.needed_text("name"),
        code: body.small("type"),
        description: body.text("description"),
        enabled: body.flag("enabled"),
        variables: body.object("variables"),
        extras: body.extras(),
    };
    body.done()?;
    Ok(change)
}

fn item(queue: Queue) -> JsonMap {
    let code = queue.code();
    let own = [
        ("id", wire::id(queue.id.0)),
        ("name", queue.name.into()),
        ("type", code.into()),
        ("description", queue.description.into()),
        ("enabled", queue.enabled.into()),
        ("variables", queue.variables.into()),
        ("created_at", wire::time(queue.created_at)),
        ("updated_at", wire::time(queue.updated_at)),
    ];
    wire::item(own, queue.extras)
}
