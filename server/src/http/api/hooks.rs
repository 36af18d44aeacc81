//! Hooks: how each one's deliveries are run, and whether they are. What a hook is, its event, its
//! flow and its condition, is managed in Webitel's shapes.

use super::{
    super::{Services, auth::Bearer, problem::ApiProblem},
    body::{Said, object},
    examples,
    parameters::{NoParameters, Parameters, ReleaseParameters, RestParameters},
    path::Id,
    refusals::{BadParameters, BadPost, Conflict, Invalid, NotFound, Refusals, TooLarge},
};
use admin::changes::HookChange;
use axum::{Json, extract::State};
use model::{hook::Hook, ids::HookId, policy::PolicyChange, whole};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

/// How a hook's deliveries are to be run; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HookPatch {
    /// Whether what one call sends to the flow runs in order.
    #[serde(default, deserialize_with = "truth")]
    #[schema(value_type = bool, required = false)]
    ordered: Option<bool>,
    /// How long a late delivery may hold its call's later ones, in milliseconds.
    #[serde(default, deserialize_with = "number")]
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 86400000)]
    max_hold_ms: Option<i64>,
    /// What is null in it is as for any hook again.
    #[serde(default, deserialize_with = "object")]
    #[schema(required = false)]
    policy: PolicyChange,
}

fn truth<'de, D: Deserializer<'de>>(given: D) -> Result<Option<bool>, D::Error> {
    bool::deserialize(given).map(Some)
}

fn number<'de, D: Deserializer<'de>>(given: D) -> Result<Option<i64>, D::Error> {
    whole::one(given).map(Some)
}

impl From<HookPatch> for HookChange {
    fn from(HookPatch { ordered, max_hold_ms, policy }: HookPatch) -> Self {
        Self { ordered, max_hold_ms, policy, ..Self::default() }
    }
}

/// Shows a hook
///
/// Whether it is paused and why, and how its deliveries are run. Needs a token of scope read or
/// manage.
#[utoipa::path(
    get,
    path = "/hooks/{id}",
    operation_id = "getHook",
    tag = "hooks",
    params(("id" = HookId, Path, description = "The hook's number")),
    responses(
        (status = 200, description = "The hook", body = Hook, example = json!(examples::hook())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn hook(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<HookId>,
) -> Result<Json<Hook>, ApiProblem> {
    Ok(Json(services.admin.hook(&actor, id).await?))
}

/// Changes how a hook's deliveries are run
///
/// What the body leaves out stays, whoever else changes the hook. It holds for what is under way,
/// too, from its next attempt on: a retry that waits already keeps its time. Needs a token of scope
/// manage.
#[utoipa::path(
    patch,
    path = "/hooks/{id}",
    operation_id = "patchHook",
    tag = "hooks",
    params(("id" = HookId, Path, description = "The hook's number")),
    request_body(content = HookPatch, example = json!(examples::hook_patch())),
    responses(
        (status = 200, description = "The hook as it is now", body = Hook,
            example = json!(examples::hook())),
        NotFound,
        Conflict,
        BadPost,
        TooLarge,
        Invalid,
        Refusals,
    )
)]
pub async fn change(
    State(services): State<Services>,
    _: NoParameters,
    Id(id): Id<HookId>,
    Said(actor, patch): Said<HookPatch>,
) -> Result<Json<Hook>, ApiProblem> {
    Ok(Json(services.admin.change_hook(&actor, id, patch.into()).await?))
}

/// Deletes a hook
///
/// What it has not finished is delivered all the same, unless `deliveries` says otherwise. Needs a
/// token of scope manage.
#[utoipa::path(
    delete,
    path = "/hooks/{id}",
    operation_id = "deleteHook",
    tag = "hooks",
    params(("id" = HookId, Path, description = "The hook's number"), RestParameters),
    responses(
        (status = 200, description = "The hook as it was", body = Hook,
            example = json!(examples::hook())),
        NotFound,
        Conflict,
        BadParameters,
        Refusals,
    )
)]
pub async fn delete(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    given: Parameters,
    Id(id): Id<HookId>,
) -> Result<Json<Hook>, ApiProblem> {
    let rest = RestParameters::read(given)?;
    Ok(Json(services.admin.delete_hook(&actor, id, rest).await?))
}

/// Pauses a hook
///
/// Its deliveries are made and parked until it is resumed. Needs a token of scope manage.
#[utoipa::path(
    post,
    path = "/hooks/{id}/pause",
    operation_id = "pauseHook",
    tag = "hooks",
    params(("id" = HookId, Path, description = "The hook's number")),
    responses(
        (status = 200, description = "The hook as it is now", body = Hook,
            example = json!(examples::hook())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn pause(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(id): Id<HookId>,
) -> Result<Json<Hook>, ApiProblem> {
    Ok(Json(services.admin.pause_hook(&actor, id).await?))
}

/// Resumes a hook
///
/// Its parked deliveries are released in order, before newer ones. Needs a token of scope manage.
#[utoipa::path(
    post,
    path = "/hooks/{id}/resume",
    operation_id = "resumeHook",
    tag = "hooks",
    params(("id" = HookId, Path, description = "The hook's number"), ReleaseParameters),
    responses(
        (status = 200, description = "The hook as it is now", body = Hook,
            example = json!(examples::hook())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn resume(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    given: Parameters,
    Id(id): Id<HookId>,
) -> Result<Json<Hook>, ApiProblem> {
    let release_per_s = ReleaseParameters::read(given)?;
    Ok(Json(services.admin.resume_hook(&actor, id, release_per_s).await?))
}
