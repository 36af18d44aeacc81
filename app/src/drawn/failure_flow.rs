//! Which flow runs when a delivery of a flow dies.

use crate::{
    api::{flows::SetFailureFlow, url_of},
    text::flows as words,
};
use leptos::prelude::*;
use model::{flow::Flow, ids::FlowId};

/// The form: the flows that may be chosen, by number and name.
pub fn failure_flow(
    flow: &Flow,
    now: Option<FlowId>,
    others: &[(FlowId, String)],
    edits: bool,
) -> AnyView {
    let options = others.iter().map(|(id, name)| {
        view! { <option value=id.to_string() selected={now == Some(*id)}>{name.clone()}</option> }
    });
    let link = now.map(|id| {
        view! { <p><a class="link" href=format!("/flows/{id}")>{words::FAILURE_FLOW_SEE}</a></p> }
    });
    view! {
        <form method="post" action={url_of::<SetFailureFlow>()} class="card pad stack import">
            <p>{words::FAILURE_FLOW_ABOUT}</p>
            <input type="hidden" name="id" value=flow.id.to_string() />
            <fieldset disabled=!edits class="field">
                <label for="f-to">{words::FAILURE_FLOW}</label>
                <select class="input" id="f-to" name="to">
                    <option value="">{words::FAILURE_FLOW_NONE}</option>
                    {options.collect_view()}
                </select>
            </fieldset>
            {link}
            {edits.then(|| view! {
                <div class="row"><button class="btn primary">{words::FAILURE_FLOW_SAVE}</button></div>
            })}
        </form>
    }
    .into_any()
}
