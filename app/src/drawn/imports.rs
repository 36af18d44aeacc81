//! Importing flows: the form, and the report on what was sent.

use crate::{
    api::imports::Pasted,
    imports::Imported,
    text::{flows, form, imports as words},
    ui::{Tone, area_html, marked},
};
use leptos::prelude::*;
use model::flow::{
    FlowMode,
    check::Severity,
    import::{Report, StepReport, Verdict},
};

/// The most steps of a file that are shown; the command line shows all.
const STEPS_SHOWN: usize = 500;

/// The form, below the report on what was sent last; `again` is what was pasted and made no flow.
pub fn imports(
    report: Option<Option<&[Imported]>>,
    again: Option<&Pasted>,
    edits: bool,
) -> AnyView {
    let told = match report {
        None => None,
        Some(None) => Some(view! { <p class="note" role="status">{words::GONE}</p> }.into_any()),
        Some(Some(files)) => Some(files.iter().map(file).collect_view().into_any()),
    };
    if !edits {
        return view! { <p class="note">{flows::IMPORT_READ_ONLY}</p> }.into_any();
    }
    let Pasted { content, name, mode } = again.cloned().unwrap_or_default();
    let modes = FlowMode::ALL.map(|one| {
        let chosen = one.as_str() == mode;
        view! { <option value=one.as_str() selected=chosen>{flows::mode_choice(one)}</option> }
    });
    view! {
        {told}
        <form method="post" action="/flows/import" enctype="multipart/form-data" class="card pad stack import">
            <p>{words::ABOUT}</p>
            <div class="field">
                <label for="f-files">{words::FILES}</label>
                <input
                    class="input file"
                    id="f-files"
                    type="file"
                    name="file"
                    multiple
                    accept=".json,application/json"
                />
            </div>
            <div class="field">
                <label for="f-content">{words::CONTENT}</label>
                <textarea
                    class="input area mono"
                    id="f-content"
                    name="content"
                    rows="10"
                    spellcheck="false"
                    inner_html=area_html(&content)
                ></textarea>
            </div>
            <div class="field">
                <label for="f-name">{words::NAME}</label>
                <input class="input" id="f-name" name="name" value=name aria-describedby="f-name-hint" />
                <p class="hint" id="f-name-hint">{words::NAME_HINT}</p>
            </div>
            <div class="field">
                <label for="f-mode">{words::MODE}</label>
                <select class="input" id="f-mode" name="mode">
                    <option value="">{words::MODE_FILE}</option>
                    {modes.collect_view()}
                </select>
            </div>
            <div class="row">
                <button class="btn primary">{words::GO}</button>
                <button class="btn" name="check" value="on">{words::CHECK}</button>
            </div>
        </form>
    }
    .into_any()
}

fn file(one: &Imported) -> AnyView {
    let name = match one.file.is_empty() {
        true => words::PASTED.to_owned(),
        false => one.file.clone(),
    };
    let (tone, said) = match (&one.refused, one.made) {
        (Some(_), _) => (Tone::Bad, words::NOT_SAVED),
        (None, Some(_)) => (Tone::Ok, words::SAVED),
        (None, None) => (Tone::Mute, words::REPORTED),
    };
    let flow = one.flow.as_ref().map(|(name, mode)| {
        view! { <span class="dim">{name.clone()}", "{flows::mode(*mode)}</span> }
    });
    let link = one.made.map(|id| {
        view! { <a class="link" href=format!("/flows/{id}")>{words::SEE}</a> }
    });
    let refused = one.refused.as_deref().map(form::sentence);
    let refused = refused.map(|why| view! { <p class="problem" role="alert">{why}</p> });
    view! {
        <section class="card pad stack import-report">
            <h2>{name}</h2>
            <div class="row" role="status">
                <span class=format!("pill {}", tone.class())>{said}</span>
                {flow}
                {link}
            </div>
            {refused}
            {one.report.as_ref().map(steps)}
        </section>
    }
    .into_any()
}

fn steps(report: &Report) -> AnyView {
    let is_as_it_was = |one: &&StepReport| one.verdict == Verdict::Runs && one.notes.is_empty();
    let other: Vec<_> = report.steps.iter().filter(|one| !is_as_it_was(one)).collect();
    let same = report.steps.len() - other.len();
    let more = other.len().saturating_sub(STEPS_SHOWN);
    // Where there are no steps, what is wrong with the text stands nowhere else.
    let problems = report.steps.is_empty().then(|| {
        let errors = report.problems.iter().filter(|one| one.severity == Severity::Error);
        errors.map(|one| view! { <p class="problem">{marked(&one.to_string())}</p> }).collect_view()
    });
    let rows = other.into_iter().take(STEPS_SHOWN).map(|step| {
        let action = match step.action.is_empty() {
            true => words::NO_ACTION.to_owned(),
            false => step.action.clone(),
        };
        let class = match step.verdict {
            Verdict::Runs => "ok-text",
            Verdict::Differs => "",
            Verdict::NeedsCore | Verdict::Unknown => "wait-text",
            Verdict::Refused => "bad-text",
        };
        let notes = step.notes.iter().map(|note| view! { <p class="dim">{marked(note)}</p> });
        view! {
            <tr>
                <td class="first num" data-label=words::LINE>{step.line}</td>
                <td><b>{action}</b>" "<span class="mono dim break">{step.path.clone()}</span></td>
                <td class="last"><b class=class>{words::verdict(step.verdict)}</b>{notes.collect_view()}</td>
            </tr>
        }
    });
    let rows = rows.collect::<Vec<_>>();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <table>
                <caption class="sr-only">{words::CAPTION}</caption>
                <thead>
                    <tr>
                        <th scope="col" class="num">{words::LINE}</th>
                        <th scope="col">{words::STEP}</th>
                        <th scope="col">{words::VERDICT}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
    });
    view! {
        {problems}
        {(same > 0).then(|| view! { <p>{words::run_as_they_did(same)}</p> })}
        {table}
        {(more > 0).then(|| view! { <p class="dim">{words::more(more)}</p> })}
    }
    .into_any()
}
