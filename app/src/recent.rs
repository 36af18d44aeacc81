//! What a person opened last. Kept in their browser under their own number, and nowhere else:
//! looking at a page changes nothing on the server.

use crate::start;
use leptos::prelude::*;
use model::{ids::UserId, jump::Hit};

/// How many are remembered.
const MOST: usize = 20;

/// Remembers that this is open, once the page is alive.
pub fn remember(hit: Hit) {
    let who = start::use_who().map(|who| who.id);
    Effect::new(move |_| {
        if let Some(who) = who {
            put(who, hit.clone());
        }
    });
}

/// What this person opened last, the newest first. Only in the browser.
pub fn recently(who: UserId) -> Vec<Hit> {
    let kept = storage().and_then(|storage| storage.get_item(&key(who)).ok().flatten());
    kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

fn put(who: UserId, hit: Hit) {
    let mut all = recently(who);
    all.retain(|other| other.href != hit.href);
    all.insert(0, hit);
    all.truncate(MOST);
    // A browser that keeps nothing simply remembers nothing.
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(&all)) {
        _ = storage.set_item(&key(who), &text);
    }
}

fn key(who: UserId) -> String {
    format!("offhook.recent.{who}")
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
