//! Replays of many deliveries.

use super::{
    super::{Services, auth::Bearer, problem::ApiProblem},
    deliveries::about_parameters,
    examples,
    filter::FilterParameters,
    parameters::{NoParameters, Parameters},
    path::{Id, IdAct},
    refusals::{BadParameters, Conflict, NotFound, Refusals},
};
use axum::{Json, extract::State, http::StatusCode};
use model::{
    hook::RELEASE_MAX_PER_S,
    ids::ReplayId,
    page::Paging,
    replay::{Matching, Replay, ReplayAct, ReplayFilter, ReplayState},
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// The last page that can be asked for.
const PAGE_MAX: u32 = 1_000_000;
/// The most jobs of one page.
const SIZE_MAX: u32 = 200;

/// How fast deliveries are made.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RateParameters {
    /// How many deliveries a second; as many as possible where it is left out.
    #[param(minimum = 1, maximum = 10000)]
    per_second: Option<u32>,
}

impl RateParameters {
    fn read(given: &mut Parameters) -> Self {
        Self { per_second: given.number("per_second", 1..=RELEASE_MAX_PER_S) }
    }
}

/// Which jobs, and which page of them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct JobParameters {
    /// In one of these states. May be repeated.
    #[param(inline, required = false)]
    state: Vec<ReplayState>,
    /// A part of the name of who made it, or its number.
    #[param(max_length = 200)]
    search: Option<String>,
    /// The page, from 1.
    #[param(minimum = 1, maximum = 1_000_000, default = 1, required = false)]
    page: u32,
    /// How many jobs a page has.
    #[param(minimum = 1, maximum = 200, default = 40, required = false)]
    size: u32,
}

impl JobParameters {
    fn read(mut given: Parameters) -> Result<Self, ApiProblem> {
        let read = Self {
            state: given.all("state"),
            search: given.one("search"),
            page: given.number("page", 1..=PAGE_MAX).unwrap_or(1),
            size: given.number("size", 1..=SIZE_MAX).unwrap_or(40),
        };
        if read.search.as_ref().is_some_and(|text| text.chars().count() > 200) {
            given.fault("search", "has at most 200 characters");
        }
        given.end()?;
        Ok(read)
    }
}

/// A page of the jobs, and whether another follows.
#[derive(Serialize, ToSchema)]
pub struct ReplayPage {
    /// Newest first.
    pub items: Vec<Replay>,
    /// Whether there is a next page.
    pub next: bool,
}

/// Lists replays
///
/// The jobs that replay deliveries, newest first. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/replays",
    operation_id = "listReplays",
    tag = "replays",
    params(JobParameters),
    responses(
        (status = 200, description = "A page of the jobs", body = ReplayPage,
            example = json!(examples::replay_page())),
        BadParameters,
        Refusals,
    )
)]
pub async fn list(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    given: Parameters,
) -> Result<Json<ReplayPage>, ApiProblem> {
    let JobParameters { state, search, page, size } = JobParameters::read(given)?;
    let filter = ReplayFilter { states: state, search: search.unwrap_or_default() };
    let found = services.admin.replays(&actor, &filter, Paging { page, size }).await?;
    let next = u64::from(page) * u64::from(size) < found.total;
    Ok(Json(ReplayPage { items: found.items, next }))
}

/// Shows a replay
///
/// What it replays, where it stands and what it has made. It has come to `found` of the deliveries
/// that matched when it was started: of `matched.count`, or of at least so many where `matched.more`
/// is true. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/replays/{id}",
    operation_id = "getReplay",
    tag = "replays",
    params(("id" = ReplayId, Path, description = "The job's number")),
    responses(
        (status = 200, description = "The job", body = Replay,
            example = json!(examples::replay_job())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn replay(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<ReplayId>,
) -> Result<Json<Replay>, ApiProblem> {
    Ok(Json(services.admin.replay(&actor, id).await?))
}

/// Counts what a replay would find
///
/// By the parameters of the log, up to 10,000. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/replays/matching",
    operation_id = "countReplay",
    tag = "replays",
    params(FilterParameters),
    responses(
        (status = 200, description = "How many deliveries match", body = Matching,
            example = json!({"count": 214, "more": false})),
        BadParameters,
        Refusals,
    )
)]
pub async fn matching(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    mut given: Parameters,
) -> Result<Json<Matching>, ApiProblem> {
    let filter = FilterParameters::read(&mut given).into();
    given.end()?;
    let found = services.admin.matching(&actor, &filter).await;
    Ok(Json(found.map_err(about_parameters)?))
}

/// Replays what matches
///
/// Starts a job that makes a new delivery of each that matches, in the order of acceptance, linked
/// to the old one: of those too that were skipped or given up. What is under way still is passed
/// over, and so is a child whose parent the job replays: that begins it again. Without parameters that is the whole log.
/// How many match is counted, up to 10,000, and kept with the job as `matched`. Needs a token of scope manage.
#[utoipa::path(
    post,
    path = "/replays",
    operation_id = "startReplay",
    tag = "replays",
    params(FilterParameters, RateParameters),
    responses(
        (status = 202, description = "The job is kept, and runs", body = Replay,
            example = json!(examples::replay_job())),
        BadParameters,
        Refusals,
    )
)]
pub async fn start(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    mut given: Parameters,
) -> Result<(StatusCode, Json<Replay>), ApiProblem> {
    let filter = FilterParameters::read(&mut given).into();
    let RateParameters { per_second } = RateParameters::read(&mut given);
    given.end()?;
    let made = services.admin.start_replay(&actor, &filter, per_second).await;
    Ok((StatusCode::ACCEPTED, Json(made.map_err(about_parameters)?)))
}

/// Changes a replay's rate
///
/// Of a job that has not ended. Needs a token of scope manage.
#[utoipa::path(
    put,
    path = "/replays/{id}/rate",
    operation_id = "setReplayRate",
    tag = "replays",
    params(("id" = ReplayId, Path, description = "The job's number"), RateParameters),
    responses(
        (status = 200, description = "The job as it is now", body = Replay,
            example = json!(examples::replay_job())),
        NotFound,
        Conflict,
        BadParameters,
        Refusals,
    )
)]
pub async fn set_rate(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    mut given: Parameters,
    Id(id): Id<ReplayId>,
) -> Result<Json<Replay>, ApiProblem> {
    let RateParameters { per_second } = RateParameters::read(&mut given);
    given.end()?;
    Ok(Json(services.admin.set_replay_rate(&actor, id, per_second).await?))
}

/// Pauses, resumes or cancels a replay
///
/// `pause`: it makes nothing more until it is resumed. `resume`: it goes on where it was. `cancel`:
/// it makes nothing more; what it has made is delivered. Of a job that has not ended. Needs a token
/// of scope manage.
#[utoipa::path(
    post,
    path = "/replays/{id}/{act}",
    operation_id = "steerReplay",
    tag = "replays",
    params(
        ("id" = ReplayId, Path, description = "The job's number"),
        ("act" = inline(ReplayAct), Path, description = "What to do"),
    ),
    responses(
        (status = 200, description = "The job as it is now", body = Replay,
            example = json!(examples::replay_job())),
        NotFound,
        Conflict,
        BadParameters,
        Refusals,
    )
)]
pub async fn steer(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    IdAct(id, act): IdAct<ReplayId, ReplayAct>,
) -> Result<Json<Replay>, ApiProblem> {
    Ok(Json(services.admin.change_replay(&actor, id, act).await?))
}
