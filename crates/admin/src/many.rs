//! Many hooks or queues at once: what can be done is done, and what cannot is named.

use crate::{Admin, AdminError, Result, checked_name, no_problems, now};
use model::{
    catalog::EventKind,
    ids::{FlowId, HookId, QueueId},
    many::{
        AT_ONCE, ChosenHook, ChosenQueue, CopiesBegin, CopyPlan, HookAct, Outcome, PlannedCopy,
        QueueAct, Refusal,
    },
    problem::Problem,
    queue::Queue,
    user::{Actor, Permission},
};
use std::{collections::HashSet, hash::Hash};
use storage::{journal::Unfinished, many::NewCopy};

impl Admin {
    /// Those of the hooks that exist, by queue, event and flow.
    pub async fn chosen_hooks(&self, actor: &Actor, ids: &[HookId]) -> Result<Vec<ChosenHook>> {
        actor.require(Permission::Read)?;
        Ok(self.storage.chosen_hooks(&few_enough(ids)?).await?)
    }

    /// The ids of all hooks of a queue. Fails where they are more than are acted on at once.
    pub async fn hooks_of(&self, actor: &Actor, queue: QueueId) -> Result<Vec<HookId>> {
        actor.require(Permission::Read)?;
        few_enough(&self.storage.hook_ids(queue).await?)
    }

    /// Those of the queues that exist, by name.
    pub async fn chosen_queues(&self, actor: &Actor, ids: &[QueueId]) -> Result<Vec<ChosenQueue>> {
        actor.require(Permission::Read)?;
        Ok(self.storage.chosen_queues(&few_enough(ids)?).await?)
    }

    /// Does the same to many hooks. What was pending when one is switched off still finishes.
    pub async fn change_hooks(
        &self,
        actor: &Actor,
        ids: &[HookId],
        act: HookAct,
    ) -> Result<Outcome<HookId>> {
        actor.require(Permission::Edit)?;
        let ids = few_enough(ids)?;
        let (storage, now) = (&self.storage, now());
        match act {
            HookAct::Enable => Ok(all_but(&ids, storage.set_hooks_enabled(&ids, true, now).await?)),
            HookAct::Disable => {
                Ok(all_but(&ids, storage.set_hooks_enabled(&ids, false, now).await?))
            }
            HookAct::Delete(rest) => {
                let there = storage.chosen_hooks(&ids).await?;
                let left: Vec<_> = there.iter().map(|hook| Unfinished::Hook(hook.id)).collect();
                self.settle(actor, rest, &left).await?;
                let gone = storage.delete_hooks(&ids).await?;
                self.settle(actor, rest, &left).await?;
                Ok(all_but(&ids, gone))
            }
            HookAct::Move(flow) => {
                no_problems(self.flow_fault(flow).await?.into_iter().collect())?;
                let left = storage.move_hooks(&ids, flow, now).await?;
                Ok(Outcome { done: ids.len() - left.len(), left })
            }
        }
    }

    /// Does the same to many queues. With a queue go its hooks.
    pub async fn change_queues(
        &self,
        actor: &Actor,
        ids: &[QueueId],
        act: QueueAct,
    ) -> Result<Outcome<QueueId>> {
        actor.require(Permission::Edit)?;
        let ids = few_enough(ids)?;
        let storage = &self.storage;
        let done = match act {
            QueueAct::Enable => storage.set_queues_enabled(&ids, true, now()).await?,
            QueueAct::Disable => storage.set_queues_enabled(&ids, false, now()).await?,
            QueueAct::Delete(rest) => {
                let there = storage.chosen_queues(&ids).await?;
                let left: Vec<_> = there.iter().map(|queue| Unfinished::Queue(queue.id)).collect();
                self.settle(actor, rest, &left).await?;
                let gone = storage.delete_queues(&ids).await?;
                self.settle(actor, rest, &left).await?;
                gone
            }
        };
        Ok(all_but(&ids, done))
    }

    /// What copying these hooks to these queues would come to.
    pub async fn plan_copies(
        &self,
        actor: &Actor,
        hooks: &[HookId],
        queues: &[QueueId],
    ) -> Result<CopyPlan> {
        actor.require(Permission::Read)?;
        let (hooks, queues) = (few_enough(hooks)?, few_enough(queues)?);
        let copies = hooks.len() * queues.len();
        if copies > AT_ONCE {
            return Err(too_many("/queues", copies));
        }
        let hooks = self.storage.chosen_hooks(&hooks).await?;
        let queues = self.storage.chosen_queues(&queues).await?;
        let ids: Vec<_> = queues.iter().map(|queue| queue.id).collect();
        let taken: HashSet<_> = self.storage.wiring(&ids).await?.into_iter().collect();
        Ok(plan(hooks, queues, taken))
    }

