//! A flow's versions: who saved which when, each to be seen, and to be made the newest again.

use super::use_flow_id;
use crate::{
    api::{
        flows::{RestoreFlow, flow_versions, get_flow},
        url_of,
    },
    error::AppError,
    start,
    text::flows as text,
    ui::{Button, Code, Crumb, Form, FormErrors, Hidden, Load, PageHead, Subject, Tag, Time},
};
use futures::join;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::flow::{Flow, FlowVersion};

/// The versions on the left, the chosen one on the right.
#[component]
pub fn History() -> impl IntoView {
    let id = use_flow_id();
    let query = use_query_map();
    let chosen = Memo::new(move |_| query.read().get("version").and_then(|text| text.parse().ok()));
    let changes = start::use_changes();
    let loaded = Resource::new(
        move || (id.get(), chosen.get(), changes.get()),
        |(id, chosen, _)| async move {
            let (versions, flow) = join!(flow_versions(id), get_flow(id, chosen));
            Ok::<_, AppError>((flow?, versions?))
        },
    );
    view! {
        <Load
            of=loaded
            lines=10
            view=|(flow, versions)| view! { <Versions flow=flow versions=versions /> }.into_any()
        />
    }
}

#[component]
fn Versions(flow: Flow, versions: Vec<FlowVersion>) -> impl IntoView {
    let id = flow.id;
    let shown = flow.version.number;
    let rows = versions
        .into_iter()
        .map(|version| {
            let number = version.number;
            let href = format!("/flows/{id}/history?version={number}");
            view! {
                <li>
                    <a class="version-row" href=href aria-current=(number == shown).then_some("true")>
                        <b>{text::version_title(number)}</b>
                        {(number == flow.current).then(|| view! { <Tag>{text::CURRENT}</Tag> })}
                        <span class="grow"></span>
                        <span class="r"><Time at=version.saved_at /></span>
                        <span class="l2">
                            {text::SAVED_BY}" "{version.saved_by}", "{text::mode(version.mode)}
                        </span>
                    </a>
                </li>
            }
        })
        .collect_view();
    let restore = (start::may_edit() && shown != flow.current).then(|| {
        view! {
            <Form action={url_of::<RestoreFlow>()}>
                <Subject id=id.to_string() base=flow.current.to_string() />
                <Hidden name="version" value=shown.to_string() />
                <FormErrors />
                <span title=text::RESTORE_HINT><Button>{text::RESTORE}</Button></span>
            </Form>
        }
    });
    view! {
        <PageHead
            title=text::HISTORY
            crumbs=vec![
                Crumb::new(text::TITLE, "/flows"),
                Crumb::new(flow.name, format!("/flows/{id}")),
            ]
        />
        <div class="split history">
            <ul class="card rowlist">{rows}</ul>
            <section class="card pad stack">
                <div class="head">
                    <h2>{text::version_title(shown)}</h2>
                    <Tag>{text::mode(flow.version.mode)}</Tag>
                    <span class="grow"></span>
                    {restore}
                </div>
                <Code text=flow.version.source label=text::STEPS_LABEL />
            </section>
        </div>
    }
}
