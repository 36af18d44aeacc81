//! Managing queues, hooks and flows in the shapes of the original, so that tools made for it, its
//! SDK `webitel-sdk` above all, work here as they are. `docs/rest.md` says what differs.

mod access;
mod fault;
mod hooks;
mod members;
mod query;
mod queues;
mod schemas;
#[cfg(test)]
mod tests;
mod wire;

use super::Services;
use axum::{Router, routing::get};

/// Every route. A flow is a schema there.
pub fn router() -> Router<Services> {
    let call_center = Router::new()
        .route("/queues", get(queues::list).post(queues::add))
        .route(
            "/queues/{queue}",
            get(queues::read).put(queues::replace).patch(queues::change).delete(queues::delete),
        )
        .route("/queues/{queue}/hooks", get(hooks::list).post(hooks::add))
        .route(
            "/queues/{queue}/hooks/{hook}",
            get(hooks::read).put(hooks::replace).patch(hooks::change).delete(hooks::delete),
        );
    let routing = Router::new().route("/schema", get(schemas::list).post(schemas::add)).route(
        "/schema/{schema}",
        get(schemas::read).put(schemas::replace).patch(schemas::change).delete(schemas::delete),
    );
    Router::new().nest("/call_center", finished(call_center)).nest("/routing", finished(routing))
}

fn finished(routes: Router<Services>) -> Router<Services> {
    routes.fallback(fault::no_such_route).method_not_allowed_fallback(fault::no_such_method)
}
