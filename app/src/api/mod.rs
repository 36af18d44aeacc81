//! Server functions, by noun. Each makes one call into `admin` or `engine`, which authorise.
//!
//! They take what they need of their context before they wait for the first time, and a page that
//! loads two things asks for both at once (`join!`): on the server, what surrounds a resource may
//! be gone after its first wait.

// A server function has an argument for each field of its form.
#![allow(clippy::too_many_arguments)]

#[cfg(feature = "ssr")]
pub mod cache;
#[cfg(feature = "ssr")]
pub mod calendars;
pub mod deliveries;
#[cfg(feature = "ssr")]
pub mod destinations;
pub mod drawn;
pub mod events;
pub mod flows;
pub mod form;
pub mod hooks;
#[cfg(feature = "ssr")]
pub mod imports;
#[cfg(feature = "ssr")]
pub mod json;
pub mod jump;
#[cfg(feature = "ssr")]
pub mod lists;
pub mod many;
pub mod notes;
pub mod queues;
pub mod receiver;
pub mod replays;
pub mod session;
pub mod tokens;
pub mod users;
#[cfg(feature = "ssr")]
pub mod vault;
pub mod views;
#[cfg(feature = "ssr")]
mod waiting;

#[cfg(feature = "ssr")]
pub use ssr::{Visitor, actor, admin, engine, parts};

/// The URL at which a server function is posted to.
pub fn url_of<F: leptos::server_fn::ServerFn>() -> &'static str {
    F::PATH
}

#[cfg(feature = "ssr")]
mod ssr {
    use crate::error::AppError;
    use admin::Admin;
    use engine::Engine;
    use http::request::Parts;
    use leptos::prelude::*;
    use model::user::Actor;

    /// Who sent the request, looked up once by the server and kept in the request's extensions.
    #[derive(Debug, Clone)]
    pub struct Visitor(pub Result<Option<Actor>, AppError>);

    /// The use cases.
    pub fn admin() -> Result<Admin, AppError> {
        use_context().ok_or(AppError::Unavailable)
    }

    /// The engine.
    pub fn engine() -> Result<Engine, AppError> {
        use_context().ok_or(AppError::Unavailable)
    }

    /// The request.
    pub fn parts() -> Result<Parts, AppError> {
        use_context().ok_or(AppError::Unavailable)
    }

    /// Who asks.
    pub async fn actor() -> Result<Actor, AppError> {
        match parts()?.extensions.get::<Visitor>() {
            Some(Visitor(Ok(Some(actor)))) => Ok(actor.clone()),
            Some(Visitor(Err(error))) => Err(error.clone()),
            Some(Visitor(Ok(None))) | None => Err(AppError::SignedOut),
        }
    }
}
