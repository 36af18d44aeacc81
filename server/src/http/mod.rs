//! The HTTP side: the panel, the API, the state of health.

mod api;
mod auth;
mod body;
pub mod connections;
mod follow;
mod health;
mod intake;
pub mod panel;
mod problem;
mod rest;
mod roles;
mod security;
mod session;

use crate::config::{Config, PublicUrl};
use admin::{Admin, SignIn};
use app::receiver::ReceiverLog;
use auth::Tokens;
use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use engine::Engine;
use model::node::NodeRoles;
use std::{ops::Deref, path::PathBuf, sync::Arc};
use storage::Storage;
use tokio::sync::{Semaphore, watch};

/// How many of those who follow the log may search it for a text at once: it is read by few connections,
/// and pages need them as well.
const SEARCHING_MAX: usize = 1;
/// How many bodies of events may be unpacked, or have been and wait for room: a few bytes may become the
/// most that a body may have.
const UNPACKED_MAX: usize = 16;

/// What handlers work with. Each request clones it several times, so it is one pointer.
#[derive(Clone)]
pub struct Services(Arc<Inner>);

/// What [`Services`] are made of.
pub struct Inner {
    pub admin: Admin,
    pub engine: Engine,
    pub storage: Arc<dyn Storage>,
    /// The requests that the sample's receiver got, where the sample is loaded.
    pub receiver: Option<ReceiverLog>,
    pub sign_in: Arc<SignIn>,
    pub public_url: PublicUrl,
    pub site_root: PathBuf,
    /// What this process does.
    pub roles: NodeRoles,
    /// Room for those who follow the log.
    pub followers: Arc<Semaphore>,
    /// Turns at searching what happens in the log for a text.
    pub searching: Semaphore,
    /// Turns at unpacking bodies of events.
    pub unpacking: Semaphore,
    /// Whether the process has been told to stop.
    pub stopping: watch::Receiver<bool>,
    tokens: Tokens,
}

impl Services {
    /// The services of this process.
    pub fn new(
        admin: Admin,
        engine: Engine,
        storage: Arc<dyn Storage>,
        receiver: Option<ReceiverLog>,
        config: &Config,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        Self(Arc::new(Inner {
            tokens: Tokens::new(admin.clone(), storage.changes()),
            admin,
            engine,
            storage,
            receiver,
            sign_in: Arc::new(SignIn::default()),
            public_url: config.public_url.clone(),
            site_root: config.site_root.clone(),
            roles: config.roles,
            followers: Arc::new(Semaphore::new(config.followers_max)),
            searching: Semaphore::new(SEARCHING_MAX),
            unpacking: Semaphore::new(UNPACKED_MAX),
            stopping,
        }))
    }
}

impl Deref for Services {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// Finishes what was begun, even when nobody waits for it any more. A page whose browser went away
/// would else lose what it is drawn from while it is drawn, and a change stop half-way.
async fn see_through(request: Request, next: Next) -> Response {
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, "a request could not be finished");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Every route. Where the process leaves a role to others, its routes say so.
pub fn router(services: Services) -> Router {
    let api = api::router(services.roles).with_state(services.clone());
    if services.roles.panel {
        api.merge(panel::router(services))
    } else {
        api.fallback(roles::no_panel(services.roles))
    }
}
