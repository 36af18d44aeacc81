//! The hangup causes.

use crate::text::events as text;
use leptos::prelude::*;
use model::catalog::HANGUP_CAUSES;

/// A table of these causes, given by their place in the catalog.
#[component]
pub fn Causes(shown: Vec<usize>) -> impl IntoView {
    let rows = shown
        .into_iter()
        .filter_map(|index| HANGUP_CAUSES.get(index))
        .map(|cause| {
            let sip = cause.sip.map_or_else(|| "–".to_owned(), |sip| sip.to_string());
            view! {
                <tr>
                    <td class="first"><code>{cause.name}</code></td>
                    <td class="num">{cause.q850}</td>
                    <td class="num">{sip}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="card causes" id="causes">
            <header class="pad">
                <h2>{text::CAUSES}</h2>
                <p class="dim">{text::CAUSES_TEXT}</p>
            </header>
            <table>
                <caption class="sr-only">{text::CAUSES}</caption>
                <thead>
                    <tr>
                        <th scope="col">{text::COL_CAUSE}</th>
                        <th scope="col" class="num">{text::COL_Q850}</th>
                        <th scope="col" class="num">{text::COL_SIP}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}
