//! A list without rows: nothing yet, or nothing that matches.

use super::{Icon, LinkButton, Pic};
use crate::text;
use leptos::prelude::*;

/// Nothing yet, what would be here, and a way on (the children).
#[component]
pub fn Empty(
    pic: Pic,
    #[prop(into)] title: String,
    #[prop(into)] about: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="card empty">
            <span class="empty-pic"><Icon of=pic /></span>
            <h2>{title}</h2>
            <p>{about}</p>
            {children.map(|children| view! { <div class="row">{children()}</div> })}
        </div>
    }
}

/// Rows exist, but none matches the filters; `clear` is the address without them.
#[component]
pub fn NothingMatches(#[prop(into)] clear: String) -> impl IntoView {
    view! {
        <Empty
            pic=Pic::Search
            title=text::ui::NOTHING_MATCHES
            about=text::ui::NOTHING_MATCHES_ABOUT
        >
            <LinkButton href=clear>{text::ui::CLEAR}</LinkButton>
        </Empty>
    }
}