    /// Copies hooks to other queues. What is left is named by hook and queue.
    pub async fn copy_hooks(
        &self,
        actor: &Actor,
        hooks: &[HookId],
        queues: &[QueueId],
        begin: CopiesBegin,
    ) -> Result<Outcome<(HookId, QueueId)>> {
        actor.require(Permission::Edit)?;
        let plan = self.plan_copies(actor, hooks, queues).await?;
        let mut left = missing(&plan, hooks, queues);
        let mut copies = Vec::new();
        for copy in &plan.copies {
            match copy.refusal {
                Some(refusal) => left.push(((copy.hook, copy.queue), refusal)),
                None => copies.push(NewCopy {
                    of: copy.hook,
                    queue: copy.queue,
                    disabled: begin == CopiesBegin::Disabled,
                }),
            }
        }
        let mut done = 0;
        if !copies.is_empty() {
            let made = self.storage.copy_hooks(&copies, now()).await?;
            for (copy, made) in copies.iter().zip(made) {
                match made {
                    Ok(_) => done += 1,
                    // What the plan did not know happened since.
                    Err(refusal) => left.push(((copy.of, copy.queue), refusal)),
                }
            }
        }
        Ok(Outcome { done, left })
    }

    /// Makes a queue like another one, with its variables and hooks, under a name of its own.
    pub async fn duplicate_queue(
        &self,
        actor: &Actor,
        id: QueueId,
        name: &str,
        hooks: CopiesBegin,
    ) -> Result<Queue> {
        actor.require(Permission::Edit)?;
        let mut problems = Vec::new();
        let name = checked_name("name", name, 120, &mut problems);
        no_problems(problems)?;
        let disabled = hooks == CopiesBegin::Disabled;
        let made = self.storage.duplicate_queue(id, &name, disabled, now()).await?;
        made.ok_or_else(|| AdminError::no("queue", id))
    }
}

/// Each of these once, in their order. Fails where they are more than are acted on at once.
fn few_enough<T: Copy + Eq + Hash>(ids: &[T]) -> Result<Vec<T>> {
    let mut seen = HashSet::new();
    let each: Vec<_> = ids.iter().copied().filter(|id| seen.insert(*id)).collect();
    if each.len() > AT_ONCE { Err(too_many("/ids", each.len())) } else { Ok(each) }
}

fn too_many(field: &str, count: usize) -> AdminError {
    let detail = format!("at most {AT_ONCE} are changed at once; these are {count}");
    AdminError::Invalid(vec![Problem::new(field, detail)])
}

/// The outcome of an act that was done to whatever was there.
fn all_but<T: Copy + Eq + Hash>(ids: &[T], done: Vec<T>) -> Outcome<T> {
    let done: HashSet<_> = done.into_iter().collect();
    let left = ids.iter().filter(|id| !done.contains(id)).map(|id| (*id, Refusal::Gone)).collect();
    Outcome { done: done.len(), left }
}

/// Holds each hook against each queue.
fn plan(
    hooks: Vec<ChosenHook>,
    queues: Vec<ChosenQueue>,
    mut taken: HashSet<(QueueId, EventKind, FlowId)>,
) -> CopyPlan {
    let mut copies = Vec::with_capacity(hooks.len() * queues.len());
    for queue in &queues {
        for hook in &hooks {
            let refusal = if !hook.event.fired_by(queue.kind) {
                Some(Refusal::NotFired)
            } else if !taken.insert((queue.id, hook.event, hook.flow_id)) {
                Some(Refusal::Taken)
            } else {
                None
            };
            copies.push(PlannedCopy { hook: hook.id, queue: queue.id, refusal });
        }
    }
    CopyPlan { hooks, queues, copies }
}

/// The copies that cannot even be planned, because the hook or the queue is gone.
fn missing(
    plan: &CopyPlan,
    hooks: &[HookId],
    queues: &[QueueId],
) -> Vec<((HookId, QueueId), Refusal)> {
    let planned: HashSet<_> = plan.copies.iter().map(|copy| (copy.hook, copy.queue)).collect();
    let there: HashSet<_> = plan.hooks.iter().map(|hook| hook.id).collect();
    let mut left = Vec::new();
    let mut seen = HashSet::new();
    for queue in queues {
        for hook in hooks {
            let pair = (*hook, *queue);
            if planned.contains(&pair) || !seen.insert(pair) {
                continue;
            }
            let refusal = if there.contains(hook) { Refusal::QueueGone } else { Refusal::Gone };
            left.push((pair, refusal));
        }
    }
    left
}
