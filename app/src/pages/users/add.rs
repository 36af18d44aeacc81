//! A new user.

use super::roles;
use crate::{
    api::{url_of, users::CreateUser},
    text::{form, users as text},
    ui::{Button, Dialog, Field, Form, FormErrors, Kind, LinkButton, Select},
};
use leptos::prelude::*;
use model::user::Role;

/// Asks for login, role and password.
#[component]
pub fn AddUser() -> impl IntoView {
    view! {
        <Dialog title=text::ADD close="/users" narrow=true>
            <Form action={url_of::<CreateUser>()}>
                <div class="dialog-body">
                    <p class="dim">{text::ADD_TEXT}</p>
                    <Field name="login" label=text::LOGIN hint=text::LOGIN_HINT autocomplete="off" />
                    <Select name="role" label=text::ROLE options=roles() value=Role::Editor.to_string() />
                    <Field
                        name="password"
                        label=text::PASSWORD
                        hint=text::PASSWORD_HINT
                        kind="password"
                        autocomplete="new-password"
                    />
                    <FormErrors />
                </div>
                <footer>
                    <span class="grow"></span>
                    <LinkButton href="/users">{form::CANCEL}</LinkButton>
                    <Button kind=Kind::Primary>{text::ADD}</Button>
                </footer>
            </Form>
        </Dialog>
    }
}
