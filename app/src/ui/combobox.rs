//! A field that searches as one types.

use super::{FieldShell, FormState, Icon, Pic};
use crate::text;
use leptos::{html, prelude::*};
use serde::{Deserialize, Serialize};
use std::pin::Pin;

/// Something to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    pub label: String,
    /// In small beside the label.
    pub note: String,
}

/// Asks for what matches a text; nothing where it cannot be asked now.
pub type Offers = fn(String) -> Pin<Box<dyn Future<Output = Option<Vec<Choice>>>>>;

/// Keeps `choices` to what matches `search`. What stands in `held` stays on offer while nothing is
/// searched.
pub fn offers(
    search: RwSignal<String>,
    choices: RwSignal<Vec<Choice>>,
    held: Vec<Choice>,
    find: Offers,
) {
    let held = StoredValue::new(held);
    // Answers may overtake each other: only that to the last question counts.
    let asked = StoredValue::new(0_u32);
    Effect::watch(
        move || search.get(),
        move |text, _, _| {
            let number = asked.get_value() + 1;
            asked.set_value(number);
            let text = text.trim().to_owned();
            // All are asked for anew too: one may have been made meanwhile, in another tab.
            let held = if text.is_empty() { held.get_value() } else { Vec::new() };
            leptos::task::spawn_local(async move {
                if let Some(mut found) = find(text).await
                    && asked.try_get_value() == Some(number)
                {
                    put_first(&mut found, held);
                    choices.set(found);
                }
            });
        },
        false,
    );
}

/// Puts choices before others, save those that are among them already.
pub fn put_first(choices: &mut Vec<Choice>, first: Vec<Choice>) {
    let missing = first.into_iter().filter(|one| !choices.iter().any(|of| of.value == one.value));
    let missing: Vec<_> = missing.collect();
    drop(choices.splice(0..0, missing));
}

