//! The frame around every page: the document, the side bar, the top bar, the menu.

mod menu;
mod nav;

use crate::{
    App, start,
    start::Theme,
    text::shell as words,
    ui::{Icon, Pic, Toasts},
};
use leptos::{ev, html, prelude::*};
use leptos_meta::{HashedStylesheet, MetaTags};
use leptos_router::{components::Outlet, hooks::use_location};
pub use menu::ThemeChoice;
use menu::UserMenu;
use nav::SideBar;

/// The document that the server sends. `theme` stands on `<html>`, so that nothing flickers.
pub fn document(options: LeptosOptions, theme: Theme) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.as_str()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HydrationScripts options=options.clone() />
                <HashedStylesheet options id="style" />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The frame around the pages of those who are signed in.
#[component]
pub fn Panel() -> impl IntoView {
    view! {
        <Frame>
            <Outlet />
        </Frame>
    }
}

/// Side bar, top bar, and between them whatever it is given.
#[component]
pub fn Frame(children: Children) -> impl IntoView {
    view! {
        <a class="skip" href="#main">
            {words::SKIP}
        </a>
        <div class="shell">
            <SideBar />
            <div class="column">
                <TopBar />
                <main id="main" class="main" tabindex="-1">
                    {children()}
                </main>
            </div>
        </div>
        <Toasts />
    }
}

/// The frame around a page that stands alone: signing in, setting up.
#[component]
pub fn Alone(children: Children) -> impl IntoView {
    view! {
        <main id="main" class="alone">
            <div class="alone-in">
                <p class="brand">
                    <Brand />
                    <span>{words::NAME}</span>
                </p>
                {children()}
            </div>
        </main>
        <Toasts />
    }
}

/// The mark: a receiver lifted from its hook.
#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
            <path
                d="M6 4v7.500a6 6 0 0 0 12 0V10"
                fill="none"
                stroke="currentColor"
                stroke-width="2.600"
                stroke-linecap="round"
            ></path>
            <circle cx="18" cy="6" r="2.400" fill="currentColor"></circle>
        </svg>
    }
}

#[component]
fn TopBar() -> impl IntoView {
    let location = use_location();
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| {
            if (event.ctrl_key() || event.meta_key())
                && event.key() == "k"
                && let Some(field) = field.get_untracked()
            {
                event.prevent_default();
                _ = field.focus();
            }
        });
        on_cleanup(move || handle.remove());
    });
    // The log has a search field of its own.
    let elsewhere = move || location.pathname.read().as_str() != "/deliveries";
    view! {
        <header class="top">
            <form class="search top-search" role="search" method="get" action="/deliveries" hidden=move || !elsewhere()>
                <Icon of=Pic::Search />
                <input
                    node_ref=field
                    type="search"
                    name="search"
                    aria-label=words::SEARCH
                    placeholder=words::SEARCH_HINT
                    autocomplete="off"
                />
                <kbd aria-hidden="true">{words::SEARCH_KEYS}</kbd>
            </form>
            {start::use_who().map(|who| view! { <UserMenu who /> })}
        </header>
    }
}
