//! What the sample's receiver was sent, under `/receiver`.

use crate::{
    api::receiver::latest_requests,
    receiver::ReceivedRequest,
    text::{cause::status_words, receiver as text},
    ui::{
        Code, Empty, FilterBar, LinkButton, Load, NothingMatches, PageHead, Pic, Pill, Time, Tone,
        every, use_query_value,
    },
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{SsrMode, components::Route, path};

/// After how many seconds the page looks for new requests again.
const EVERY: u64 = 2;

/// The routes under `/receiver`.
#[component(transparent)]
pub fn ReceiverRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! { <Route path=path!("/receiver") view=Requests ssr=SsrMode::Async /> }.into_inner()
}

/// The last requests, newest first, searched.
#[component]
fn Requests() -> impl IntoView {
    let search = use_query_value("search");
    let requests = Resource::new(move || search.get(), latest_requests);
    view! {
        <PageHead title=text::TITLE />
        <p class="sub">{text::ABOUT}</p>
        <FilterBar placeholder=text::SEARCH />
        <Load
            of=requests
            view=move |requests| match requests {
                Some(requests) => view! { <Followed requests=requests search=search /> }.into_any(),
                None => view! {
                    <Empty pic=Pic::Receiver title=text::ABSENT_TITLE about=text::ABSENT_TEXT />
                }
                .into_any(),
            }
        />
    }
}

/// The rows; those that are open stay so while new ones come in above.
#[component]
fn Followed(requests: Vec<ReceivedRequest>, search: Memo<String>) -> impl IntoView {
    let rows = RwSignal::new(requests);
    let look = move || {
        let asked = search.get_untracked();
        spawn_local(async move {
            if let Ok(Some(found)) = latest_requests(asked.clone()).await
                && search.try_get_untracked() == Some(asked)
                && rows.try_with_untracked(|shown| *shown != found) == Some(true)
            {
                rows.set(found);
            }
        });
    };
    every(EVERY, look);
    let empty = Memo::new(move |_| rows.with(Vec::is_empty));
    view! {
        {move || match (empty.get(), search.get_untracked().is_empty()) {
            (false, _) => view! {
                <div class="card requests">
                    <For each=move || rows.get() key=|request| request.number let:request>
                        <Request request=request />
                    </For>
                    <div class="foot"><span>{move || text::total(rows.with(Vec::len))}</span></div>
                </div>
            }
            .into_any(),
            (true, false) => view! { <NothingMatches clear="/receiver" /> }.into_any(),
            (true, true) => view! {
                <Empty pic=Pic::Receiver title=text::EMPTY_TITLE about=text::EMPTY_TEXT>
                    <LinkButton href="/queues">{text::OPEN_QUEUES}</LinkButton>
                </Empty>
            }
            .into_any(),
        }}
    }
}

#[component]
fn Request(request: ReceivedRequest) -> impl IntoView {
    let tone = match request.status {
        200..=299 => Tone::Ok,
        500.. => Tone::Bad,
        _ => Tone::Wait,
    };
    let headers: Vec<_> =
        request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let body = match serde_json::from_str::<serde_json::Value>(&request.body) {
        Ok(value) => serde_json::to_string_pretty(&value).unwrap_or_default(),
        Err(_) => request.body.clone(),
    };
    let first: String = request.body.chars().take(140).collect();
    view! {
        <details class="request">
            <summary>
                <Pill tone=tone>{status_words(request.status)}</Pill>
                <span class="request-line">
                    <b>{request.method}</b>
                    " "
                    <span class="mono">{request.path}</span>
                    <span class="request-body mono dim">{first}</span>
                </span>
                <span class="r"><Time at=request.at /></span>
            </summary>
            <div class="request-in">
                <p class="code-title">{text::BODY}</p>
                {if body.is_empty() {
                    view! { <p class="dim">{text::NO_BODY}</p> }.into_any()
                } else {
                    view! { <Code text=body /> }.into_any()
                }}
                <p class="code-title">{text::HEADERS}</p>
                <Code text=headers.join("\n") />
            </div>
        </details>
    }
}
