//! Managing queues, hooks and flows in the shapes of the original, so that tools made for it, its
//! SDK `webitel-sdk` above all, work here as they are. `docs/rest.md` says what differs.

mod access;
pub mod described;
mod fault;
mod hooks;
mod members;
mod query;
mod queues;
mod schemas;
#[cfg(test)]
mod tests;
mod wire;

use super::{Services, roles};
use axum::{Router, routing::any};
use model::node::{NodeRole, NodeRoles};
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Every route, and what the document says of it. A flow is a schema there. Managing belongs to the
/// panel; a node that leaves it to others says so.
pub fn router(has: NodeRoles) -> (Router<Services>, OpenApi) {
    let (call_center, call_center_document) = OpenApiRouter::new()
        .routes(routes!(queues::list, queues::add))
        .routes(routes!(queues::read, queues::replace, queues::change, queues::delete))
        .routes(routes!(hooks::list, hooks::add))
        .routes(routes!(hooks::read, hooks::replace, hooks::change, hooks::delete))
        .split_for_parts();
    let (routing, routing_document) = OpenApiRouter::new()
        .routes(routes!(schemas::list, schemas::add))
        .routes(routes!(schemas::read, schemas::replace, schemas::change, schemas::delete))
        .split_for_parts();
    let router = Router::new()
        .nest("/call_center", finished(call_center))
        .nest("/routing", finished(routing))
        // What is nested does not answer for its own root with a slash.
        .route("/call_center/", any(fault::no_such_route))
        .route("/routing/", any(fault::no_such_route));
    let document = OpenApi::default()
        .nest("/call_center", call_center_document)
        .nest("/routing", routing_document);
    (roles::only(router, has, &[NodeRole::Panel], fault::lacking), document)
}

fn finished(routes: Router<Services>) -> Router<Services> {
    routes.fallback(fault::no_such_route).method_not_allowed_fallback(fault::no_such_method)
}
