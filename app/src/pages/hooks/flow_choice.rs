//! The choice of a flow, which searches as one types.

use crate::{
    api::hooks::offer_flows,
    text::{hooks as words, time},
    ui::{Choice, Combobox},
};
use leptos::prelude::*;
use model::{flow::FlowRow, ids::FlowId};

/// The choice of a flow. `offered` are those that were known when the dialog opened; `held` is
/// the one that the hook runs already, which stays on offer whatever is searched.
#[component]
pub fn FlowChoice(offered: Vec<FlowRow>, held: Option<(FlowId, String)>) -> impl IntoView {
    let held = held.map(|(id, label)| Choice { value: id.to_string(), label, note: String::new() });
    let value = held.as_ref().map(|held| held.value.clone()).unwrap_or_default();
    let first = with_held(offered.iter().map(choice).collect(), held.as_ref());
    let search = RwSignal::new(String::new());
    let choices = RwSignal::new(first);
    let held = StoredValue::new(held);
    // Answers may overtake each other: only that to the last question counts.
    let asked = StoredValue::new(0_u32);
    Effect::watch(
        move || search.get(),
        move |text, _, _| {
            let number = asked.get_value() + 1;
            asked.set_value(number);
            let text = text.trim().to_owned();
            // All are asked for anew too: a flow may have been made meanwhile, in another tab.
            let held = if text.is_empty() { held.get_value() } else { None };
            leptos::task::spawn_local(async move {
                if let Ok(found) = offer_flows(text).await
                    && asked.try_get_value() == Some(number)
                {
                    choices.set(with_held(found.iter().map(choice).collect(), held.as_ref()));
                }
            });
        },
        false,
    );
    view! {
        <Combobox
            name="flow_id"
            label=words::RUN
            value
            choices
            search
            placeholder=words::RUN_SEARCH
            hint=words::RUN_HINT
        />
        <p class="hint">
            {offered.is_empty().then(|| view! { {words::NO_FLOWS} " " })}
            <a class="link" href="/flows/new" target="_blank">
                {words::NEW_FLOW}
            </a>
        </p>
    }
}

fn choice(flow: &FlowRow) -> Choice {
    Choice {
        value: flow.id.to_string(),
        label: flow.name.clone(),
        note: time::plural(u64::from(flow.hooks), words::COUNTED.0, words::COUNTED.1),
    }
}

fn with_held(mut choices: Vec<Choice>, held: Option<&Choice>) -> Vec<Choice> {
    if let Some(held) = held
        && !choices.iter().any(|choice| choice.value == held.value)
    {
        choices.insert(0, held.clone());
    }
    choices
}
