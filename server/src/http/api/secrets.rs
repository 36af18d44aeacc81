//! Secrets: what flows send and nobody sees again.

use super::{
    super::{Services, auth::Bearer, problem::ApiProblem},
    body::Said,
    examples,
    parameters::{NoParameters, Parameters, SearchParameters},
    path::Id,
    refusals::{BadParameters, BadPost, Invalid, NotFound, Refusals, TooLarge},
};
use axum::{Json, extract::State};
use model::secret::{Secret, SecretDraft};
use serde::Serialize;
use utoipa::ToSchema;

/// The secrets, without their values.
#[derive(Serialize, ToSchema)]
pub struct Secrets {
    /// By name.
    pub items: Vec<Secret>,
}

/// Lists secrets
///
/// Those whose name or description holds the text. Values are never shown. Needs a token of scope manage.
#[utoipa::path(
    get,
    path = "/secrets",
    operation_id = "listSecrets",
    tag = "secrets",
    params(SearchParameters),
    responses(
        (status = 200, description = "The secrets, without their values", body = Secrets,
            example = json!(examples::vault::secrets())),
        BadParameters,
        Refusals,
    )
)]
pub async fn list(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    given: Parameters,
) -> Result<Json<Secrets>, ApiProblem> {
    let search = SearchParameters::read(given)?;
    let items = services.admin.secrets(&actor, &search).await?;
    Ok(Json(Secrets { items }))
}

/// Shows a secret
///
/// Its value is never shown. Needs a token of scope manage.
#[utoipa::path(
    get,
    path = "/secrets/{name}",
    operation_id = "getSecret",
    tag = "secrets",
    params(("name" = String, Path, description = "Its name")),
    responses(
        (status = 200, description = "The secret", body = Secret,
            example = json!(examples::vault::secret())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn secret(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(name): Id<String>,
) -> Result<Json<Secret>, ApiProblem> {
    Ok(Json(services.admin.secret(&actor, &name).await?))
}

/// Sets a secret
///
/// Makes it where there is none of this name; what the body leaves out stays as it is. Flows name
/// it by `${secret.NAME}`. `WEBHOOK_SIGNING_KEY` signs requests: `whsec_` and 24 to 64 bytes in base64.
/// A value that holds a certificate in PEM has to hold its private key too; `certificate` of
/// `httpRequest` names it. Needs a token of scope manage.
#[utoipa::path(
    put,
    path = "/secrets/{name}",
    operation_id = "putSecret",
    tag = "secrets",
    params(("name" = String, Path, description = "Begins with a letter, and has letters, digits, _ and - alone")),
    request_body(content = SecretDraft, example = json!(examples::vault::secret_draft())),
    responses(
        (status = 200, description = "The secret as it is now", body = Secret,
            example = json!(examples::vault::secret())),
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
    Said(actor, draft): Said<SecretDraft>,
) -> Result<Json<Secret>, ApiProblem> {
    Ok(Json(services.admin.put_secret(&actor, &name, draft).await?))
}

/// Deletes a secret
///
/// Where a flow still names it, nothing stands there, with a warning. Needs a token of scope manage.
#[utoipa::path(
    delete,
    path = "/secrets/{name}",
    operation_id = "deleteSecret",
    tag = "secrets",
    params(("name" = String, Path, description = "Its name")),
    responses(
        (status = 200, description = "The secret as it was", body = Secret,
            example = json!(examples::vault::secret())),
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
) -> Result<Json<Secret>, ApiProblem> {
    Ok(Json(services.admin.delete_secret(&actor, &name).await?))
}
