//! Acts on many hooks or queues: what is asked before, and what they came to.

#[cfg(feature = "ssr")]
mod outcome;
#[cfg(feature = "ssr")]
mod steps;

use super::form::Reply;
use crate::{error::AppError, ui::Choice};
use leptos::{prelude::*, server_fn::codec::Json};
use model::{delivery::Rest, ids::QueueId, many::Act};
use serde::{Deserialize, Serialize};

/// What there are many of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    Hooks,
    Queues,
}

/// What the address of a page about many says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManyAsk {
    pub over: Over,
    /// What is to be done; what was done, where `came_to` says what it came to.
    pub act: Option<Act>,
    /// The chosen hooks or queues.
    pub ids: Vec<i64>,
    /// All hooks of this queue, in place of `ids`.
    pub of: Option<QueueId>,
    /// The queues that hooks are copied to.
    pub to: Vec<i64>,
    /// Whether these are to be shown before they are made.
    pub preview: bool,
    /// What is searched among the queues.
    pub find: String,
    /// How many it was done to, and what was left: `12.gone` for a hook or queue, `12-7.taken` for a copy of a
    /// hook in a queue.
    pub came_to: Option<(usize, Vec<String>)>,
}

/// What such a page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ManyStep {
    /// There is nothing to be done, and why.
    Nothing {
        title: String,
        about: String,
    },
    Ask(Question),
    /// To which queues hooks are copied.
    Choose {
        title: String,
        hooks: Chosen,
        chosen: Vec<Choice>,
        found: Vec<Choice>,
    },
    Preview(Preview),
    /// What was done, and what was left: what it is, and why.
    Result {
        title: String,
        left: Vec<(String, String)>,
    },
}

/// What was chosen, those that still exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    pub ids: Vec<i64>,
    pub names: Vec<String>,
    /// What there is to say about some of them.
    pub notes: Vec<String>,
    /// The queue that all the hooks hang on, if it is one.
    pub queue: Option<QueueId>,
}

/// A question before something is done to many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub act: Act,
    pub title: String,
    pub about: String,
    pub chosen: Chosen,
    pub submit: String,
    /// The flows to move hooks to.
    pub flows: Vec<Choice>,
}

/// A copy: which hook, and why none can be made.
pub type ShownCopy = (String, Option<String>);

/// The copies that would be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    pub title: String,
    pub hooks: Chosen,
    pub to: Vec<i64>,
    /// Each queue, with its copies.
    pub queues: Vec<(String, Vec<ShownCopy>)>,
    pub possible: usize,
    pub submit: String,
}

/// What stands in the address of a page about many at this step.
#[server(prefix = "/api/panel", endpoint = "many/step", input = Json)]
pub async fn read_many(ask: ManyAsk) -> Result<ManyStep, AppError> {
    steps::step(ask).await
}

/// Does the same to many hooks or queues. `ids` are parted by commas.
#[server(prefix = "/api/panel", endpoint = "many/change")]
pub async fn change_many(
    over: Over,
    act: String,
    #[server(default)] ids: String,
    #[server(default)] flow_id: String,
    /// What becomes of unfinished deliveries where something is deleted.
    #[server(default)]
    deliveries: Rest,
    /// The list below, with its filters.
    #[server(default)]
    back: String,
) -> Result<Reply, AppError> {
    super::form::answer(crate::typed![flow_id], async {
        let act = super::form::word("act", &act)?;
        outcome::change(over, act, &ids, &flow_id, deliveries, &back).await
    })
    .await
}

/// Copies hooks to other queues.
#[server(prefix = "/api/panel", endpoint = "many/copy")]
pub async fn copy_many(
    #[server(default)] ids: String,
    #[server(default)] to: String,
    #[server(default)] hooks: String,
    #[server(default)] back: String,
) -> Result<Reply, AppError> {
    super::form::answer(crate::typed![hooks], async {
        outcome::copy(&ids, &to, super::form::word("hooks", &hooks)?, &back).await
    })
    .await
}
