//! One delivery: why it is where it is, what it is about, and what each attempt did.

use super::{
    curl,
    filter::{LogView, query_of},
    list::{Marks, named},
    parts::TabPanel,
    why::Why,
};
use crate::{
    api::{
        deliveries::{CancelDelivery, Looked, ReplayDelivery, RetryDelivery, look_at_delivery},
        url_of,
    },
    error::AppError,
    recent, start,
    text::{catalog, deliveries as text},
    ui::{
        Button, CopyButton, CopyLink, Form, Hidden, Icon, Kind, Load, PageTitle, Pic, StatePill,
        Time, every,
    },
};
use leptos::{prelude::*, task::spawn_local};
use model::{
    delivery::{DeliveryDetail, DeliveryRow, DeliveryState},
    hook::Hook,
    ids::{DeliveryId, HookId},
    jump::{Hit, HitKind},
    trace::Exchange,
};
use serde_json::Value;

/// After how many seconds a delivery is looked at again, until its state is final.
const EVERY: u64 = 1;

/// A delivery beside the log.
#[component]
pub fn Detail(id: Memo<Option<DeliveryId>>, view: Memo<LogView>) -> impl IntoView {
    let changes = start::use_changes();
    let loaded = Resource::new(
        move || (id.get(), changes.get()),
        move |(id, _)| async move {
            look_at_delivery(id.ok_or_else(|| AppError::no("delivery", ""))?).await
        },
    );
    view! {
        <Load
            of=loaded
            view=move |looked| view! { <Followed looked=looked view=view /> }.into_any()
        />
    }
}

/// Looks at the delivery again until its state is final; what has not changed stays as it is.
#[component]
fn Followed(looked: Looked, view: Memo<LogView>) -> impl IntoView {
    let id = looked.detail.row.id;
    let hook = StoredValue::new(looked.hook);
    let now = RwSignal::new(looked.detail);
    let why = RwSignal::new(looked.cause);
    let asking = StoredValue::new(false);
    let look = move || {
        if asking.get_value() || now.with_untracked(|detail| detail.row.state.is_final()) {
            return;
        }
        asking.set_value(true);
        spawn_local(async move {
            let found = look_at_delivery(id).await;
            asking.try_set_value(false);
            let Ok(found) = found else { return };
            if now.try_with_untracked(|shown| *shown != found.detail) == Some(true) {
                now.set(found.detail);
            }
            if why.try_with_untracked(|shown| *shown != found.cause) == Some(true) {
                why.set(found.cause);
            }
        });
    };
    every(EVERY, look);
    let title = now.with_untracked(|detail| title(&detail.row));
    recent::remember(Hit {
        kind: HitKind::Delivery,
        title: title.clone(),
        note: now.with_untracked(|detail| detail.row.created_at.exact()),
        href: format!("/deliveries/{id}"),
    });
    view! {
        <PageTitle text=title />
        <article class="card delivery" aria-label=text::DETAIL_LABEL>
            {move || {
                let detail = now.get();
                let hook = hook.get_value();
                view! {
                    <Head row=detail.row.clone() exchange=last_exchange(&detail) view=view />
                    {move || why.get().map(|cause| view! { <Why cause=cause /> })}
                    <Facts detail=detail hook=hook view=view />
                }
            }}
            <TabPanel detail=now view=view />
        </article>
    }
}

fn title(row: &DeliveryRow) -> String {
    format!("{} → {}", catalog::event(row.event), named(&row.flow_name, text::DELETED_FLOW))
}

/// The request that tells most: of the newest attempt, the one that failed, else the last.
fn last_exchange(detail: &DeliveryDetail) -> Option<Exchange> {
    detail.attempts.iter().rev().find_map(|attempt| {
        let made = || attempt.steps.iter().rev().filter(|step| step.http.is_some());
        let failed = made().find(|step| step.error.is_some());
        failed.or_else(|| made().next()).and_then(|step| step.http.clone())
    })
}

