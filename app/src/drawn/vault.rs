//! Variables of the installation, secrets and mail profiles: their lists, and the page of one.

mod forms;

use super::{form::Refusal, kept};
use crate::{
    api::{url_of, vault as api},
    text::{time::relative, vault as text},
};
use admin::Naming;
use forms::{mail_form, secret_form, signing, variable_form};
use leptos::prelude::*;
use model::{
    mail_profile::MailProfile,
    secret::{SIGNING_KEY, Secret},
    time::Millis,
    variable::Variable,
    view::escaped,
};

/// One of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    Variables,
    Secrets,
    MailProfiles,
}

impl Shelf {
    pub const ALL: [Self; 3] = [Self::Variables, Self::Secrets, Self::MailProfiles];

    /// The path of its list.
    pub fn path(self) -> &'static str {
        match self {
            Self::Variables => "/settings/variables",
            Self::Secrets => "/settings/secrets",
            Self::MailProfiles => "/settings/mail-profiles",
        }
    }

    /// The path of the page of one.
    pub fn path_of(self, name: &str) -> String {
        format!("{}?name={}", self.path(), escaped(name))
    }
}

/// A list as it stands: what it was searched for, whether the person may change it, and what the
/// form of a new one left behind.
pub struct Asked<'a> {
    pub search: &'a str,
    pub changes: bool,
    pub refused: &'a Refusal,
    pub now: Millis,
}

/// What a row of a list shows.
struct Row {
    name: String,
    shown: AnyView,
    about: AnyView,
    updated: (Millis, String),
}

/// The variables of the installation.
pub fn variables(all: Vec<Variable>, asked: &Asked<'_>) -> AnyView {
    let rows = all.into_iter().map(|one| Row {
        shown: match &one.value {
            Some(value) if value.is_empty() => {
                view! { <span class="dim">{text::EMPTY_VALUE}</span> }.into_any()
            }
            Some(value) => view! { <code>{text::cut(value)}</code> }.into_any(),
            None => view! { <span class="dim">{text::ENCRYPTED}</span> }.into_any(),
        },
        about: view! { <code>{text::written(Shelf::Variables, &one.name)}</code> }.into_any(),
        name: one.name,
        updated: (one.updated_at, one.updated_by),
    });
    let new = variable_form(None, asked.refused);
    list(Shelf::Variables, rows.collect(), asked, new)
}

/// The secrets, and the key that requests are signed with.
pub fn secrets(all: Vec<Secret>, made: Option<String>, asked: &Asked<'_>) -> AnyView {
    let signs = all.iter().any(|one| one.name == SIGNING_KEY);
    let rows = all.into_iter().map(|one| Row {
        shown: view! { <code>{text::written(Shelf::Secrets, &one.name)}</code> }.into_any(),
        name: one.name,
        about: one.description.into_any(),
        updated: (one.updated_at, one.updated_by),
    });
    let new = secret_form(None, asked.refused);
    let made = made.map(|key| {
        view! {
            <section class="card sheet" role="status">
                <h2>{text::MADE_TITLE}</h2>
                <p class="dim">{text::MADE_TEXT}</p>
                <div class="code"><pre tabindex="0">{key}</pre></div>
            </section>
        }
    });
    let signing = asked.changes.then(|| signing(signs));
    let list = list(Shelf::Secrets, rows.collect(), asked, new);
    view! { {made} {list} {signing} }.into_any()
}

/// The mail profiles.
pub fn mail_profiles(all: Vec<MailProfile>, asked: &Asked<'_>) -> AnyView {
    let rows = all.into_iter().map(|one| Row {
        shown: view! { <span>{format!("{}:{}", one.server, one.port)}</span> }.into_any(),
        name: one.name,
        about: one.from.into_any(),
        updated: (one.updated_at, one.updated_by),
    });
    let new = mail_form(None, asked.refused);
    list(Shelf::MailProfiles, rows.collect(), asked, new)
}

fn list(of: Shelf, rows: Vec<Row>, asked: &Asked<'_>, new: AnyView) -> AnyView {
    let add = asked.changes.then(|| {
        let form = view! { <section class="card sheet">{new}</section> };
        kept::add_one(text::new(of), asked.refused.is_some(), form.into_any())
    });
    let bar = view! {
        <p class="help-lead">{text::about(of)}</p>
        {kept::tools(kept::search(of.path(), text::SEARCH, asked.search), add)}
    };
    if rows.is_empty() {
        let none = match asked.search.trim().is_empty() {
            true => {
                view! { <div class="card empty"><h2>{text::EMPTY}</h2><p>{text::empty(of)}</p></div> }
                    .into_any()
            }
            false => super::empty(text::NONE, text::NONE_ABOUT, text::CLEAR, of.path()),
        };
        return view! { {bar} {none} }.into_any();
    }
    let total = text::total(of, rows.len());
    let rows = rows.into_iter().map(|row| {
        let (at, by) = row.updated;
        view! {
            <tr>
                <td class="first name"><b class="strong"><a href=of.path_of(&row.name)>{row.name.clone()}</a></b></td>
                <td class="break">{row.shown}</td>
                <td class="break">{row.about}</td>
                <td class="last">{when(at, asked.now)} ", " {by}</td>
            </tr>
        }
    });
    let heads = text::heads(of).map(|head| view! { <th scope="col">{head}</th> });
    view! {
        {bar}
        <div class="card table-card">
            <table>
                <caption class="sr-only">{text::title(of)}</caption>
                <thead>
                    <tr>{heads.collect_view()}</tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
            <div class="foot">{total}</div>
        </div>
    }
    .into_any()
}

