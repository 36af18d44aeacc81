//! One's own account: password, theme, signing out.

use crate::{
    api::{
        session::{ChangePassword, SignOut},
        url_of,
    },
    shell::ThemeChoice,
    start,
    text::{account as words, session, shell},
    ui::{Button, Field, Form, FormErrors, Kind, PageHead},
};
use leptos::prelude::*;

/// One's own account.
#[component]
pub fn Account() -> impl IntoView {
    let login = start::use_who().map(|who| who.login);
    let facts = start::use_who().map(|who| {
        view! {
            <dl class="kv">
                <dt>{words::LOGIN}</dt>
                <dd>{who.login}</dd>
                <dt>{words::ROLE}</dt>
                <dd>{words::role(who.role)}</dd>
            </dl>
        }
    });
    view! {
        <PageHead title=words::TITLE />
        <div class="column-narrow">
            <section class="card pad stack">{facts}</section>
            <section class="card pad stack">
                <h2>{words::PASSWORD}</h2>
                <Form action={url_of::<ChangePassword>()} class="stack">
                    // For password managers, which would not know whose password changes.
                    <input type="text" autocomplete="username" value=login hidden readonly />
                    <Field
                        name="current"
                        label=words::CURRENT
                        kind="password"
                        autocomplete="current-password"
                    />
                    <Field
                        name="password"
                        label=words::NEW
                        kind="password"
                        autocomplete="new-password"
                        hint=session::PASSWORD_HINT
                    />
                    <Field
                        name="again"
                        label=words::AGAIN
                        kind="password"
                        autocomplete="new-password"
                    />
                    <FormErrors />
                    <div class="row">
                        <Button kind=Kind::Primary name="save" value="true">
                            {words::SAVE}
                        </Button>
                    </div>
                </Form>
            </section>
            <section class="card pad stack">
                <h2>{words::THEME}</h2>
                <ThemeChoice />
            </section>
            <section class="card pad row">
                <Form action={url_of::<SignOut>()}>
                    <Button name="sign_out" value="true">
                        {shell::SIGN_OUT}
                    </Button>
                </Form>
                <span class="dim">{words::SIGN_OUT_ABOUT}</span>
            </section>
        </div>
    }
}
