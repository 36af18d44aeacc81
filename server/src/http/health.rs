//! Whether the process lives, and whether it can take events.

use super::Services;
use axum::{extract::State, http::StatusCode};

/// Tells whether the process lives
///
/// For whoever restarts it when it does not.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "isAlive",
    tag = "health",
    security(()),
    responses((status = 200, description = "It lives", body = String, example = "ok\n"))
)]
pub async fn alive() -> &'static str {
    "ok\n"
}

/// Tells whether the process is ready
///
/// That the database answers and the engine runs, so that it does what its roles are. For whoever
/// routes traffic here.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "isReady",
    tag = "health",
    security(()),
    responses(
        (status = 200, description = "It is ready", body = String, example = "ready\n"),
        (status = 503, description = "It is not; the text says why", body = String,
            example = "the engine is stopping\n"),
    )
)]
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
