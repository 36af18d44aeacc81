//! A queue's variables, as JSON.

use super::card::use_card;
use crate::{
    api::{queues::SetVariables, url_of},
    start,
    text::queues as words,
    ui::{Area, Button, Code, Form, FormErrors, Kind, Subject},
};
use leptos::prelude::*;
use model::queue::Queue;

/// A queue's variables.
#[component]
pub fn Variables() -> impl IntoView {
    let card = use_card();
    let queue = Memo::new(move |_| card.queue());
    view! {
        <div class="column-narrow">
            <p class="about">{words::VARIABLES_ABOUT}</p>
            {move || queue.get().map(|queue| view! { <Edit queue /> })}
        </div>
    }
}

#[component]
fn Edit(queue: Queue) -> impl IntoView {
    let json = serde_json::to_string_pretty(&queue.variables).unwrap_or_default();
    if !start::may_edit() {
        return if queue.variables.is_empty() {
            view! { <p class="dim">{words::NO_VARIABLES}</p> }.into_any()
        } else {
            view! { <Code text=json label=words::VARIABLES_JSON /> }.into_any()
        };
    }
    view! {
        <section class="card pad">
            <Form action={url_of::<SetVariables>()} class="stack">
                <Subject id=queue.id.to_string() base=queue.updated_at.to_string() />
                <Area
                    name="variables"
                    label=words::VARIABLES_JSON
                    value=json
                    hint=words::VARIABLES_HINT
                    rows=12
                    mono=true
                />
                <FormErrors />
                <div class="row">
                    <Button kind=Kind::Primary name="save" value="true">
                        {words::VARIABLES_SAVE}
                    </Button>
                </div>
            </Form>
        </section>
    }
    .into_any()
}
