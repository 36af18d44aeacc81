//! Changes of many hooks or queues, each in one transaction and under one revision, in which what
//! cannot be changed leaves the rest as it should be.

use crate::Result;
use async_trait::async_trait;
use model::{
    catalog::EventKind,
    ids::{FlowId, HookId, QueueId},
    many::{ChosenHook, ChosenQueue, Refusal},
    queue::Queue,
    time::Millis,
};

/// A hook to be copied to a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewCopy {
    /// The hook that it is copied from.
    pub of: HookId,
    pub queue: QueueId,
    /// Whether it begins switched off, whatever the other is.
    pub disabled: bool,
}

/// Many hooks or queues at once.
#[async_trait]
pub trait ManyStore: Send + Sync {
    /// Those of the hooks that are there, by queue, event and flow.
    async fn chosen_hooks(&self, ids: &[HookId]) -> Result<Vec<ChosenHook>>;
    /// The hooks of a queue, in order of their ids.
    async fn hook_ids(&self, queue: QueueId) -> Result<Vec<HookId>>;
    /// Those of the queues that are there, by name.
    async fn chosen_queues(&self, ids: &[QueueId]) -> Result<Vec<ChosenQueue>>;
    /// What stands together in these queues: queue, event and flow.
    async fn wiring(&self, queues: &[QueueId]) -> Result<Vec<(QueueId, EventKind, FlowId)>>;
    /// Switches hooks on or off; those that were there.
    async fn set_hooks_enabled(
        &self,
        ids: &[HookId],
        enabled: bool,
        now: Millis,
    ) -> Result<Vec<HookId>>;
    /// Deletes hooks; those that were there.
    async fn delete_hooks(&self, ids: &[HookId]) -> Result<Vec<HookId>>;
    /// Lets hooks run another flow; those that do not, and why.
    async fn move_hooks(
        &self,
        ids: &[HookId],
        flow: FlowId,
        now: Millis,
    ) -> Result<Vec<(HookId, Refusal)>>;
    /// Makes copies of hooks, none of them paused; what became of each, in their order.
    async fn copy_hooks(
        &self,
        copies: &[NewCopy],
        now: Millis,
    ) -> Result<Vec<Result<HookId, Refusal>>>;
    /// Switches queues on or off; those that were there.
    async fn set_queues_enabled(
        &self,
        ids: &[QueueId],
        enabled: bool,
        now: Millis,
    ) -> Result<Vec<QueueId>>;
    /// Deletes queues with their hooks; those that were there.
    async fn delete_queues(&self, ids: &[QueueId]) -> Result<Vec<QueueId>>;
    /// Makes a queue like another one, with its variables and hooks, under a name of its own.
    /// Fails with [`crate::StorageError::Taken`] where the name is in use.
    async fn duplicate_queue(
        &self,
        id: QueueId,
        name: &str,
        hooks_disabled: bool,
        now: Millis,
    ) -> Result<Option<Queue>>;
}
