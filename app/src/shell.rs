//! The frame around every page: the document, the side bar, the top bar, the menu.

mod jump;
mod menu;
mod nav;

use crate::{
    App, start,
    start::Theme,
    text::shell as words,
    ui::{Toasts, focus_page},
};
use jump::Jump;
use leptos::{ev, prelude::*};
use leptos_meta::{HashedStylesheet, MetaTags};
use leptos_router::components::Outlet;
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

/// Gives the focus to the page, as the browser does without JavaScript: the router takes the link
/// for its own, and would not.
fn skip(event: ev::MouseEvent) {
    event.prevent_default();
    focus_page();
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
        <a class="skip" href="#main" on:click=skip>
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
    view! {
        <header class="top">
            <Jump />
            {start::use_who().map(|who| view! { <UserMenu who /> })}
        </header>
    }
}
