//! The choice of an event, as cards.

use crate::{
    text::{catalog, hooks as words},
    ui::FormState,
};
use leptos::{html, prelude::*};
use model::catalog::{EventKind, QueueType};
use wasm_bindgen::JsCast;

/// The events that a type of queue fires, each with its meaning; the chosen one's fields below,
/// and why the other events are not offered.
#[component]
pub fn EventChoice(kind: QueueType, chosen: RwSignal<Option<EventKind>>) -> impl IntoView {
    let state = FormState::here();
    if let Some(typed) = state.field("event") {
        chosen.set(typed.parse().ok());
    }
    let first = chosen.get_untracked();
    let wrong = move || state.problem("event");
    let cards = kind.events().map(|event| {
        let checked = first == Some(event);
        view! {
            <label class="event">
                <input
                    type="radio"
                    name="event"
                    value=event.as_str()
                    checked=checked
                    aria-invalid=move || wrong().is_some().then_some("true")
                    on:change=move |_| chosen.set(Some(event))
                />
                <b>{catalog::event(event)}</b>
                <em>{words::fields(event.info().fields.len())}</em>
                <span>{event.info().about}</span>
            </label>
        }
    });
    let carries = move || {
        chosen.get().map(|event| {
            let tags = event.info().fields.iter();
            let tags = tags.map(|name| {
                let about = model::catalog::field(name).map(|field| field.about);
                view! {
                    <span class="tag mono" title=about>
                        {*name}
                    </span>
                }
            });
            view! {
                <div class="hint">{words::FIELDS_OF}</div>
                <div class="fields">{tags.collect_view()}</div>
            }
        })
    };
    let node = NodeRef::<html::Fieldset>::new();
    Effect::new(move |_| {
        let Some(set) = node.get() else { return };
        let found = ["input:checked", "input"]
            .into_iter()
            .find_map(|selector| set.query_selector(selector).ok().flatten());
        if let Some(input) = found.and_then(|el| el.dyn_into::<web_sys::HtmlElement>().ok()) {
            _ = input.focus();
        }
    });
    view! {
        <fieldset node_ref=node class="field" aria-describedby="p-event">
            <legend class="legend">{words::WHEN}</legend>
            <div class="events">{cards.collect_view()}</div>
            <div class="problem" id="p-event" hidden=move || wrong().is_none()>
                {wrong}
            </div>
            <div aria-live="polite">{carries}</div>
            {words::not_offered(kind).map(|why| view! { <div class="hint">{why}</div> })}
        </fieldset>
    }
}
