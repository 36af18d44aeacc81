//! The page to jump from: what Ctrl-K opens as a dialog, at an address of its own, so that it
//! works without JavaScript and can be linked to.

use crate::{
    api::jump::find_hits,
    recent, start,
    text::jump as words,
    ui::{Button, Empty, HitFace, Icon, Kind, Load, PageHead, Pic, use_query_value},
};
use leptos::prelude::*;
use model::jump::Hit;

/// Searches everything for what the address says.
#[component]
pub fn JumpPage() -> impl IntoView {
    let asked = use_query_value("q");
    let hits = Resource::new_blocking(move || asked.get(), find_hits);
    let recent = RwSignal::new(Vec::<Hit>::new());
    let who = start::use_who().map(|who| who.id);
    Effect::new(move |_| {
        if let Some(who) = who {
            recent.set(recent::recently(who));
        }
    });
    let remembered = move || {
        let recent = recent.get();
        (asked.read().trim().is_empty() && !recent.is_empty()).then(|| {
            view! {
                <h2 class="below">{words::RECENT}</h2>
                <Hits hits=recent />
            }
        })
    };
    view! {
        <PageHead title=words::TITLE />
        <form class="row below" role="search" method="get" action="/jump">
            <span class="search jump-page-search">
                <Icon of=Pic::Search />
                <input
                    type="search"
                    name="q"
                    value=asked.get_untracked()
                    prop:value=asked
                    placeholder=words::FIELD
                    aria-label=words::FIELD
                    autocomplete="off"
                    autofocus
                />
            </span>
            <Button kind=Kind::Primary>{words::GO}</Button>
        </form>
        <Load
            of=hits
            view=move |hits| {
                if !hits.is_empty() {
                    view! { <Hits hits /> }.into_any()
                } else if asked.get_untracked().trim().is_empty() {
                    view! { <p class="hint">{words::HINT}</p> }.into_any()
                } else {
                    view! {
                        <div class="below">
                            <Empty
                                pic=Pic::Search
                                title=words::NOTHING
                                about=words::NOTHING_ABOUT
                            />
                        </div>
                    }
                        .into_any()
                }
            }
        />
        {remembered}
    }
}

#[component]
fn Hits(hits: Vec<Hit>) -> impl IntoView {
    let row = |hit: Hit| {
        let href = hit.href.clone();
        view! {
            <li>
                <a class="hit" href=href>
                    <HitFace hit />
                </a>
            </li>
        }
    };
    view! { <ul class="card hits below">{hits.into_iter().map(row).collect_view()}</ul> }
}
