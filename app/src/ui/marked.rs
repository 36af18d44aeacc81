//! Sentences that name things.

use leptos::prelude::*;

/// A text with what stands in backticks as code.
pub fn marked(text: &str) -> AnyView {
    let parts = text.split('`').map(str::to_owned).enumerate();
    parts
        .filter(|(_, part)| !part.is_empty())
        .map(|(place, part)| match place % 2 {
            0 => part.into_any(),
            _ => view! { <code>{part}</code> }.into_any(),
        })
        .collect_view()
        .into_any()
}
