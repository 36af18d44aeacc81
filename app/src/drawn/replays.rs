//! Replays of many deliveries: the list, the question before one, and one's progress.

use super::{Refusal, kept::when};
use crate::{
    api::{
        deliveries::ReplayDeliveryFrom,
        replays::{ChangeReplay, SetReplayRate, StartReplay},
        url_of,
    },
    pages::deliveries::LogView,
    text::{replays as words, time},
};
use leptos::prelude::*;
use model::{
    delivery::{DeliveryFilter, DeliveryRow},
    page::{Page, Paging},
    replay::{Beginnings, Matching, OnVersion, Replay, ReplayAct, ReplayFilter, ReplayState},
    time::Millis,
};

/// The rates that are offered, in deliveries a second.
const RATES: [u32; 7] = [1, 5, 10, 50, 100, 500, 1_000];

/// What is replayed, in words, one for each term.
pub type Terms = Vec<(&'static str, String)>;

/// The list of all replays.
pub fn list(page: &Page<Replay>, filter: &ReplayFilter, paging: Paging, now: Millis) -> AnyView {
    let options = ReplayState::ALL.map(|state| {
        let chosen = filter.states.contains(&state);
        view! { <option value=state.as_str() selected=chosen>{words::state(state)}</option> }
    });
    let bar = view! {
        <form method="get" action="/replays" class="toolbar" role="search">
            <input
                class="input"
                type="search"
                name="search"
                value=filter.search.clone()
                placeholder=words::SEARCH
                aria-label=words::SEARCH
            />
            <select class="input" name="state" aria-label=words::STATE>
                <option value="">{words::ALL_STATES}</option>
                {options.collect_view()}
            </select>
            <button class="btn">{words::APPLY}</button>
        </form>
    };
    if page.items.is_empty() {
        let none = match filter.search.trim().is_empty() && filter.states.is_empty() {
            true => super::empty(words::EMPTY, words::EMPTY_ABOUT, words::TO_LOG, "/deliveries"),
            false => super::empty(words::NONE, words::NONE_ABOUT, words::CLEAR, "/replays"),
        };
        return view! { {bar} {none} }.into_any();
    }
    let rows = page.items.iter().map(|job| {
        view! {
            <tr>
                <td class="first"><a href=format!("/replays/{}", job.id)><b>{words::title(job.id)}</b></a></td>
                <td>{pill(job.state)}</td>
                <td class="replay-bar">{bar_of(job)}</td>
                <td class="num" data-label=words::MADE>{time::number(job.made)}</td>
                <td>{words::rate(job.per_second)}</td>
                <td class="last">{when(Some(job.made_at), now, "")} ", " {job.made_by.clone()}</td>
            </tr>
        }
    });
    let to = |page: u32| {
        let states = filter.states.iter().map(|state| format!("&state={state}"));
        let search = escaped(&filter.search);
        format!("/replays?page={page}&search={search}{}", states.collect::<String>())
    };
    let more = u64::from(paging.page) * u64::from(paging.size) < page.total;
    let newer = (paging.page > 1)
        .then(|| view! { <a class="btn" href=to(paging.page - 1)>{words::NEWER}</a> });
    let older = more.then(|| view! { <a class="btn" href=to(paging.page + 1)>{words::OLDER}</a> });
    view! {
        {bar}
        <div class="card table-card">
            <table>
                <caption class="sr-only">{words::CAPTION}</caption>
                <thead>
                    <tr>
                        <th scope="col">{words::NUMBER}</th>
                        <th scope="col">{words::STATE}</th>
                        <th scope="col">{words::PROGRESS}</th>
                        <th scope="col" class="num">{words::MADE}</th>
                        <th scope="col">{words::RATE}</th>
                        <th scope="col">{words::BY}</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
            <div class="foot"><span class="grow"></span>{newer}{older}</div>
        </div>
    }
    .into_any()
}

/// Asks before a replay is started: how many match, and how fast.
pub fn ask(filter: &DeliveryFilter, terms: &Terms, found: Matching) -> AnyView {
    let log = log_of(filter);
    if found.count == 0 && !found.more {
        return super::empty(words::NEW, words::NOTHING, words::TO_LOG, &log);
    }
    let sent = serde_json::to_string(filter).unwrap_or_default();
    view! {
        <form method="post" action={url_of::<StartReplay>()} class="card pad stack replay-card">
            <h2>{words::matching(found)}</h2>
            {what(terms)}
            <p class="about">{words::ABOUT}</p>
            <input type="hidden" name="filter" value=sent />
            {rates(Some(10))}
            <div class="row">
                <button class="btn primary">{words::START}</button>
                <a class="btn quiet" href=log>{words::SEE}</a>
            </div>
        </form>
    }
    .into_any()
}

/// Asks at which step a replay of a delivery is to begin, and on which version.
pub fn from(row: &DeliveryRow, found: &Beginnings, refused: &Refusal, edits: bool) -> AnyView {
    let delivery = format!("/deliveries/{}", row.id);
    let empty = |title, about| super::empty(title, about, words::TO_DELIVERY, &delivery);
    if !row.state.is_final() {
        return empty(words::FROM_OPEN, words::FROM_OPEN_ABOUT);
    }
    let left_out = words::left_out(found).map(|told| view! { <p class="hint">{told}</p> });
    if found.steps.is_empty() {
        return view! { {empty(words::FROM_NONE, words::FROM_NONE_ABOUT)} {left_out} }.into_any();
    }
    let typed = refused.typed("at");
    let steps = found.steps.iter().map(|one| {
        let value = format!("{}:{}", one.at.visit, one.at.step);
        let chosen = typed.as_ref() == Some(&value);
        view! { <option value=value selected=chosen>{words::beginning(one)}</option> }
    });
    let on = refused.typed("version");
    let versions =
        [(OnVersion::Ran, words::FROM_RAN), (OnVersion::Published, words::FROM_PUBLISHED)];
    let versions = versions.map(|(version, label)| {
        let chosen = on.as_deref() == Some(version.as_str());
        view! { <option value=version.as_str() selected=chosen>{label}</option> }
    });
    let problem = refused.problem("at");
    view! {
        <form method="post" action={url_of::<ReplayDeliveryFrom>()} class="card pad stack replay-card">
            {refused.whole()}
            <p class="about">{words::FROM_ABOUT}</p>
            <input type="hidden" name="id" value=row.id.to_string() />
            <fieldset disabled=!edits class="stack">
                <div class="field">
                    <label for="f-at">{words::FROM_STEP}</label>
                    <select class="input" id="f-at" name="at">{steps.collect_view()}</select>
                    {problem.map(|told| view! { <div class="problem">{told}</div> })}
                </div>
                <div class="field">
                    <label for="f-version">{words::FROM_VERSION}</label>
                    <select class="input" id="f-version" name="version" aria-describedby="h-version">
                        {versions.collect_view()}
                    </select>
                    <div class="hint" id="h-version">{words::FROM_VERSION_HINT}</div>
                </div>
            </fieldset>
            {left_out}
            <div class="row">
                {edits.then(|| view! { <button class="btn primary">{words::FROM_DO}</button> })}
                <a class="btn quiet" href=delivery>{words::TO_DELIVERY}</a>
            </div>
        </form>
    }
    .into_any()
}

/// One replay: what it replays, how far it is, and what can be done.
pub fn job(job: &Replay, terms: &Terms, edits: bool, now: Millis) -> AnyView {
    let act = |act: ReplayAct, word: &'static str, kind: &'static str| {
        view! {
            <form method="post" action={url_of::<ChangeReplay>()}>
                <input type="hidden" name="id" value=job.id.to_string() />
                <button class=kind name="act" value=act.as_str()>{word}</button>
            </form>
        }
    };
    let acts = (edits && !job.state.is_final()).then(|| {
        let turn = if job.state == ReplayState::Paused {
            act(ReplayAct::Resume, words::RESUME, "btn primary")
        } else {
            act(ReplayAct::Pause, words::PAUSE, "btn")
        };
        view! {
            <section class="card pad stack replay-card">
                <form method="post" action={url_of::<SetReplayRate>()} class="row replay-rate">
                    <input type="hidden" name="id" value=job.id.to_string() />
                    {rates(job.per_second)}
                    <button class="btn">{words::CHANGE_RATE}</button>
                </form>
                <div class="row">
                    {turn}
                    {act(ReplayAct::Cancel, words::CANCEL, "btn danger")}
                    <span class="hint">{words::CANCEL_HINT}</span>
                </div>
            </section>
        }
    });
    let note = (!job.note.is_empty())
        .then(|| view! { <p class="form-errors" role="alert">{job.note.clone()}</p> });
    view! {
        <section class="card pad stack replay-card">
            <div class="row">{pill(job.state)} <b role="status">{words::outcome(job)}</b></div>
            {bar_of(job)}
            {note}
            <dl class="kv">
                <dt>{words::WHAT}</dt>
                <dd>{what(terms)} <a class="link" href=log_of(&job.filter)>{words::SEE}</a></dd>
                <dt>{words::FOUND}</dt>
                <dd>{time::number(job.found)}</dd>
                <dt>{words::RATE}</dt>
                <dd>{words::rate(job.per_second)}</dd>
                <dt>{words::BY}</dt>
                <dd>{when(Some(job.made_at), now, "")} ", " {job.made_by.clone()}</dd>
                {job.finished_at.map(|ended| view! { <dt>{words::ENDED}</dt> <dd>{when(Some(ended), now, "")}</dd> })}
            </dl>
        </section>
        {acts}
    }
    .into_any()
}

fn what(terms: &Terms) -> AnyView {
    if terms.is_empty() {
        return view! { <p>{words::WHOLE_LOG}</p> }.into_any();
    }
    let terms = terms
        .iter()
        .map(|(name, value)| view! { <li class="tag">{*name} " " <b>{value.clone()}</b></li> });
    view! { <ul class="replay-terms">{terms.collect_view()}</ul> }.into_any()
}

fn rates(now: Option<u32>) -> AnyView {
    let mut offered = RATES.to_vec();
    offered.extend(now.filter(|now| !RATES.contains(now)));
    offered.sort_unstable();
    let options = offered.into_iter().map(|rate| {
        view! {
            <option value=rate.to_string() selected=now == Some(rate)>{words::rate(Some(rate))}</option>
        }
    });
    view! {
        <div class="field">
            <label for="replay-rate">{words::RATE_LABEL}</label>
            <select class="input" id="replay-rate" name="per_second">
                {options.collect_view()}
                <option value="" selected=now.is_none()>{words::FASTEST}</option>
            </select>
        </div>
    }
    .into_any()
}

fn pill(of: ReplayState) -> AnyView {
    let class = match of {
        ReplayState::Running => "pill run",
        ReplayState::Paused => "pill wait",
        ReplayState::Done => "pill ok",
        ReplayState::Cancelled => "pill mute",
        ReplayState::Failed => "pill bad",
    };
    view! { <span class=class>{words::state(of)}</span> }.into_any()
}

/// How far a job is; in words on hovering.
fn bar_of(job: &Replay) -> AnyView {
    let told = words::outcome(job);
    let Some((value, max)) = job.progress() else {
        return view! { <progress aria-label=words::PROGRESS title=told></progress> }.into_any();
    };
    let percent = value.saturating_mul(100) / max;
    view! {
        <progress
            max=max.to_string()
            value=value.to_string()
            aria-label=words::PROGRESS
            title=told
        >
            {format!("{percent} %")}
        </progress>
    }
    .into_any()
}

/// The log, narrowed in the same way.
fn log_of(filter: &DeliveryFilter) -> String {
    let view = LogView { filter: filter.clone(), ..LogView::default() };
    format!("/deliveries{}", view.address())
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
