//! Queues.

use crate::{Admin, AdminError, Result, checked_name, checked_text, no_problems, now};
use model::{
    JsonMap,
    ids::QueueId,
    page::{Page, Paging},
    problem::{Problem, pointer_token},
    queue::{Figures, Queue, QueueDraft, QueueFilter, QueueRow},
    user::{Actor, Permission},
};

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

    /// Makes a queue.
    pub async fn create_queue(&self, actor: &Actor, draft: QueueDraft) -> Result<Queue> {
        actor.require(Permission::Edit)?;
        Ok(self.storage.create_queue(&checked(draft)?, now()).await?)
    }

    /// Changes a queue's name, description and state; its type stays.
    pub async fn update_queue(
        &self,
        actor: &Actor,
        id: QueueId,
        draft: QueueDraft,
    ) -> Result<Queue> {
        actor.require(Permission::Edit)?;
        let changed = self.storage.update_queue(id, &checked(draft)?, now()).await?;
        changed.ok_or_else(|| AdminError::no("queue", id))
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

    /// Replaces a queue's variables.
    pub async fn set_queue_variables(
        &self,
        actor: &Actor,
        id: QueueId,
        variables: JsonMap,
    ) -> Result<Queue> {
        actor.require(Permission::Edit)?;
        let mut problems = Vec::new();
        for name in variables.keys() {
            if name.is_empty()
                || name.contains(['$', '{', '}'])
                || name.chars().any(char::is_control)
            {
                problems.push(Problem::new(
                    format!("/variables/{}", pointer_token(name)),
                    "a name has at least one character, and no $, { or }",
                ));
            }
        }
        let size: usize = variables.iter().map(|(k, v)| k.len() + v.to_string().len()).sum();
        if size > VARIABLES_MAX {
            problems.push(Problem::new("/variables", "together have at most 64 KiB"));
        }
        no_problems(problems)?;
        let changed = self.storage.set_queue_variables(id, &variables, now()).await?;
        changed.ok_or_else(|| AdminError::no("queue", id))
    }

    /// Deletes a queue and its hooks. What they were about to deliver still is.
    pub async fn delete_queue(&self, actor: &Actor, id: QueueId) -> Result<Queue> {
        actor.require(Permission::Edit)?;
        self.storage.delete_queue(id).await?.ok_or_else(|| AdminError::no("queue", id))
    }
}

fn checked(draft: QueueDraft) -> Result<QueueDraft> {
    let mut problems = Vec::new();
    let name = checked_name("name", &draft.name, 120, &mut problems);
    let description = checked_text("description", &draft.description, 2_000, &mut problems);
    no_problems(problems)?;
    Ok(QueueDraft { name, description, ..draft })
}
