//! The queues, as tools that send events need them, and whether their deliveries are run. What a
//! queue is, is managed in Webitel's shapes.

use super::{
    super::{Services, auth::Bearer, problem::ApiProblem},
    examples,
    parameters::{NoParameters, Parameters, ReleaseParameters, RestParameters},
    path::Id,
    refusals::{BadParameters, Conflict, NotFound, Refusals},
};
use axum::{Json, extract::State};
use model::{
    JsonMap,
    catalog::QueueType,
    ids::QueueId,
    page::Paging,
    queue::{Queue, QueueFilter, QueueRow},
    time::Millis,
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// The last page that can be asked for; far beyond any that has queues.
const PAGE_MAX: u32 = 1_000_000;
/// The most queues of one page.
const SIZE_MAX: u32 = 1_000;

/// Which page of the list is asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct QueueParameters {
    /// The page, from 1.
    #[param(minimum = 1, maximum = 1_000_000, default = 1, required = false)]
    page: u32,
    /// How many queues a page has.
    #[param(minimum = 1, maximum = 1000, default = 40, required = false)]
    size: u32,
}

impl QueueParameters {
    fn read(mut given: Parameters) -> Result<Self, ApiProblem> {
        let read = Self {
            page: given.number("page", 1..=PAGE_MAX).unwrap_or(1),
            size: given.number("size", 1..=SIZE_MAX).unwrap_or(40),
        };
        given.end()?;
        Ok(read)
    }
}

/// A page of the queues, and whether another follows.
#[derive(Serialize, ToSchema)]
pub struct QueuePage {
    /// By name.
    pub items: Vec<QueueItem>,
    /// Whether there is a next page.
    pub next: bool,
}

/// A queue, as tools see it.
#[derive(Serialize, ToSchema)]
pub struct QueueItem {
    pub id: QueueId,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: QueueType,
    /// Events of a disabled queue are kept and make no deliveries.
    pub enabled: bool,
    /// Deliveries of a paused queue are parked.
    pub paused: bool,
    /// How many hooks it has.
    pub hooks: u32,
}

impl From<QueueRow> for QueueItem {
    fn from(row: QueueRow) -> Self {
        let QueueRow { id, name, kind, enabled, paused, hooks, last_hour: _ } = row;
        Self { id, name, kind, enabled, paused, hooks }
    }
}

/// A queue.
#[derive(Serialize, ToSchema)]
pub struct WholeQueue {
    pub id: QueueId,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: QueueType,
    pub description: String,
    /// Events of a disabled queue are kept and make no deliveries.
    pub enabled: bool,
    /// Whether the deliveries of all its hooks are parked.
    pub paused: bool,
    /// How many deliveries a second are released when it is resumed; null is as many as possible.
    pub release_per_s: Option<u32>,
    /// When it was resumed last: the rate holds for what was made before.
    pub resumed_at: Option<Millis>,
    /// Given to every flow that its hooks run.
    #[schema(value_type = Object)]
    pub variables: JsonMap,
    pub created_at: Millis,
    pub updated_at: Millis,
}

impl From<Queue> for WholeQueue {
    fn from(queue: Queue) -> Self {
        Self {
            id: queue.id,
            name: queue.name,
            kind: queue.kind,
            description: queue.description,
            enabled: queue.enabled,
            paused: queue.paused,
            release_per_s: queue.release_per_s,
            resumed_at: queue.resumed_at,
            variables: queue.variables,
            created_at: queue.created_at,
            updated_at: queue.updated_at,
        }
    }
}

/// Lists the queues
///
/// A page of them at a time, by name. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/queues",
    operation_id = "listQueues",
    tag = "queues",
    params(QueueParameters),
    responses(
        (status = 200, description = "A page of the queues", body = QueuePage,
            example = json!(examples::queue_page())),
        BadParameters,
        Refusals,
    )
)]
pub async fn list(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    given: Parameters,
) -> Result<Json<QueuePage>, ApiProblem> {
    let QueueParameters { page, size } = QueueParameters::read(given)?;
    let paging = Paging { page, size };
    let found = services.admin.queues(&actor, &QueueFilter::default(), paging).await?;
    let next = u64::from(page) * u64::from(size) < found.total;
    Ok(Json(QueuePage { items: found.items.into_iter().map(QueueItem::from).collect(), next }))
}

/// Shows a queue
///
/// Whether it is paused, and its variables. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/queues/{id}",
    operation_id = "getQueue",
    tag = "queues",
    params(("id" = QueueId, Path, description = "The queue's number")),
    responses(
        (status = 200, description = "The queue", body = WholeQueue,
            example = json!(examples::queue())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn queue(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<QueueId>,
) -> Result<Json<WholeQueue>, ApiProblem> {
    Ok(Json(services.admin.queue(&actor, id).await?.into()))
}

/// Deletes a queue
///
/// With its hooks. What they have not finished is delivered all the same, unless `deliveries` says
/// otherwise. Needs a token of scope manage.
#[utoipa::path(
    delete,
    path = "/queues/{id}",
    operation_id = "removeQueue",
    tag = "queues",
    params(("id" = QueueId, Path, description = "The queue's number"), RestParameters),
    responses(
        (status = 200, description = "The queue as it was", body = WholeQueue,
            example = json!(examples::queue())),
        NotFound,
        Conflict,
        BadParameters,
        Refusals,
    )
)]
pub async fn delete(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    given: Parameters,
    Id(id): Id<QueueId>,
) -> Result<Json<WholeQueue>, ApiProblem> {
    let rest = RestParameters::read(given)?;
    Ok(Json(services.admin.delete_queue(&actor, id, rest).await?.into()))
}

/// Pauses a queue
///
/// Deliveries of all its hooks are made and parked until it is resumed. Needs a token of scope
/// manage.
#[utoipa::path(
    post,
    path = "/queues/{id}/pause",
    operation_id = "pauseQueue",
    tag = "queues",
    params(("id" = QueueId, Path, description = "The queue's number")),
    responses(
        (status = 200, description = "The queue as it is now", body = WholeQueue,
            example = json!(examples::queue())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn pause(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<QueueId>,
) -> Result<Json<WholeQueue>, ApiProblem> {
    Ok(Json(services.admin.pause_queue(&actor, id).await?.into()))
}

/// Resumes a queue
///
/// Parked deliveries are released in order, before newer ones; those of hooks that are paused
/// themselves stay. Needs a token of scope manage.
#[utoipa::path(
    post,
    path = "/queues/{id}/resume",
    operation_id = "resumeQueue",
    tag = "queues",
    params(("id" = QueueId, Path, description = "The queue's number"), ReleaseParameters),
    responses(
        (status = 200, description = "The queue as it is now", body = WholeQueue,
            example = json!(examples::queue())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn resume(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    given: Parameters,
    Id(id): Id<QueueId>,
) -> Result<Json<WholeQueue>, ApiProblem> {
    let release_per_s = ReleaseParameters::read(given)?;
    Ok(Json(services.admin.resume_queue(&actor, id, release_per_s).await?.into()))
}
