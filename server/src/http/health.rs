//! Whether the process lives, and whether it can take events.

use super::Services;
use axum::{extract::State, http::StatusCode};

/// The process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// The database answers and the engine takes events.
pub async fn ready(State(services): State<Services>) -> (StatusCode, String) {
    if !services.engine.is_ready() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the engine is stopping\n".into());
    }
    match services.storage.ping().await {
        Ok(()) => (StatusCode::OK, "ready\n".into()),
        Err(error) => {
            tracing::error!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n".into())
        }
    }
}
