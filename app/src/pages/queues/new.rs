//! A new queue: first its type, as tiles, then the rest.

use crate::{
    api::{queues::CreateQueue, url_of},
    text::{catalog, form, queues as words, shell},
    ui::{
        Area, Button, Crumb, EditorsOnly, Field, Form, FormErrors, Hidden, Kind, LinkButton,
        PageHead, use_query_value,
    },
};
use leptos::prelude::*;
use model::catalog::QueueType;

/// A new queue. The type is in the address, so that going back chooses again.
#[component]
pub fn NewQueue() -> impl IntoView {
    let kind = use_query_value("type");
    view! {
        <PageHead title=words::NEW crumbs=vec![Crumb::new(shell::QUEUES, "/queues")] />
        <EditorsOnly>
        {move || match kind.get().parse::<QueueType>() {
            Ok(kind) => view! { <TheRest kind /> }.into_any(),
            Err(_) => view! { <Tiles /> }.into_any(),
        }}
        </EditorsOnly>
    }
}

#[component]
fn Tiles() -> impl IntoView {
    let tiles = QueueType::ALL.map(|kind| {
        view! {
            <a class="card tile" href=format!("/queues/new?type={kind}")>
                <b>{catalog::queue_type(kind)}</b>
                <span>{catalog::queue_type_about(kind)}</span>
                <small>{words::fires(kind)}</small>
            </a>
        }
    });
    view! {
        <h2 class="below">{words::CHOOSE_TYPE}</h2>
        <p class="about">{words::CHOOSE_TYPE_ABOUT}</p>
        <div class="tiles">{tiles.collect_view()}</div>
    }
}

#[component]
fn TheRest(kind: QueueType) -> impl IntoView {
    view! {
        <div class="column-narrow">
            <section class="card pad">
                <Form action={url_of::<CreateQueue>()} class="stack">
                    <Hidden name="kind" value=kind.to_string() />
                    <div class="kv">
                        <span class="dim">{words::TYPE}</span>
                        <span>
                            {catalog::queue_type(kind)} " "
                            <a class="link" href="/queues/new">
                                {words::OTHER_TYPE}
                            </a>
                        </span>
                        <span class="dim">{words::FIRES}</span>
                        <span>{words::fires(kind)}</span>
                    </div>
                    <Field name="name" label=words::NAME hint=words::NAME_HINT autofocus=true />
                    <Area name="description" label=words::DESCRIPTION optional=true rows=3 />
                    <FormErrors />
                    <div class="row">
                        <Button kind=Kind::Primary name="create" value="true">
                            {words::CREATE}
                        </Button>
                        <LinkButton href="/queues">{form::CANCEL}</LinkButton>
                    </div>
                </Form>
            </section>
        </div>
    }
}
