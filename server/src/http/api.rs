//! The rest of the API: what tools need beside posting events.

use super::{Services, auth::Bearer, problem::ApiProblem};
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use model::{
    catalog::QueueType,
    delivery::DeliveryDetail,
    ids::{DeliveryId, QueueId},
    page::Paging,
    queue::QueueFilter,
};
use serde::{Deserialize, Serialize};

/// The largest page of queues.
const PAGE_MAX: u32 = 1_000;

/// Which page of a list is asked for.
#[derive(Deserialize)]
pub struct PageQuery {
    #[serde(default = "first")]
    page: u32,
    #[serde(default = "forty")]
    size: u32,
}

fn first() -> u32 {
    1
}

fn forty() -> u32 {
    40
}

/// A page of a list, and whether another follows.
#[derive(Serialize)]
pub struct List<T> {
    items: Vec<T>,
    next: bool,
}

/// A queue, as tools see it.
#[derive(Serialize)]
pub struct QueueItem {
    id: QueueId,
    name: String,
    #[serde(rename = "type")]
    kind: QueueType,
    enabled: bool,
    hooks: u32,
}

/// The queues.
pub async fn queues(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<QueueItem>>, ApiProblem> {
    let paging = Paging { page: query.page.max(1), size: query.size.clamp(1, PAGE_MAX) };
    let page = services.admin.queues(&actor, &QueueFilter::default(), paging).await?;
    let next = u64::from(paging.page) * u64::from(paging.size) < page.total;
    let items = page.items.into_iter().map(|row| QueueItem {
        id: row.id,
        name: row.name,
        kind: row.kind,
        enabled: row.enabled,
        hooks: row.hooks,
    });
    Ok(Json(List { items: items.collect(), next }))
}

/// One delivery, with its attempts and steps.
pub async fn delivery(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
) -> Result<Json<DeliveryDetail>, ApiProblem> {
    Ok(Json(services.admin.delivery(&actor, delivery_id(&id)?).await?))
}

/// The delivery that a replay made.
#[derive(Serialize)]
pub struct Replayed {
    id: DeliveryId,
    replay_of: DeliveryId,
}

/// Replays a delivery.
pub async fn replay(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Replayed>), ApiProblem> {
    let replay_of = delivery_id(&id)?;
    let id = services.engine.replay(&actor, replay_of).await?;
    Ok((StatusCode::ACCEPTED, Json(Replayed { id, replay_of })))
}

fn delivery_id(text: &str) -> Result<DeliveryId, ApiProblem> {
    text.parse().map_err(|_| {
        ApiProblem::new(StatusCode::NOT_FOUND, format!("\"{text}\" is no delivery's id"))
    })
}
