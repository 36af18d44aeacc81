//! The id in a path.

use super::super::{Services, problem::ApiProblem};
use axum::{
    extract::{FromRequestParts, Path},
    http::{StatusCode, request::Parts},
};
use model::{
    destination::DestinationKey,
    ids::{DeliveryId, EventId, ReplayId},
};
use std::str::FromStr;

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

impl Named for ReplayId {
    const WHAT: &str = "replay";
}

/// The id in a path. What is no id is the id of nothing, so the answer is 404.
pub struct Id<T>(pub T);

impl<T: Named> FromRequestParts<Services> for Id<T> {
    type Rejection = ApiProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        services: &Services,
    ) -> Result<Self, ApiProblem> {
        let none = |detail: String| ApiProblem::new(StatusCode::NOT_FOUND, detail);
        let Path(text) = Path::<String>::from_request_parts(parts, services)
            .await
            .map_err(|error| none(error.body_text()))?;
        let id = text.parse().map_err(|_| none(format!("\"{text}\" is no {}'s id", T::WHAT)))?;
        Ok(Self(id))
    }
}
