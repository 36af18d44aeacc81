//! The id in a path, and what is done to what it names.

use super::super::{Services, problem::ApiProblem};
use axum::{
    extract::{FromRequestParts, Path},
    http::{StatusCode, request::Parts},
};
use model::{
    cache,
    destination::DestinationKey,
    ids::{CalendarId, DeliveryId, EventId, FlowId, HookId, ListId, QueueId, ReplayId},
};
use std::{fmt::Display, str::FromStr};

/// What a path can name by its id.
pub trait Named: FromStr {
    /// The word for it.
    const WHAT: &str;
}

impl Named for DeliveryId {
    const WHAT: &str = "delivery";
}

impl Named for DestinationKey {
    const WHAT: &str = "destination";
}

impl Named for EventId {
    const WHAT: &str = "event";
}

impl Named for FlowId {
    const WHAT: &str = "flow";
}

impl Named for HookId {
    const WHAT: &str = "hook";
}

impl Named for QueueId {
    const WHAT: &str = "queue";
}

impl Named for CalendarId {
    const WHAT: &str = "calendar";
}

impl Named for ListId {
    const WHAT: &str = "list";
}

/// A key of the cache.
pub struct CacheKey(pub String);

impl FromStr for CacheKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        cache::unfit(text, "").map_or_else(|| Ok(Self(text.to_owned())), Err)
    }
}

impl Named for CacheKey {
    const WHAT: &str = "key of the cache";
}

impl Named for ReplayId {
    const WHAT: &str = "replay";
}

/// What goes by its name.
impl Named for String {
    const WHAT: &str = "name";
}

/// The id in a path. What is no id is the id of nothing, so the answer is 404.
pub struct Id<T>(pub T);

impl<T: Named> FromRequestParts<Services> for Id<T> {
    type Rejection = ApiProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        services: &Services,
    ) -> Result<Self, ApiProblem> {
        let Path(text) = Path::<String>::from_request_parts(parts, services)
            .await
            .map_err(|error| none(error.body_text()))?;
        named(&text).map(Self)
    }
}

/// The id in a path, and the word for what is done to what it names. Where there is no such word,
/// there is no such path.
pub struct IdAct<T, A>(pub T, pub A);

impl<T: Named, A: FromStr<Err: Display>> FromRequestParts<Services> for IdAct<T, A> {
    type Rejection = ApiProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        services: &Services,
    ) -> Result<Self, ApiProblem> {
        let Path((id, act)) = Path::<(String, String)>::from_request_parts(parts, services)
            .await
            .map_err(|error| none(error.body_text()))?;
        let act = act.parse().map_err(|error: A::Err| none(error.to_string()))?;
        Ok(Self(named(&id)?, act))
    }
}

fn named<T: Named>(text: &str) -> Result<T, ApiProblem> {
    text.parse().map_err(|_| none(format!("\"{text}\" is no {}'s id", T::WHAT)))
}

fn none(detail: String) -> ApiProblem {
    ApiProblem::new(StatusCode::NOT_FOUND, detail)
}
