//! What Webitel's shape of a flow has no room for.

use super::{
    super::{Services, auth::Bearer, problem::ApiProblem},
    body::Said,
    examples,
    parameters::NoParameters,
    path::Id,
    refusals::{BadParameters, BadPost, Invalid, NotFound, Refusals, TooLarge},
};
use axum::{Json, extract::State};
use model::{ids::FlowId, whole};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// The flow that runs when a delivery of another one dies.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FailureFlow {
    /// Its number; nothing where none runs.
    #[serde(default, deserialize_with = "number")]
    pub flow_id: Option<FlowId>,
}

fn number<'de, D: Deserializer<'de>>(given: D) -> Result<Option<FlowId>, D::Error> {
    whole::maybe(given).map(|number| number.map(FlowId))
}

/// Shows a flow's failure flow
///
/// It runs once when a delivery of the flow dies, with the variables as they were and
/// `${error.class}`, `${error.message}` and `${error.step}`. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/flows/{id}/failure-flow",
    operation_id = "getFailureFlow",
    tag = "flows",
    params(("id" = FlowId, Path, description = "The flow's number")),
    responses(
        (status = 200, description = "The failure flow", body = FailureFlow,
            example = json!(examples::failure_flow())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn failure_flow(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<FlowId>,
) -> Result<Json<FailureFlow>, ApiProblem> {
    Ok(Json(FailureFlow { flow_id: services.admin.failure_flow(&actor, id).await? }))
}

/// Sets a flow's failure flow
///
/// Another flow that a hook may run, or none. Needs a token of scope manage.
#[utoipa::path(
    put,
    path = "/flows/{id}/failure-flow",
    operation_id = "setFailureFlow",
    tag = "flows",
    params(("id" = FlowId, Path, description = "The flow's number")),
    request_body(content = FailureFlow, example = json!(examples::failure_flow())),
    responses(
        (status = 200, description = "It is set", body = FailureFlow,
            example = json!(examples::failure_flow())),
        NotFound,
        BadPost,
        TooLarge,
        Invalid,
        Refusals,
    )
)]
pub async fn set_failure_flow(
    State(services): State<Services>,
    _: NoParameters,
    Id(id): Id<FlowId>,
    Said(actor, said): Said<FailureFlow>,
) -> Result<Json<FailureFlow>, ApiProblem> {
    services.admin.set_failure_flow(&actor, id, said.flow_id).await?;
    Ok(Json(said))
}
