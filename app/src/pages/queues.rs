//! Queues: the list, a new one, and a queue's card with its tabs.

mod card;
mod deliveries;
mod duplicate;
mod general;
mod list;
mod new;
mod variables;

pub use card::{Card, use_card};

use super::{hooks::HookRoutes, many::ManyQueues};
use card::QueueCardPage;
use deliveries::QueueDeliveries;
use duplicate::DuplicateQueuePage;
use general::{DeleteQueuePage, General};
use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{Outlet, ParentRoute, Route},
    path,
};
use list::QueueList;
use new::NewQueue;
use variables::Variables;

/// The routes under `/queues`.
#[component(transparent)]
pub fn QueueRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("/queues") view=Outlet ssr=SsrMode::Async>
            <ParentRoute path=path!("") view=QueueList ssr=SsrMode::Async>
                <Route path=path!("") view=|| () ssr=SsrMode::Async />
                <Route path=path!("/many") view=ManyQueues ssr=SsrMode::Async />
            </ParentRoute>
            <Route path=path!("/new") view=NewQueue ssr=SsrMode::Async />
            <ParentRoute path=path!("/:id") view=QueueCardPage ssr=SsrMode::Async>
                <HookRoutes />
                <Route path=path!("/variables") view=Variables ssr=SsrMode::Async />
                <Route path=path!("/deliveries") view=QueueDeliveries ssr=SsrMode::Async />
                <ParentRoute path=path!("") view=General ssr=SsrMode::Async>
                    <Route path=path!("/delete") view=DeleteQueuePage ssr=SsrMode::Async />
                    <Route path=path!("/duplicate") view=DuplicateQueuePage ssr=SsrMode::Async />
                    <Route path=path!("") view=|| () ssr=SsrMode::Async />
                </ParentRoute>
            </ParentRoute>
        </ParentRoute>
    }
    .into_inner()
}
