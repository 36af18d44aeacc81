//! The list of users.

use crate::{
    api::users::list_users,
    start,
    text::users as text,
    ui::{
        Column, FilterBar, Icon, Kind, LinkButton, Load, NothingMatches, PageHead, Pic, Table, Tag,
        Time, use_query_value,
    },
};
use leptos::prelude::*;
use leptos_router::components::Outlet;
use model::user::User;

/// All users, searched by login.
#[component]
pub fn UserList() -> impl IntoView {
    let search = use_query_value("search");
    let changes = start::use_changes();
    let users = Resource::new(
        move || (search.get(), changes.get()),
        |(search, _)| list_users(search.trim().to_owned()),
    );
    view! {
        <PageHead title=text::TITLE>
            {start::may_administer().then(|| view! {
                <LinkButton href="/users/new" kind=Kind::Primary>
                    <Icon of=Pic::Plus />
                    {text::ADD}
                </LinkButton>
            })}
        </PageHead>
        <FilterBar placeholder=text::SEARCH />
        <Load of=users view=|users| view! { <Rows users=users /> }.into_any() />
        <Outlet />
    }
}

#[component]
fn Rows(users: Vec<User>) -> impl IntoView {
    if users.is_empty() {
        return view! { <NothingMatches clear="/users" /> }.into_any();
    }
    let columns = vec![
        Column::new(text::COL_LOGIN),
        Column::new(text::COL_ROLE),
        Column::new(text::COL_SEEN),
        Column::new(text::COL_CREATED).wide(),
        Column::new(crate::text::ui::ACTIONS).hidden(),
    ];
    let total = users.len();
    let me = start::use_who().map(|who| who.id);
    let rows = users
        .into_iter()
        .map(|user| view! { <Row mine=me == Some(user.id) user=user /> })
        .collect_view();
    view! {
        <Table
            caption=text::TITLE
            columns=columns
            foot=view! { <span>{text::total(total)}</span> }.into_any()
        >
            {rows}
        </Table>
    }
    .into_any()
}

#[component]
fn Row(user: User, mine: bool) -> impl IntoView {
    let id = user.id;
    let seen = match user.last_seen_at {
        Some(at) => view! { <Time at=at /> }.into_any(),
        None => view! { <span class="dim">{text::NEVER}</span> }.into_any(),
    };
    view! {
        <tr>
            <td class="first">
                <b class="strong">{user.login.clone()}</b>
                {mine.then(|| view! { " "<Tag>{text::YOU}</Tag> })}
            </td>
            <td>
                <span title=text::role_about(user.role)>{text::role(user.role)}</span>
            </td>
            <td data-label=text::COL_SEEN>{seen}</td>
            <td class="wide"><Time at=user.created_at /></td>
            <td class="acts"><span class="acts-in">
                <LinkButton kind=Kind::Quiet href=format!("/users/{id}/role")>{text::COL_ROLE}</LinkButton>
                <LinkButton kind=Kind::Quiet href=format!("/users/{id}/password")>{text::PASSWORD}</LinkButton>
                {(!mine).then(|| view! {
                    <LinkButton kind=Kind::Icon href=format!("/users/{id}/delete") label=text::delete(&user.login)>
                        <Icon of=Pic::Delete />
                    </LinkButton>
                })}
            </span></td>
        </tr>
    }
}
