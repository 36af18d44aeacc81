//! The forms of variables of the installation, secrets and mail profiles.

use super::super::form::{Refusal, Typing, field};
use crate::{
    api::{url_of, vault as api},
    text::vault as text,
};
use leptos::prelude::*;
use model::{
    mail_profile::{MailProfile, MailTls},
    secret::Secret,
    variable::Variable,
};

/// The name: to be typed for a new one, else it stays.
fn name_field(name: Option<&str>, refused: &Refusal, hint: &'static str) -> AnyView {
    match name {
        Some(name) => {
            view! { <input type="hidden" name="name" value=name.to_owned() /> }.into_any()
        }
        None => view! {
            <input type="hidden" name="new" value="yes" />
            {field(
                "name",
                text::NAME,
                Typing::Text,
                refused.typed("name").unwrap_or_default(),
                refused.problem("name"),
                hint,
            )}
        }
        .into_any(),
    }
}

fn save(refused: &Refusal) -> AnyView {
    view! {
        {refused.whole()}
        <div class="row">
            <button class="btn primary">{text::SAVE}</button>
        </div>
    }
    .into_any()
}

/// Makes a variable, or changes one.
pub fn variable_form(one: Option<&Variable>, refused: &Refusal) -> AnyView {
    let value = one.and_then(|one| one.value.clone()).unwrap_or_default();
    let value = refused.typed("value").unwrap_or(value);
    let encrypted = refused.typed("encrypted").map(|typed| !typed.is_empty());
    let encrypted = encrypted.unwrap_or(one.is_some_and(|one| one.encrypted));
    view! {
        <form class="limits" method="post" action={url_of::<api::SaveVariable>()}>
            {name_field(one.map(|one| one.name.as_str()), refused, text::NAME_HINT)}
            {field(
                "value",
                text::VALUE,
                Typing::Lines,
                value,
                refused.problem("value"),
                text::VALUE_HINT,
            )}
            <div class="check">
                <label>
                    <input
                        type="checkbox"
                        name="encrypted"
                        value="yes"
                        checked=encrypted
                        aria-describedby="h-encrypted"
                    />
                    <span>{text::ENCRYPT}</span>
                </label>
                <div class="hint" id="h-encrypted">{text::ENCRYPT_HINT}</div>
            </div>
            {save(refused)}
        </form>
    }
    .into_any()
}

/// Makes a secret, or changes one.
pub fn secret_form(one: Option<&Secret>, refused: &Refusal) -> AnyView {
    let described = one.map(|one| one.description.clone()).unwrap_or_default();
    let hint = if one.is_some() { text::SECRET_STAYS } else { text::SECRET_HINT };
    view! {
        <form class="limits" method="post" action={url_of::<api::SaveSecret>()}>
            {name_field(one.map(|one| one.name.as_str()), refused, text::NAME_HINT)}
            {field(
                "value",
                text::VALUE,
                Typing::SecretLines,
                String::new(),
                refused.problem("value"),
                hint,
            )}
            {field(
                "description",
                text::DESCRIPTION,
                Typing::Text,
                refused.typed("description").unwrap_or(described),
                refused.problem("description"),
                text::DESCRIPTION_HINT,
            )}
            {save(refused)}
        </form>
    }
    .into_any()
}

/// Makes a key to sign requests with, or another one in its place.
pub fn signing(is_there: bool) -> AnyView {
    let (word, about) = match is_there {
        true => (text::REPLACE_KEY, text::REPLACE_KEY_ABOUT),
        false => (text::MAKE_KEY, text::MAKE_KEY_ABOUT),
    };
    view! {
        <section class="card sheet">
            <h2>{text::SIGNING}</h2>
            <p class="dim">{text::SIGNING_ABOUT}</p>
            <details class="fold">
                <summary>{word}</summary>
                <p class="dim">{about}</p>
                <form method="post" action={url_of::<api::MakeSigningKey>()}>
                    <button class="btn">{word}</button>
                </form>
            </details>
        </section>
    }
    .into_any()
}

/// Makes a mail profile, or changes one.
pub fn mail_form(one: Option<&MailProfile>, refused: &Refusal) -> AnyView {
    let kept = |name: &str| {
        let kept = one.map(|one| match name {
            "server" => one.server.clone(),
            "port" => one.port.to_string(),
            "user" => one.user.clone().unwrap_or_default(),
            "from" => one.from.clone(),
            _ => String::new(),
        });
        kept.unwrap_or_default()
    };
    let one_field =
        |name: &'static str, label: &'static str, typing: Typing, hint: &'static str| {
            let value = refused.typed(name).unwrap_or_else(|| kept(name));
            field(name, label, typing, value, refused.problem(name), hint)
        };
    let tls = refused.typed("tls").and_then(|word| word.parse().ok());
    let tls = tls.or(one.map(|one| one.tls)).unwrap_or(MailTls::StartTls);
    let options = MailTls::ALL.map(|of| {
        let chosen = of == tls;
        view! { <option value=of.as_str() selected=chosen>{text::tls(of)}</option> }
    });
    let stays = if one.is_some() { text::PASSWORD_STAYS } else { text::PASSWORD_HINT };
    let none = one.is_some_and(|one| one.has_password).then(|| {
        view! {
            <div class="check">
                <label>
                    <input type="checkbox" name="no_password" value="yes" />
                    <span>{text::NO_PASSWORD}</span>
                </label>
            </div>
        }
    });
    view! {
        <form class="limits" method="post" action={url_of::<api::SaveMailProfile>()}>
            {name_field(one.map(|one| one.name.as_str()), refused, text::PROFILE_NAME_HINT)}
            {one_field("server", text::SERVER, Typing::Text, text::SERVER_HINT)}
            {one_field("port", text::PORT, Typing::Number, text::PORT_HINT)}
            <div class="field">
                <label for="f-tls">{text::TLS}</label>
                <select class="input" id="f-tls" name="tls">{options.collect_view()}</select>
            </div>
            {one_field("user", text::USER, Typing::Text, text::USER_HINT)}
            {one_field("password", text::PASSWORD, Typing::Password, stays)}
            {none}
            {one_field("from", text::FROM, Typing::Text, text::FROM_HINT)}
            {save(refused)}
        </form>
    }
    .into_any()
}
