//! Signing in.

use crate::{
    api::{
        session::{self, is_set_up},
        url_of,
    },
    shell::Alone,
    text::session as words,
    ui::{Button, Code, Field, Form, FormErrors, Hidden, Kind, Load, PageTitle, use_query_value},
};
use leptos::prelude::*;

/// Signing in; where nobody can yet, how to get the set-up link.
#[component]
pub fn SignIn() -> impl IntoView {
    let ready = Resource::new_blocking(|| (), |()| is_set_up());
    let link = use_query_value("link");
    view! {
        <Alone>
            <PageTitle text=words::SIGN_IN />
            <Load
                of=ready
                lines=3
                view=move |ready| {
                    let link = link.get_untracked();
                    if !link.is_empty() {
                        view! { <LinkForm link /> }.into_any()
                    } else if ready {
                        view! { <SignInForm /> }.into_any()
                    } else {
                        view! { <NotSetUp /> }.into_any()
                    }
                }
            />
        </Alone>
    }
}

#[component]
fn SignInForm() -> impl IntoView {
    let next = use_query_value("next");
    view! {
        <h1>{words::SIGN_IN}</h1>
        <Form action={url_of::<session::SignIn>()} class="stack">
            <Hidden name="next" value=next />
            <Field name="login" label=words::LOGIN autocomplete="username" autofocus=true />
            <Field
                name="password"
                label=words::PASSWORD
                kind="password"
                autocomplete="current-password"
            />
            <FormErrors />
            <Button kind=Kind::Primary name="sign_in" value="true">
                {words::SIGN_IN}
            </Button>
        </Form>
    }
}

/// Looking at the link uses nothing up: only its form does.
#[component]
fn LinkForm(link: String) -> impl IntoView {
    view! {
        <h1>{words::SIGN_IN}</h1>
        <p class="about">{words::LINK_ABOUT}</p>
        <Form action={url_of::<session::SignInByLink>()} class="stack">
            <Hidden name="link" value=link />
            <FormErrors />
            <Button kind=Kind::Primary name="sign_in" value="true">
                {words::SIGN_IN}
            </Button>
        </Form>
    }
}

#[component]
fn NotSetUp() -> impl IntoView {
    view! {
        <h1>{words::NOT_SET_UP}</h1>
        <p class="about">{words::NOT_SET_UP_ABOUT}</p>
        <p class="about">{words::NOT_SET_UP_COMMAND}</p>
        <Code text=words::ADD_USER />
    }
}