#[component]
fn Head(row: DeliveryRow, exchange: Option<Exchange>, view: Memo<LogView>) -> impl IntoView {
    let id = row.id.to_string();
    let open = !row.state.is_final();
    let run_now = match row.state {
        DeliveryState::Retrying => Some((text::RETRY_NOW, None)),
        DeliveryState::Waiting => Some((text::GO_ON_NOW, None)),
        DeliveryState::Dead => Some((text::RESUME, Some(text::RESUME_HINT))),
        _ => None,
    };
    let edit = start::may_edit();
    view! {
        <header class="delivery-head">
            <StatePill state=row.state />
            <h2>{title(&row)}</h2>
            <Marks row=row.clone() />
            <div class="row">
                <CopyLink path=format!("/deliveries/{id}") />
                {exchange.map(|exchange| view! {
                    <CopyButton text=curl::command(&exchange) label=text::COPY_CURL />
                })}
                {(edit && !open).then(|| {
                    let id = id.clone();
                    view! {
                        <Form action={url_of::<ReplayDelivery>()}>
                            <Hidden name="id" value=id />
                            <Hidden name="filters" value=Signal::derive(move || view.get().address()) />
                            <span data-replay-form title=text::REPLAY_HINT>
                                <Button>
                                    <Icon of=Pic::Play />
                                    {text::REPLAY}
                                </Button>
                            </span>
                        </Form>
                    }
                })}
                {(edit && open).then(|| view! {
                    <Form action={url_of::<CancelDelivery>()}>
                        <Hidden name="id" value=row.id.to_string() />
                        <Button kind=Kind::Danger>{text::CANCEL}</Button>
                    </Form>
                })}
                {run_now.filter(|_| edit).map(|(label, hint)| view! {
                    <Form action={url_of::<RetryDelivery>()}>
                        <Hidden name="id" value=id />
                        <span title=hint>
                            <Button kind=Kind::Primary>{label}</Button>
                        </span>
                    </Form>
                })}
            </div>
        </header>
    }
}

