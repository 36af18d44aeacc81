//! The editor of a flow.

use super::{
    problems::{ProblemCount, ProblemList},
    snippets::{SNIPPETS, insertion},
    use_flow_id,
    used_by::HookLinks,
};
use crate::{
    api::{
        flows::{CreateFlow, SaveFlow, flow_hooks, get_flow},
        url_of,
    },
    error::AppError,
    recent, start,
    text::flows as text,
    ui::{
        Area, Button, CodeEditor, Crumb, Field, Form, FormErrors, FormState, Icon, Kind,
        LinkButton, Load, PageHead, Pic, Select, Subject, Tag, Time, go_to, place_of_caret,
        replace_all, type_in,
    },
};
use futures::join;
use leptos::{html::Textarea, prelude::*};
use leptos_router::components::Outlet;
use model::{
    flow::{
        Flow, FlowKind, FlowMode,
        check::{FlowProblem, SOURCE_MAX, check},
        json::laid_out,
    },
    hook::HookRow,
    jump::{Hit, HitKind},
};
use wasm_bindgen::JsCast;

/// What a new flow begins with.
const FIRST_SOURCE: &str = r#"[
  {
    "httpRequest": {
      "url": "https://crm.example/calls/${attempt_id}",
      "method": "POST",
      "data": {"event": "${event}", "caller": "${destination}"},
      "timeout": 3000
    }
  }
]"#;
/// The id of the form, which the save button in the head belongs to.
const FORM_ID: &str = "flow-form";

/// Where the caret was when the text was saved by key: the saved text takes the place of the one
/// that was typed, and the caret goes back there.
#[derive(Clone, Copy)]
struct Caret(StoredValue<Option<(u32, u32)>>);

/// A flow, to be read or changed. Its dialogs stand above it.
#[component]
pub fn EditFlow() -> impl IntoView {
    let id = use_flow_id();
    let changes = start::use_changes();
    // One resource for both, since what is loaded must not load more: the two halves would not
    // count their resources alike.
    let flow = Resource::new(
        move || (id.get(), changes.get()),
        |(id, _)| async move {
            let (flow, hooks) = join!(get_flow(id, None), flow_hooks(id));
            Ok::<_, AppError>((flow?, hooks?.items))
        },
    );
    provide_context(Caret(StoredValue::new(None)));
    view! {
        <Load of=flow lines=14 view=|(flow, hooks)| view! { <Loaded flow=flow hooks=hooks /> }.into_any() />
        <Outlet />
    }
}

#[component]
fn Loaded(flow: Flow, hooks: Vec<HookRow>) -> impl IntoView {
    let id = flow.id;
    recent::remember(Hit {
        kind: HitKind::Flow,
        title: flow.name.clone(),
        note: text::kind(flow.kind).to_owned(),
        href: format!("/flows/{id}"),
    });
    let tags = view! {
        <Tag>{text::version(flow.current)}</Tag>
        <Tag>{text::mode(flow.version.mode)}</Tag>
    };
    let edit = start::may_edit();
    let next = flow.current + 1;
    let saved = view! {
        <p class="sub">
            <span>{text::SAVED}" "<Time at=flow.version.saved_at />" "{text::BY}" "{flow.version.saved_by.clone()}</span>
        </p>
    };
    view! {
        <PageHead title=flow.name.clone() crumbs=vec![Crumb::new(text::TITLE, "/flows")] beside=tags.into_any()>
            <LinkButton kind=Kind::Quiet href=format!("/flows/{id}/history")>{text::HISTORY}</LinkButton>
            <a class="btn quiet" href=format!("/flows/{id}/export.json") download rel="external">
                {text::EXPORT}
            </a>
            {edit.then(|| view! {
                <LinkButton kind=Kind::Quiet href=format!("/flows/{id}/duplicate")>{text::DUPLICATE}</LinkButton>
                <LinkButton kind=Kind::Quiet href=format!("/flows/{id}/delete")>{text::DELETE}</LinkButton>
                <button class="btn primary" type="submit" form=FORM_ID>{text::save(next)}</button>
            })}
        </PageHead>
        {saved}
        {(!edit).then(|| view! { <p class="note">{text::READ_ONLY}</p> })}
        <FlowForm flow=Some((flow, hooks)) />
    }
}

/// The form of a flow: a new one, or one that is there.
#[component]
pub fn FlowForm(
    /// The flow and the hooks that run it.
    flow: Option<(Flow, Vec<HookRow>)>,
) -> impl IntoView {
    let action = if flow.is_some() { url_of::<SaveFlow>() } else { url_of::<CreateFlow>() };
    view! {
        <Form action=action id=FORM_ID class="flow-form">
            <Fields flow=flow />
        </Form>
    }
}

