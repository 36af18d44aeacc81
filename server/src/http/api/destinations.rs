//! Destinations: how they stand, and what is set for them.

use super::{
    super::{Services, auth::Bearer, problem::ApiProblem},
    body::Said,
    examples,
    parameters::{NoParameters, Parameters},
    path::{Id, IdAct},
    refusals::{BadParameters, BadPost, Invalid, NotFound, Refusals, TooLarge},
};
use axum::{Json, extract::State};
use model::{
    destination::{
        DestinationAct, DestinationFilter, DestinationKey, DestinationLimits, DestinationRow,
    },
    live::BreakerState,
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// What the destinations are narrowed to.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DestinationParameters {
    /// A part of the key, in any case.
    search: Option<String>,
    /// Whose breaker stands so. May be repeated.
    #[param(inline, required = false)]
    state: Vec<BreakerState>,
    /// Only those for which something is set (true), or none of them (false).
    set: Option<bool>,
}

impl DestinationParameters {
    fn read(mut given: Parameters) -> Result<DestinationFilter, ApiProblem> {
        let read =
            Self { search: given.one("search"), state: given.all("state"), set: given.one("set") };
        given.end()?;
        let Self { search, state, set } = read;
        Ok(DestinationFilter { search: search.unwrap_or_default(), states: state, set })
    }
}

/// The destinations, those in need of attention first.
#[derive(Serialize, ToSchema)]
pub struct Destinations {
    pub items: Vec<DestinationRow>,
}

/// Lists destinations
///
/// The servers that flows called of late or that deliveries wait for, and those for which something
/// is set. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/destinations",
    operation_id = "listDestinations",
    tag = "destinations",
    params(DestinationParameters),
    responses(
        (status = 200, description = "The destinations", body = Destinations,
            example = json!(examples::destinations())),
        BadParameters,
        Refusals,
    )
)]
pub async fn list(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    given: Parameters,
) -> Result<Json<Destinations>, ApiProblem> {
    let filter = DestinationParameters::read(given)?;
    Ok(Json(Destinations { items: services.admin.destinations(&actor, &filter).await? }))
}

/// Shows a destination
///
/// One that nobody has called or set is as any. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/destinations/{key}",
    operation_id = "getDestination",
    tag = "destinations",
    params(("key" = DestinationKey, Path,
        description = "Scheme, host and port, escaped: https%3A%2F%2Fcrm.example%3A443")),
    responses(
        (status = 200, description = "The destination", body = DestinationRow,
            example = json!(examples::destination())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn destination(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(key): Id<DestinationKey>,
) -> Result<Json<DestinationRow>, ApiProblem> {
    Ok(Json(services.admin.destination(&actor, &key).await?))
}

/// Sets a destination's limits
///
/// All of them: what the body leaves out is as for any destination. Needs a token of scope manage.
#[utoipa::path(
    put,
    path = "/destinations/{key}",
    operation_id = "limitDestination",
    tag = "destinations",
    params(("key" = DestinationKey, Path,
        description = "Scheme, host and port, escaped: https%3A%2F%2Fcrm.example%3A443")),
    request_body(content = DestinationLimits, example = json!(examples::limits())),
    responses(
        (status = 200, description = "The destination as it stands now", body = DestinationRow,
            example = json!(examples::destination())),
        NotFound,
        BadPost,
        TooLarge,
        Invalid,
        Refusals,
    )
)]
pub async fn limit(
    State(services): State<Services>,
    _: NoParameters,
    Id(key): Id<DestinationKey>,
    Said(actor, limits): Said<DestinationLimits>,
) -> Result<Json<DestinationRow>, ApiProblem> {
    services.admin.limit_destination(&actor, &key, limits).await?;
    Ok(Json(services.admin.destination(&actor, &key).await?))
}

/// Forgets what is set for a destination
///
/// Its limits are as for any destination again; a stop by hand stays. Needs a token of scope manage.
#[utoipa::path(
    delete,
    path = "/destinations/{key}",
    operation_id = "resetDestination",
    tag = "destinations",
    params(("key" = DestinationKey, Path,
        description = "Scheme, host and port, escaped: https%3A%2F%2Fcrm.example%3A443")),
    responses(
        (status = 200, description = "The destination as it stands now", body = DestinationRow,
            example = json!(examples::destination())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn reset(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(key): Id<DestinationKey>,
) -> Result<Json<DestinationRow>, ApiProblem> {
    services.admin.reset_destination(&actor, &key).await?;
    Ok(Json(services.admin.destination(&actor, &key).await?))
}

/// Opens, closes, releases or drains a destination
///
/// `open`: nothing is sent until somebody says otherwise; deliveries wait. `close`: everything is
/// sent, whatever fails. `release`: the breaker decides again. `drain`: what waits goes out at once,
/// as fast as the limits admit, and what is to be tried again there as well. Needs a token of scope
/// manage.
#[utoipa::path(
    post,
    path = "/destinations/{key}/{act}",
    operation_id = "steerDestination",
    tag = "destinations",
    params(
        ("key" = DestinationKey, Path,
            description = "Scheme, host and port, escaped: https%3A%2F%2Fcrm.example%3A443"),
        ("act" = inline(DestinationAct), Path, description = "What to do"),
    ),
    responses(
        (status = 200, description = "The destination as it stands now", body = DestinationRow,
            example = json!(examples::destination())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn steer(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    IdAct(key, act): IdAct<DestinationKey, DestinationAct>,
) -> Result<Json<DestinationRow>, ApiProblem> {
    services.admin.steer_destination(&actor, &key, act).await?;
    Ok(Json(services.admin.destination(&actor, &key).await?))
}
