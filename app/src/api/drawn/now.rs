//! The pages about how the installation stands now.

use super::Sheet;
use crate::{
    api,
    drawn::{self, Refusal},
    error::AppError,
    start::Start,
    text::{destinations, nodes as text_nodes, overview},
};
use admin::Admin;
use leptos::prelude::*;
use model::{
    destination::{DestinationFilter, DestinationKey},
    live::NodeView,
    node::{NodeRole, NodeState},
    overview::Span,
    time::Millis,
    user::{Actor, Permission},
};

/// After how many seconds such a page is drawn anew.
const EVERY: u64 = 5;

/// How the installation fares. What names no span is the shortest.
pub async fn overview(admin: &Admin, actor: &Actor, span: &str) -> Result<Sheet, AppError> {
    let span = span.parse::<Span>().unwrap_or_default();
    let told = admin.overview(actor, span).await?;
    let missing = missing(&admin.nodes(actor).await?);
    let editor = actor.has(Permission::Edit);
    Ok(Sheet {
        title: overview::TITLE.into(),
        beside: drawn::spans(span).to_html(),
        body: drawn::overview(&told, &missing, editor).to_html(),
        every: EVERY,
        ..Sheet::default()
    })
}

/// The destinations. What names no state narrows nothing.
pub async fn destinations(
    admin: &Admin,
    actor: &Actor,
    search: String,
    state: &str,
    set: &str,
) -> Result<Sheet, AppError> {
    let start = start()?;
    let filter = DestinationFilter {
        search,
        states: state.parse().into_iter().collect(),
        set: set.parse().ok(),
    };
    let rows = admin.destinations(actor, &filter).await?;
    let narrowed = filter != DestinationFilter::default();
    let editor = actor.has(Permission::Edit);
    Ok(Sheet {
        title: destinations::TITLE.into(),
        body: drawn::destinations(&rows, narrowed, editor, start.now).to_html(),
        every: EVERY,
        ..Sheet::default()
    })
}

/// One destination, with what an editor may set.
pub async fn destination(admin: &Admin, actor: &Actor, key: &str) -> Result<Sheet, AppError> {
    let start = start()?;
    let key: DestinationKey =
        key.parse().map_err(|error| AppError::field("key", format!("{error}")))?;
    let row = admin.destination(actor, &key).await?;
    let refused = refusal(&start, api::url_of::<api::destinations::LimitDestination>());
    let editor = actor.has(Permission::Edit);
    Ok(Sheet {
        title: key.to_string(),
        above: Some((destinations::TITLE.into(), "/destinations".into())),
        body: drawn::destination(&row, &refused, editor, start.now).to_html(),
        every: EVERY,
        ..Sheet::default()
    })
}

/// The processes that serve the installation.
pub async fn nodes(admin: &Admin, actor: &Actor) -> Result<Sheet, AppError> {
    let start = start()?;
    let nodes = admin.nodes(actor).await?;
    Ok(Sheet {
        title: text_nodes::TITLE.into(),
        body: drawn::nodes(&nodes, &missing(&nodes), start.now).to_html(),
        every: EVERY,
        ..Sheet::default()
    })
}

/// What no node does that lives.
pub fn missing(nodes: &[NodeView]) -> Vec<NodeRole> {
    let alive = || nodes.iter().filter(|node| node.state == NodeState::Alive);
    let is_done = |role: &NodeRole| alive().any(|node| node.roles.contains(role));
    NodeRole::ALL.into_iter().filter(|role| !is_done(role)).collect()
}

/// What the form that posts there left behind where it was refused.
pub fn refusal(start: &Start, action: &str) -> Refusal {
    let Some(form) = start.flash.form.as_ref().filter(|form| form.action == action) else {
        return Refusal::default();
    };
    let problems = form.problems.iter();
    let problems = problems.map(|one| (one.field().to_owned(), one.detail.clone())).collect();
    Refusal { typed: form.typed.clone(), problems }
}

/// What the server knew before it drew; the time is that of the request.
pub fn start() -> Result<Start, AppError> {
    let parts = api::parts()?;
    let start = parts.extensions.get::<Start>().cloned().unwrap_or_default();
    match start.now {
        Millis(0) => Err(AppError::Unavailable),
        _ => Ok(start),
    }
}
