//! The panel's routes.

use super::Services;
use axum::Router;

/// The panel.
pub fn router(services: Services) -> Router {
    drop(services);
    Router::new()
}
