//! The delivery log.

use super::form::Reply;
#[cfg(feature = "ssr")]
use crate::{
    api::form::Done,
    text::{
        deliveries as text,
        explain::{Of, explain},
    },
};
use crate::{error::AppError, text::cause::Cause};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
#[cfg(feature = "ssr")]
use model::{delivery::DeliveryFilter, time::Millis, user::Permission};
use model::{
    delivery::{DeliveryDetail, DeliveryQuery, DeliveryRow},
    hook::Hook,
    ids::DeliveryId,
    page::Slice,
};
use serde::{Deserialize, Serialize};

/// A stretch of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    pub slice: Slice<DeliveryRow>,
    /// Where the log stood: whoever follows it from there misses nothing of what came after the rows.
    pub place: String,
}

/// A stretch of the log, newest first; of the last so many minutes, where they are given.
#[server(prefix = "/api/panel", endpoint = "deliveries/list", input = Json)]
pub async fn list_deliveries(
    query: DeliveryQuery,
    minutes: Option<i64>,
) -> Result<Listed, AppError> {
    let admin = super::admin()?;
    let mut query = query;
    query.filter.from = minutes.map(minutes_ago).or(query.filter.from);
    let actor = super::actor().await?;
    // First the place: what happens meanwhile is told to whoever follows, be it in the rows or not.
    let place = admin.tail_end(&actor).await?.to_string();
    Ok(Listed { slice: admin.deliveries(&actor, &query).await?, place })
}

/// Of which deliveries a page is told that follows the log, and from which place on, by the query of
/// the stream's address: the page's own filters, and `since`. Those that what happens may take a
/// delivery out of are left out, since the page is to hear of that too.
#[cfg(feature = "ssr")]
pub fn followed(query: &str) -> (DeliveryFilter, String) {
    use crate::pages::deliveries::LogView;
    use leptos_router::location::RequestUrl;
    let url = RequestUrl::new(&format!("/?{query}")).parse();
    let params = url.map(|url| url.search_params().clone()).unwrap_or_default();
    let view = LogView::read(&params);
    let mut filter = view.query().filter;
    filter.from = view.minutes().map(minutes_ago).or(filter.from);
    filter.states.clear();
    filter.failures.clear();
    (filter, params.get("since").unwrap_or_default())
}

/// A delivery as its page shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Looked {
    pub detail: DeliveryDetail,
    /// Nothing when it has been deleted.
    pub hook: Option<Hook>,
    /// Why it is where it is, if there is something to explain.
    pub cause: Option<Cause>,
}

/// Everything about one delivery, its hook, and why it is where it is.
#[server(prefix = "/api/panel", endpoint = "deliveries/look", input = Json)]
pub async fn look_at_delivery(id: DeliveryId) -> Result<Looked, AppError> {
    let (admin, actor) = (super::admin()?, super::actor().await?);
    let detail = admin.delivery(&actor, id).await?;
    let hook = match admin.hook(&actor, detail.row.hook_id).await {
        Ok(hook) => Some(hook),
        Err(admin::AdminError::NotFound { .. }) => None,
        Err(other) => return Err(other.into()),
    };
    let queue = admin.queue(&actor, detail.row.queue_id).await.ok();
    let editor = actor.has(Permission::Edit);
    let of = Of { hook: hook.as_ref(), queue: queue.as_ref(), editor };
    let cause = explain(&detail.row, of, now());
    Ok(Looked { detail, hook, cause })
}

#[cfg(feature = "ssr")]
fn now() -> Millis {
    use std::time::{SystemTime, UNIX_EPOCH};
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(feature = "ssr")]
pub(super) fn minutes_ago(minutes: i64) -> Millis {
    now().plus(minutes.saturating_mul(-60_000))
}

/// Makes a new delivery from this one, and goes to it; `filters` is the query of the log beside it,
/// `version` on which of its flow, where not as it is published.
#[server(prefix = "/api/panel", endpoint = "deliveries/replay")]
pub async fn replay_delivery(
    id: String,
    #[server(default)] filters: String,
    #[server(default)] version: String,
) -> Result<Reply, AppError> {
    use super::form::{answer_in_toast, word};
    use model::replay::OnVersion;
    answer_in_toast(async {
        let on = match version.as_str() {
            "" => OnVersion::default(),
            version => word("version", version)?,
        };
        let made = super::engine()?.replay(&super::actor().await?, word("id", &id)?, on).await?;
        let filters = if filters.starts_with('?') { filters.as_str() } else { "" };
        Ok(Done::to(format!("/deliveries/{made}{filters}")).saying(text::REPLAYED))
    })
    .await
}

/// Makes a new delivery from a step of this one, and goes to it; `at` is the visit, a colon and the
/// step.
#[server(prefix = "/api/panel", endpoint = "deliveries/replay-from")]
pub async fn replay_delivery_from(
    id: String,
    #[server(default)] at: String,
    #[server(default)] version: String,
) -> Result<Reply, AppError> {
    use super::form::{answer, word};
    use crate::text::form::CHOOSE_ONE;
    answer(crate::typed![at, version], async {
        let chosen = at.split_once(':').and_then(|(visit, step)| Some((visit.parse().ok()?, step)));
        let (visit, step) = chosen.ok_or_else(|| AppError::field("at", CHOOSE_ONE))?;
        let (actor, id) = (super::actor().await?, word("id", &id)?);
        let on = word("version", &version)?;
        let made = super::engine()?.replay_from(&actor, id, on, step, Some(visit)).await?;
        Ok(Done::to(format!("/deliveries/{made}")).saying(text::REPLAYED))
    })
    .await
}

/// Calls off a delivery that is not finished.
#[server(prefix = "/api/panel", endpoint = "deliveries/cancel")]
pub async fn cancel_delivery(id: String) -> Result<Reply, AppError> {
    use super::form::{answer_in_toast, word};
    answer_in_toast(async {
        let actor = super::actor().await?;
        super::admin()?.cancel_delivery(&actor, word("id", &id)?).await?;
        Ok(Done::here().saying(text::CANCELLED))
    })
    .await
}

/// Runs a delivery at once that waits, or was given up.
#[server(prefix = "/api/panel", endpoint = "deliveries/retry")]
pub async fn retry_delivery(id: String) -> Result<Reply, AppError> {
    use super::form::{answer_in_toast, word};
    answer_in_toast(async {
        let (admin, actor, id) = (super::admin()?, super::actor().await?, word("id", &id)?);
        super::engine()?.run_now(&actor, id).await?;
        // One that was given up is parked where its hook or its queue is paused.
        let row = admin.delivery(&actor, id).await?.row;
        let paused = match admin.hook(&actor, row.hook_id).await {
            Ok(hook) => hook.paused.is_some() || admin.queue(&actor, row.queue_id).await?.paused,
            Err(_) => false,
        };
        Ok(Done::here().saying(if paused && !row.test {
            text::RESUMED_PARKED
        } else {
            text::RETRIED
        }))
    })
    .await
}
