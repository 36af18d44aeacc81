//! The help pages about failures.

use crate::text::help as text;
use leptos::prelude::*;

/// The list of all causes.
pub fn failures() -> AnyView {
    let rows = text::names().filter_map(|name| {
        let help = text::page(name)?;
        Some(view! {
            <li>
                <a class="link" href=text::path(name)>{help.title}</a>
                <p class="dim">{help.means}</p>
            </li>
        })
    });
    view! {
        <p class="help-lead">{text::ABOUT}</p>
        <div class="card help"><ul class="help-list">{rows.collect_view()}</ul></div>
    }
    .into_any()
}

/// One cause; nothing where there is no such page.
pub fn failure(name: &str) -> Option<(&'static str, AnyView)> {
    let help = text::page(name)?;
    let items = |items: &'static [&'static str]| {
        items.iter().map(|item| view! { <li>{*item}</li> }).collect_view()
    };
    let view = view! {
        <div class="card help">
            <h2>{text::MEANS}</h2>
            <p>{help.means}</p>
            <h2>{text::SEE}</h2>
            <p>{help.see}</p>
            <h2>{text::CAUSES}</h2>
            <ul>{items(help.causes)}</ul>
            <h2>{text::DO}</h2>
            <ul>{items(help.todo)}</ul>
            <h2>{text::OFFHOOK}</h2>
            <p>{help.offhook}</p>
            <p class="row help-ways">
                <a class="btn" href=help.log>{text::IN_LOG}</a>
                <a class="btn quiet" href="/help/failures">{text::OTHERS}</a>
            </p>
        </div>
    }
    .into_any();
    Some((help.title, view))
}
