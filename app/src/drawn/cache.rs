//! The cache.

use super::{
    empty,
    kept::{self, when},
    lists::Around,
};
use crate::{
    api::{cache as api, url_of},
    text::cache as words,
};
use leptos::prelude::*;
use model::cache::CacheEntry;

/// How much of a value is shown, in characters.
const SHOWN: usize = 300;

/// A stretch of the cache, in the order of the keys; `next` is the last key where more follow.
pub fn cache(
    entries: &[CacheEntry],
    next: Option<&str>,
    after: &str,
    around: &Around<'_>,
) -> AnyView {
    let rows = entries.iter().map(|entry| {
        let forget = around.editor.then(|| {
            view! {
                <form method="post" action={url_of::<api::ForgetCached>()}>
                    <input type="hidden" name="key" value=entry.key.clone() />
                    <button class="btn" aria-label=words::forget(&entry.key)>{words::FORGET}</button>
                </form>
            }
        });
        view! {
            <tr>
                <td class="first name mono">{entry.key.clone()}</td>
                <td class="break mono kept-value">{shown(&entry.value)}</td>
                <td data-label=words::EXPIRES>{when(entry.expires_at, around.now, words::NEVER)}</td>
                <td class="acts last">{forget}</td>
            </tr>
        }
    });
    let table = match (entries.is_empty(), around.search) {
        (true, "") => empty(words::EMPTY, words::EMPTY_ABOUT, words::HELP, "/help/actions/cache"),
        (true, _) => empty(words::NONE, words::NONE_ABOUT, words::CLEAR, "/cache"),
        (false, _) => view! {
            <div class="card table-card">
                <table>
                    <caption class="sr-only">{words::TITLE}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{words::KEY}</th>
                            <th scope="col">{words::VALUE}</th>
                            <th scope="col">{words::EXPIRES}</th>
                            <th scope="col">
                                <span class="sr-only">{crate::text::ui::ACTIONS}</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
                <div class="foot">{kept::onward("/cache", around.search, after, next)}</div>
            </div>
        }
        .into_any(),
    };
    view! {
        {kept::tabs("/cache")}
        {kept::search("/cache", words::SEARCH, around.search)}
        {table}
    }
    .into_any()
}

/// The beginning of a value.
fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}
