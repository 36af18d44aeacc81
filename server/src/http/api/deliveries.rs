//! The delivery log.

use super::{
    super::{
        Services,
        auth::Bearer,
        problem::{ApiProblem, ParameterFault},
    },
    examples,
    filter::FilterParameters,
    parameters::{NoParameters, Parameters},
    path::Id,
    refusals::{BadParameters, Conflict, NotFound, Refusals},
};
use admin::AdminError;
use axum::{Json, extract::State, http::StatusCode};
use model::{
    delivery::{DeliveryDetail, DeliveryQuery, DeliveryRow},
    ids::DeliveryId,
    page::{Cursor, Slice},
    replay::{Beginnings, OnVersion},
    time::Millis,
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// How many deliveries an answer has unless it is asked for another number.
const SIZE: u32 = 50;
/// The most deliveries of one answer.
const SIZE_MAX: u32 = 200;

/// Which stretch of the log is asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StretchParameters {
    /// Deliveries older than this row number: `older` of another answer. Not with `after`.
    before: Option<i64>,
    /// Deliveries newer than this row number, those next to it: `newer` of another answer, or the
    /// `seq` of a row. Not with `before`.
    after: Option<i64>,
    /// The most deliveries that are answered.
    #[param(minimum = 1, maximum = 200, default = 50, required = false)]
    size: u32,
}

/// What is asked of the log.
fn asked(mut given: Parameters) -> Result<DeliveryQuery, ApiProblem> {
    let filter = FilterParameters::read(&mut given).into();
    let StretchParameters { before, after, size } = StretchParameters {
        before: given.one("before"),
        after: given.one("after"),
        size: given.number("size", 1..=SIZE_MAX).unwrap_or(SIZE),
    };
    if before.is_some() && after.is_some() {
        given.fault("after", "does not go with before: an answer leads one way");
    }
    given.end()?;
    let cursor = match (before, after) {
        (Some(seq), _) => Cursor::Before(seq),
        (None, Some(seq)) => Cursor::After(seq),
        (None, None) => Cursor::Newest,
    };
    Ok(DeliveryQuery { filter, cursor, size })
}

/// A stretch of the log, newest first, and the row numbers that lead on.
#[derive(Serialize, ToSchema)]
pub struct DeliveryPage {
    /// Newest first.
    pub items: Vec<DeliveryRow>,
    /// What to give as `before` for the next older deliveries, if there are any.
    pub older: Option<i64>,
    /// What to give as `after` for the next newer deliveries, if there are any.
    pub newer: Option<i64>,
    /// How far the log was looked through, in milliseconds since 1970, where that had to end before
    /// the stretch was full, since little matches text or several filters at once: `older` and
    /// `newer` lead on from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub searched_to: Option<Millis>,
}

impl From<Slice<DeliveryRow>> for DeliveryPage {
    fn from(Slice { items, older, newer, searched_to }: Slice<DeliveryRow>) -> Self {
        Self { items, older, newer, searched_to }
    }
}

/// Lists deliveries
///
/// A stretch of the log, newest first, narrowed to what is asked for. Deliveries that arrive
/// meanwhile do not move what a row number leads to. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/deliveries",
    operation_id = "listDeliveries",
    tag = "deliveries",
    params(FilterParameters, StretchParameters),
    responses(
        (status = 200, description = "A stretch of the log", body = DeliveryPage,
            example = json!(examples::delivery_page())),
        BadParameters,
        Refusals,
    )
)]
pub async fn list(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    given: Parameters,
) -> Result<Json<DeliveryPage>, ApiProblem> {
    let query = asked(given)?;
    let found = services.admin.deliveries(&actor, &query).await.map_err(about_parameters)?;
    Ok(Json(found.into()))
}

/// What the log finds wrong with a search is wrong with the parameters.
pub fn about_parameters(error: AdminError) -> ApiProblem {
    let AdminError::Invalid(problems) = error else { return error.into() };
    let faults = problems
        .into_iter()
        .map(|problem| ParameterFault { name: problem.field().to_owned(), detail: problem.detail });
    ApiProblem::parameters(faults.collect())
}

