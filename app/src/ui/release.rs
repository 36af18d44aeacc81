//! What is asked about deliveries where their hook or queue is resumed or deleted.

use super::{Field, Radios};
use crate::text::hooks as words;
use leptos::prelude::*;
use model::delivery::Rest;

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

/// What becomes of the unfinished deliveries of what is deleted.
#[component]
pub fn RestChoice() -> impl IntoView {
    let options = Rest::ALL.map(|rest| (rest.as_str().to_owned(), words::rest(rest).to_owned()));
    view! {
        <Radios
            name="deliveries"
            label=words::REST
            options=options.to_vec()
            value=Rest::Finish.as_str()
        />
    }
}
