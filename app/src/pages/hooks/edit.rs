//! The dialog in which a hook is made or changed.

use super::{event_choice::EventChoice, flow_choice::FlowChoice, hook_of_address, tab_path};
use crate::{
    api::{
        hooks::{PauseHook, SaveHook, offer_flows, read_hook},
        url_of,
    },
    error::AppError,
    pages::queues::use_card,
    recent, start,
    text::{self, form, hooks as words, policy as delivery, replays},
    ui::{
        Button, Check, Choice, Dialog, EditorsOnly, Field, Form, FormErrors, Hidden, LinkButton,
        Load, ReleaseRate, Select, Subject, use_query_value,
    },
};
use futures::join;
use leptos::prelude::*;
use model::{
    catalog::EventKind,
    duration,
    hook::{DEFAULT_MAX_HOLD_MS, Hook},
    jump::{Hit, HitKind},
    policy::{Policy, Preset, Priority},
    time::Millis,
};
use wasm_bindgen::JsCast;

/// Makes a hook. The address may name the event beforehand.
#[component]
pub fn NewHook() -> impl IntoView {
    let flows = Resource::new_blocking(|| (), |()| offer_flows(String::new()));
    view! {
        <Framed title=words::ADD>
            <Load
                of=flows
                view=|offered| view! { <Fields offered held=None /> }.into_any()
            />
        </Framed>
    }
}

/// Changes a hook.
#[component]
pub fn EditHook() -> impl IntoView {
    let id = hook_of_address();
    let loaded = Resource::new_blocking(
        move || id.get(),
        |id| async move {
            let (held, offered) = join!(read_hook(id), offer_flows(String::new()));
            Ok::<_, AppError>((held?, offered?))
        },
    );
    view! {
        <Framed title=words::EDIT>
            <Load
                of=loaded
                view=|(held, offered)| view! { <Fields offered held=Some(held) /> }.into_any()
            />
        </Framed>
    }
}

#[component]
fn Framed(title: &'static str, children: Children) -> impl IntoView {
    let card = use_card();
    let sub = card.queue_now().map(|queue| queue.name).unwrap_or_default();
    view! {
        <Dialog title sub close=tab_path("")>
            <EditorsOnly>{children()}</EditorsOnly>
        </Dialog>
    }
}

#[component]
fn Fields(offered: Vec<Choice>, held: Option<(Hook, String)>) -> impl IntoView {
    let card = use_card();
    let Some(queue) = card.queue_now() else { return ().into_any() };
    let asked = use_query_value("for").get_untracked().parse::<EventKind>().ok();
    let hook = held.as_ref().map(|(hook, _)| hook.clone());
    let chosen = RwSignal::new(hook.as_ref().map(|hook| hook.event).or(asked));
    if let Some((hook, flow)) = &held {
        recent::remember(Hit {
            kind: HitKind::Hook,
            title: text::jump::hook(hook.event, flow),
            note: queue.name.clone(),
            href: format!("/queues/{}/hooks/{}", queue.id, hook.id),
        });
    }
    let runs = held.map(|(hook, name)| (hook.flow_id, name));
    let (mut id, mut base) = (String::new(), String::new());
    let (mut condition, mut policy) = (String::new(), Policy::default());
    let (mut enabled, mut ordered, mut max_hold_ms) = (true, true, DEFAULT_MAX_HOLD_MS);
    if let Some(hook) = &hook {
        (id, base) = (hook.id.to_string(), hook.updated_at.to_string());
        (condition, policy) = (hook.condition.clone(), hook.policy.clone());
        (enabled, ordered, max_hold_ms) = (hook.enabled, hook.ordered, hook.max_hold_ms);
    }
    // What is not as usual is seen at once.
    let opened = policy != Policy::default() || !ordered || max_hold_ms != DEFAULT_MAX_HOLD_MS;
    let close = tab_path("");
    let (back, tab) = (close.clone(), close.clone());
    let pausing = hook.map(|hook| {
        let (word, to) =
            if hook.paused.is_some() { (words::RESUME, "false") } else { (words::PAUSE, "true") };
        let about = hook.paused.map_or(words::PAUSE_ABOUT, words::paused);
        let rate = hook.paused.map(|_| view! { <ReleaseRate of=hook.release_per_s /> });
        let today = format!("/replays/new?hook={}&from={}", hook.id, midnight());
        view! {
            <Form action={url_of::<PauseHook>()} class="dialog-aside row">
                <Hidden name="id" value=hook.id.to_string() />
                <Hidden name="back" value=tab />
                <span class="hint grow">{about}</span>
                {rate}
                <Button name="paused" value=to>
                    {word}
                </Button>
            </Form>
            <p class="dialog-aside row">
                <a class="link" href=today>{replays::OF_HOOK_TODAY}</a>
            </p>
        }
    });
    view! {
        <Form action={url_of::<SaveHook>()} id="hook">
            <Hidden name="queue" value=queue.id.to_string() />
            <Subject id base />
            <Hidden name="back" value=back />
            <div class="dialog-body">
                <EventChoice kind=queue.kind chosen />
                <div>
                    <FlowChoice offered held=runs />
                </div>
                <div>
                    <Field
                        name="condition"
                        label=words::CONDITION
                        value=condition
                        hint=words::CONDITION_HINT
                        optional=true
                        mono=true
                    />
                    <Examples chosen />
                </div>
                <details class="policy" open=opened>
                    <summary>{words::POLICY}</summary>
                    <div class="stack">
                        <Check
                            name="ordered"
                            label=words::ORDERED
                            hint=words::ORDERED_HINT
                            checked=ordered
                        />
                        <Field
                            name="max_hold"
                            label=words::MAX_HOLD
                            value=(max_hold_ms / 1_000).to_string()
                            hint=words::MAX_HOLD_HINT
                            kind="number"
                        />
                        <Delivery policy />
                    </div>
                </details>
                <Check
                    name="enabled"
                    label=words::ENABLED
                    hint=words::ENABLED_HINT
                    checked=enabled
                />
                <FormErrors />
            </div>
        </Form>
        {pausing}
        <footer>
            <span class="grow"></span>
            <LinkButton href=close>{form::CLOSE}</LinkButton>
            <button class="btn primary" form="hook" name="save" value="true">
                {words::SAVE}
            </button>
        </footer>
    }
    .into_any()
}

