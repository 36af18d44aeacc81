//! The pages of replays.

use super::{
    Sheet,
    now::{refusal, start},
};
use crate::{
    api::{
        deliveries::{ReplayDeliveryFrom, minutes_ago},
        url_of,
    },
    drawn::{self, Terms},
    error::AppError,
    pages::deliveries::LogView,
    text::{catalog, cause, deliveries, replays as words, state},
};
use admin::Admin;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use model::{
    delivery::DeliveryFilter,
    ids::{DeliveryId, ReplayId},
    page::Paging,
    replay::ReplayFilter,
    user::{Actor, Permission},
};

/// After how many seconds a page is drawn anew that shows what has not ended.
fn while_open(is_open: bool) -> u64 {
    is_open.into()
}

fn above() -> (String, String) {
    (words::TITLE.into(), "/replays".into())
}

/// The list, as the query of the address narrows it.
pub async fn list(admin: &Admin, actor: &Actor, query: &ParamsMap) -> Result<Sheet, AppError> {
    let now = start()?.now;
    let states = query.get_all("state").unwrap_or_default();
    let filter = ReplayFilter {
        search: query.get("search").unwrap_or_default(),
        states: states.iter().filter_map(|state| state.parse().ok()).collect(),
    };
    let page = query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    let paging = Paging { page, ..Paging::default() };
    let page = admin.replays(actor, &filter, paging).await?;
    Ok(Sheet {
        title: words::TITLE.into(),
        above: Some((deliveries::TITLE.into(), "/deliveries".into())),
        body: drawn::replay_list(&page, &filter, paging, now).to_html(),
        every: while_open(page.items.iter().any(|job| !job.state.is_final())),
        ..Sheet::default()
    })
}

/// The question at which step a replay of this delivery is to begin.
pub async fn from(admin: &Admin, actor: &Actor, id: &str) -> Result<Sheet, AppError> {
    let start = start()?;
    let id: DeliveryId = id.parse().map_err(|_| AppError::no("delivery", id))?;
    let detail = admin.delivery(actor, id).await?;
    let found = admin.beginnings(actor, id).await?;
    let refused = refusal(&start, url_of::<ReplayDeliveryFrom>());
    let edits = actor.has(Permission::Edit);
    Ok(Sheet {
        title: words::FROM.into(),
        above: Some((deliveries::DETAIL_LABEL.into(), format!("/deliveries/{id}"))),
        body: drawn::replay_from(&detail.row, &found, &refused, edits).to_html(),
        every: while_open(!detail.row.state.is_final()),
        ..Sheet::default()
    })
}

/// The question before a replay of what this view of the log shows.
pub async fn ask(admin: &Admin, actor: &Actor, view: &LogView) -> Result<Sheet, AppError> {
    actor.require(Permission::Edit)?;
    let mut filter = view.query().filter;
    filter.from = view.minutes().map(minutes_ago).or(filter.from);
    let found = admin.matching(actor, &filter).await?;
    let terms = terms(admin, actor, &filter).await?;
    Ok(Sheet {
        title: words::NEW.into(),
        above: Some(above()),
        body: drawn::ask_replay(&filter, &terms, found).to_html(),
        ..Sheet::default()
    })
}

pub async fn job(admin: &Admin, actor: &Actor, id: &str) -> Result<Sheet, AppError> {
    let now = start()?.now;
    let id: ReplayId = id.parse().map_err(|_| AppError::no("replay", id))?;
    let job = admin.replay(actor, id).await?;
    let terms = terms(admin, actor, &job.filter).await?;
    let edits = actor.require(Permission::Edit).is_ok();
    Ok(Sheet {
        title: words::title(id),
        above: Some(above()),
        body: drawn::replay_job(&job, &terms, edits, now).to_html(),
        share: Some(format!("/replays/{id}")),
        every: while_open(!job.state.is_final()),
        ..Sheet::default()
    })
}

/// What a filter narrows to, in words; queues and flows by name where they are there.
async fn terms(admin: &Admin, actor: &Actor, filter: &DeliveryFilter) -> Result<Terms, AppError> {
    let mut terms = Terms::new();
    let mut add = |name, values: Vec<String>| {
        if !values.is_empty() {
            terms.push((name, values.join(", ")));
        }
    };
    if !filter.ids.is_empty() {
        add("", vec![words::chosen(filter.ids.len())]);
    }
    add(deliveries::STATE, filter.states.iter().map(|one| state::state(*one).into()).collect());
    add(deliveries::EVENT, filter.events.iter().map(|one| catalog::event(*one).into()).collect());
    let mut queues = Vec::new();
    for id in &filter.queues {
        queues.push(admin.queue(actor, *id).await.map_or_else(|_| id.to_string(), |it| it.name));
    }
    add(deliveries::QUEUE, queues);
    add("", filter.hooks.iter().map(|hook| deliveries::hook(hook.0)).collect());
    let mut flows = Vec::new();
    for id in &filter.flows {
        flows
            .push(admin.flow(actor, *id, None).await.map_or_else(|_| id.to_string(), |it| it.name));
    }
    add(deliveries::FLOW, flows);
    add(deliveries::FAILURE, filter.failures.iter().map(|one| cause::class(*one).into()).collect());
    add(deliveries::SEARCH, non_empty(&filter.search));
    add(deliveries::INSIDE, non_empty(&filter.text));
    add(deliveries::FROM, filter.from.map(|at| at.exact()).into_iter().collect());
    add(deliveries::TO, filter.to.map(|at| at.exact()).into_iter().collect());
    let half = |only: Option<bool>, yes: &str, no: &str| {
        only.map(|only| if only { yes } else { no }.to_owned()).into_iter().collect()
    };
    add("", half(filter.test, deliveries::TEST_ONLY, deliveries::TEST_NONE));
    add("", half(filter.warned, deliveries::WARNED_ONLY, deliveries::WARNED_NONE));
    Ok(terms)
}

fn non_empty(text: &str) -> Vec<String> {
    let text = text.trim();
    if text.is_empty() { Vec::new() } else { vec![text.to_owned()] }
}
