//! Queues.

use super::form::Reply;
use crate::{error::AppError, ui::Choice};
use leptos::{prelude::*, server_fn::codec::Json};
use model::{
    delivery::Rest,
    ids::QueueId,
    page::{Page, Paging},
    queue::{Figures, Queue, QueueFilter, QueueRow},
};
use serde::{Deserialize, Serialize};

/// What stands above a queue's tabs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueCard {
    pub queue: Queue,
    /// What happened in the last hour.
    pub last_hour: Figures,
    /// How many hooks hang on it.
    pub hooks: u64,
}

/// A page of the queues.
#[server(prefix = "/api/panel", endpoint = "queues/list", input = Json)]
pub async fn list_queues(filter: QueueFilter, paging: Paging) -> Result<Page<QueueRow>, AppError> {
    Ok(super::admin()?.queues(&super::actor().await?, &filter, paging).await?)
}

/// How many queues a search offers.
#[cfg(feature = "ssr")]
const OFFERED: u32 = 50;

/// The queues whose names hold the text.
#[server(prefix = "/api/panel", endpoint = "queues/offer", input = Json)]
pub async fn offer_queues(search: String) -> Result<Vec<Choice>, AppError> {
    offered(&super::admin()?, &super::actor().await?, search).await
}

/// The queues whose names hold the text, as choices.
#[cfg(feature = "ssr")]
pub(super) async fn offered(
    admin: &admin::Admin,
    actor: &model::user::Actor,
    search: String,
) -> Result<Vec<Choice>, AppError> {
    let filter = QueueFilter { search, ..Default::default() };
    let found = admin.queues(actor, &filter, Paging { page: 1, size: OFFERED }).await?.items;
    let choice = |queue: QueueRow| Choice {
        value: queue.id.to_string(),
        label: queue.name,
        note: crate::text::queues::at_a_glance(queue.kind, queue.hooks),
    };
    Ok(found.into_iter().map(choice).collect())
}

/// Makes a queue like another one, with its variables and hooks. The name's field is not called
/// `name`, since the form below the dialog has one of that name.
#[server(prefix = "/api/panel", endpoint = "queues/duplicate")]
pub async fn duplicate_queue(
    id: QueueId,
    #[server(default)] new_name: String,
    #[server(default)] hooks: String,
) -> Result<Reply, AppError> {
    use super::form::{Done, answer, word};
    answer(crate::typed![new_name, hooks], async {
        let hooks = word("hooks", &hooks)?;
        let actor = super::actor().await?;
        let made = super::admin()?.duplicate_queue(&actor, id, &new_name, hooks).await;
        let made = made.map_err(|error| AppError::from(error).at("name", "new_name"))?;
        let to = format!("/queues/{}/hooks", made.id);
        Ok(Done::to(to).saying(crate::text::queues::DUPLICATED))
    })
    .await
}

/// A queue with what stands above its tabs.
#[server(prefix = "/api/panel", endpoint = "queues/card", input = Json)]
pub async fn read_card(id: QueueId) -> Result<QueueCard, AppError> {
    let (admin, actor) = (super::admin()?, super::actor().await?);
    let queue = admin.queue(&actor, id).await?;
    let last_hour = admin.queue_figures(&actor, id).await?;
    let filter = model::hook::HookFilter::of_queue(id);
    let hooks = admin.hooks(&actor, &filter, Paging { page: 1, size: 1 }).await?.total;
    Ok(QueueCard { queue, last_hour, hooks })
}

/// Makes a queue, and leads to where its first hook is added.
#[server(prefix = "/api/panel", endpoint = "queues/create")]
pub async fn create_queue(
    #[server(default)] name: String,
    #[server(default)] kind: String,
    #[server(default)] description: String,
) -> Result<Reply, AppError> {
    use super::form::{Done, answer, word};
    answer(crate::typed![name, description], async {
        let kind = word("kind", &kind)?;
        let draft = model::queue::QueueDraft {
            name,
            kind,
            description,
            enabled: true,
            variables: None,
            extras: None,
        };
        let queue = super::admin()?.create_queue(&super::actor().await?, draft).await?;
        Ok(Done::to(format!("/queues/{}/hooks", queue.id)).saying(crate::text::queues::CREATED))
    })
    .await
}

