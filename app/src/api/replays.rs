//! Replays of many deliveries: what their pages, which the server draws, post.

use super::form::Reply;
use crate::error::AppError;
use leptos::prelude::*;
use model::ids::ReplayId;

/// Starts a replay of what matches, and leads to its page.
#[server(prefix = "/api/panel", endpoint = "replays/start")]
pub async fn start_replay(
    /// A delivery filter as JSON.
    #[server(default)]
    filter: String,
    /// How many a second; empty is as many as possible.
    #[server(default)]
    per_second: String,
) -> Result<Reply, AppError> {
    use super::form::{Done, answer_in_toast, rate};
    answer_in_toast(async {
        let filter = serde_json::from_str(&filter)
            .map_err(|error| AppError::field("filter", error.to_string()))?;
        let per_second = rate("per_second", &per_second)?;
        let (admin, actor) = (super::admin()?, super::actor().await?);
        let made = admin.start_replay(&actor, &filter, per_second).await?;
        Ok(Done::to(format!("/replays/{}", made.id)).saying(crate::text::replays::STARTED))
    })
    .await
}

/// Pauses a replay, lets it go on or calls it off.
#[server(prefix = "/api/panel", endpoint = "replays/change")]
pub async fn change_replay(
    id: ReplayId,
    #[server(default)] act: String,
) -> Result<Reply, AppError> {
    use super::form::{Done, answer_in_toast, word};
    answer_in_toast(async {
        let (admin, actor) = (super::admin()?, super::actor().await?);
        let changed = admin.change_replay(&actor, id, word("act", &act)?).await?;
        Ok(Done::here().saying(crate::text::replays::changed(changed.state)))
    })
    .await
}

/// Changes a replay's rate.
#[server(prefix = "/api/panel", endpoint = "replays/rate")]
pub async fn set_replay_rate(
    id: ReplayId,
    #[server(default)] per_second: String,
) -> Result<Reply, AppError> {
    use super::form::{Done, answer_in_toast, rate};
    answer_in_toast(async {
        let per_second = rate("per_second", &per_second)?;
        super::admin()?.set_replay_rate(&super::actor().await?, id, per_second).await?;
        Ok(Done::here().saying(crate::text::replays::RATE_CHANGED))
    })
    .await
}