/// A field with a list that follows what is typed. Without JavaScript, and until the page is
/// alive, it is a plain list of the choices that are known.
#[component]
pub fn Combobox(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    /// What is chosen at first.
    #[prop(optional, into)]
    value: String,
    /// What matches `search`.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// What is typed; load the choices by it.
    search: RwSignal<String>,
    #[prop(optional, into)] placeholder: String,
    #[prop(optional, into)] hint: String,
    /// Told whenever another value is chosen.
    #[prop(optional, into)]
    on_choice: Option<Callback<String>>,
    /// A value that may change elsewhere, which the field then takes over.
    #[prop(optional, into)]
    follows: Option<Signal<String>>,
) -> impl IntoView {
    let state = FormState::here();
    let value = state.field(&name).unwrap_or(value);
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let known = choices.get_untracked();
    let chosen = RwSignal::new(value.clone());
    let shown = known.iter().find(|choice| choice.value == value);
    let typed = RwSignal::new(shown.map(|choice| choice.label.clone()).unwrap_or_default());
    let open = RwSignal::new(false);
    let at = RwSignal::new(0_usize);
    let input = NodeRef::<html::Input>::new();
    let field = StoredValue::new(name.clone());
    let list_id = format!("l-{name}");
    let option_id = move |index: usize| field.with_value(|name| format!("o-{name}-{index}"));
    let wrong = move || field.with_value(|name| state.problem(name).is_some());
    let described = move || field.with_value(|name| format!("p-{name} h-{name}"));

    Effect::new(move |_| {
        let Some(now) = follows.map(|value| value.get()) else { return };
        if now != chosen.get_untracked() {
            let label = choices.with_untracked(|all| {
                all.iter().find(|choice| choice.value == now).map(|choice| choice.label.clone())
            });
            typed.set(label.unwrap_or_default());
            chosen.set(now);
        }
    });
    let choose = move |choice: Choice| {
        typed.set(choice.label);
        chosen.set(choice.value.clone());
        open.set(false);
        // Opened again, it offers all of them.
        search.set(String::new());
        at.set(0);
        if let Some(tell) = on_choice {
            tell.run(choice.value);
        }
    };
    let leave = move || {
        open.set(false);
        // Text that names nothing is not a choice: the one before it stands.
        let held = chosen.get_untracked();
        let label = choices.with_untracked(|all| {
            all.iter().find(|choice| choice.value == held).map(|choice| choice.label.clone())
        });
        if let Some(label) = label {
            typed.set(label);
        } else if held.is_empty() {
            typed.set(String::new());
        }
    };
    let key = move |event: web_sys::KeyboardEvent| {
        let count = choices.with_untracked(Vec::len);
        match event.key().as_str() {
            "ArrowDown" if !open.get_untracked() => open.set(true),
            "ArrowDown" if count > 0 => at.update(|at| *at = (*at + 1) % count),
            "ArrowUp" if count > 0 => at.update(|at| *at = (*at + count - 1) % count),
            "Enter" if open.get_untracked() => {
                if let Some(choice) =
                    choices.with_untracked(|all| all.get(at.get_untracked()).cloned())
                {
                    choose(choice);
                }
            }
            "Escape" if open.get_untracked() => leave(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let options = move || {
        let all = choices.get();
        if all.is_empty() {
            return view! { <li class="dim">{text::ui::NOBODY_FOUND}</li> }.into_any();
        }
        let row = |(index, choice): (usize, Choice)| {
            let own = choice.value.clone();
            let pick = choice.clone();
            view! {
                <li
                    id=option_id(index)
                    role="option"
                    class:at=move || at.get() == index
                    aria-selected=move || if chosen.get() == own { "true" } else { "false" }
                    on:mousedown=move |event| {
                        event.prevent_default();
                        choose(pick.clone());
                    }
                >
                    <span>{choice.label}</span>
                    <span class="dim">{choice.note}</span>
                </li>
            }
        };
        all.into_iter().enumerate().map(row).collect_view().into_any()
    };
    let plain = {
        let name = name.clone();
        let value = value.clone();
        move || {
            let options = known
                .iter()
                .map(|choice| {
                    let selected = choice.value == value;
                    let of = choice.value.clone();
                    view! { <option value=of selected=selected>{choice.label.clone()}</option> }
                })
                .collect_view();
            view! {
                <select
                    class="input"
                    id=format!("f-{name}")
                    name=name.clone()
                    aria-invalid=move || wrong().then_some("true")
                    aria-describedby=described
                >
                    {(!known.iter().any(|choice| choice.value.is_empty()))
                        .then(|| view! { <option value="">{text::form::CHOOSE_ONE}</option> })}
                    {options}
                </select>
            }
        }
    };
    let lively = {
        let list_id = list_id.clone();
        move || {
            let list = list_id.clone();
            view! {
                <div class="combo" class:on=move || !chosen.get().is_empty()>
                    <input type="hidden" name=name.clone() prop:value=chosen />
                    <input
                        node_ref=input
                        class="input"
                        id=format!("f-{name}")
                        type="text"
                        role="combobox"
                        autocomplete="off"
                        aria-autocomplete="list"
                        aria-expanded=move || if open.get() { "true" } else { "false" }
                        aria-controls=list_id.clone()
                        aria-activedescendant=move || open.get().then(|| option_id(at.get()))
                        aria-invalid=move || wrong().then_some("true")
                        aria-describedby=described
                        placeholder=placeholder.clone()
                        prop:value=typed
                        on:focus=move |_| {
                            search.set(String::new());
                            if let Some(input) = input.get_untracked() {
                                input.select();
                            }
                        }
                        on:click=move |_| open.set(true)
                        on:blur=move |_| leave()
                        on:input=move |event| {
                            let text = event_target_value(&event);
                            typed.set(text.clone());
                            search.set(text);
                            at.set(0);
                            open.set(true);
                        }
                        on:keydown=key
                    />
                    <Icon of=Pic::Down />
                    <ul class="combo-list" id=list role="listbox" hidden=move || !open.get()>
                        {options}
                    </ul>
                </div>
            }
        }
    };
    view! {
        <FieldShell name=field.get_value() label hint>
            {move || if alive.get() { lively().into_any() } else { plain().into_any() }}
        </FieldShell>
    }
}
