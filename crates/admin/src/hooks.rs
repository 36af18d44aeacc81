//! Hooks.

use crate::{
    Admin, AdminError, Result, amid_others, changes::HookChange, extras, is_still, no_problems,
    now, now_after,
};
use flow::condition::Condition;
use model::{
    cache::has_nul,
    delivery::Rest,
    hook::{Hook, HookDraft, HookFilter, HookRow, PauseReason, RELEASE_MAX_PER_S},
    ids::{FlowId, HookId, QueueId},
    page::{Page, Paging},
    problem::Problem,
    queue::Queue,
    user::{Actor, Permission},
};
use storage::{StorageError, journal::Unfinished};

/// The longest hold that a hook may ask for: a day, in milliseconds.
const MAX_HOLD_MAX_MS: i64 = 86_400_000;

impl Admin {
    /// A page of the hooks.
    pub async fn hooks(
        &self,
        actor: &Actor,
        filter: &HookFilter,
        paging: Paging,
    ) -> Result<Page<HookRow>> {
        actor.require(Permission::Read)?;
        let mut page = self.storage.hooks(filter, paging, now()).await?;
        let overlay = self.running.overlay();
        for HookRow { hook, last, .. } in &mut page.items {
            if let Some(last) = last {
                last.state = overlay.state(last.state, last.id, hook.id, hook.flow_id, false);
            }
        }
        Ok(page)
    }

    /// One hook.
    pub async fn hook(&self, actor: &Actor, id: HookId) -> Result<Hook> {
        actor.require(Permission::Read)?;
        self.storage.hook(id).await?.ok_or_else(|| AdminError::no("hook", id))
    }

    /// Makes a hook in a queue.
    pub async fn create_hook(
        &self,
        actor: &Actor,
        queue: QueueId,
        draft: HookDraft,
    ) -> Result<Hook> {
        actor.require(Permission::Edit)?;
        let queue = self.queue(actor, queue).await?;
        let draft = self.checked_hook(&queue, draft).await?;
        self.storage.create_hook(queue.id, &draft, now()).await.map_err(twice)
    }

    /// Switches a hook on or off. What was pending when it is switched off still finishes.
    pub async fn set_hook_enabled(&self, actor: &Actor, id: HookId, enabled: bool) -> Result<Hook> {
        actor.require(Permission::Edit)?;
        let changed = self.storage.set_hook_enabled(id, enabled, now()).await?;
        changed.ok_or_else(|| AdminError::no("hook", id))
    }

    /// Pauses a hook, so that its deliveries are parked.
    pub async fn pause_hook(&self, actor: &Actor, id: HookId) -> Result<Hook> {
        actor.require(Permission::Edit)?;
        let changed = self.storage.set_hook_paused(id, Some(PauseReason::Person)).await?;
        changed.ok_or_else(|| AdminError::no("hook", id))
    }

    /// Lets a paused hook go on. What was parked is released in order, so many deliveries a
    /// second, or as fast as possible.
    pub async fn resume_hook(
        &self,
        actor: &Actor,
        id: HookId,
        release_per_s: Option<u32>,
    ) -> Result<Hook> {
        actor.require(Permission::Edit)?;
        checked_rate("release_per_s", release_per_s)?;
        let changed = self.storage.resume_hook(id, release_per_s, now()).await?;
        changed.ok_or_else(|| AdminError::no("hook", id))
    }

    /// Deletes a hook. `rest` says what becomes of what it has not finished.
    pub async fn delete_hook(&self, actor: &Actor, id: HookId, rest: Rest) -> Result<Hook> {
        actor.require(Permission::Edit)?;
        let hook = self.storage.hook(id).await?.ok_or_else(|| AdminError::no("hook", id))?;
        let left = [Unfinished::Hook(hook.id)];
        self.settle(actor, rest, &left).await?;
        let gone = self.storage.delete_hook(id).await?.ok_or_else(|| AdminError::no("hook", id))?;
        self.settle(actor, rest, &left).await?;
        Ok(gone)
    }

    /// A page of one queue's hooks.
    pub async fn queue_hooks(
        &self,
        actor: &Actor,
        queue: QueueId,
        filter: HookFilter,
        paging: Paging,
    ) -> Result<Page<HookRow>> {
        actor.require(Permission::Read)?;
        let queues = vec![self.queue(actor, queue).await?.id];
        self.hooks(actor, &HookFilter { queues, ..filter }, paging).await
    }

    /// One hook of a queue, with its flow's name.
    pub async fn queue_hook(&self, actor: &Actor, queue: QueueId, id: HookId) -> Result<HookRow> {
        actor.require(Permission::Read)?;
        let filter = HookFilter { ids: vec![id], ..HookFilter::default() };
        let found = self.queue_hooks(actor, queue, filter, Paging { page: 1, size: 1 }).await?;
        let no_hook = || AdminError::no("hook", format!("{id} in queue {queue}"));
        found.items.into_iter().next().ok_or_else(no_hook)
    }