/// When this day began, in UTC.
fn midnight() -> Millis {
    const DAY_MS: i64 = 86_400_000;
    Millis(start::use_now().get_untracked().0.div_euclid(DAY_MS) * DAY_MS)
}

/// How often and for how long deliveries are tried, and which go first.
#[component]
fn Delivery(policy: Policy) -> impl IntoView {
    let preset = Preset::of(&policy);
    let custom = (preset == Preset::Custom).then(|| policy.retry_waits_ms.unwrap_or_default());
    let span = |ms: Option<i64>| ms.map(duration::write).unwrap_or_default();
    let presets = Preset::ALL.map(|of| (of.as_str().to_owned(), delivery::preset(of).to_owned()));
    let priorities =
        Priority::ALL.map(|of| (of.as_str().to_owned(), delivery::priority(of).to_owned()));
    let field = |name: &'static str, label: &'static str, hint: &'static str, value: String| {
        view! { <Field name label hint value optional=true /> }
    };
    let waits = custom.map(|waits| duration::write_list(&waits)).unwrap_or_default();
    view! {
        <Select
            name="retry"
            label=delivery::RETRIES
            hint=delivery::RETRIES_HINT
            options=presets.to_vec()
            value=preset.as_str()
        />
        {field("retry_waits", delivery::WAITS, delivery::WAITS_HINT, waits)}
        <div class="fields-two">
            {field("max_age", delivery::MAX_AGE, delivery::MAX_AGE_HINT, span(policy.max_age_ms))}
            {field(
                "attempt_limit",
                delivery::ATTEMPT_LIMIT,
                delivery::ATTEMPT_LIMIT_HINT,
                span(policy.attempt_limit_ms),
            )}
        </div>
        <Select
            name="priority"
            label=delivery::PRIORITY
            hint=delivery::PRIORITY_HINT
            options=priorities.to_vec()
            value=policy.priority.as_str()
        />
    }
}

/// Conditions for the chosen event; a click puts one into the field.
#[component]
fn Examples(chosen: RwSignal<Option<EventKind>>) -> impl IntoView {
    let put = |text: &'static str| {
        let field = document().get_element_by_id("f-condition");
        if let Some(field) = field.and_then(|el| el.dyn_into::<web_sys::HtmlInputElement>().ok()) {
            field.set_value(text);
            _ = field.focus();
        }
    };
    move || {
        chosen.get().map(|event| {
            let examples = words::condition_examples(event).into_iter().map(|text| {
                view! {
                    <button type="button" class="tag mono" on:click=move |_| put(text)>
                        {text}
                    </button>
                }
            });
            view! {
                <div class="fields">
                    <span class="hint inline">{words::EXAMPLES}</span>
                    {examples.collect_view()}
                </div>
            }
        })
    }
}