fn when(at: Millis, now: Millis) -> AnyView {
    view! { <time datetime=at.to_string() title=at.exact()>{relative(at, now)}</time> }.into_any()
}

/// The page of a variable.
pub fn variable(
    one: &Variable,
    used_by: &[Naming],
    changes: bool,
    refused: &Refusal,
    now: Millis,
) -> AnyView {
    let value = match &one.value {
        Some(value) => view! { <pre class="value">{value.clone()}</pre> }.into_any(),
        None => view! { <span class="dim">{text::ENCRYPTED}</span> }.into_any(),
    };
    let facts = view! { <dt>{text::VALUE}</dt> <dd>{value}</dd> }.into_any();
    let form = variable_form(Some(one), refused);
    let updated = (one.updated_at, one.updated_by.as_str());
    let delete = url_of::<api::DeleteVariable>();
    page(Shelf::Variables, &one.name, facts, updated, used_by, changes, form, delete, now)
}

/// The page of a secret.
pub fn secret(
    one: &Secret,
    used_by: &[Naming],
    changes: bool,
    refused: &Refusal,
    now: Millis,
) -> AnyView {
    let described = (!one.description.is_empty()).then(|| {
        view! { <dt>{text::DESCRIPTION}</dt> <dd>{one.description.clone()}</dd> }
    });
    let facts = view! {
        {described}
        <dt>{text::MADE}</dt>
        <dd>{when(one.created_at, now)}</dd>
    }
    .into_any();
    let form = secret_form(Some(one), refused);
    let updated = (one.updated_at, one.updated_by.as_str());
    let delete = url_of::<api::DeleteSecret>();
    page(Shelf::Secrets, &one.name, facts, updated, used_by, changes, form, delete, now)
}

/// The page of a mail profile.
pub fn mail_profile(one: &MailProfile, changes: bool, refused: &Refusal, now: Millis) -> AnyView {
    let user = one.user.clone().map(|user| view! { <dt>{text::USER}</dt> <dd>{user}</dd> });
    let facts = view! {
        <dt>{text::SERVER}</dt>
        <dd>{format!("{}:{}", one.server, one.port)} ", " {text::tls(one.tls)}</dd>
        {user}
        <dt>{text::PASSWORD}</dt>
        <dd>{if one.has_password { text::IS_SET } else { text::NOT_SET }}</dd>
        <dt>{text::FROM}</dt>
        <dd>{one.from.clone()}</dd>
    }
    .into_any();
    let form = mail_form(Some(one), refused);
    let updated = (one.updated_at, one.updated_by.as_str());
    let delete = url_of::<api::DeleteMailProfile>();
    page(Shelf::MailProfiles, &one.name, facts, updated, &[], changes, form, delete, now)
}

#[allow(clippy::too_many_arguments, reason = "the parts of one page")]
fn page(
    of: Shelf,
    name: &str,
    facts: AnyView,
    updated: (Millis, &str),
    used_by: &[Naming],
    changes: bool,
    form: AnyView,
    delete: &'static str,
    now: Millis,
) -> AnyView {
    let flows = used_by.iter().map(|flow| {
        let href = format!("/flows/{}", flow.id);
        view! { <li><a class="link" href=href>{flow.name.clone()}</a></li> }
    });
    let flows = flows.collect_view();
    let used = match (of, used_by.is_empty()) {
        (Shelf::MailProfiles, _) => ().into_any(),
        (_, true) => view! { <dt>{text::USED_BY}</dt> <dd>{text::USED_BY_NONE}</dd> }.into_any(),
        (_, false) => view! { <dt>{text::USED_BY}</dt> <dd><ul>{flows}</ul></dd> }.into_any(),
    };
    let changing = changes.then(|| {
        view! {
            <section class="card sheet">
                <h2>{text::change(of)}</h2>
                {form}
            </section>
            <details class="fold">
                <summary>{text::delete(of)}</summary>
                <section class="card sheet">
                    <p class="dim">{text::delete_about(of, used_by.len())}</p>
                    <form method="post" action=delete>
                        <input type="hidden" name="name" value=name.to_owned() />
                        <button class="btn danger">{text::delete_it(name)}</button>
                    </form>
                </section>
            </details>
        }
    });
    let (at, by) = updated;
    view! {
        <section class="card sheet">
            <dl class="kv">
                <dt>{text::WRITTEN}</dt>
                <dd><code>{text::written(of, name)}</code></dd>
                {facts}
                <dt>{text::UPDATED}</dt>
                <dd>{when(at, now)} ", " {by.to_owned()}</dd>
                {used}
            </dl>
        </section>
        {changing}
    }
    .into_any()
}
