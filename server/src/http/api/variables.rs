//! Variables of the installation: what all flows share.

use super::{
    super::{Services, auth::Bearer, problem::ApiProblem},
    body::Said,
    examples,
    parameters::{NoParameters, Parameters, SearchParameters},
    path::Id,
    refusals::{BadParameters, BadPost, Invalid, NotFound, Refusals, TooLarge},
};
use axum::{Json, extract::State};
use model::variable::{Variable, VariableDraft};
use serde::Serialize;
use utoipa::ToSchema;

/// The variables of the installation.
#[derive(Serialize, ToSchema)]
pub struct Variables {
    /// By name.
    pub items: Vec<Variable>,
}

/// Lists variables of the installation
///
/// Those whose name holds the text; the value of an encrypted one is not shown. Needs a token of scope manage.
#[utoipa::path(
    get,
    path = "/variables",
    operation_id = "listVariables",
    tag = "variables",
    params(SearchParameters),
    responses(
        (status = 200, description = "The variables of the installation", body = Variables,
            example = json!(examples::vault::variables())),
        BadParameters,
        Refusals,
    )
)]
pub async fn list(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    given: Parameters,
) -> Result<Json<Variables>, ApiProblem> {
    let search = SearchParameters::read(given)?;
    let items = services.admin.variables(&actor, &search).await?;
    Ok(Json(Variables { items }))
}

/// Shows a variable of the installation
///
/// The value of an encrypted one is not shown. Needs a token of scope manage.
#[utoipa::path(
    get,
    path = "/variables/{name}",
    operation_id = "getVariable",
    tag = "variables",
    params(("name" = String, Path, description = "Its name")),
    responses(
        (status = 200, description = "The variable", body = Variable,
            example = json!(examples::vault::variable())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn variable(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(name): Id<String>,
) -> Result<Json<Variable>, ApiProblem> {
    Ok(Json(services.admin.variable(&actor, &name).await?))
}

/// Sets a variable of the installation
///
/// Makes it where there is none of this name. Flows read it by `$${name}` at once, on every node within a second. Needs a token of scope manage.
#[utoipa::path(
    put,
    path = "/variables/{name}",
    operation_id = "putVariable",
    tag = "variables",
    params(("name" = String, Path, description = "Begins with a letter, and has letters, digits, _ and - alone")),
    request_body(content = VariableDraft, example = json!(examples::vault::variable_draft())),
    responses(
        (status = 200, description = "The variable as it is now", body = Variable,
            example = json!(examples::vault::variable())),
        NotFound,
        BadPost,
        TooLarge,
        Invalid,
        Refusals,
    )
)]
pub async fn put(
    State(services): State<Services>,
    _: NoParameters,
    Id(name): Id<String>,
    Said(actor, draft): Said<VariableDraft>,
) -> Result<Json<Variable>, ApiProblem> {
    Ok(Json(services.admin.put_variable(&actor, &name, draft).await?))
}

/// Deletes a variable of the installation
///
/// Where a flow still names it, nothing stands there, with a warning. Needs a token of scope manage.
#[utoipa::path(
    delete,
    path = "/variables/{name}",
    operation_id = "deleteVariable",
    tag = "variables",
    params(("name" = String, Path, description = "Its name")),
    responses(
        (status = 200, description = "The variable as it was", body = Variable,
            example = json!(examples::vault::variable())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn delete(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(name): Id<String>,
) -> Result<Json<Variable>, ApiProblem> {
    Ok(Json(services.admin.delete_variable(&actor, &name).await?))
}
