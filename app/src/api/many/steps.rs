//! What a page about many shows, told in words by the server.

use super::{Chosen, ManyAsk, ManyStep, Over, Preview, Question};
use crate::{
    api::{self, hooks::offer_flows, queues::offered},
    error::AppError,
    text::{many as words, queues},
    ui::Choice,
};
use admin::{Admin, AdminError};
use model::{
    ids::{HookId, QueueId},
    many::{Act, ChosenHook, ChosenQueue, CopyPlan, Refusal},
    user::Actor,
};
use std::collections::HashMap;

/// What the address says at this step.
pub async fn step(ask: ManyAsk) -> Result<ManyStep, AppError> {
    let (admin, actor) = (api::admin()?, api::actor().await?);
    let Some(act) = ask.act else { return Ok(nothing(words::UNKNOWN_ACT)) };
    if let Some((done, left)) = &ask.came_to {
        return result(&admin, &actor, ask.over, act, *done, left).await;
    }
    let asked = match (ask.over, act) {
        (Over::Hooks, Act::Copy) => copy(&admin, &actor, &ask).await,
        (Over::Hooks, act) => ask_hooks(&admin, &actor, &ask, act).await,
        (Over::Queues, Act::Move | Act::Copy) => return Ok(nothing(words::UNKNOWN_ACT)),
        (Over::Queues, act) => ask_queues(&admin, &actor, &ask, act).await,
    };
    match asked {
        // More than are changed at once: said in the dialog, since it is about what was chosen.
        Err(AppError::Invalid(problems)) => {
            let about = crate::text::error::problems(&problems);
            Ok(nothing(&crate::text::form::sentence(&about)))
        }
        other => other,
    }
}

fn nothing(about: &str) -> ManyStep {
    ManyStep::Nothing { title: words::NOTHING.into(), about: about.into() }
}

async fn chosen_hooks(
    admin: &Admin,
    actor: &Actor,
    ask: &ManyAsk,
) -> Result<(Vec<ChosenHook>, usize), AdminError> {
    let ids = match ask.of {
        Some(queue) => admin.hooks_of(actor, queue).await?,
        None => ask.ids.iter().map(|id| HookId(*id)).collect(),
    };
    let hooks = admin.chosen_hooks(actor, &ids).await?;
    let gone = ids.len().saturating_sub(hooks.len());
    Ok((hooks, gone))
}

fn none_chosen(gone: usize) -> ManyStep {
    nothing(if gone > 0 { words::ALL_GONE } else { words::NOTHING_CHOSEN })
}

fn hooks_named(hooks: &[ChosenHook], gone: usize) -> Chosen {
    let first = hooks.first().map(|hook| hook.queue_id);
    let queue = first.filter(|id| hooks.iter().all(|hook| hook.queue_id == *id));
    Chosen {
        ids: hooks.iter().map(|hook| hook.id.0).collect(),
        names: hooks.iter().map(|hook| words::hook(hook, queue.is_none())).collect(),
        notes: words::gone(gone).into_iter().collect(),
        queue,
    }
}

async fn ask_hooks(
    admin: &Admin,
    actor: &Actor,
    ask: &ManyAsk,
    act: Act,
) -> Result<ManyStep, AppError> {
    let (hooks, gone) = chosen_hooks(admin, actor, ask).await?;
    if hooks.is_empty() {
        return Ok(none_chosen(gone));
    }
    let mut chosen = hooks_named(&hooks, gone);
    let so_already = hooks.iter().filter(|hook| hook.enabled == (act == Act::Enable)).count();
    chosen.notes.extend(words::so_already(act, so_already));
    let flows = if act == Act::Move { offer_flows(String::new()).await? } else { Vec::new() };
    Ok(ManyStep::Ask(Question {
        act,
        title: words::ask_hooks(act, &hooks),
        about: words::about_hooks(act).into(),
        chosen,
        submit: words::submit_hooks(act, hooks.len()),
        flows,
    }))
}

async fn ask_queues(
    admin: &Admin,
    actor: &Actor,
    ask: &ManyAsk,
    act: Act,
) -> Result<ManyStep, AppError> {
    let ids: Vec<_> = ask.ids.iter().map(|id| QueueId(*id)).collect();
    let queues = admin.chosen_queues(actor, &ids).await?;
    let gone = ids.len().saturating_sub(queues.len());
    if queues.is_empty() {
        return Ok(none_chosen(gone));
    }
    let mut notes: Vec<_> = words::gone(gone).into_iter().collect();
    let so_already = queues.iter().filter(|queue| queue.enabled == (act == Act::Enable)).count();
    notes.extend(words::so_already(act, so_already));
    let hooks = queues.iter().map(|queue| u64::from(queue.hooks)).sum();
    Ok(ManyStep::Ask(Question {
        act,
        title: words::ask_queues(act, queues.len()),
        about: words::about_queues(act, hooks),
        chosen: Chosen {
            ids: queues.iter().map(|queue| queue.id.0).collect(),
            names: queues.iter().map(|queue| queue.name.clone()).collect(),
            notes,
            queue: None,
        },
        submit: words::submit_queues(act, queues.len()),
        flows: Vec::new(),
    }))
}

