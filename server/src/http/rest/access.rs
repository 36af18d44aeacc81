//! Who asks: the bearer of a token, in the original's header or in the usual one.

use super::{super::Services, fault::Fault};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header::AUTHORIZATION, request::Parts},
};
use model::user::Actor;
use std::sync::Arc;

/// The original's header, which holds the bare token.
const HEADER: &str = "x-webitel-access";

/// The bearer of a valid token; what it may do is for the use case to say.
pub struct Access(pub Arc<Actor>);

impl FromRequestParts<Services> for Access {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Self, Fault> {
        let refused = |detail: &str| Fault::new(StatusCode::UNAUTHORIZED, "access.token", detail);
        let secret = secret(&parts.headers).ok_or_else(|| {
            refused(
                "a token is needed, in the header X-Webitel-Access: TOKEN \
                 or Authorization: Bearer TOKEN",
            )
        })?;
        let actor = services.tokens.actor(secret).await?;
        actor.map(Self).ok_or_else(|| refused("this token is not known; it may have been deleted"))
    }
}

fn secret(headers: &HeaderMap) -> Option<&str> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let bare = text(HEADER).filter(|secret| !secret.is_empty());
    bare.or_else(|| {
        let (scheme, secret) = text(AUTHORIZATION.as_str())?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
    })
}