    /// Makes a hook of what a change names: its event and its flow at least.
    pub async fn add_hook(
        &self,
        actor: &Actor,
        queue: QueueId,
        new: HookChange,
    ) -> Result<HookRow> {
        actor.require(Permission::Edit)?;
        let queue = self.queue(actor, queue).await?;
        let draft = self.checked_hook(&queue, new.into_new()?).await?;
        let made = self.storage.create_hook(queue.id, &draft, now()).await.map_err(twice)?;
        self.queue_hook(actor, queue.id, made.id).await
    }

    /// Changes what the change names, and nothing else, whoever else changes the hook; refused where
    /// it is of a hook that has been changed since.
    pub async fn change_hook(&self, actor: &Actor, id: HookId, change: HookChange) -> Result<Hook> {
        actor.require(Permission::Edit)?;
        let changed = amid_others(|| async {
            let was = self.hook(actor, id).await?;
            is_still("hook", was.updated_at, change.base)?;
            let queue = self.queue(actor, was.queue_id).await?;
            let draft = self.checked_hook(&queue, change.clone().applied_to(&was)).await?;
            Ok(self.storage.change_hook(&was, &draft, now_after(was.updated_at)).await)
        });
        changed.await?.map_err(twice)?.ok_or_else(|| AdminError::no("hook", id))
    }

    /// The same with a hook of a queue.
    pub async fn change_queue_hook(
        &self,
        actor: &Actor,
        queue: QueueId,
        id: HookId,
        change: HookChange,
    ) -> Result<HookRow> {
        actor.require(Permission::Edit)?;
        self.queue_hook(actor, queue, id).await?;
        self.change_hook(actor, id, change).await?;
        self.queue_hook(actor, queue, id).await
    }

    /// Deletes a hook of a queue. `rest` says what becomes of what it has not finished.
    pub async fn delete_queue_hook(
        &self,
        actor: &Actor,
        queue: QueueId,
        id: HookId,
        rest: Rest,
    ) -> Result<HookRow> {
        actor.require(Permission::Edit)?;
        let row = self.queue_hook(actor, queue, id).await?;
        self.delete_hook(actor, id, rest).await?;
        Ok(row)
    }

    async fn checked_hook(&self, queue: &Queue, draft: HookDraft) -> Result<HookDraft> {
        let mut problems = Vec::new();
        if !draft.event.fired_by(queue.kind) {
            let fired: Vec<_> = queue.kind.events().map(|event| event.as_str()).collect();
            problems.push(Problem::new(
                "/event",
                format!("this queue fires {}, not {}", fired.join(", "), draft.event),
            ));
        }
        problems.extend(self.flow_fault(draft.flow_id).await?);
        let condition = draft.condition.trim().to_owned();
        if let Some(why) = has_nul(&condition) {
            problems.push(Problem::new("/condition", why));
        } else if !condition.is_empty()
            && let Err(error) = Condition::compile(&condition)
        {
            problems.push(Problem::new("/condition", error.to_string()));
        }
        if !(0..=MAX_HOLD_MAX_MS).contains(&draft.max_hold_ms) {
            problems.push(Problem::new("/max_hold_ms", "lies between 0 and 86400000 (a day)"));
        }
        problems.extend(draft.policy.problems("/policy"));
        extras::check(draft.extras.as_ref(), extras::BYTES_MAX, &mut problems);
        no_problems(problems)?;
        Ok(HookDraft { condition, ..draft })
    }

    /// Why hooks cannot run this flow, if they cannot.
    pub(crate) async fn flow_fault(&self, id: FlowId) -> Result<Option<Problem>> {
        let detail = match self.storage.flow(id, None).await? {
            None => "this flow does not exist".into(),
            Some(flow) if !flow.kind.fits_a_hook() => {
                format!("a hook runs flows of type service or default; this one is {}", flow.kind)
            }
            Some(_) => return Ok(None),
        };
        Ok(Some(Problem::new("/flow_id", detail)))
    }
}

/// Refuses a rate that is none.
pub(crate) fn checked_rate(field: &str, per_second: Option<u32>) -> Result<()> {
    if per_second.is_none_or(|rate| (1..=RELEASE_MAX_PER_S).contains(&rate)) {
        return Ok(());
    }
    let detail = format!("lies between 1 and {RELEASE_MAX_PER_S} deliveries a second");
    Err(AdminError::Invalid(vec![Problem::new(format!("/{field}"), detail)]))
}

/// Says in the panel's words that queue, event and flow stand together already.
fn twice(error: StorageError) -> AdminError {
    match error {
        StorageError::Taken { .. } => AdminError::Invalid(vec![Problem::new(
            "/flow_id",
            "a hook of this queue runs this flow at this event already",
        )]),
        other => other.into(),
    }
}
