//! The HTTP side: the panel, the API, the state of health.

mod api;
mod auth;
mod health;
mod intake;
pub mod panel;
mod problem;
mod rest;
mod security;
mod session;

use crate::config::{Config, PublicUrl};
use admin::{Admin, SignIn};
use app::receiver::ReceiverLog;
use auth::Tokens;
use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use engine::Engine;
use model::settings::BATCH_BYTES_MAX;
use std::{path::PathBuf, sync::Arc};
use storage::Storage;

/// What handlers work with. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    pub admin: Admin,
    pub engine: Engine,
    pub storage: Arc<dyn Storage>,
    /// The requests that the sample's receiver got, where the sample is loaded.
    pub receiver: Option<ReceiverLog>,
    pub sign_in: Arc<SignIn>,
    pub public_url: PublicUrl,
    pub site_root: PathBuf,
    tokens: Arc<Tokens>,
}

impl Services {
    /// The services of this process.
    pub fn new(
        admin: Admin,
        engine: Engine,
        storage: Arc<dyn Storage>,
        receiver: Option<ReceiverLog>,
        config: &Config,
    ) -> Self {
        Self {
            tokens: Arc::new(Tokens::new(admin.clone(), storage.changes())),
            admin,
            engine,
            storage,
            receiver,
            sign_in: Arc::new(SignIn::default()),
            public_url: config.public_url.clone(),
            site_root: config.site_root.clone(),
        }
    }
}

/// Every route.
pub fn router(services: Services) -> Router {
    let api = Router::new()
        .route("/events", post(intake::post_events).options(intake::options_events))
        .route("/queues", get(api::queues))
        .route("/deliveries/{id}", get(api::delivery))
        .route("/deliveries/{id}/replay", post(api::replay))
        .fallback(problem::no_such_route)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(DefaultBodyLimit::max(BATCH_BYTES_MAX));
    Router::new()
        .nest("/api/v1", api)
        .merge(rest::router())
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .with_state(services.clone())
        .merge(panel::router(services))
}
