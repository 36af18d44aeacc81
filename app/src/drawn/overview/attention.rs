//! What needs attention: roles nobody has, events refused, destinations in trouble, hooks whose runs
//! fail.

use crate::{
    drawn::{destinations::state_pill, kept::when},
    text::{catalog, cause, destinations, nodes, overview as text, time::number},
};
use leptos::prelude::*;
use model::{
    hook::PauseReason,
    live::{BreakerState, DestinationView},
    node::NodeRole,
    overview::{Overview, TROUBLED, TroubledHook},
    time::Millis,
};

/// What narrows the log to what failed or is tried again.
const FAILURES: &str = "state=dead&state=delivered_with_errors&state=retrying";

/// The table of it, or that all is well.
pub fn attention(told: &Overview, missing: &[NodeRole], editor: bool) -> AnyView {
    let troubled = |one: &&DestinationView| one.state != BreakerState::Closed || one.slowed;
    let stopped = told.live.destinations.iter().filter(troubled);
    let stopped: Vec<_> = stopped.map(|one| destination(one, told.to)).collect();
    let hooks: Vec<_> = told.troubled.iter().map(|one| hook(one, told, editor)).collect();
    let more = (hooks.len() == TROUBLED).then(more);
    let deleted = hooks.is_empty().then(|| deleted(told)).flatten();
    let refused = told.live.refuses.as_ref().map(|why| refused(why));
    let missing: Vec<_> = missing.iter().map(|role| nobody(*role)).collect();
    let all_well = refused.is_none() && missing.is_empty() && stopped.is_empty();
    if all_well && hooks.is_empty() && deleted.is_none() {
        return view! {
            <section class="card well">
                <h2>{text::ATTENTION}</h2>
                <p><b class="ok-text">{text::ALL_WELL}</b> " " {text::ALL_WELL_ABOUT}</p>
            </section>
        }
        .into_any();
    }
    view! {
        <div class="card table-card">
            <table>
                <caption class="sr-only">{text::ATTENTION}</caption>
                <thead>
                    <tr>
                        <th scope="col">{text::ATTENTION}</th>
                        <th scope="col">{text::COL_WRONG}</th>
                        <th scope="col" class="num">{text::COL_WAITING}</th>
                        <th scope="col"><span class="sr-only">{crate::text::ui::ACTIONS}</span></th>
                    </tr>
                </thead>
                <tbody>{missing} {refused} {stopped} {hooks} {deleted} {more}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// That no node does this.
fn nobody(role: NodeRole) -> AnyView {
    view! {
        <tr>
            <td class="two first name">
                <b><a href="/nodes">{nodes::role(role)}</a></b>
                <small>{text::NODES}</small>
            </td>
            <td class="break">
                <span class="pill bad">{text::MISSING}</span>
                " "
                <span class="dim">{nodes::nobody(role)}</span>
            </td>
            <td class="num"></td>
            <td class="acts last"></td>
        </tr>
    }
    .into_any()
}

/// That there may be more hooks than are named.
fn more() -> AnyView {
    view! {
        <tr>
            <td class="first name" colspan="4">
                <span class="dim">{text::MORE}</span>
                " "
                <a class="link" href=format!("/deliveries?{FAILURES}")>
                    {text::OPEN_LOG}
                </a>
            </td>
        </tr>
    }
    .into_any()
}

/// What failed, or is tried again, where no hook is left of which it is.
fn deleted(told: &Overview) -> Option<AnyView> {
    let (failed, retrying) = (told.whole.figures.failed, told.retrying);
    if failed == 0 && retrying == 0 {
        return None;
    }
    let failed = (failed > 0).then(|| {
        view! { <span class="pill bad">{text::failed(failed)}</span> " " }
    });
    let retrying = (retrying > 0).then(|| {
        view! { <span class="pill wait">{text::retrying(retrying)}</span> }
    });
    let row = view! {
        <tr>
            <td class="two first name">
                <b>{text::DELETED}</b>
                <small>{text::HOOK}</small>
            </td>
            <td class="break">{failed} {retrying}</td>
            <td class="num"></td>
            <td class="acts last">
                <a class="btn" href=format!("/deliveries?{FAILURES}")>
                    {text::OPEN_LOG}
                </a>
            </td>
        </tr>
    };
    Some(row.into_any())
}

/// That no events are taken, and why.
fn refused(why: &str) -> AnyView {
    view! {
        <tr>
            <td class="two first name">
                <b>{text::INTAKE_REFUSES}</b>
                <small>{text::INTAKE}</small>
            </td>
            <td class="break">
                <span class="pill bad">{text::REFUSED}</span>
                " "
                <span class="dim">{format!("{why}; {}", text::REFUSED_ABOUT)}</span>
            </td>
            <td class="num"></td>
            <td class="acts last"></td>
        </tr>
    }
    .into_any()
}

fn destination(one: &DestinationView, now: Millis) -> AnyView {
    let href = crate::drawn::destinations::path(&one.key);
    view! {
        <tr>
            <td class="two first name">
                <b><a href=href.clone()>{one.key.to_string()}</a></b>
                <small>{text::DESTINATION}</small>
            </td>
            <td class="break">
                {state_pill(one)} " " <span class="dim">{destinations::wrong(one, now)}</span>
            </td>
            <td class="num" data-label=text::COL_WAITING>{number(one.waiting)}</td>
            <td class="acts last">
                <a class="btn" href=href>{text::OPEN_DESTINATION}</a>
            </td>
        </tr>
    }
    .into_any()
}

fn hook(one: &TroubledHook, told: &Overview, editor: bool) -> AnyView {
    let way = format!("{} / {} → {}", one.queue_name, catalog::event(one.event), one.flow_name);
    let href = crate::text::hooks::path(one.queue_id, one.id, editor);
    let gone = one.paused == Some(PauseReason::Gone);
    let (states, open) = match gone {
        true => ("state=parked", text::OPEN_PARKED),
        false => (FAILURES, text::OPEN_LOG),
    };
    let log = format!("/deliveries?hook={}&{states}", one.id);
    let paused = one.paused.map(|_| match gone {
        true => view! { <span class="pill bad">{text::GONE}</span> " " }.into_any(),
        false => view! { <span class="pill wait">{text::PAUSED}</span> " " }.into_any(),
    });
    let retrying = (one.retrying > 0).then(|| {
        view! { <span class="pill wait">{text::retrying(one.retrying)}</span> " " }
    });
    let failed = (one.figures.failed > 0).then(|| {
        view! {
            <span class="pill bad">{text::failed(one.figures.failed)}</span>
            " "
            <span class="dim">{text::of_ended(&one.figures)}</span>
        }
    });
    let last = one.last.as_ref().map(|last| {
        let why = last.failure.as_ref().map(cause::short).unwrap_or_default();
        let why = if why.is_empty() { why } else { format!("{why}, ") };
        view! {
            <a class="link" href=format!("/deliveries/{}", last.id)>
                {why} {when(Some(last.at), told.to, "")}
            </a>
        }
    });
    view! {
        <tr>
            <td class="two first name">
                <b><a href=href>{way}</a></b>
                <small>{text::HOOK}</small>
            </td>
            <td class="break">{paused} {failed} " " {retrying} {last}</td>
            <td class="num"></td>
            <td class="acts last"><a class="btn" href=log>{open}</a></td>
        </tr>
    }
    .into_any()
}