async fn copy(admin: &Admin, actor: &Actor, ask: &ManyAsk) -> Result<ManyStep, AppError> {
    let (hooks, gone) = chosen_hooks(admin, actor, ask).await?;
    if hooks.is_empty() {
        return Ok(none_chosen(gone));
    }
    let to: Vec<_> = ask.to.iter().map(|id| QueueId(*id)).collect();
    if ask.preview && !to.is_empty() {
        let ids: Vec<_> = hooks.iter().map(|hook| hook.id).collect();
        let plan = admin.plan_copies(actor, &ids, &to).await?;
        return Ok(ManyStep::Preview(preview(&plan, gone)));
    }
    let mut hooks_chosen = hooks_named(&hooks, gone);
    if ask.preview {
        hooks_chosen.notes.push(words::CHOOSE_QUEUES.into());
    }
    Ok(ManyStep::Choose {
        title: words::copy_title(hooks.len()),
        hooks: hooks_chosen,
        chosen: admin.chosen_queues(actor, &to).await?.into_iter().map(queue_choice).collect(),
        found: offered(admin, actor, ask.find.clone()).await?,
    })
}

fn queue_choice(queue: ChosenQueue) -> Choice {
    Choice {
        value: queue.id.to_string(),
        label: queue.name,
        note: queues::at_a_glance(queue.kind, queue.hooks),
    }
}

fn preview(plan: &CopyPlan, gone: usize) -> Preview {
    let hooks = hooks_named(&plan.hooks, gone);
    let names: HashMap<_, _> = plan.hooks.iter().map(|hook| hook.id).zip(&hooks.names).collect();
    let name = |id: HookId| names.get(&id).map(|name| (*name).clone()).unwrap_or_default();
    let queues = plan.queues.iter().map(|queue| {
        let copies = plan.copies.iter().filter(|copy| copy.queue == queue.id);
        let told = copies.map(|copy| {
            (name(copy.hook), copy.refusal.map(|why| words::why_no_copy(why, queue.kind)))
        });
        (queue.name.clone(), told.collect())
    });
    let possible = plan.possible();
    Preview {
        title: words::preview_title(possible, plan.copies.len()),
        to: plan.queues.iter().map(|queue| queue.id.0).collect(),
        queues: queues.collect(),
        possible,
        submit: words::submit_copies(possible),
        hooks,
    }
}

/// What was left: a hook or a queue, and for a copy the queue that it was for.
struct Left {
    id: i64,
    to: Option<QueueId>,
    why: Refusal,
}

impl Left {
    /// Reads `12.gone` or `12-7.taken`; nothing where it is neither.
    fn read(text: &str) -> Option<Self> {
        let (what, why) = text.split_once('.')?;
        let (id, to) = match what.split_once('-') {
            Some((id, to)) => (id, Some(to.parse().ok()?)),
            None => (what, None),
        };
        Some(Self { id: id.parse().ok()?, to, why: why.parse().ok()? })
    }
}

async fn result(
    admin: &Admin,
    actor: &Actor,
    over: Over,
    act: Act,
    done: usize,
    left: &[String],
) -> Result<ManyStep, AppError> {
    let left: Vec<_> = left.iter().filter_map(|text| Left::read(text)).collect();
    let ids = |ids: Vec<i64>| {
        let mut each = ids;
        each.sort_unstable();
        each.dedup();
        each
    };
    let things = ids(left.iter().map(|one| one.id).collect());
    let to = ids(left.iter().filter_map(|one| one.to).map(|id| id.0).collect());
    let mut names: HashMap<i64, String> = HashMap::new();
    let mut queues: HashMap<QueueId, ChosenQueue> = HashMap::new();
    match over {
        Over::Hooks => {
            let hooks: Vec<_> = things.into_iter().map(HookId).collect();
            for hook in admin.chosen_hooks(actor, &hooks).await? {
                names.insert(hook.id.0, words::hook(&hook, true));
            }
            let to: Vec<_> = to.into_iter().map(QueueId).collect();
            for queue in admin.chosen_queues(actor, &to).await? {
                queues.insert(queue.id, queue);
            }
        }
        Over::Queues => {
            let ids: Vec<_> = things.into_iter().map(QueueId).collect();
            for queue in admin.chosen_queues(actor, &ids).await? {
                names.insert(queue.id.0, queue.name);
            }
        }
    }
    let told = left.iter().map(|one| {
        let name = match names.get(&one.id) {
            Some(name) => name.clone(),
            None => words::by_number(over, one.id),
        };
        match one.to {
            None => (name, words::why_left(act, one.why).to_owned()),
            Some(id) => match queues.get(&id) {
                Some(queue) => {
                    (words::copy_of(&name, &queue.name), words::why_no_copy(one.why, queue.kind))
                }
                None => {
                    let queue = words::by_number(Over::Queues, id.0);
                    (words::copy_of(&name, &queue), words::why_left(act, one.why).to_owned())
                }
            },
        }
    });
    Ok(ManyStep::Result {
        title: words::came_to(over, act, done, done + left.len()),
        left: told.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_is_read_from_the_address() {
        let one = Left::read("12.gone").map(|left| (left.id, left.to, left.why));
        assert_eq!(one, Some((12, None, Refusal::Gone)));
        let copy = Left::read("12-7.taken").map(|left| (left.id, left.to, left.why));
        assert_eq!(copy, Some((12, Some(QueueId(7)), Refusal::Taken)));
        for bad in ["", "12", "12.tired", "x.gone", "12-.gone", "12-7"] {
            assert!(Left::read(bad).is_none(), "{bad}");
        }
    }
}
