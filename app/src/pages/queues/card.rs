//! A queue's card: its head and tabs, above whatever tab is open.

use crate::{
    api::{
        queues::{QueueCard, SwitchQueue, read_card},
        url_of,
    },
    error::AppError,
    recent, start,
    text::{catalog, hooks, queues as words, shell},
    ui::{
        Crumb, ErrorView, PageHead, Pill, Skeleton, Switch, Tab, Tabs, Tag, Tone, drawn_once,
        made_once,
    },
};
use leptos::prelude::*;
use leptos_router::{
    components::Outlet,
    hooks::{use_location, use_params_map},
};
use model::{
    ids::QueueId,
    jump::{Hit, HitKind},
    queue::Queue,
};

/// The queue around a tab.
#[derive(Clone, Copy)]
pub struct Card {
    pub id: Memo<QueueId>,
    loaded: Resource<Result<QueueCard, AppError>>,
}

impl Card {
    /// The queue, while it is there. Read within the card's own `Transition`, where it always is.
    pub fn queue(self) -> Option<Queue> {
        self.loaded.get().and_then(Result::ok).map(|card| card.queue)
    }

    /// The queue as it is when a component is made, whatever becomes of it later.
    pub fn queue_now(self) -> Option<Queue> {
        self.loaded.get_untracked().and_then(Result::ok).map(|card| card.queue)
    }

    /// How many hooks hang on it.
    pub fn hooks(self) -> u64 {
        self.loaded.get().and_then(Result::ok).map_or(0, |card| card.hooks)
    }
}

/// The queue around this tab.
pub fn use_card() -> Card {
    expect_context()
}

/// A queue's card.
#[component]
pub fn QueueCardPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| {
        let id = params.read().get("id");
        // No queue has this number: it is then told as one that does not exist.
        QueueId(id.and_then(|id| id.parse().ok()).unwrap_or(0))
    });
    let changes = start::use_changes();
    let loaded = Resource::new_blocking(move || (id.get(), changes.get()), |(id, _)| read_card(id));
    let card = Card { id, loaded };
    provide_context(card);
    view! {
        <Transition fallback=|| {
            view! { <Skeleton /> }
        }>
            <Inside card />
        </Transition>
    }
}

/// The head follows every change; the tab below is made once, so that what is typed there stays.
#[component]
fn Inside(card: Card) -> impl IntoView {
    let found = Memo::new(move |_| card.loaded.get().map(|loaded| loaded.is_ok()));
    let head = move || {
        card.loaded.get().map(|loaded| match loaded {
            Ok(loaded) => view! { <Head loaded /> }.into_any(),
            Err(error) => {
                let retry = Callback::new(move |()| card.loaded.refetch());
                view! { <ErrorView error retry /> }.into_any()
            }
        })
    };
    let tab = move || {
        let known = found.get();
        Suspend::new(async move {
            // Awaited only until it is known: what awaits it is made again whenever it changes.
            let there = match known {
                Some(there) => there,
                None => card.loaded.await.is_ok(),
            };
            if there { made_once(|| view! { <Outlet /> }).into_any() } else { ().into_any() }
        })
    };
    view! {
        {head}
        {drawn_once(tab)}
    }
}

#[component]
fn Head(loaded: QueueCard) -> impl IntoView {
    let location = use_location();
    let QueueCard { queue, last_hour, hooks: count } = loaded;
    let id = queue.id;
    let variables = queue.variables.len() as u64;
    let tabs = Signal::derive(move || {
        let path = location.pathname.get();
        let rest = path.strip_prefix(&format!("/queues/{id}")).unwrap_or_default().to_owned();
        let tab = |label: &str, to: &str, count: Option<u64>, here: bool| Tab {
            href: format!("/queues/{id}{to}"),
            label: label.to_owned(),
            count,
            here,
        };
        vec![
            tab(
                words::GENERAL,
                "",
                None,
                matches!(rest.as_str(), "" | "/" | "/delete" | "/duplicate"),
            ),
            tab(hooks::TITLE, "/hooks", Some(count), rest.starts_with("/hooks")),
            tab(words::VARIABLES, "/variables", Some(variables), rest == "/variables"),
            tab(words::DELIVERIES, "/deliveries", None, rest == "/deliveries"),
        ]
    });
    recent::remember(Hit {
        kind: HitKind::Queue,
        title: queue.name.clone(),
        note: catalog::queue_type(queue.kind).to_owned(),
        href: format!("/queues/{id}/hooks"),
    });
    let kind = view! { <Tag>{catalog::queue_type(queue.kind)}</Tag> }.into_any();
    let name = queue.name.clone();
    let state = if queue.enabled { words::RECEIVING } else { words::NOT_RECEIVING };
    view! {
        <PageHead
            title=queue.name.clone()
            crumbs=vec![Crumb::new(shell::QUEUES, "/queues")]
            beside=kind
        >
            <span class="dim">{state}</span>
            {queue.paused.then(|| view! { <Pill tone=Tone::Wait>{hooks::PAUSED}</Pill> })}
            <Switch
                action={url_of::<SwitchQueue>()}
                fields=vec![("id", id.to_string())]
                on=queue.enabled
                label=words::switch(&queue.name)
                fixed=!start::may_edit()
            />
        </PageHead>
        <div class="sub">
            <span>{words::last_hour(&last_hour)}</span>
            {words::share(&last_hour).map(|share| view! { <span>{share}</span> })}
        </div>
        <Tabs label=name tabs />
    }
}
