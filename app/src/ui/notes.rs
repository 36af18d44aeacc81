//! What flows have to say to whoever looks, while a page stays open.

use super::every;
use crate::{
    api::{drawn::draw, notes::SECONDS},
    start,
};
use leptos::{html, prelude::*, task::spawn_local};
use std::time::Duration;
use web_sys::Element;

/// After how many seconds a page that is looked at asks for notes again.
const EVERY: u64 = 10;
/// Where the server draws them.
const PAGE: &str = "/notes";

/// The notes that there were when the page was drawn, and those that come afterwards.
#[component]
pub fn Notes() -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let look = move || {
        spawn_local(async move {
            let Ok(sheet) = draw(PAGE.into()).await else { return };
            if let Some(shown) = node.try_get_untracked().flatten() {
                add(&shown, &sheet.body);
            }
        });
    };
    Effect::new(move |_| {
        let mut next = node.get_untracked().and_then(|shown| shown.first_element_child());
        while let Some(note) = next {
            next = note.next_element_sibling();
            take_away_in_time(note);
        }
    });
    if start::use_who().is_some() {
        every(EVERY, look);
    }
    view! { <div class="notes" node_ref=node inner_html=start::use_notes().get_value()></div> }
}

/// Adds the notes that are not shown yet.
fn add(shown: &Element, html: &str) {
    let Ok(all) = document().create_element("div") else { return };
    all.set_inner_html(html);
    while let Some(note) = all.first_element_child() {
        note.remove();
        // Not the property: a form's is whatever field of it is named so.
        let id = note.get_attribute("id").unwrap_or_default();
        if document().get_element_by_id(&id).is_none() && shown.append_child(&note).is_ok() {
            take_away_in_time(note);
        }
    }
}

/// Takes a note away when its time is over, if it has one.
fn take_away_in_time(note: Element) {
    if let Some(seconds) = note.get_attribute(SECONDS).and_then(|text| text.parse().ok()) {
        set_timeout(move || note.remove(), Duration::from_secs(seconds));
    }
}
