//! A queue's General tab, and the question before it is deleted.

use super::card::use_card;
use crate::{
    api::{
        queues::{DeleteQueue, PauseQueue, UpdateQueue},
        url_of,
    },
    start,
    text::{catalog, form, hooks, queues as words},
    ui::{
        Area, Button, Check, Confirm, EditorsOnly, Field, Form, FormErrors, Hidden, Kind,
        LinkButton, ReleaseRate, RestChoice, Subject, Time,
    },
};
use leptos::prelude::*;
use leptos_router::components::Outlet;
use model::queue::Queue;

/// A queue's own facts.
#[component]
pub fn General() -> impl IntoView {
    let card = use_card();
    let queue = Memo::new(move |_| card.queue());
    view! {
        <div class="column-narrow">
            {move || queue.get().map(|queue| view! { <Facts queue /> })}
        </div>
        <Outlet />
    }
}

#[component]
fn Facts(queue: Queue) -> impl IntoView {
    let facts = view! {
        <dl class="kv">
            <dt>{words::ID}</dt>
            <dd>
                <span class="mono">{queue.id.to_string()}</span>
                " "
                <span class="dim">{words::ID_HINT}</span>
            </dd>
            <dt>{words::TYPE}</dt>
            <dd>{catalog::queue_type(queue.kind)}</dd>
            <dt>{words::FIRES}</dt>
            <dd>{words::fires(queue.kind)}</dd>
            <dt>{words::MADE}</dt>
            <dd>
                <Time at=queue.created_at />
            </dd>
            <dt>{words::CHANGED}</dt>
            <dd>
                <Time at=queue.updated_at />
            </dd>
            {(!start::may_edit() && !queue.description.is_empty())
                .then(|| {
                    view! {
                        <dt>{words::DESCRIPTION}</dt>
                        <dd>{queue.description.clone()}</dd>
                    }
                })}
        </dl>
    };
    let id = queue.id;
    let change = start::may_edit().then(|| {
        view! {
            <section class="card pad">
                <Form action={url_of::<UpdateQueue>()} class="stack">
                    <Subject id=id.to_string() base=queue.updated_at.to_string() />
                    <Field name="name" label=words::NAME value=queue.name />
                    <Area
                        name="description"
                        label=words::DESCRIPTION
                        value=queue.description
                        optional=true
                        rows=3
                    />
                    <Check
                        name="enabled"
                        label=words::ENABLED
                        hint=words::ENABLED_HINT
                        checked=queue.enabled
                    />
                    <FormErrors />
                    <div class="row">
                        <Button kind=Kind::Primary name="save" value="true">
                            {form::SAVE}
                        </Button>
                    </div>
                </Form>
            </section>
            <section class="card pad">
                <Form action={url_of::<PauseQueue>()} class="row">
                    <Hidden name="id" value=id.to_string() />
                    <div class="grow">
                        <h2>{if queue.paused { words::PAUSED_SECTION } else { words::PAUSE_SECTION }}</h2>
                        <p class="about">
                            {if queue.paused { words::PAUSED_ABOUT } else { words::PAUSE_ABOUT }}
                        </p>
                    </div>
                    {queue.paused.then(|| view! { <ReleaseRate of=queue.release_per_s /> })}
                    <Button name="paused" value=if queue.paused { "false" } else { "true" }>
                        {if queue.paused { hooks::RESUME } else { words::PAUSE }}
                    </Button>
                    <FormErrors />
                </Form>
            </section>
            <section class="card pad row">
                <div class="grow">
                    <h2>{words::DUPLICATE_SECTION}</h2>
                    <p class="about">{words::DUPLICATE_ABOUT}</p>
                </div>
                <LinkButton href=format!("/queues/{id}/duplicate")>{words::DUPLICATE}</LinkButton>
            </section>
            <section class="card pad row">
                <div class="grow">
                    <h2>{words::DELETE_SECTION}</h2>
                    <p class="about">{words::DELETE_SECTION_ABOUT}</p>
                </div>
                <LinkButton href=format!("/queues/{id}/delete") kind=Kind::Danger>
                    {words::DELETE}
                </LinkButton>
            </section>
        }
    });
    view! {
        <section class="card pad">{facts}</section>
        {change}
    }
}

/// Asks before a queue is deleted.
#[component]
pub fn DeleteQueuePage() -> impl IntoView {
    let card = use_card();
    let question = move || {
        let hooks = card.hooks();
        card.queue().map(|queue| {
            view! {
                <Confirm
                    title=words::delete_question(&queue.name)
                    action={url_of::<DeleteQueue>()}
                    fields=vec![("id", queue.id.to_string())]
                    submit=words::DELETE
                    close=format!("/queues/{}", queue.id)
                >
                    <p>{words::delete_about(hooks)}</p>
                    <RestChoice />
                </Confirm>
            }
        })
    };
    view! { <EditorsOnly>{question}</EditorsOnly> }
}