#[component]
fn Facts(detail: DeliveryDetail, hook: Option<Hook>, view: Memo<LogView>) -> impl IntoView {
    let row = detail.row;
    let queue = match row.queue_name.is_empty() {
        true => view! { <span class="dim">{text::DELETED_QUEUE}</span> }.into_any(),
        false => {
            let href = format!("/queues/{}", row.queue_id);
            view! { <a class="link" href=href>{row.queue_name.clone()}</a> }.into_any()
        }
    };
    let flow = match row.flow_name.is_empty() {
        true => view! { <span class="dim">{text::DELETED_FLOW}</span> }.into_any(),
        false => {
            let href = format!("/flows/{}/history?version={}", row.flow_id, row.flow_version);
            view! {
                <a class="link" href=href>{row.flow_name.clone()}</a>
                ", "
                {text::version(row.flow_version)}
            }
            .into_any()
        }
    };
    let call = row.call_attempt.map(|call| {
        let href = format!("/calls/{call}");
        let agent = agent(&detail.data);
        view! {
            <dt>{text::KV_CALL}</dt>
            <dd>{text::ATTEMPT_WORD}" "<a class="link mono" href=href>{call}</a>{agent}</dd>
        }
    });
    let sender = detail.sender_id.map(|id| {
        view! {
            <dt>{text::KV_SENDER}</dt>
            <dd class="mono break">{id}</dd>
        }
    });
    let replay_of = row.replay_of.map(|id| {
        view! {
            <dt>{text::KV_REPLAY_OF}</dt>
            <dd>
                <DeliveryLink id=id view=view />
                {detail.begun_at.as_ref().map(text::begun_at)}
            </dd>
        }
    });
    let replays = (!detail.replays.is_empty()).then(|| view! {
        <dt>{text::KV_REPLAYS}</dt>
        <dd class="stack">
            {detail.replays.into_iter().map(|id| view! { <DeliveryLink id=id view=view /> }).collect_view()}
        </dd>
    });
    let parent = row.parent.map(|id| {
        view! {
            <dt>{text::KV_PARENT}</dt>
            <dd><DeliveryLink id=id view=view />{detail.begun.as_ref().map(text::begun)}</dd>
        }
    });
    let children = (!detail.children.is_empty()).then(|| {
        view! {
            <dt>{text::KV_CHILDREN}</dt>
            <dd class="stack">
                {detail.children.into_iter().map(|child| view! {
                    <span><DeliveryLink id=child.id view=view />{text::begun(&child.begun)}</span>
                }).collect_view()}
            </dd>
        }
    });
    let ended = row.state.is_final() && start::may_edit() && !row.flow_name.is_empty();
    let as_it_ran = ended.then(|| {
        view! {
            <Form action={url_of::<ReplayDelivery>()}>
                <Hidden name="id" value=row.id.to_string() />
                <Hidden name="version" value="ran" />
                <Button kind=Kind::Quiet>{text::REPLAY_AS_IT_RAN}</Button>
            </Form>
            <a class="link" href=format!("/deliveries/{}/replay", row.id)>{text::REPLAY_FROM}</a>
        }
    });
    let id = row.id.to_string();
    let compare = |with: &str| format!("/deliveries/compare?a={with}&b={id}");
    let original = row.replay_of.map(|_| {
        view! { <a class="link" href=compare("origin")>{text::COMPARE_ORIGIN}</a>", " }
    });
    view! {
        <dl class="kv">
            <dt>{text::KV_EVENT}</dt>
            <dd>
                <a class="link" href=format!("/events#{}", row.event)>{row.event.as_str()}</a>
                " "{text::ON}" "{queue}", "
                <time datetime=detail.occurred_at.to_string() title=detail.occurred_at.exact()>
                    {detail.occurred_at.clock()}" UTC"
                </time>
                " "<span class="dim">"("<Time at=detail.occurred_at />")"</span>
            </dd>
            {call}
            <dt>{text::KV_FLOW}</dt>
            <dd>{flow}{as_it_ran}</dd>
            <dt>{text::KV_HOOK}</dt>
            <dd><HookLink id=row.hook_id hook=hook /></dd>
            <dt>{text::KV_DELIVERY}</dt>
            <dd class="mono break delivery-id">{id.clone()}<CopyButton text=id.clone() /></dd>
            {sender}
            {replay_of}
            {replays}
            {parent}
            {children}
            <dt>{text::KV_COMPARE}</dt>
            <dd>
                {original}
                <a class="link" href=compare("previous")>{text::COMPARE_PREVIOUS}</a>
                ", "
                <a class="link" href=compare("")>{text::COMPARE_OTHER}</a>
            </dd>
        </dl>
    }
}

#[component]
fn HookLink(id: HookId, hook: Option<Hook>) -> impl IntoView {
    match hook {
        Some(hook) => {
            let mut href = format!("/queues/{}/hooks", hook.queue_id);
            if start::may_edit() {
                href = format!("{href}/{id}");
            }
            let others = format!("/deliveries{}", query_of(&[("hook", id.to_string())]));
            view! {
                <a class="link" href=href>{text::hook(id.0)}</a>
                ", "
                <a class="link" href=others>{text::ITS_DELIVERIES}</a>
            }
            .into_any()
        }
        None => {
            view! { {text::hook(id.0)}", "<span class="dim">{text::HOOK_GONE}</span> }.into_any()
        }
    }
}

#[component]
fn DeliveryLink(id: DeliveryId, view: Memo<LogView>) -> impl IntoView {
    let href = move || format!("/deliveries/{id}{}", view.get().address());
    view! { <a class="link mono break" href=href>{id.to_string()}</a> }
}

/// `, agent Iryna Bondar (ext. 204)`, as far as the event tells.
fn agent(data: &model::JsonMap) -> String {
    let text_of = |name: &str| match data.get(name) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    text::agent(text_of("agent_name"), text_of("agent_extension"))
}
