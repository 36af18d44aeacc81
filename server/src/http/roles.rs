//! The answer to whoever asks a node for what it leaves to others.

use super::problem::ApiProblem;
use axum::{
    Router,
    extract::Request,
    handler::Handler,
    http::StatusCode,
    middleware::{Next, from_fn},
    response::IntoResponse,
};
use model::node::{NodeRole, NodeRoles};
use std::future::ready;

/// These routes, where the node has one of the roles that serve them; else each of them answers
/// with what `lacking` makes of the words for that.
pub fn only<S, A>(
    routes: Router<S>,
    has: NodeRoles,
    serve: &[NodeRole],
    lacking: fn(String) -> A,
) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    A: IntoResponse + 'static,
{
    if serve.iter().any(|role| has.has(*role)) {
        return routes;
    }
    let told = told(has, serve);
    let answer = move |_: Request, _: Next| ready(lacking(told.clone()).into_response());
    routes.route_layer(from_fn(answer))
}

/// The answer of a node without the panel to whatever else is asked of it.
pub fn no_panel<S: Clone + Send + Sync + 'static>(has: NodeRoles) -> impl Handler<((),), S> {
    let told = told(has, &[NodeRole::Panel]);
    move || ready(problem(told.clone()))
}

/// The problem that says so.
pub fn problem(told: String) -> ApiProblem {
    ApiProblem::new(StatusCode::NOT_FOUND, told)
}

fn told(has: NodeRoles, serve: &[NodeRole]) -> String {
    let needed: Vec<_> = serve.iter().map(|role| role.as_str()).collect();
    let needed = needed.join(" or ");
    format!("this node does not have the role {needed}, but {has}; ask one that has it")
}
