//! The pages under `/users`, for administrators.

mod add;
mod edit;
mod list;

use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route},
    hooks::use_params_map,
    path,
};
use model::ids::UserId;

/// The routes under `/users`. The dialogs stand above the list.
#[component(transparent)]
pub fn UserRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("/users") view=list::UserList ssr=SsrMode::Async>
            <Route path=path!("") view=|| () ssr=SsrMode::Async />
            <Route path=path!("/new") view=add::AddUser ssr=SsrMode::Async />
            <Route path=path!("/:id/role") view=edit::ChangeRole ssr=SsrMode::Async />
            <Route path=path!("/:id/password") view=edit::SetPassword ssr=SsrMode::Async />
            <Route path=path!("/:id/delete") view=edit::DeleteUser ssr=SsrMode::Async />
        </ParentRoute>
    }
    .into_inner()
}

/// The user that the address names; 0, which nobody has, where it names none.
fn use_user_id() -> Memo<UserId> {
    let params = use_params_map();
    Memo::new(move |_| {
        let id = params.read().get("id");
        id.and_then(|id| id.parse().ok()).unwrap_or(UserId(0))
    })
}

/// The roles as (value, words).
fn roles() -> Vec<(String, String)> {
    use crate::text::users as text;
    model::user::Role::ALL
        .iter()
        .map(|role| {
            (role.to_string(), format!("{}: {}", text::role(*role), text::role_about(*role)))
        })
        .collect()
}
