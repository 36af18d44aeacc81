//! A row of a list of hooks.

use super::tab_path;
use crate::{
    api::{hooks::SwitchHook, url_of},
    start,
    text::{catalog, hooks as words, time},
    ui::{ChooseRow, Icon, Kind, LinkButton, Pic, Pill, Sparkline, StatePill, Switch, Time, Tone},
};
use leptos::prelude::*;
use model::hook::{HookRow, PauseReason};

/// A hook: what it waits for, what it runs, how that goes, and what can be done.
#[component]
pub fn Row(
    row: HookRow,
    /// Whether the list is that of all queues.
    everywhere: bool,
) -> impl IntoView {
    let HookRow { hook, flow_name, queue_name, last, last_day, hours } = row;
    let share = match last_day.share_delivered() {
        Some(share) => time::percent(share).into_any(),
        None => view! { <span class="dim" title=words::NOTHING_FINISHED>"–"</span> }.into_any(),
    };
    let condition = if hook.condition.is_empty() {
        view! { <span class="dim">{words::ALWAYS}</span> }.into_any()
    } else {
        view! { <code class="cond" title=hook.condition.clone()>{hook.condition.clone()}</code> }
            .into_any()
    };
    let last = match last {
        Some(last) => view! {
            <a class="last-delivery" href=format!("/deliveries/{}", last.id)>
                <StatePill state=last.state />
                " "
                <span class="dim">
                    <Time at=last.at />
                </span>
            </a>
        }
        .into_any(),
        None => view! { <span class="dim">{words::NEVER_FIRED}</span> }.into_any(),
    };
    let edits = start::may_edit();
    let of = |act: &str| match everywhere {
        true => format!("{act}: {}", words::which_where(&queue_name, hook.event, &flow_name)),
        false => words::of(act, hook.event, &flow_name),
    };
    // The dialogs are those of the queue's tab.
    let at = |rest: &str| match everywhere {
        true => format!("/queues/{}/hooks/{}{rest}", hook.queue_id, hook.id),
        false => tab_path(&format!("/{}{rest}", hook.id)),
    };
    let acts = edits.then(|| {
        view! {
            <LinkButton href=at("/test") kind=Kind::Icon label=of(words::TEST)>
                <Icon of=Pic::Test />
            </LinkButton>
            <LinkButton href=at("") kind=Kind::Icon label=of(words::EDIT)>
                <Icon of=Pic::Edit />
            </LinkButton>
            <LinkButton href=at("/delete") kind=Kind::Icon label=of(words::DELETE)>
                <Icon of=Pic::Delete />
            </LinkButton>
        }
    });
    let switch = of(words::ON);
    let title = view! { <b>{catalog::event(hook.event)}</b> };
    let choose = edits.then(|| {
        let label = match everywhere {
            true => words::which_where(&queue_name, hook.event, &flow_name),
            false => words::which(hook.event, &flow_name),
        };
        view! { <ChooseRow id=hook.id.to_string() label /> }
    });
    let queue = everywhere.then(|| {
        let href = format!("/queues/{}/hooks", hook.queue_id);
        view! {
            <td class="name queue" class:off=!hook.enabled>
                <a href=href>{queue_name.clone()}</a>
            </td>
        }
    });
    view! {
        <tr>
            {choose}
            {queue}
            <td class="two first" class:off=!hook.enabled>
                {if edits {
                    view! { <a href=at("")>{title}</a> }.into_any()
                } else {
                    title.into_any()
                }}
                <small>{hook.event.info().about}</small>
            </td>
            <td class="break" class:off=!hook.enabled>
                <a class="link" href=format!("/flows/{}", hook.flow_id)>
                    {flow_name.clone()}
                </a>
                {hook.paused.map(|reason| view! { <Paused href=at("") reason edits /> })}
            </td>
            <td class="wide" class:off=!hook.enabled>
                {condition}
            </td>
            <td>{last}</td>
            {(!everywhere)
                .then(|| {
                    view! {
                        <td class="wide">
                            <Sparkline hours />
                        </td>
                    }
                })}
            <td class="num" data-label=words::DELIVERED>
                {share}
            </td>
            <td class="last">
                <Switch
                    action={url_of::<SwitchHook>()}
                    fields=vec![("id", hook.id.to_string())]
                    on=hook.enabled
                    label=switch
                    fixed=!edits
                />
            </td>
            <td class="acts">{acts}</td>
        </tr>
    }
}

/// That it is paused, with the way to its dialog, which asks how fast it is to go on.
#[component]
fn Paused(href: String, reason: PauseReason, edits: bool) -> impl IntoView {
    view! {
        <span class="paused" title=words::paused(reason)>
            <Pill tone=Tone::Wait>{words::PAUSED}</Pill>
            <span class="sr-only">{words::paused(reason)}</span>
            {edits
                .then(|| {
                    view! {
                        <LinkButton href kind=Kind::Quiet>
                            {words::RESUME}
                        </LinkButton>
                    }
                })}
        </span>
    }
}
