//! The processes that serve the installation.

use crate::text::{
    nodes as text,
    time::{number, relative},
};
use leptos::prelude::*;
use model::{live::NodeView, time::Millis};

/// The list of nodes.
pub fn nodes(nodes: &[NodeView], now: Millis) -> AnyView {
    let heads = [text::COL_STATE, text::COL_HOLDS, text::COL_RUNNING];
    let heads = heads.map(|head| view! { <th scope="col">{head}</th> });
    let rates = [text::COL_EVENTS, text::COL_DELIVERIES];
    let rates = rates.map(|head| view! { <th scope="col" class="num">{head}</th> });
    let times = [text::COL_SINCE, text::COL_SEEN];
    let times = times.map(|head| view! { <th scope="col" class="wide">{head}</th> });
    let rows = nodes.iter().map(|one| node(one, now));
    view! {
        <p class="dim">{text::ABOUT}</p>
        <div class="card table-card">
            <table>
                <caption class="sr-only">{text::TITLE}</caption>
                <thead>
                    <tr>
                        <th scope="col">{text::COL_NODE}</th>
                        {heads.collect_view()}
                        {rates.collect_view()}
                        {times.collect_view()}
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn node(one: &NodeView, now: Millis) -> AnyView {
    let tone = if one.is_alive(now) { "pill ok" } else { "pill bad" };
    let here = one.here.then(|| view! { <small>{text::HERE}</small> });
    let time = |at: Millis| {
        view! { <time datetime=at.to_string() title=at.exact()>{relative(at, now)}</time> }
    };
    view! {
        <tr>
            <td class="two first"><b>{one.name.clone()}</b>{here}</td>
            <td class="last"><span class=tone>{text::state(one, now)}</span></td>
            <td data-label=text::COL_HOLDS>{text::holds(one)}</td>
            <td data-label=text::COL_RUNNING>{number(one.running)}</td>
            <td class="num" data-label=text::COL_EVENTS>{text::rate(one.events_per_s)}</td>
            <td class="num" data-label=text::COL_DELIVERIES>
                {text::rate(one.deliveries_per_s)}
            </td>
            <td class="wide">{time(one.since)}</td>
            <td class="wide">{time(one.seen_at)}</td>
        </tr>
    }
    .into_any()
}
