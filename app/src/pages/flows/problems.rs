//! What is wrong with a flow's text, as one types.

use crate::{
    text::flows as text,
    ui::{Pill, Tone, go_to},
};
use leptos::{html::Textarea, prelude::*};
use model::flow::check::FlowProblem;

/// How many there are of each kind, as a pill.
#[component]
pub fn ProblemCount(problems: Signal<Vec<FlowProblem>>) -> impl IntoView {
    move || {
        let (errors, warnings) = problems.with(|problems| {
            let errors = problems.iter().filter(|problem| problem.is_error()).count();
            (errors, problems.len() - errors)
        });
        let tone = match (errors, warnings) {
            (0, 0) => Tone::Ok,
            (0, _) => Tone::Wait,
            _ => Tone::Bad,
        };
        view! { <Pill tone=tone>{text::problem_count(errors, warnings)}</Pill> }
    }
}

/// All of them; a click moves the caret to the place.
#[component]
pub fn ProblemList(problems: Signal<Vec<FlowProblem>>, node: NodeRef<Textarea>) -> impl IntoView {
    let item = move |problem: FlowProblem| {
        let (line, column) = (problem.line, problem.column);
        let class = if problem.is_error() { "problem-row bad" } else { "problem-row warn" };
        let go = move |_| {
            if let Some(field) = node.get_untracked() {
                go_to(&field, line, column);
            }
        };
        let path = (!problem.path.is_empty())
            .then(|| view! { <span class="mono dim">{problem.path}</span> });
        view! {
            <li>
                <button type="button" class=class on:click=go>
                    <span class="mono place" aria-label=text::place_label(line, column)>
                        {text::place(line, column)}
                    </span>
                    <span class="problem-text">{problem.message} {path}</span>
                </button>
            </li>
        }
    };
    view! {
        <div class="problems" aria-live="polite">
            {move || {
                let problems = problems.get();
                (!problems.is_empty()).then(|| {
                    view! { <ul aria-label=text::PROBLEMS>{problems.into_iter().map(item).collect_view()}</ul> }
                })
            }}
        </div>
    }
}
