//! The panel: pages drawn by the server and brought to life in the browser.
//!
//! A page stands in `pages/<noun>`, what it asks the server in `api/<noun>`, what it is made of in
//! `ui`, its words in `text`. To add a page: a route in its noun's module, a component, its words.

#![recursion_limit = "512"]

pub mod api;
#[cfg(feature = "ssr")]
mod drawn;
pub mod error;
pub mod flow_file;
#[cfg(feature = "ssr")]
pub mod imports;
pub mod pages;
pub mod receiver;
pub mod recent;
pub mod shell;
pub mod start;
pub mod text;
pub mod ui;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};
use pages::{
    account::Account, deliveries::DeliveryRoutes, drawn::DrawnRoutes, events::EventRoutes,
    flows::FlowRoutes, home::Home, hooks::AllHookRoutes, jump::JumpPage, not_found::NotFound,
    queues::QueueRoutes, receiver::ReceiverRoutes, setup::Setup, sign_in::SignIn,
    tokens::TokenRoutes, users::UserRoutes, views::ViewRoutes,
};

/// The panel's root.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    start::provide_start();
    ui::provide_toasts();
    view! {
        <Title formatter=|title: String| match title.as_str() {
            "" => text::shell::NAME.to_owned(),
            title => format!("{title} · {}", text::shell::NAME),
        } />
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/sign-in") view=SignIn ssr=SsrMode::Async />
                <Route path=path!("/setup") view=Setup ssr=SsrMode::Async />
                <ParentRoute path=path!("") view=shell::Panel ssr=SsrMode::Async>
                    <Route path=path!("/") view=Home ssr=SsrMode::Async />
                    <Route path=path!("/account") view=Account ssr=SsrMode::Async />
                    <Route path=path!("/jump") view=JumpPage ssr=SsrMode::Async />
                    <DrawnRoutes />
                    <QueueRoutes />
                    <AllHookRoutes />
                    <FlowRoutes />
                    <DeliveryRoutes />
                    <EventRoutes />
                    <UserRoutes />
                    <TokenRoutes />
                    <ViewRoutes />
                    <ReceiverRoutes />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
