//! The event catalog under `/events`.

mod card;
mod causes;

use crate::{
    start,
    text::{catalog, events as text},
    ui::{Empty, FilterBar, Kind, LinkButton, PageHead, Pic, use_query_value},
};
use card::EventCard;
use causes::Causes;
use leptos::prelude::*;
use leptos_router::{SsrMode, components::Route, path};
use model::catalog::{EventKind, FIELDS, HANGUP_CAUSES, HangupCause};

/// The routes under `/events`.
#[component(transparent)]
pub fn EventRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! { <Route path=path!("/events") view=Catalog ssr=SsrMode::Async /> }.into_inner()
}

/// Every event with its fields and an example, then the hangup causes.
#[component]
fn Catalog() -> impl IntoView {
    let search = use_query_value("search");
    let events = Memo::new(move |_| events_with(&search.get()));
    let causes = Memo::new(move |_| {
        HANGUP_CAUSES
            .iter()
            .enumerate()
            .filter(|(_, cause)| cause_has(cause, &search.get()))
            .map(|(index, _)| index)
            .collect::<Vec<_>>()
    });
    view! {
        <PageHead title=text::TITLE />
        <p class="sub">{text::ABOUT}</p>
        <FilterBar placeholder=text::SEARCH />
        {move || {
            (events.get().is_empty() && causes.get().is_empty()).then(|| view! {
                <Empty pic=Pic::Search title=text::NONE_TITLE about=text::NONE_TEXT>
                    <LinkButton href="/events">{crate::text::ui::CLEAR}</LinkButton>
                </Empty>
            })
        }}
        <div class="catalog">
            <nav class="catalog-nav" aria-label=text::ON_THIS_PAGE>
                {move || events
                    .get()
                    .into_iter()
                    .map(|event| view! {
                        <a href=format!("#{event}")>{catalog::event(event)}</a>
                    })
                    .collect_view()}
                {move || (!causes.get().is_empty()).then(|| view! { <a href="#causes">{text::CAUSES}</a> })}
            </nav>
            <div class="catalog-main">
                {move || events
                    .get()
                    .into_iter()
                    .map(|event| view! { <EventCard event=event search=search.get() /> })
                    .collect_view()}
                {move || (!causes.get().is_empty()).then(|| view! { <Causes shown=causes.get() /> })}
                <section class="card pad send">
                    <h2>{text::SEND_TITLE}</h2>
                    <p class="dim">{text::SEND_TEXT}</p>
                    {start::may_administer().then(|| view! {
                        <p><LinkButton href="/tokens/new" kind=Kind::Plain>{text::MAKE_TOKEN}</LinkButton></p>
                    })}
                </section>
            </div>
        </div>
    }
}

/// Whether a text holds another in any letter case.
fn holds(text: &str, wanted: &str) -> bool {
    text.to_lowercase().contains(&wanted.trim().to_lowercase())
}

/// The events whose name, meaning or fields hold the text.
fn events_with(wanted: &str) -> Vec<EventKind> {
    EventKind::ALL
        .into_iter()
        .filter(|event| {
            let info = event.info();
            let fields = FIELDS.iter().filter(|field| info.fields.contains(&field.name));
            wanted.trim().is_empty()
                || holds(event.as_str(), wanted)
                || holds(info.about, wanted)
                || fields.into_iter().any(|field| field_has(field, wanted))
        })
        .collect()
}

/// Whether a field's name, meaning or values hold the text.
fn field_has(field: &model::catalog::Field, wanted: &str) -> bool {
    holds(field.name, wanted)
        || holds(field.about, wanted)
        || field.values.iter().any(|value| holds(value, wanted))
}

/// Whether a cause's name or numbers hold the text.
fn cause_has(cause: &HangupCause, wanted: &str) -> bool {
    let numbers = [Some(cause.q850), cause.sip];
    wanted.trim().is_empty()
        || holds(cause.name, wanted)
        || numbers.iter().flatten().any(|number| number.to_string() == wanted.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_finds_events_by_their_fields_and_causes_by_their_numbers() {
        assert_eq!(events_with(""), EventKind::ALL);
        assert_eq!(events_with("CC_Result"), [EventKind::Leaving]);
        assert!(events_with("no such thing").is_empty());
        let busy = HANGUP_CAUSES.iter().find(|cause| cause.name == "USER_BUSY").unwrap();
        assert!(cause_has(busy, "17") && cause_has(busy, "486") && cause_has(busy, "busy"));
        assert!(!cause_has(busy, "7"));
    }
}