#[component]
fn Fields(flow: Option<(Flow, Vec<HookRow>)>) -> impl IntoView {
    let (flow, hooks) = flow.unzip();
    let state = FormState::here();
    let edit = start::may_edit();
    let id = flow.as_ref().map(|flow| flow.id);
    let subject = flow.as_ref().map(|flow| {
        view! { <Subject id=flow.id.to_string() base=flow.current.to_string() /> }
    });
    let first =
        flow.as_ref().map_or_else(|| FIRST_SOURCE.to_owned(), |flow| flow.version.source.clone());
    let source = RwSignal::new(state.field("source").unwrap_or(first).replace("\r\n", "\n"));
    let problems = Memo::new(move |_| source.with(|source| check(source).problems));
    let problems: Signal<Vec<FlowProblem>> = problems.into();
    let node = NodeRef::<Textarea>::new();
    let caret = use_context::<Caret>();
    let save = Callback::new(move |()| {
        let Some(field) = node.get_untracked().filter(|_| edit) else { return };
        if let Some(Caret(caret)) = caret {
            caret.set_value(Some(place_of_caret(&field)));
        }
        if let Some(form) = field.form() {
            _ = form.request_submit();
        }
    });
    Effect::new(move |_| {
        let (Some(field), Some(Caret(caret))) = (node.get(), caret) else { return };
        if let Some((line, column)) = caret.get_value() {
            caret.set_value(None);
            go_to(&field, line, column);
        }
    });
    let kinds =
        FlowKind::ALL.iter().map(|one| (one.to_string(), text::kind_choice(*one))).collect();
    let modes =
        FlowMode::ALL.iter().map(|one| (one.to_string(), text::mode_choice(*one).into())).collect();
    let (name, kind, mode, about) = match flow {
        Some(flow) => (flow.name, flow.kind, flow.version.mode, flow.description),
        None => (String::new(), FlowKind::Service, FlowMode::Strict, String::new()),
    };
    view! {
        {subject}
        <div class="flow-main">
            <FormErrors />
            <div class="flow-bar">
                <h2 class="flow-steps">{text::STEPS}</h2>
                <ProblemCount problems=problems />
                <span class="grow"></span>
                {edit.then(|| view! { <Tools source=source node=node /> })}
            </div>
            <CodeEditor
                name="source"
                label=text::STEPS_LABEL
                value=source
                node=node
                problems=problems
                read_only=!edit
                on_save=save
            />
            {move || {
                // What the list below shows is not said twice.
                let known = problems.with(|all| all.iter().any(FlowProblem::is_error));
                state
                    .problem("source")
                    .filter(|_| !known)
                    .map(|problem| view! { <p class="problem" role="alert">{problem}</p> })
            }}
            <ProblemList problems=problems node=node />
        </div>
        <aside class="flow-side">
            <fieldset class="card pad stack" disabled=!edit>
                <Field name="name" label=text::NAME value=name />
                <Select name="kind" label=text::KIND options=kinds value=kind.to_string() />
                <Select name="mode" label=text::MODE options=modes value=mode.to_string() />
                <Area name="description" label=text::DESCRIPTION value=about optional=true rows=3 />
                {(edit && id.is_none()).then(|| view! {
                    <div class="row">
                        <Button kind=Kind::Primary>{text::SAVE_NEW}</Button>
                        <LinkButton href="/flows">{text::BACK}</LinkButton>
                    </div>
                })}
            </fieldset>
            {hooks.map(|hooks| view! {
                <section class="card pad">
                    <h2>{text::USED_BY}</h2>
                    <HookLinks hooks=hooks />
                </section>
            })}
            {id.map(|id| view! {
                <section class="card pad">
                    <a class="link" href=format!("/flows/{id}/failure-flow")>{text::FAILURE_FLOW}</a>
                </section>
            })}
            <section class="card pad">
                <h2>{text::VARIABLES}</h2>
                <p class="dim">{text::VARIABLES_TEXT}</p>
                <p><a class="link" href="/events">{text::EVENTS_LINK}</a></p>
            </section>
        </aside>
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Inserts a step, lays the text out. Without JavaScript they are not seen.
#[component]
fn Tools(source: RwSignal<String>, node: NodeRef<Textarea>) -> impl IntoView {
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let format = Callback::new(move |()| {
        let Some(field) = node.get_untracked() else { return };
        let text = source.get_untracked();
        if is_json(&text) {
            replace_all(&field, &laid_out(&text, SOURCE_MAX));
        }
    });
    let broken = Memo::new(move |_| source.with(|text| !is_json(text)));
    let insert = move |event: web_sys::Event| {
        let chosen = event_target_value(&event);
        if let Some(select) =
            event.target().and_then(|target| target.dyn_into::<web_sys::HtmlSelectElement>().ok())
        {
            select.set_selected_index(0);
        }
        let snippet = SNIPPETS.iter().find(|snippet| snippet.action == chosen);
        if let (Some(field), Some(snippet)) = (node.get_untracked(), snippet) {
            insert_step(&field, snippet.json);
        }
    };
    view! {
        <span class="row" hidden=move || !alive.get()>
            <select class="chip" aria-label=text::INSERT on:change=insert>
                <option value="">{text::INSERT}</option>
                {SNIPPETS
                    .iter()
                    .map(|one| view! { <option value=one.action>{one.action}": "{one.about}</option> })
                    .collect_view()}
            </select>
            <Button on_click=format disabled=broken>
                <Icon of=Pic::Check />
                {text::FORMAT}
            </Button>
        </span>
    }
}

fn insert_step(field: &web_sys::HtmlTextAreaElement, step: &str) {
    let text = field.value();
    let caret = field.selection_start().ok().flatten().unwrap_or(0);
    let units: Vec<u16> = text.encode_utf16().take(caret as usize).collect();
    let at = String::from_utf16_lossy(&units).len();
    let (from, piece) = insertion(&text, at, step);
    // What is between the last step and the closing bracket gives way.
    let rest = text[from..].trim_start();
    let to = if rest.starts_with(']') || text.trim().is_empty() {
        text.len() - rest.len()
    } else {
        from
    };
    let units = |end: usize| u32::try_from(text[..end].encode_utf16().count()).unwrap_or(0);
    _ = field.set_selection_range(units(from), units(to));
    type_in(field, &piece);
}
