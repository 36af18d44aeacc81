//! The question before something is done to many.

use super::{Named, joined};
use crate::{
    api::{
        many::{ChangeMany, Over, Question},
        url_of,
    },
    pages::hooks::FlowChoice,
    text::form,
    ui::{Button, Dialog, Form, FormErrors, Hidden, Kind, LinkButton, RestChoice},
};
use leptos::prelude::*;
use model::many::Act;

/// Asks, and posts when the answer is yes.
#[component]
pub fn Ask(over: Over, question: Question, back: String) -> impl IntoView {
    let Question { act, title, about, chosen, submit, flows } = question;
    let kind = if act == Act::Delete { Kind::Danger } else { Kind::Primary };
    let over = match over {
        Over::Hooks => "hooks",
        Over::Queues => "queues",
    };
    let ids = joined(&chosen.ids);
    let flow = (act == Act::Move).then(|| {
        view! {
            <div>
                <FlowChoice offered=flows held=None />
            </div>
        }
    });
    view! {
        <Dialog title close=back.clone() narrow=true>
            <Form action={url_of::<ChangeMany>()}>
                <Hidden name="over" value=over.to_owned() />
                <Hidden name="act" value=act.to_string() />
                <Hidden name="ids" value=ids />
                <Hidden name="back" value=back.clone() />
                <div class="dialog-body">
                    {flow}
                    <p>{about}</p>
                    <Named chosen />
                    {(act == Act::Delete).then(|| view! { <RestChoice /> })}
                    <FormErrors />
                </div>
                <footer>
                    <span class="grow"></span>
                    <LinkButton href=back>{form::CANCEL}</LinkButton>
                    <Button kind name="confirm" value="true">
                        {submit}
                    </Button>
                </footer>
            </Form>
        </Dialog>
    }
}
