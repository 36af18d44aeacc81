//! Making the first administrator at a one-time link.

use crate::{
    api::{
        session::{SetUp, SetupLink, look_at_setup_link},
        url_of,
    },
    shell::Alone,
    text::session as words,
    ui::{
        Button, Field, Form, FormErrors, Hidden, Kind, LinkButton, Load, PageTitle, use_query_value,
    },
};
use leptos::prelude::*;

/// Making the first administrator. Looking at the page uses nothing up: only its form does.
#[component]
pub fn Setup() -> impl IntoView {
    let link = use_query_value("link");
    let found = Resource::new_blocking(move || link.get(), look_at_setup_link);
    view! {
        <Alone>
            <PageTitle text=words::SET_UP />
            <Load
                of=found
                lines=3
                view=move |found| match found {
                    SetupLink::Open => view! { <SetupForm link=link.get_untracked() /> }.into_any(),
                    SetupLink::Closed => {
                        told(words::LINK_CLOSED, words::LINK_CLOSED_ABOUT).into_any()
                    }
                    SetupLink::Done => {
                        view! {
                            {told(words::LINK_DONE, words::LINK_DONE_ABOUT)}
                            <LinkButton href="/sign-in" kind=Kind::Primary>
                                {words::SIGN_IN}
                            </LinkButton>
                        }
                            .into_any()
                    }
                }
            />
        </Alone>
    }
}

fn told(title: &'static str, about: &'static str) -> impl IntoView {
    view! {
        <h1>{title}</h1>
        <p class="about">{about}</p>
    }
}

#[component]
fn SetupForm(link: String) -> impl IntoView {
    view! {
        <h1>{words::SET_UP}</h1>
        <p class="about">{words::SET_UP_ABOUT}</p>
        <Form action={url_of::<SetUp>()} class="stack">
            <Hidden name="link" value=link />
            <Field
                name="login"
                label=words::LOGIN
                hint=words::LOGIN_HINT
                autocomplete="username"
                autofocus=true
            />
            <Field
                name="password"
                label=words::PASSWORD
                hint=words::PASSWORD_HINT
                kind="password"
                autocomplete="new-password"
            />
            <Field
                name="again"
                label=words::PASSWORD_AGAIN
                kind="password"
                autocomplete="new-password"
            />
            <FormErrors />
            <Button kind=Kind::Primary name="set_up" value="true">
                {words::SET_UP_SUBMIT}
            </Button>
        </Form>
    }
}
