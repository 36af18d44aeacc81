//! The keys of the log: j and k go through the rows, Enter opens the first, / searches, r
//! replays what is shown.

use super::list::AtHand;
use crate::ui::goes_into_field;
use leptos::{ev, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::ids::DeliveryId;
use wasm_bindgen::JsCast;

/// Listens while the list is shown.
pub fn use_keys(at_hand: AtHand, chosen: Signal<Option<DeliveryId>>, address: Memo<String>) {
    let navigate = use_navigate();
    let press = move |event: ev::KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || goes_into_field(&event) {
            return;
        }
        let step = match event.key().as_str() {
            "j" => 1,
            "k" => -1,
            "/" => {
                event.prevent_default();
                focus(".log-filters input[type=search]");
                return;
            }
            "r" => {
                click("[data-replay-form] button");
                return;
            }
            _ => return,
        };
        let Some(rows) = at_hand.get_value().and_then(|rows| rows.try_get_untracked()) else {
            return;
        };
        let to = {
            let now =
                chosen.get_untracked().and_then(|id| rows.iter().position(|row| row.id == id));
            let next = match now {
                Some(now) => now.saturating_add_signed(step).min(rows.len().saturating_sub(1)),
                None => 0,
            };
            rows.get(next).map(|row| row.id)
        };
        if let Some(id) = to {
            let path = format!("/deliveries/{id}{}", address.get_untracked());
            navigate(
                &path,
                NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() },
            );
        }
    };
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, press.clone());
        on_cleanup(move || handle.remove());
    });
}

fn find(selector: &str) -> Option<web_sys::HtmlElement> {
    document().query_selector(selector).ok().flatten()?.dyn_into().ok()
}

fn focus(selector: &str) {
    if let Some(element) = find(selector) {
        _ = element.focus();
    }
}

fn click(selector: &str) {
    if let Some(element) = find(selector) {
        element.click();
    }
}
