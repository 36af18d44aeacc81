//! All views that a person has saved.

use crate::{
    api::views::list_views,
    start,
    text::views as words,
    ui::{Column, Empty, Icon, Kind, LinkButton, Load, PageHead, Pic, Table, Tag, Time, view_path},
};
use leptos::prelude::*;
use leptos_router::components::Outlet;
use model::view::{SavedView, pairs};

/// All views that a person has saved, and over them the question before one is deleted.
#[component]
pub fn ViewsPage() -> impl IntoView {
    let changes = start::use_changes();
    let views = Resource::new(move || changes.get(), |_| list_views(None));
    view! {
        <PageHead title=words::TITLE />
        <div class="below">
            <Load of=views view=|views| view! { <Rows views /> }.into_any() />
        </div>
        <Outlet />
    }
}

#[component]
fn Rows(views: Vec<SavedView>) -> impl IntoView {
    if views.is_empty() {
        return view! {
            <Empty pic=Pic::Search title=words::EMPTY about=words::EMPTY_ABOUT />
        }
        .into_any();
    }
    let columns = vec![
        Column::new(words::NAME),
        Column::new(words::COL_LIST),
        Column::new(words::SHOWS),
        Column::new(words::COL_SAVED).wide(),
        Column::new(crate::text::ui::ACTIONS).hidden(),
    ];
    view! {
        <Table caption=words::CAPTION columns>
            {views.into_iter().map(|saved| view! { <Row saved /> }).collect_view()}
        </Table>
    }
    .into_any()
}

#[component]
fn Row(saved: SavedView) -> impl IntoView {
    view! {
        <tr>
            <td class="first name">
                <a href=view_path(&format!("/{}", saved.list), &saved.query)>
                    <b>{saved.name.clone()}</b>
                </a>
            </td>
            <td>{words::list(saved.list)}</td>
            <td>
                <Parts query=saved.query />
            </td>
            <td class="wide">
                <Time at=saved.created_at />
            </td>
            <td class="acts last">
                <LinkButton
                    kind=Kind::Icon
                    href=format!("/views/{}/delete", saved.id)
                    label=words::delete(&saved.name)
                >
                    <Icon of=Pic::Delete />
                </LinkButton>
            </td>
        </tr>
    }
}

/// What a view shows, filter by filter.
#[component]
pub fn Parts(query: String) -> impl IntoView {
    let parts = pairs(&query);
    if parts.is_empty() {
        return view! { <span class="dim">{words::EVERYTHING}</span> }.into_any();
    }
    let part = |(name, value): (String, String)| {
        view! {
            <Tag>{words::part(&name, &value)}</Tag>
            " "
        }
    };
    parts.into_iter().map(part).collect_view().into_any()
}
