//! Another role, another password, the end of a user.

use super::{roles, use_user_id};
use crate::{
    api::{
        url_of,
        users::{DeleteUser as Delete, SetUserPassword, SetUserRole, get_user},
    },
    text::{form, users as text},
    ui::{
        Button, Confirm, Dialog, Field, Form, FormErrors, Hidden, Kind, LinkButton, Load, Select,
    },
};
use leptos::prelude::*;
use model::user::User;

/// Shows `view` for the user that the address names.
fn with_user(view: fn(User) -> AnyView) -> impl IntoView {
    let id = use_user_id();
    let user = Resource::new(move || id.get(), get_user);
    view! { <Load of=user lines=0 view=view /> }
}

/// Gives the user another role.
#[component]
pub fn ChangeRole() -> impl IntoView {
    with_user(|user| {
        view! {
            <Dialog title=text::CHANGE_ROLE_TITLE sub=user.login.clone() close="/users" narrow=true>
                <Form action={url_of::<SetUserRole>()}>
                    <Hidden name="id" value=user.id.to_string() />
                    <div class="dialog-body">
                        <Select name="role" label=text::ROLE options=roles() value=user.role.to_string() />
                        <FormErrors />
                    </div>
                    <Foot submit=text::CHANGE_ROLE />
                </Form>
            </Dialog>
        }
        .into_any()
    })
}

/// Gives the user another password.
#[component]
pub fn SetPassword() -> impl IntoView {
    with_user(|user| {
        view! {
            <Dialog title=text::SET_PASSWORD sub=user.login.clone() close="/users" narrow=true>
                <Form action={url_of::<SetUserPassword>()}>
                    <Hidden name="id" value=user.id.to_string() />
                    <div class="dialog-body">
                        <p class="dim">{text::SET_PASSWORD_TEXT}</p>
                        // For password managers, which would not know whose password changes.
                        <input type="text" autocomplete="username" value=user.login hidden readonly />
                        <Field
                            name="password"
                            label=text::NEW_PASSWORD
                            hint=text::PASSWORD_HINT
                            kind="password"
                            autocomplete="new-password"
                        />
                        <FormErrors />
                    </div>
                    <Foot submit=text::SET_PASSWORD />
                </Form>
            </Dialog>
        }
        .into_any()
    })
}

#[component]
fn Foot(submit: &'static str) -> impl IntoView {
    view! {
        <footer>
            <span class="grow"></span>
            <LinkButton href="/users">{form::CANCEL}</LinkButton>
            <Button kind=Kind::Primary>{submit}</Button>
        </footer>
    }
}

/// Asks before the user is deleted.
#[component]
pub fn DeleteUser() -> impl IntoView {
    with_user(|user| {
        view! {
            <Confirm
                title=text::DELETE_TITLE
                action={url_of::<Delete>()}
                fields=vec![("id", user.id.to_string())]
                submit=text::DELETE
                close="/users"
            >
                <p><b>{user.login}</b>": "{text::DELETE_TEXT}</p>
            </Confirm>
        }
        .into_any()
    })
}
