//! Mail profiles: the servers by which flows send mail.

use super::{
    super::{Services, auth::Bearer, problem::ApiProblem},
    body::Said,
    examples,
    parameters::{NoParameters, Parameters, SearchParameters},
    path::Id,
    refusals::{BadParameters, BadPost, Invalid, NotFound, Refusals, TooLarge},
};
use axum::{Json, extract::State};
use model::mail_profile::{MailProfile, MailProfileDraft};
use serde::Serialize;
use utoipa::ToSchema;

/// The mail profiles, without their passwords.
#[derive(Serialize, ToSchema)]
pub struct MailProfiles {
    /// By name.
    pub items: Vec<MailProfile>,
}

/// Lists mail profiles
///
/// Those whose name, server or sender holds the text. Passwords are never shown. Needs a token of scope manage.
#[utoipa::path(
    get,
    path = "/mail-profiles",
    operation_id = "listMailProfiles",
    tag = "mail profiles",
    params(SearchParameters),
    responses(
        (status = 200, description = "The mail profiles, without their passwords", body = MailProfiles,
            example = json!(examples::vault::mail_profiles())),
        BadParameters,
        Refusals,
    )
)]
pub async fn list(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    given: Parameters,
) -> Result<Json<MailProfiles>, ApiProblem> {
    let search = SearchParameters::read(given)?;
    let items = services.admin.mail_profiles(&actor, &search).await?;
    Ok(Json(MailProfiles { items }))
}

/// Shows a mail profile
///
/// Its password is never shown. Needs a token of scope manage.
#[utoipa::path(
    get,
    path = "/mail-profiles/{name}",
    operation_id = "getMailProfile",
    tag = "mail profiles",
    params(("name" = String, Path, description = "Its name")),
    responses(
        (status = 200, description = "The mail profile", body = MailProfile,
            example = json!(examples::vault::mail_profile())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn mail_profile(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(name): Id<String>,
) -> Result<Json<MailProfile>, ApiProblem> {
    Ok(Json(services.admin.mail_profile(&actor, &name).await?))
}

/// Sets a mail profile
///
/// Makes it where there is none of this name. A password that the body leaves out stays as it is. Needs a token of scope manage.
#[utoipa::path(
    put,
    path = "/mail-profiles/{name}",
    operation_id = "putMailProfile",
    tag = "mail profiles",
    params(("name" = String, Path, description = "1 to 100 characters, not a number alone")),
    request_body(content = MailProfileDraft, example = json!(examples::vault::mail_profile_draft())),
    responses(
        (status = 200, description = "The mail profile as it is now", body = MailProfile,
            example = json!(examples::vault::mail_profile())),
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
    Said(actor, draft): Said<MailProfileDraft>,
) -> Result<Json<MailProfile>, ApiProblem> {
    Ok(Json(services.admin.put_mail_profile(&actor, &name, draft).await?))
}

/// Deletes a mail profile
///
/// A flow that sends by it fails from then on. Needs a token of scope manage.
#[utoipa::path(
    delete,
    path = "/mail-profiles/{name}",
    operation_id = "deleteMailProfile",
    tag = "mail profiles",
    params(("name" = String, Path, description = "Its name")),
    responses(
        (status = 200, description = "The mail profile as it was", body = MailProfile,
            example = json!(examples::vault::mail_profile())),
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
) -> Result<Json<MailProfile>, ApiProblem> {
    Ok(Json(services.admin.delete_mail_profile(&actor, &name).await?))
}