/// Shows a delivery
///
/// With its event's data, its attempts with every step that they ran, and its replays. Needs a
/// token of scope read or manage.
#[utoipa::path(
    get,
    path = "/deliveries/{id}",
    operation_id = "getDelivery",
    tag = "deliveries",
    params(("id" = DeliveryId, Path, description = "The delivery's id")),
    responses(
        (status = 200, description = "The delivery", body = DeliveryDetail,
            example = json!(examples::delivery())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn delivery(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<DeliveryId>,
) -> Result<Json<DeliveryDetail>, ApiProblem> {
    Ok(Json(services.admin.delivery(&actor, id).await?))
}

/// The delivery that a replay made.
#[derive(Serialize, ToSchema)]
pub struct Replayed {
    /// The new delivery.
    pub id: DeliveryId,
    /// The one that was replayed.
    pub replay_of: DeliveryId,
}

/// How a delivery is replayed.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReplayParameters {
    /// As the flow is published now (also where it is left out), or on the version that the delivery
    /// ran.
    #[param(inline, required = false)]
    version: OnVersion,
    /// The step to begin at, as the run stood when it came there: its `_id`, after the number of its
    /// flow and a dot where that was called by another. Left out, the replay begins with its flow.
    step: Option<String>,
    /// When the run reached that step for which time; the first that was kept where it is left out.
    /// Not without `step`.
    #[param(minimum = 1, maximum = 1_000_000)]
    visit: Option<u32>,
}

impl ReplayParameters {
    fn read(mut given: Parameters) -> Result<Self, ApiProblem> {
        let read = Self {
            version: given.one("version").unwrap_or_default(),
            step: given.one("step"),
            visit: given.number("visit", 1..=1_000_000),
        };
        if read.visit.is_some() && read.step.is_none() {
            given.fault("visit", "goes with step: it says of which visit");
        }
        given.end()?;
        Ok(read)
    }
}

/// Lists where a replay can begin
///
/// The steps at which the delivery's run was kept as it stood: before each step with an effect outside
/// but the first, and behind long waits. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/deliveries/{id}/replay",
    operation_id = "listBeginnings",
    tag = "deliveries",
    params(("id" = DeliveryId, Path, description = "The delivery's id")),
    responses(
        (status = 200, description = "The steps", body = Beginnings,
            example = json!(examples::beginnings())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn beginnings(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<DeliveryId>,
) -> Result<Json<Beginnings>, ApiProblem> {
    Ok(Json(services.admin.beginnings(&actor, id).await?))
}

/// Replays a delivery
///
/// Makes a new delivery of the same event for the same flow, linked to this one: from its beginning, or
/// from a step at which the run was kept. As the flow is published now it begins at a step only where
/// the steps before that have not changed. Only what has ended can be replayed. Needs a token of scope
/// manage.
#[utoipa::path(
    post,
    path = "/deliveries/{id}/replay",
    operation_id = "replayDelivery",
    tag = "deliveries",
    params(("id" = DeliveryId, Path, description = "The delivery's id"), ReplayParameters),
    responses(
        (status = 202, description = "The new delivery is kept, and runs", body = Replayed,
            example = json!(examples::replayed())),
        NotFound,
        Conflict,
        BadParameters,
        Refusals,
    )
)]
pub async fn replay(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    given: Parameters,
    Id(replay_of): Id<DeliveryId>,
) -> Result<(StatusCode, Json<Replayed>), ApiProblem> {
    let ReplayParameters { version, step, visit } = ReplayParameters::read(given)?;
    let id = match step {
        None => services.engine.replay(&actor, replay_of, version).await?,
        Some(step) => services.engine.replay_from(&actor, replay_of, version, &step, visit).await?,
    };
    Ok((StatusCode::ACCEPTED, Json(Replayed { id, replay_of })))
}

/// Runs a delivery now
///
/// One that waits for its next attempt, or in its flow, goes on at once. One that is dead goes on at
/// the step that failed, on the version of its flow that it began with: requests that succeeded are
/// not sent again. Needs a token of scope manage.
#[utoipa::path(
    post,
    path = "/deliveries/{id}/run",
    operation_id = "runDelivery",
    tag = "deliveries",
    params((
        "id" = DeliveryId, Path, description = "The delivery's id",
        example = "0193a7c2-5b1e-7d21-9f0a-6c2e11b4a901"
    )),
    responses(
        (status = 202, description = "It runs as soon as there is room"),
        NotFound,
        Conflict,
        BadParameters,
        Refusals,
    )
)]
pub async fn run(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<DeliveryId>,
) -> Result<StatusCode, ApiProblem> {
    services.engine.run_now(&actor, id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Cancels a delivery
///
/// One that is not finished; an attempt that runs is its last. Needs a token of scope manage.
#[utoipa::path(
    post,
    path = "/deliveries/{id}/cancel",
    operation_id = "cancelDelivery",
    tag = "deliveries",
    params((
        "id" = DeliveryId, Path, description = "The delivery's id",
        example = "0193a7c2-5b1e-7d21-9f0a-6c2e11b4a901"
    )),
    responses(
        (status = 204, description = "It is called off"),
        NotFound,
        Conflict,
        BadParameters,
        Refusals,
    )
)]
pub async fn cancel(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<DeliveryId>,
) -> Result<StatusCode, ApiProblem> {
    services.admin.cancel_delivery(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
