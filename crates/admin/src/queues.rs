//! Queues.

use crate::{
    Admin, AdminError, Result, amid_others, changes::QueueChange, checked_name, checked_text,
    extras, hooks::checked_rate, is_still, no_problems, now, now_after,
};
use model::{
    JsonMap,
    delivery::Rest,
    ids::QueueId,
    page::{Page, Paging},
    problem::{Problem, pointer_token},
    queue::{Figures, Queue, QueueDraft, QueueFilter, QueueRow},
    user::{Actor, Permission},
};
use storage::journal::Unfinished;

const HOUR_MS: i64 = 3_600_000;
/// Queue variables travel with every event, so they stay small: bytes of JSON.
const VARIABLES_MAX: usize = 64 << 10;

impl Admin {
    /// A page of the queues, each with the figures of the last hour.
    pub async fn queues(
        &self,
        actor: &Actor,
        filter: &QueueFilter,
        paging: Paging,
    ) -> Result<Page<QueueRow>> {
        actor.require(Permission::Read)?;
        Ok(self.storage.queues(filter, paging, now().plus(-HOUR_MS)).await?)
    }

    /// One queue.
    pub async fn queue(&self, actor: &Actor, id: QueueId) -> Result<Queue> {
        actor.require(Permission::Read)?;
        self.storage.queue(id).await?.ok_or_else(|| AdminError::no("queue", id))
    }

    /// What the queue did in the last hour.
    pub async fn queue_figures(&self, actor: &Actor, id: QueueId) -> Result<Figures> {
        actor.require(Permission::Read)?;
        Ok(self.storage.queue_figures(id, now().plus(-HOUR_MS)).await?)
    }

    /// A page of the queues, each whole.
    pub async fn whole_queues(
        &self,
        actor: &Actor,
        filter: &QueueFilter,
        paging: Paging,
    ) -> Result<Page<Queue>> {
        actor.require(Permission::Read)?;
        Ok(self.storage.whole_queues(filter, paging).await?)
    }

    /// Makes a queue.
    pub async fn create_queue(&self, actor: &Actor, draft: QueueDraft) -> Result<Queue> {
        actor.require(Permission::Edit)?;
        Ok(self.storage.create_queue(&checked(draft)?, now()).await?)
    }

    /// Makes a queue of what a change names: its name and its type at least.
    pub async fn add_queue(&self, actor: &Actor, new: QueueChange) -> Result<Queue> {
        actor.require(Permission::Edit)?;
        Ok(self.storage.create_queue(&checked(new.into_new()?)?, now()).await?)
    }

    /// Changes what the change names, and nothing else, whoever else changes the queue; refused where
    /// it is of a queue that has been changed since.
    pub async fn change_queue(
        &self,
        actor: &Actor,
        id: QueueId,
        change: QueueChange,
    ) -> Result<Queue> {
        actor.require(Permission::Edit)?;
        let changed = amid_others(|| async {
            let was = self.queue(actor, id).await?;
            is_still("queue", was.updated_at, change.base)?;
            let draft = checked(change.clone().applied_to(&was)?)?;
            Ok(self.storage.change_queue(&was, &draft, now_after(was.updated_at)).await)
        });
        changed.await??.ok_or_else(|| AdminError::no("queue", id))
    }

    /// Switches a queue on or off.
    pub async fn set_queue_enabled(
        &self,
        actor: &Actor,
        id: QueueId,
        enabled: bool,
    ) -> Result<Queue> {
        actor.require(Permission::Edit)?;
        let changed = self.storage.set_queue_enabled(id, enabled, now()).await?;
        changed.ok_or_else(|| AdminError::no("queue", id))
    }

    /// Pauses a queue, so that the deliveries of all its hooks are parked.
    pub async fn pause_queue(&self, actor: &Actor, id: QueueId) -> Result<Queue> {
        actor.require(Permission::Edit)?;
        let changed = self.storage.pause_queue(id).await?;
        changed.ok_or_else(|| AdminError::no("queue", id))
    }

    /// Lets a paused queue go on. What was parked is released in order, so many deliveries a
    /// second, or as fast as possible; but for hooks that are paused themselves.
    pub async fn resume_queue(
        &self,
        actor: &Actor,
        id: QueueId,
        release_per_s: Option<u32>,
    ) -> Result<Queue> {
        actor.require(Permission::Edit)?;
        checked_rate("release_per_s", release_per_s)?;
        let changed = self.storage.resume_queue(id, release_per_s, now()).await?;
        changed.ok_or_else(|| AdminError::no("queue", id))
    }

    /// Deletes a queue and its hooks. `rest` says what becomes of what they have not finished.
    pub async fn delete_queue(&self, actor: &Actor, id: QueueId, rest: Rest) -> Result<Queue> {
        actor.require(Permission::Edit)?;
        let no_queue = || AdminError::no("queue", id);
        let queue = self.storage.queue(id).await?.ok_or_else(no_queue)?;
        let left = [Unfinished::Queue(queue.id)];
        self.settle(actor, rest, &left).await?;
        let gone = self.storage.delete_queue(id).await?.ok_or_else(no_queue)?;
        self.settle(actor, rest, &left).await?;
        Ok(gone)
    }
}

/// Adds what is wrong with a queue's variables.
fn check_variables(variables: &JsonMap, problems: &mut Vec<Problem>) {
    for name in variables.keys() {
        if name.is_empty() || name.contains(['$', '{', '}']) || name.chars().any(char::is_control) {
            problems.push(Problem::new(
                format!("/variables/{}", pointer_token(name)),
                "a name has at least one character, and no $, { or }",
            ));
        }
    }
    if extras::bytes(variables) > VARIABLES_MAX {
        problems.push(Problem::new("/variables", "together have at most 64 KiB"));
    }
}

fn checked(draft: QueueDraft) -> Result<QueueDraft> {
    let mut problems = Vec::new();
    let name = checked_name("name", &draft.name, 120, &mut problems);
    let description = checked_text("description", &draft.description, 2_000, &mut problems);
    if let Some(variables) = &draft.variables {
        check_variables(variables, &mut problems);
    }
    extras::check(draft.extras.as_ref(), extras::BYTES_MAX, &mut problems);
    no_problems(problems)?;
    Ok(QueueDraft { name, description, ..draft })
}
