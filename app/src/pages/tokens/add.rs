//! A new token, and its secret, once.

use crate::{
    api::{
        tokens::{CreateToken, take_made_token},
        url_of,
    },
    text::{form, tokens as text},
    ui::{Button, Check, Code, Dialog, Field, Form, FormErrors, FormState, Kind, LinkButton, Load},
};
use leptos::prelude::*;
use model::user::Scope;

/// Asks for a name and scopes.
#[component]
pub fn AddToken() -> impl IntoView {
    view! {
        <Dialog title=text::ADD close="/tokens" narrow=true>
            <Form action={url_of::<CreateToken>()}>
                <div class="dialog-body">
                    <p class="dim">{text::ABOUT}</p>
                    <Field name="name" label=text::NAME hint=text::NAME_HINT autocomplete="off" />
                    <Scopes />
                    <FormErrors />
                </div>
                <footer>
                    <span class="grow"></span>
                    <LinkButton href="/tokens">{form::CANCEL}</LinkButton>
                    <Button kind=Kind::Primary>{text::CREATE}</Button>
                </footer>
            </Form>
        </Dialog>
    }
}

/// The scopes as boxes to tick; ingest is what a first token is for.
#[component]
fn Scopes() -> impl IntoView {
    let state = FormState::here();
    _ = state.field("scopes");
    // Where the form was refused, its name had been typed, even if empty.
    let refused = state.field("name").is_some();
    let boxes = Scope::ALL
        .into_iter()
        .map(|scope| {
            let ticked = state.field(&format!("scope-{scope}")).is_some();
            let checked = if refused { ticked } else { scope == Scope::Ingest };
            view! {
                <Check
                    name="scopes[]"
                    label=text::scope(scope)
                    value=scope.to_string()
                    checked=checked
                    hint=text::scope_about(scope)
                />
            }
        })
        .collect_view();
    view! {
        <fieldset class="field stack">
            <legend class="legend">{text::SCOPES}</legend>
            {boxes}
            {move || state.problem("scopes").map(|problem| view! {
                <div class="problem" role="alert">{problem}</div>
            })}
        </fieldset>
    }
}

/// The secret of the token just made. It is gone when the page is loaded again.
#[component]
pub fn MadeToken() -> impl IntoView {
    let made = Resource::new(|| (), |()| take_made_token());
    view! {
        <Load
            of=made
            lines=0
            view=|made| match made {
                Some(made) => view! {
                    <Dialog title=text::MADE_TITLE sub=made.name close="/tokens" narrow=true>
                        <div class="dialog-body">
                            <p>{text::MADE_TEXT}</p>
                            <Code text=made.secret.clone() label=text::COPY />
                            <details class="fold">
                                <summary>{text::TRY_IT}</summary>
                                <Code text=text::try_it(&made.secret) />
                            </details>
                        </div>
                        <footer>
                            <span class="grow"></span>
                            <LinkButton href="/tokens" kind=Kind::Primary>{text::DONE}</LinkButton>
                        </footer>
                    </Dialog>
                }
                .into_any(),
                None => view! {
                    <Dialog title=text::MADE_GONE_TITLE close="/tokens" narrow=true>
                        <div class="dialog-body"><p>{text::MADE_GONE_TEXT}</p></div>
                        <footer>
                            <span class="grow"></span>
                            <LinkButton href="/tokens">{text::BACK}</LinkButton>
                        </footer>
                    </Dialog>
                }
                .into_any(),
            }
        />
    }
}
