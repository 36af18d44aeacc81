//! Fields: a label, a control, a hint, and what is wrong with it.

use super::FormState;
use crate::text;
use leptos::prelude::*;

/// The label, hint and problem around a control of any kind. The control takes the ids that it
/// is given: `id`, `aria-describedby`.
#[component]
pub fn FieldShell(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] optional: bool,
    children: Children,
) -> impl IntoView {
    let state = FormState::here();
    let id = format!("f-{name}");
    view! {
        <div class="field">
            <label for=id>
                {label} {optional.then(|| view! { <span class="dim">{text::form::OPTIONAL}</span> })}
            </label>
            {children()}
            <Problem state name=name.clone() />
            {(!hint.is_empty()).then(|| view! { <div class="hint" id=format!("h-{name}")>{hint}</div> })}
        </div>
    }
}

#[component]
fn Problem(state: FormState, name: String) -> impl IntoView {
    move || {
        state.problem(&name).map(|problem| {
            view! {
                <div class="problem" id=format!("p-{name}")>
                    {problem}
                </div>
            }
        })
    }
}

/// What ties a control to its hint and problem.
#[derive(Clone, Copy)]
struct Ties {
    state: FormState,
    name: StoredValue<String>,
    hinted: bool,
}

impl Ties {
    fn new(state: FormState, name: &str, hinted: bool) -> Self {
        Self { state, name: StoredValue::new(name.to_owned()), hinted }
    }

    fn wrong(self) -> bool {
        self.name.with_value(|name| self.state.problem(name).is_some())
    }

    fn invalid(self) -> Option<&'static str> {
        self.wrong().then_some("true")
    }

    fn described_by(self) -> Option<String> {
        let name = self.name.get_value();
        match (self.wrong(), self.hinted) {
            (true, true) => Some(format!("p-{name} h-{name}")),
            (true, false) => Some(format!("p-{name}")),
            (false, true) => Some(format!("h-{name}")),
            (false, false) => None,
        }
    }
}

/// A line of text. Begins with what had been typed where the form was refused, else with `value`.
#[component]
pub fn Field(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional)] optional: bool,
    /// `text`, `password`, `number`, …
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional, into)] autocomplete: Option<String>,
    #[prop(optional)] autofocus: bool,
    /// Set in the typeface of code.
    #[prop(optional)]
    mono: bool,
    /// The id of a `<datalist>`.
    #[prop(optional, into)]
    list: Option<String>,
) -> impl IntoView {
    let state = FormState::here();
    let value = state.field(&name).unwrap_or(value);
    let ties = Ties::new(state, &name, hint.is_some());
    let plain = if mono { Some("false") } else { None };
    view! {
        <FieldShell name=name.clone() label hint=hint.unwrap_or_default() optional>
            <input
                class="input"
                class:mono=mono
                id=format!("f-{name}")
                name=name
                type=kind
                value=value
                placeholder=placeholder
                autocomplete=autocomplete
                autofocus=autofocus
                spellcheck=plain
                list=list
                aria-invalid=move || ties.invalid()
                aria-describedby=move || ties.described_by()
            />
        </FieldShell>
    }
}

/// What a `textarea` holds, as HTML: the library would write it as it is, and its end with it.
pub fn area_html(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;")
}

/// Several lines of text.
#[component]
pub fn Area(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional)] optional: bool,
    #[prop(default = 4)] rows: u32,
    /// Set in the typeface of code, without wrapping.
    #[prop(optional)]
    mono: bool,
) -> impl IntoView {
    let state = FormState::here();
    let value = state.field(&name).unwrap_or(value);
    let ties = Ties::new(state, &name, hint.is_some());
    view! {
        <FieldShell name=name.clone() label hint=hint.unwrap_or_default() optional>
            <textarea
                class="input area"
                class:mono=mono
                id=format!("f-{name}")
                name=name
                rows=rows
                spellcheck=mono.then_some("false")
                wrap=mono.then_some("off")
                aria-invalid=move || ties.invalid()
                aria-describedby=move || ties.described_by()
                inner_html=area_html(&value)
            ></textarea>
        </FieldShell>
    }
}

/// One of a list, given as (value, words).
#[component]
pub fn Select(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    options: Vec<(String, String)>,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: Option<String>,
) -> impl IntoView {
    let state = FormState::here();
    let value = state.field(&name).unwrap_or(value);
    let ties = Ties::new(state, &name, hint.is_some());
    let options = options
        .into_iter()
        .map(|(of, words)| {
            let chosen = of == value;
            view! { <option value=of selected=chosen>{words}</option> }
        })
        .collect_view();
    view! {
        <FieldShell name=name.clone() label hint=hint.unwrap_or_default()>
            <select
                class="input"
                id=format!("f-{name}")
                name=name
                aria-invalid=move || ties.invalid()
                aria-describedby=move || ties.described_by()
            >
                {options}
            </select>
        </FieldShell>
    }
}

/// A box to tick; sent as `true`, or not at all.
#[component]
pub fn Check(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    /// What is sent when it is ticked.
    #[prop(default = "true".into(), into)]
    value: String,
    #[prop(optional)] checked: bool,
    #[prop(optional, into)] hint: Option<String>,
) -> impl IntoView {
    let typed = FormState::here().field(&name);
    let checked = typed.map_or(checked, |typed| {
        typed == "true" || typed.split(',').any(|one| one.trim() == value)
    });
    let hinted = hint.is_some().then(|| format!("h-{name}-{value}"));
    view! {
        <div class="check">
            <label>
                <input type="checkbox" name=name value=value checked=checked aria-describedby=hinted.clone() />
                <span>{label}</span>
            </label>
            {hint.map(|hint| view! { <div class="hint" id=hinted>{hint}</div> })}
        </div>
    }
}

/// One of a few, all of them seen, given as (value, words).
#[component]
pub fn Radios(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    options: Vec<(String, String)>,
    #[prop(into)] value: String,
) -> impl IntoView {
    let state = FormState::here();
    let value = state.field(&name).filter(|typed| !typed.is_empty()).unwrap_or(value);
    let options = options
        .into_iter()
        .map(|(of, words)| {
            let checked = of == value;
            view! {
                <label class="radio">
                    <input type="radio" name=name.clone() value=of checked=checked />
                    {words}
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="field">
            <legend class="legend">{label}</legend>
            <div class="radios">{options}</div>
        </fieldset>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn what_an_area_holds_does_not_end_it() {
        let drawn = view! { <textarea inner_html=area_html("</textarea><b>&lt;")></textarea> };
        let html = drawn.to_html();
        assert!(html.contains(">&lt;/textarea>&lt;b>&amp;lt;</textarea>"), "{html}");
    }
}
