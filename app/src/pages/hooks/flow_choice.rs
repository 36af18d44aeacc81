//! The choice of a flow, which searches as one types.

use crate::{
    api::hooks::offer_flows,
    text::hooks as words,
    ui::{Choice, Combobox, offers, put_first},
};
use leptos::prelude::*;
use model::ids::FlowId;

/// The choice of a flow. `offered` are those that were known when the dialog opened; `held` is
/// the one that the hook runs already, which stays on offer whatever is searched.
#[component]
pub fn FlowChoice(offered: Vec<Choice>, held: Option<(FlowId, String)>) -> impl IntoView {
    let held = held.map(|(id, label)| Choice { value: id.to_string(), label, note: String::new() });
    let value = held.as_ref().map(|held| held.value.clone()).unwrap_or_default();
    let held: Vec<_> = held.into_iter().collect();
    let none = offered.is_empty();
    let mut first = offered;
    put_first(&mut first, held.clone());
    let search = RwSignal::new(String::new());
    let choices = RwSignal::new(first);
    offers(search, choices, held, |text| Box::pin(async move { offer_flows(text).await.ok() }));
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
            {none.then(|| view! { {words::NO_FLOWS} " " })}
            <a class="link" href="/flows/new" target="_blank">
                {words::NEW_FLOW}
            </a>
        </p>
    }
}
