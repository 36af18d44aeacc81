//! The cache: what flows keep for later runs.

use super::{
    super::{Services, auth::Bearer, problem::ApiProblem},
    body::Said,
    examples,
    parameters::{NoParameters, Parameters},
    path::{CacheKey, Id},
    refusals::{BadParameters, BadPost, Invalid, NotFound, Refusals, TooLarge},
};
use axum::{Json, extract::State};
use model::cache::CacheEntry;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The most of one stretch.
const SIZE_MAX: u32 = 1_000;

/// Which stretch of the cache is asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CacheParameters {
    /// What the keys begin with.
    prefix: Option<String>,
    /// Only keys behind this one: `next` of the stretch before.
    after: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 100, required = false)]
    size: u32,
}

/// A stretch of the cache, in the order of the keys.
#[derive(Serialize, ToSchema)]
pub struct CachePage {
    pub items: Vec<CacheEntry>,
    /// What to ask for as `after` to go on; nothing where it ends.
    #[schema(examples("callbacks:2026-11-28"))]
    pub next: Option<String>,
}

/// A value to be kept.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CacheValue {
    /// At most 64 KiB.
    #[schema(examples("17"), max_length = 65536)]
    pub value: String,
    /// For how many seconds it is kept; null is for good.
    #[serde(default)]
    #[schema(examples(3600), minimum = 1, maximum = 315360000)]
    pub ttl_s: Option<u64>,
}

/// Lists what the cache holds
///
/// A stretch at a time, in the order of the keys. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/cache",
    operation_id = "listCache",
    tag = "cache",
    params(CacheParameters),
    responses(
        (status = 200, description = "A stretch of the cache", body = CachePage,
            example = json!(examples::cache_page())),
        BadParameters,
        Refusals,
    )
)]
pub async fn list(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    mut given: Parameters,
) -> Result<Json<CachePage>, ApiProblem> {
    let read = CacheParameters {
        prefix: given.one("prefix"),
        after: given.one("after"),
        size: given.number("size", 1..=SIZE_MAX).unwrap_or(100),
    };
    given.end()?;
    let CacheParameters { prefix, after, size } = read;
    let (prefix, after) = (prefix.unwrap_or_default(), after.as_deref());
    let mut items = services.admin.cache_entries(&actor, &prefix, after, size + 1).await?;
    let more = items.len() > size as usize;
    items.truncate(size as usize);
    let next = items.last().filter(|_| more).map(|last| last.key.clone());
    Ok(Json(CachePage { items, next }))
}

/// Shows what the cache holds under a key
///
/// What has expired is not there. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/cache/{key}",
    operation_id = "getCached",
    tag = "cache",
    params(("key" = String, Path, description = "The key, escaped", max_length = 256)),
    responses(
        (status = 200, description = "What is kept", body = CacheEntry,
            example = json!(examples::cached())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn entry(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(CacheKey(key)): Id<CacheKey>,
) -> Result<Json<CacheEntry>, ApiProblem> {
    Ok(Json(services.admin.cache_entry(&actor, &key).await?))
}

/// Keeps a value under a key
///
/// In place of what was there. A flow that runs now sees it with its next step. Needs a token of
/// scope manage.
#[utoipa::path(
    put,
    path = "/cache/{key}",
    operation_id = "putCached",
    tag = "cache",
    params(("key" = String, Path, description = "The key, escaped", max_length = 256)),
    request_body(content = CacheValue, example = json!({"value": "17", "ttl_s": 3600})),
    responses(
        (status = 200, description = "What is kept", body = CacheEntry,
            example = json!(examples::cached())),
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
    Id(CacheKey(key)): Id<CacheKey>,
    Said(actor, CacheValue { value, ttl_s }): Said<CacheValue>,
) -> Result<Json<CacheEntry>, ApiProblem> {
    Ok(Json(services.admin.put_cache_entry(&actor, &key, value, ttl_s).await?))
}

/// Forgets what the cache holds under a key
///
/// Needs a token of scope manage.
#[utoipa::path(
    delete,
    path = "/cache/{key}",
    operation_id = "forgetCached",
    tag = "cache",
    params(("key" = String, Path, description = "The key, escaped", max_length = 256)),
    responses(
        (status = 200, description = "What was kept", body = CacheEntry,
            example = json!(examples::cached())),
        NotFound,
        BadParameters,
        Refusals,
    )
)]
pub async fn forget(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    _: NoParameters,
    Id(CacheKey(key)): Id<CacheKey>,
) -> Result<Json<CacheEntry>, ApiProblem> {
    Ok(Json(services.admin.forget_cache_entry(&actor, &key).await?))
}
