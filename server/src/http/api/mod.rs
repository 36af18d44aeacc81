//! The API: its routes, and the document that describes them.

mod about;
mod body;
mod cache;
mod calendars;
mod catalog;
mod deliveries;
mod destinations;
mod docs;
mod events;
mod examples;
mod filter;
mod flows;
mod hooks;
mod links;
mod lists;
mod mail_profiles;
mod overview;
pub mod parameters;
mod path;
pub mod posted;
mod queues;
pub mod refusals;
mod replays;
mod secrets;
mod stream;
mod variables;

use super::{Services, health, intake, problem, rest, roles, see_through};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::header,
    middleware::from_fn,
    routing::{any, get},
};
use model::{
    flow::language::schema::flow_schema,
    node::{
        NodeRole::{Intake, Panel},
        NodeRoles,
    },
    settings::BATCH_BYTES_MAX,
};
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The whole API, its document, the page that shows it, and the schema of flows; of a node without some role, what it
/// leaves to others says so.
pub fn router(has: NodeRoles) -> Router<Services> {
    let (router, document) = documented(has);
    let json = written(&document);
    let answer = async move || ([(header::CONTENT_TYPE, "application/json")], json.clone());
    let schema = flow_schema().to_string();
    let flows = async move || ([(header::CONTENT_TYPE, "application/schema+json")], schema.clone());
    let shown = docs::router()
        .route("/api/openapi.json", get(answer))
        .route("/api/flow.schema.json", get(flows));
    router.merge(roles::only(shown, has, &[Panel], roles::problem))
}

/// Every route of the API with what the document says of it. The document and the router are made
/// by the same calls, so that neither has a route that the other lacks.
fn documented(has: NodeRoles) -> (Router<Services>, OpenApi) {
    let (taking, taking_document) = OpenApiRouter::new()
        .routes(routes!(intake::post_events, intake::options_events))
        .split_for_parts();
    // What whoever posts events looks up.
    let (catalog, catalog_document) =
        OpenApiRouter::new().routes(routes!(catalog::catalog)).split_for_parts();
    let (managing, managing_document) = OpenApiRouter::new()
        .routes(routes!(events::event))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::delivery))
        .routes(routes!(stream::follow))
        .routes(routes!(deliveries::replay, deliveries::beginnings))
        .routes(routes!(deliveries::cancel))
        .routes(routes!(deliveries::run))
        .routes(routes!(replays::list, replays::start))
        .routes(routes!(replays::matching))
        .routes(routes!(replays::replay))
        .routes(routes!(replays::set_rate))
        .routes(routes!(replays::steer))
        .routes(routes!(queues::list))
        .routes(routes!(queues::queue, queues::delete))
        .routes(routes!(queues::pause))
        .routes(routes!(queues::resume))
        .routes(routes!(hooks::hook, hooks::change, hooks::delete))
        .routes(routes!(hooks::pause))
        .routes(routes!(hooks::resume))
        .routes(routes!(flows::failure_flow, flows::set_failure_flow))
        .routes(routes!(flows::import_flows))
        .routes(routes!(destinations::list))
        .routes(routes!(destinations::destination, destinations::limit, destinations::reset))
        .routes(routes!(destinations::steer))
        .routes(routes!(lists::list, lists::create))
        .routes(routes!(lists::one, lists::change, lists::delete))
        .routes(routes!(lists::entries, lists::add))
        .routes(routes!(lists::remove))
        .routes(routes!(calendars::list, calendars::create))
        .routes(routes!(calendars::one, calendars::change, calendars::delete))
        .routes(routes!(cache::list))
        .routes(routes!(cache::entry, cache::put, cache::forget))
        .routes(routes!(variables::list))
        .routes(routes!(variables::variable, variables::put, variables::delete))
        .routes(routes!(secrets::list))
        .routes(routes!(secrets::secret, secrets::put, secrets::delete))
        .routes(routes!(mail_profiles::list))
        .routes(routes!(mail_profiles::mail_profile, mail_profiles::put, mail_profiles::delete))
        .routes(routes!(overview::overview))
        .routes(routes!(overview::nodes))
        .split_for_parts();
    let (health, health_document) = OpenApiRouter::new()
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .split_for_parts();
    let v1 = roles::only(taking, has, &[Intake], roles::problem)
        .merge(roles::only(catalog, has, &[Intake, Panel], roles::problem))
        // What takes events is not among them: there is nothing to be done half.
        .merge(roles::only(managing, has, &[Panel], roles::problem).layer(from_fn(see_through)))
        .fallback(problem::no_such_route)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(DefaultBodyLimit::max(BATCH_BYTES_MAX));
    let (rest, rest_document) = rest::router(has);
    let v1_document = taking_document.merge_from(managing_document).merge_from(catalog_document);
    let mut document = about::document()
        .nest("/api/v1", v1_document)
        .merge_from(rest_document)
        .merge_from(health_document);
    links::add(&mut document);
    about::simplify(&mut document);
    let router = Router::new()
        .nest("/api/v1", v1)
        // What is nested does not answer for its own root with a slash.
        .route("/api/v1/", any(problem::no_such_route))
        .merge(rest.layer(from_fn(see_through)))
        .merge(health);
    (router, document)
}

/// The document as JSON; it never changes while the program runs.
fn written(document: &OpenApi) -> String {
    document.to_pretty_json().unwrap_or_else(|error| {
        // Every part of it has been made from JSON values.
        tracing::error!(%error, "the API's document cannot be written");
        "{}".into()
    })
}

#[cfg(test)]
mod tests;