/// Changes a queue's name, description and state, unless it was changed after `base`.
#[server(prefix = "/api/panel", endpoint = "queues/update")]
pub async fn update_queue(
    id: QueueId,
    #[server(default)] base: String,
    #[server(default)] name: String,
    #[server(default)] description: String,
    #[server(default)] enabled: bool,
) -> Result<Reply, AppError> {
    use super::form::{self, Done, answer};
    answer(crate::typed![base, name, description, enabled], async {
        let change = admin::changes::QueueChange {
            base: Some(form::base(&base)?),
            name: Some(name),
            description: Some(description),
            enabled: Some(enabled),
            ..Default::default()
        };
        super::admin()?.change_queue(&super::actor().await?, id, change).await?;
        Ok(Done::to(format!("/queues/{id}")).saying(crate::text::queues::SAVED))
    })
    .await
}

/// Switches a queue on or off.
#[server(prefix = "/api/panel", endpoint = "queues/switch")]
pub async fn switch_queue(
    id: QueueId,
    #[server(default)] enabled: bool,
) -> Result<Reply, AppError> {
    use super::form::{Done, answer_in_toast};
    answer_in_toast(async {
        let actor = super::actor().await?;
        let queue = super::admin()?.set_queue_enabled(&actor, id, enabled).await?;
        Ok(Done::here().saying(crate::text::queues::switched(&queue.name, queue.enabled)))
    })
    .await
}

/// Pauses a queue, or lets it go on.
#[server(prefix = "/api/panel", endpoint = "queues/pause")]
pub async fn pause_queue(
    id: QueueId,
    #[server(default)] paused: bool,
    /// How many parked deliveries a second are released; empty is as many as possible.
    #[server(default)]
    release_per_s: String,
) -> Result<Reply, AppError> {
    use super::form::{Done, answer};
    use crate::text::queues as words;
    answer(crate::typed![release_per_s], async {
        let (admin, actor) = (super::admin()?, super::actor().await?);
        if paused {
            admin.pause_queue(&actor, id).await?;
            return Ok(Done::here().saying(words::PAUSED_NOW));
        }
        admin.resume_queue(&actor, id, super::form::rate("release_per_s", &release_per_s)?).await?;
        Ok(Done::here().saying(words::RESUMED))
    })
    .await
}

/// Replaces a queue's variables by those of a JSON object, unless it was changed after `base`.
#[server(prefix = "/api/panel", endpoint = "queues/variables")]
pub async fn set_variables(
    id: QueueId,
    #[server(default)] base: String,
    #[server(default)] variables: String,
) -> Result<Reply, AppError> {
    use super::form::{self, Done, answer};
    answer(crate::typed![base, variables], async {
        let change = admin::changes::QueueChange {
            base: Some(form::base(&base)?),
            variables: Some(super::json::object("variables", &variables)?),
            ..Default::default()
        };
        super::admin()?.change_queue(&super::actor().await?, id, change).await?;
        Ok(Done::here().saying(crate::text::queues::VARIABLES_SAVED))
    })
    .await
}

/// Deletes a queue with its hooks.
#[server(prefix = "/api/panel", endpoint = "queues/delete")]
pub async fn delete_queue(
    id: QueueId,
    /// What becomes of its unfinished deliveries.
    #[server(default)]
    deliveries: Rest,
) -> Result<Reply, AppError> {
    use super::form::{Done, answer};
    answer(Vec::new(), async {
        let queue = super::admin()?.delete_queue(&super::actor().await?, id, deliveries).await?;
        Ok(Done::to("/queues").saying(crate::text::queues::deleted(&queue.name)).gone())
    })
    .await
}
