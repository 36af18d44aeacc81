//! The processes that serve the installation.

use crate::text::{
    nodes as text,
    overview::NOTHING_YET,
    time::{number, relative},
};
use leptos::prelude::*;
use model::{
    live::NodeView,
    node::{NodeRole, NodeState},
    time::Millis,
};

/// The list of nodes.
pub fn nodes(nodes: &[NodeView], missing: &[NodeRole], now: Millis) -> AnyView {
    let heads = [text::COL_STATE, text::COL_ROLES, text::COL_HOLDS];
    let heads = heads.map(|head| view! { <th scope="col">{head}</th> });
    let figures = [text::COL_RUNNING, text::COL_EVENTS, text::COL_DELIVERIES];
    let figures = figures.map(|head| view! { <th scope="col" class="num">{head}</th> });
    let missing = missing.iter();
    let missing = missing.map(|role| view! { <p class="form-errors">{text::nobody(*role)}</p> });
    let refused = nodes.iter().filter(|one| one.state == NodeState::Alive).filter_map(|one| {
        let why = text::refuses(&one.name, one.refuses.as_ref()?);
        Some(view! { <p class="form-errors">{why}</p> })
    });
    let rows = nodes.iter().map(|one| node(one, now));
    view! {
        <p class="dim">{text::ABOUT}</p>
        {missing.collect_view()}
        {refused.collect_view()}
        <div class="card table-card nodes">
            <table>
                <caption class="sr-only">{text::TITLE}</caption>
                <thead>
                    <tr>
                        <th scope="col">{text::COL_NODE}</th>
                        {heads.collect_view()}
                        {figures.collect_view()}
                        <th scope="col" class="wide">{text::COL_SINCE}</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn node(one: &NodeView, now: Millis) -> AnyView {
    let alive = one.state == NodeState::Alive;
    let tone = match one.state {
        NodeState::Alive => "pill ok",
        NodeState::Lost => "pill bad",
        NodeState::Stopped => "pill mute",
    };
    let here = one.here.then(|| view! { <small>{text::HERE}</small> });
    let heard = (!alive).then(|| {
        view! { <small>
            <time datetime=one.seen_at.to_string() title=one.seen_at.exact()>
                {text::heard(one, now)}
            </time>
        </small> }
    });
    let figure = |label: &'static str, told: String| {
        let told = if alive { told } else { NOTHING_YET.into() };
        view! { <td class="num" data-label=label>{told}</td> }
    };
    let since = view! {
        <time datetime=one.since.to_string() title=one.since.exact()>
            {relative(one.since, now)}
        </time>
    };
    view! {
        <tr class:off=!alive>
            <td class="two first"><b>{one.name.clone()}</b>{here}</td>
            <td class="two last"><span class=tone>{text::state(one.state)}</span>{heard}</td>
            <td class="said" data-label=text::COL_ROLES>{text::roles(one)}</td>
            <td class="said" data-label=text::COL_HOLDS>{text::holds(one)}</td>
            {figure(text::COL_RUNNING, number(one.running))}
            {figure(text::COL_EVENTS, text::rate(one.events_per_s))}
            {figure(text::COL_DELIVERIES, text::rate(one.deliveries_per_s))}
            <td class="wide">{since}</td>
        </tr>
    }
    .into_any()
}
