//! Who calls the API: the bearer of a token.

use super::{Services, problem::ApiProblem};
use admin::Admin;
use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header::AUTHORIZATION, request::Parts},
};
use model::user::Actor;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// How long a token that was found is trusted without another look: another process may have
/// deleted it. What this process deletes is forgotten at once.
const TRUSTED: Duration = Duration::from_secs(1);
const REMEMBERED: usize = 1_000;

/// Tokens that have been found lately, so that not every request asks the database.
pub struct Tokens {
    admin: Admin,
    changes: watch::Receiver<i64>,
    found: Mutex<HashMap<String, Found>>,
}

struct Found {
    actor: Arc<Actor>,
    revision: i64,
    at: Instant,
}

impl Tokens {
    /// None remembered. `changes` tells of changes that may concern tokens.
    pub fn new(admin: Admin, changes: watch::Receiver<i64>) -> Self {
        Self { admin, changes, found: Mutex::default() }
    }

    /// The actor behind a secret, if there is one.
    pub async fn actor(&self, secret: &str) -> admin::Result<Option<Arc<Actor>>> {
        let revision = *self.changes.borrow();
        if let Some(found) = self.lock().get(secret)
            && found.revision == revision
            && found.at.elapsed() < TRUSTED
        {
            return Ok(Some(found.actor.clone()));
        }
        let Some(actor) = self.admin.authenticate(secret).await? else { return Ok(None) };
        let actor = Arc::new(actor);
        let mut all = self.lock();
        if all.len() >= REMEMBERED {
            all.clear();
        }
        let found = Found { actor: actor.clone(), revision, at: Instant::now() };
        all.insert(secret.to_owned(), found);
        Ok(Some(actor))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Found>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bearer of a valid token; what it may do is for the use case to say.
pub struct Bearer(pub Arc<Actor>);

impl FromRequestParts<Services> for Bearer {
    type Rejection = ApiProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        services: &Services,
    ) -> Result<Self, ApiProblem> {
        bearer(services, parts.headers.get(AUTHORIZATION)).await.map(Self)
    }
}

/// Whose token this header shows.
pub async fn bearer(
    services: &Services,
    header: Option<&HeaderValue>,
) -> Result<Arc<Actor>, ApiProblem> {
    let refused = |detail: &str| ApiProblem::new(StatusCode::UNAUTHORIZED, detail);
    let header = header.and_then(|value| value.to_str().ok());
    let (scheme, secret) = header
        .and_then(|value| value.trim().split_once(' '))
        .ok_or_else(|| refused("a token is needed, in the header Authorization: Bearer TOKEN"))?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(refused("the header Authorization has the form Bearer TOKEN"));
    }
    let actor = services.tokens.actor(secret.trim()).await?;
    actor.ok_or_else(|| refused("this token is not known; it may have been deleted"))
}
