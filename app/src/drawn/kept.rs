//! What the pages of what flows keep have in common.

use super::Refusal;
use crate::text::{cache, calendars, lists, ui};
use leptos::prelude::*;
use model::{time::Millis, view::escaped};

/// The pages, each a tab of the others.
pub fn tabs(here: &str) -> AnyView {
    let tabs =
        [("/lists", lists::TITLE), ("/calendars", calendars::TITLE), ("/cache", cache::TITLE)];
    let tabs = tabs.map(|(href, label)| {
        view! { <a href=href aria-current=(href == here).then_some("page")>{label}</a> }
    });
    view! { <nav class="tabs" aria-label=lists::KEPT>{tabs.collect_view()}</nav> }.into_any()
}

/// What stands above a list: a search, and what makes a new one where that is allowed.
pub fn tools(search: AnyView, add: Option<AnyView>) -> AnyView {
    view! { <div class="tools">{search} {add}</div> }.into_any()
}

/// A button that opens the form of a new one.
pub fn add_one(label: &'static str, open: bool, form: AnyView) -> AnyView {
    view! {
        <details class="add-one" open=open>
            <summary class="btn primary">{label}</summary>
            {form}
        </details>
    }
    .into_any()
}

/// A search field as a form of its own.
pub fn search(action: &str, label: &'static str, search: &str) -> AnyView {
    view! {
        <form method="get" action=action.to_owned() class="toolbar" role="search">
            <input
                class="input"
                type="search"
                name="search"
                value=search.to_owned()
                placeholder=label
                aria-label=label
            />
            <button class="btn">{ui::APPLY}</button>
        </form>
    }
    .into_any()
}

/// A field of a form, with what was typed into it and what is wrong with it.
pub struct Field {
    pub form: &'static str,
    pub name: &'static str,
    pub label: &'static str,
    /// The type of its input.
    pub kind: &'static str,
    pub value: String,
    pub hint: &'static str,
    pub required: bool,
}

impl Field {
    /// A field for a text.
    pub fn new(form: &'static str, name: &'static str, label: &'static str) -> Self {
        let (value, hint) = (String::new(), "");
        Self { form, name, label, kind: "text", value, hint, required: false }
    }

    pub fn of(self, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..self }
    }

    pub fn kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    pub fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Draws it, after what was refused.
    pub fn draw(self, refused: &Refusal) -> AnyView {
        let Self { form, name, label, kind, value, hint, required } = self;
        let id = format!("{form}-{name}");
        let (about, wrong) = (format!("{id}-hint"), format!("{id}-problem"));
        let problem = refused.problem(name);
        let described = match (&problem, hint) {
            (None, "") => None,
            (None, _) => Some(about.clone()),
            (Some(_), "") => Some(wrong.clone()),
            (Some(_), _) => Some(format!("{wrong} {about}")),
        };
        let list = (name == "time_zone").then_some("time-zones");
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input
                    class="input"
                    id=id
                    name=name
                    type=kind
                    list=list
                    value=refused.typed(name).unwrap_or(value)
                    autocomplete="off"
                    required=required
                    aria-describedby=described
                    aria-invalid=problem.as_ref().map(|_| "true")
                />
                {problem.map(|told| view! { <div class="problem" id=wrong>{told}</div> })}
                {(!hint.is_empty()).then(|| view! { <div class="hint" id=about>{hint}</div> })}
            </div>
        }
        .into_any()
    }
}

/// What is wrong with a form as a whole.
pub fn others(refused: &Refusal) -> AnyView {
    let told = refused.problem("");
    told.map(|told| view! { <div class="form-errors" role="alert">{told}</div> }).into_any()
}

/// A time relative to now, the exact one on hovering; `never` where there is none.
pub fn when(at: Option<Millis>, now: Millis, never: &'static str) -> AnyView {
    match at {
        Some(at) => {
            let told = crate::text::time::relative(at, now);
            view! { <time datetime=at.to_string() title=at.exact()>{told}</time> }.into_any()
        }
        None => view! { <span class="dim">{never}</span> }.into_any(),
    }
}

/// The links to the next stretch of a list and back to its start.
pub fn onward(path: &str, search: &str, after: &str, next: Option<&str>) -> AnyView {
    let search = escaped(search);
    let first = (!after.is_empty()).then(|| {
        let href = format!("{path}?search={search}");
        view! { <a class="btn" href=href>{lists::FIRST}</a> }
    });
    let next = next.map(|next| {
        let href = format!("{path}?search={search}&after={}", escaped(next));
        view! { <a class="btn" href=href>{lists::NEXT}</a> }
    });
    view! { <span class="grow"></span> {first} {next} }.into_any()
}

/// A deletion, behind a question.
pub fn deletion(
    action: &'static str,
    id: i64,
    label: &'static str,
    about: &'static str,
) -> AnyView {
    view! {
        <details class="fold">
            <summary>{label}</summary>
            <form method="post" action=action class="stack">
                <input type="hidden" name="id" value=id.to_string() />
                <p class="dim">{about}</p>
                <div class="row"><button class="btn danger">{label}</button></div>
            </form>
        </details>
    }
    .into_any()
}
