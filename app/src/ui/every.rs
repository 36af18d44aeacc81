//! What is done again and again while a page is looked at.

use leptos::prelude::*;
use std::time::Duration;
use web_sys::VisibilityState;

/// Does it every so many seconds while the tab is looked at, in the browser.
pub fn every(seconds: u64, act: impl Fn() + Send + Sync + 'static) {
    begin(seconds, Callback::new(move |()| act()));
}

/// Not a copy for each of those who call.
fn begin(seconds: u64, act: Callback<()>) {
    Effect::new(move |_| {
        let act = move || {
            if document().visibility_state() != VisibilityState::Hidden {
                // An effect may begin when what it is of has been drawn anew already.
                _ = act.try_run(());
            }
        };
        if let Ok(timer) = set_interval_with_handle(act, Duration::from_secs(seconds)) {
            on_cleanup(move || timer.clear());
        }
    });
}
