//! Fields of forms that the server draws and the browser posts.

use crate::{text::form, ui::area_html};
use leptos::prelude::*;

/// What a refused form left behind: what was typed, and what is wrong, by field.
#[derive(Default)]
pub struct Refusal {
    pub typed: Vec<(String, String)>,
    pub problems: Vec<(String, String)>,
}

impl Refusal {
    /// Whether a form was refused at all.
    pub fn is_some(&self) -> bool {
        !self.problems.is_empty()
    }

    /// What was typed into a field, if the form was refused.
    pub fn typed(&self, name: &str) -> Option<String> {
        self.typed.iter().find(|(of, _)| of == name).map(|(_, value)| value.clone())
    }

    /// What is wrong with a field; of the form as a whole by the empty name.
    pub fn problem(&self, name: &str) -> Option<String> {
        self.problems.iter().find(|(of, _)| of == name).map(|(_, told)| form::sentence(told))
    }

    /// What is wrong with the form as a whole.
    pub fn whole(&self) -> AnyView {
        let told = self.problem("");
        told.map(|told| view! { <div class="form-errors" role="alert">{told}</div> }).into_any()
    }
}

/// How a field is typed into.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Typing {
    Text,
    Number,
    /// Many lines.
    Lines,
    /// Many lines, hidden while they are typed, and never filled in.
    SecretLines,
    /// Hidden while it is typed, and never filled in.
    Password,
}

/// A field: its label, what stands in it, what is wrong with it, and a hint.
pub fn field(
    name: &'static str,
    label: &'static str,
    typing: Typing,
    value: String,
    problem: Option<String>,
    hint: impl Into<String>,
) -> AnyView {
    let (id, about, wrong) = (format!("f-{name}"), format!("h-{name}"), format!("p-{name}"));
    let described = match problem {
        Some(_) => format!("{wrong} {about}"),
        None => about.clone(),
    };
    let invalid = problem.as_ref().map(|_| "true");
    let (kind, completes) = match typing {
        Typing::Password => ("password", "new-password"),
        _ => ("text", "off"),
    };
    let mode = (typing == Typing::Number).then_some("decimal");
    let control = match typing {
        Typing::Lines | Typing::SecretLines => view! {
            <textarea
                class="input area"
                class:masked={typing == Typing::SecretLines}
                id=id.clone()
                name=name
                rows="3"
                spellcheck="false"
                autocomplete="off"
                aria-describedby=described
                aria-invalid=invalid
                inner_html=area_html(&value)
            ></textarea>
        }
        .into_any(),
        _ => view! {
            <input
                class="input"
                id=id.clone()
                name=name
                value=value
                type=kind
                inputmode=mode
                autocomplete=completes
                spellcheck="false"
                aria-describedby=described
                aria-invalid=invalid
            />
        }
        .into_any(),
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {control}
            {problem.map(|told| view! { <div class="problem" id=wrong>{told}</div> })}
            <div class="hint" id=about>{hint.into()}</div>
        </div>
    }
    .into_any()
}
