//! The rate at which what was parked is released, where something is resumed.

use super::Field;
use crate::text::hooks as words;
use leptos::prelude::*;

/// How many parked deliveries a second are released. Empty is as fast as possible.
#[component]
pub fn ReleaseRate(
    /// The rate that was chosen the last time.
    of: Option<u32>,
) -> impl IntoView {
    view! {
        <Field
            name="release_per_s"
            label=words::RELEASE
            value=of.map(|rate| rate.to_string()).unwrap_or_default()
            hint=words::RELEASE_HINT
            kind="number"
        />
    }
}
