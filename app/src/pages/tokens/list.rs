//! The list of tokens.

use crate::{
    api::tokens::list_tokens,
    start,
    text::tokens as text,
    ui::{
        Column, Empty, FilterBar, Icon, Kind, LinkButton, Load, NothingMatches, PageHead, Pic,
        Table, Time, use_query_value,
    },
};
use leptos::prelude::*;
use leptos_router::components::Outlet;
use model::user::Token;

/// All tokens, searched by name.
#[component]
pub fn TokenList() -> impl IntoView {
    let search = use_query_value("search");
    let changes = start::use_changes();
    let tokens = Resource::new(
        move || (search.get(), changes.get()),
        |(search, _)| list_tokens(search.trim().to_owned()),
    );
    view! {
        <PageHead title=text::TITLE>
            <a class="btn quiet" href="/api/docs" rel="external">
                {text::REFERENCE}
            </a>
            {start::may_administer().then(|| view! { <Add /> })}
        </PageHead>
        <FilterBar placeholder=text::SEARCH />
        <Load
            of=tokens
            view=move |tokens| {
                let narrowed = !search.get_untracked().is_empty();
                view! { <Rows tokens=tokens narrowed=narrowed /> }.into_any()
            }
        />
        <Outlet />
    }
}

#[component]
fn Add() -> impl IntoView {
    view! {
        <LinkButton href="/tokens/new" kind=Kind::Primary>
            <Icon of=Pic::Plus />
            {text::ADD}
        </LinkButton>
    }
}

#[component]
fn Rows(tokens: Vec<Token>, narrowed: bool) -> impl IntoView {
    if tokens.is_empty() && narrowed {
        return view! { <NothingMatches clear="/tokens" /> }.into_any();
    }
    if tokens.is_empty() {
        return view! {
            <Empty pic=Pic::Tokens title=text::EMPTY_TITLE about=text::EMPTY_TEXT><Add /></Empty>
        }
        .into_any();
    }
    let columns = vec![
        Column::new(text::COL_NAME),
        Column::new(text::COL_SCOPES),
        Column::new(text::COL_HINT).wide(),
        Column::new(text::COL_USED),
        Column::new(text::COL_CREATED).wide(),
        Column::new(crate::text::ui::ACTIONS).hidden(),
    ];
    let total = tokens.len();
    let rows = tokens.into_iter().map(|token| view! { <Row token=token /> }).collect_view();
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
fn Row(token: Token) -> impl IntoView {
    let used = match token.last_used_at {
        Some(at) => view! { <Time at=at /> }.into_any(),
        None => view! { <span class="dim">{text::NEVER}</span> }.into_any(),
    };
    let scopes = token
        .scopes
        .iter()
        .map(|scope| {
            view! {
                <span class="tag" title=text::scope_about(*scope)>{text::scope(*scope)}</span>
            }
        })
        .collect_view();
    view! {
        <tr>
            <td class="first"><b class="strong">{token.name.clone()}</b></td>
            <td><span class="row tight">{scopes}</span></td>
            <td class="wide"><code>{token.hint}"…"</code></td>
            <td data-label=text::COL_USED>{used}</td>
            <td class="wide"><Time at=token.created_at /></td>
            <td class="acts last"><span class="acts-in">
                <LinkButton
                    kind=Kind::Icon
                    href=format!("/tokens/{}/delete", token.id)
                    label=text::delete(&token.name)
                >
                    <Icon of=Pic::Delete />
                </LinkButton>
            </span></td>
        </tr>
    }
}
