//! The queues, as tools that send events need them.

use super::{
    super::{Services, auth::Bearer, problem::ApiProblem},
    examples,
    parameters::Parameters,
    refusals::{BadParameters, Refusals},
};
use axum::{Json, extract::State};
use model::{
    catalog::QueueType,
    ids::QueueId,
    page::Paging,
    queue::{QueueFilter, QueueRow},
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
    /// How many hooks it has.
    pub hooks: u32,
}

impl From<QueueRow> for QueueItem {
    fn from(row: QueueRow) -> Self {
        Self { id: row.id, name: row.name, kind: row.kind, enabled: row.enabled, hooks: row.hooks }
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
