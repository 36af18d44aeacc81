//! Accepted events.

use super::{
    super::{Services, auth::Bearer, problem::ApiProblem},
    examples,
    parameters::NoParameters,
    path::Id,
    refusals::{BadParameters, NotFound, Refusals},
};
use axum::{Json, extract::State};
use model::{event::EventDetail, ids::EventId};

/// Shows an event
///
/// What was accepted, and the deliveries that it made: the first 200 in the order of acceptance,
/// replays among them. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/events/{id}",
    operation_id = "getEvent",
    tag = "events",
    params(("id" = EventId, Path, description = "The id that the answer to the post gave it")),
    responses(
        (status = 200, description = "The event", body = EventDetail,
            example = json!(examples::event())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn event(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<EventId>,
) -> Result<Json<EventDetail>, ApiProblem> {
    Ok(Json(services.admin.event(&actor, id).await?))
}
