//! A page that does not exist.

use crate::{
    shell::{Alone, Frame},
    start,
    text::error as words,
    ui::{Empty, LinkButton, PageTitle, Pic},
};
use leptos::prelude::*;

/// Says that the page does not exist, within the frame where one is signed in.
#[component]
pub fn NotFound() -> impl IntoView {
    let told = view! {
        <PageTitle text=words::NOT_FOUND />
        <h1 class="sr-only">{words::NOT_FOUND}</h1>
        <Empty pic=Pic::Search title=words::NOT_FOUND about=words::NOT_FOUND_ABOUT>
            <LinkButton href="/queues">{words::BACK}</LinkButton>
        </Empty>
    };
    if start::use_who().is_some() {
        view! { <Frame>{told}</Frame> }.into_any()
    } else {
        view! { <Alone>{told}</Alone> }.into_any()
    }
}
