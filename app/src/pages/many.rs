//! Acts on many hooks or queues: a dialog over the list that they were chosen from, which asks,
//! and afterwards names what was left. All of it stands in the address.

mod copy;
mod question;

use crate::{
    api::many::{Chosen, ManyAsk, ManyStep, Over, read_many},
    text::{form, many as words},
    ui::{Dialog, EditorsOnly, LinkButton, Load, list_path, list_query},
};
pub use copy::begin_options;
use copy::{ChooseQueues, PreviewCopies};
use leptos::prelude::*;
use leptos_router::{hooks::use_location, params::ParamsMap};
use model::many::Act;
use question::Ask;

/// What can be done to chosen hooks: the act, its words, and whether it destroys.
pub const HOOK_ACTS: [(&str, &str, bool); 5] = [
    ("enable", words::ENABLE, false),
    ("disable", words::DISABLE, false),
    ("move", words::MOVE, false),
    ("copy", words::COPY, false),
    ("delete", words::DELETE, true),
];

/// What can be done to chosen queues.
pub const QUEUE_ACTS: [(&str, &str, bool); 3] = [
    ("enable", words::ENABLE, false),
    ("disable", words::DISABLE, false),
    ("delete", words::DELETE, true),
];

/// What the address says of the list, as fields of a form that leads to a dialog over it.
pub fn kept_fields() -> Vec<(String, String)> {
    let query = list_query(&use_location().query.read_untracked());
    query.into_iter().map(|(name, value)| (name.into_owned(), value)).collect()
}

/// The list below, with its filters.
fn back() -> String {
    let query = list_query(&use_location().query.read_untracked());
    format!("{}{}", list_path(), query.to_query_string())
}

/// Reads the address.
fn read(over: Over, query: &ParamsMap) -> ManyAsk {
    let get = |name| query.get(name).unwrap_or_default();
    // What is no number names nothing that exists.
    let numbers = |name| {
        let all = query.get_all(name).unwrap_or_default();
        all.iter().map(|value| value.parse().unwrap_or(0)).collect::<Vec<i64>>()
    };
    let did: Option<Act> = get("did").parse().ok();
    let came_to =
        did.map(|_| (get("done").parse().unwrap_or(0), query.get_all("left").unwrap_or_default()));
    ManyAsk {
        over,
        act: did.or_else(|| get("act").parse().ok()),
        ids: numbers("id"),
        of: get("all_of").parse().ok(),
        to: numbers("copy_to"),
        preview: get("step") == "preview",
        find: get("find"),
        came_to,
    }
}

/// An act on many hooks.
#[component]
pub fn ManyHooks() -> impl IntoView {
    view! { <Many over=Over::Hooks /> }
}

/// An act on many queues.
#[component]
pub fn ManyQueues() -> impl IntoView {
    view! { <Many over=Over::Queues /> }
}

#[component]
fn Many(over: Over) -> impl IntoView {
    let location = use_location();
    // Once the person goes on, the address is that of another page.
    let asked = Memo::new(move |before: Option<&ManyAsk>| match before {
        Some(before) if !location.pathname.read().ends_with("/many") => before.clone(),
        _ => read(over, &location.query.read()),
    });
    let step = Resource::new_blocking(move || asked.get(), read_many);
    view! {
        <EditorsOnly>
            <Load
                of=step
                lines=0
                view=move |step| {
                    let back = back();
                    match step {
                        ManyStep::Nothing { title, about } => {
                            view! {
                                <Told title close=back>
                                    <p>{about}</p>
                                </Told>
                            }
                                .into_any()
                        }
                        ManyStep::Ask(question) => {
                            view! { <Ask over question back /> }.into_any()
                        }
                        ManyStep::Choose { title, hooks, chosen, found } => {
                            view! { <ChooseQueues title hooks chosen found back /> }.into_any()
                        }
                        ManyStep::Preview(preview) => {
                            view! { <PreviewCopies preview back /> }.into_any()
                        }
                        ManyStep::Result { title, left } => {
                            view! {
                                <Told title close=back>
                                    <Left left />
                                </Told>
                            }
                                .into_any()
                        }
                    }
                }
            />
        </EditorsOnly>
    }
}

/// A dialog that has only something to say.
#[component]
fn Told(title: String, close: String, children: Children) -> impl IntoView {
    view! {
        <Dialog title close=close.clone() narrow=true>
            <div class="dialog-body">{children()}</div>
            <footer>
                <span class="grow"></span>
                <LinkButton href=close>{form::CLOSE}</LinkButton>
            </footer>
        </Dialog>
    }
}

/// What was left, and why.
#[component]
fn Left(left: Vec<(String, String)>) -> impl IntoView {
    if left.is_empty() {
        return ().into_any();
    }
    let reached = (left.len() > SCROLLS / 2).then_some("0");
    let rows = left.into_iter().map(|(what, why)| {
        view! {
            <li>
                <b>{what}</b>
                <span class="because">{why}</span>
            </li>
        }
    });
    view! {
        <h3>{words::LEFT}</h3>
        <ul class="named" tabindex=reached role="list" aria-label=words::LEFT>
            {rows.collect_view()}
        </ul>
    }
    .into_any()
}

/// What was chosen, by name, and what there is to say about it.
#[component]
fn Named(chosen: Chosen) -> impl IntoView {
    let notes = chosen.notes.into_iter().map(|note| view! { <p class="about">{note}</p> });
    let reached = (chosen.names.len() > SCROLLS).then_some("0");
    let rows = chosen.names.into_iter().map(|name| view! { <li>{name}</li> });
    view! {
        {notes.collect_view()}
        <ul class="named" tabindex=reached role="list" aria-label=words::WHICH>
            {rows.collect_view()}
        </ul>
    }
}

/// From how many lines on a list scrolls, and must be reached by keyboard.
const SCROLLS: usize = 6;

/// Numbers as a form sends them.
fn joined(numbers: &[i64]) -> String {
    numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}
