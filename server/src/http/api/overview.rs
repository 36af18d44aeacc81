//! How the installation fares.

use super::{
    super::{Services, auth::Bearer, problem::ApiProblem},
    examples,
    parameters::{NoParameters, Parameters},
    refusals::{BadParameters, Refusals},
};
use axum::{Json, extract::State};
use model::{
    live::NodeView,
    overview::{Overview, Span},
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// How far back one looks.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OverviewParameters {
    /// The last hour, day or week.
    #[param(inline, required = false)]
    span: Option<Span>,
}

impl OverviewParameters {
    fn read(mut given: Parameters) -> Result<Self, ApiProblem> {
        let read = Self { span: given.one("span") };
        given.end()?;
        Ok(read)
    }
}

/// Shows how the installation fares
///
/// What happened, how long events took to their receivers (estimated from a histogram whose buckets
/// are an eighth wide), what waits, which destinations are stopped and which hooks fail, over the
/// last hour (point by point of a minute), day or week (of an hour). Needs a token of scope read or
/// manage.
#[utoipa::path(
    get,
    path = "/overview",
    operation_id = "getOverview",
    tag = "overview",
    params(OverviewParameters),
    responses(
        (status = 200, description = "How it fares", body = Overview,
            example = json!(examples::overview())),
        BadParameters,
        Refusals,
    )
)]
pub async fn overview(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    given: Parameters,
) -> Result<Json<Overview>, ApiProblem> {
    let OverviewParameters { span } = OverviewParameters::read(given)?;
    Ok(Json(services.admin.overview(&actor, span.unwrap_or_default()).await?))
}

/// The processes that serve the installation.
#[derive(Serialize, ToSchema)]
pub struct Nodes {
    /// The one that answers first.
    pub items: Vec<NodeView>,
}

/// Lists the nodes
///
/// The processes that serve the installation: which of them live, what they hold, their rates. On
/// SQLite there is one. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/nodes",
    operation_id = "listNodes",
    tag = "overview",
    responses(
        (status = 200, description = "The nodes", body = Nodes, example = json!(examples::nodes())),
        BadParameters,
        Refusals,
    )
)]
pub async fn nodes(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
) -> Result<Json<Nodes>, ApiProblem> {
    Ok(Json(Nodes { items: services.admin.nodes(&actor).await? }))
}
