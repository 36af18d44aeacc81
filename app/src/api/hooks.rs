//! Hooks.

use super::form::Reply;
use crate::{error::AppError, ui::Choice};
use leptos::{prelude::*, server_fn::codec::Json};
use model::{
    delivery::Rest,
    hook::{Hook, HookFilter, HookRow},
    ids::{FlowId, HookId, QueueId},
    page::{Page, Paging},
};

/// How many flows a search offers.
#[cfg(feature = "ssr")]
const OFFERED: u32 = 100;

/// A page of the hooks.
#[server(prefix = "/api/panel", endpoint = "hooks/list", input = Json)]
pub async fn list_hooks(filter: HookFilter, paging: Paging) -> Result<Page<HookRow>, AppError> {
    Ok(super::admin()?.hooks(&super::actor().await?, &filter, paging).await?)
}

/// One hook, and its flow's name.
#[server(prefix = "/api/panel", endpoint = "hooks/read", input = Json)]
pub async fn read_hook(id: HookId) -> Result<(Hook, String), AppError> {
    let (admin, actor) = (super::admin()?, super::actor().await?);
    let hook = admin.hook(&actor, id).await?;
    let flow = admin.flow(&actor, hook.flow_id, None).await?;
    Ok((hook, flow.name))
}

/// The flows that a hook may run and whose names hold the text.
#[server(prefix = "/api/panel", endpoint = "hooks/flows", input = Json)]
pub async fn offer_flows(search: String) -> Result<Vec<Choice>, AppError> {
    use crate::text::{hooks as words, time};
    let filter = model::flow::FlowFilter {
        search,
        for_hooks: true,
        sort: model::page::Sort::parse("name"),
        ..Default::default()
    };
    let paging = Paging { page: 1, size: OFFERED };
    let found = super::admin()?.flows(&super::actor().await?, &filter, paging).await?.items;
    let choice = |flow: model::flow::FlowRow| Choice {
        value: flow.id.to_string(),
        label: flow.name,
        note: time::plural(u64::from(flow.hooks), words::COUNTED.0, words::COUNTED.1),
    };
    Ok(found.into_iter().map(choice).collect())
}

/// What the list of all hooks can be narrowed to: queues and flows, those that the address names
/// among them.
#[server(prefix = "/api/panel", endpoint = "hooks/filters", input = Json)]
pub async fn offer_filters(
    queue: Option<QueueId>,
    flow: Option<FlowId>,
) -> Result<(Vec<Choice>, Vec<Choice>), AppError> {
    use crate::ui::put_first;
    let (admin, actor) = (super::admin()?, super::actor().await?);
    let mut queues = super::queues::offered(&admin, &actor, String::new()).await?;
    let mut flows = offer_flows(String::new()).await?;
    let named = |value: String, label: String| vec![Choice { value, label, note: String::new() }];
    // One that is not there (any more) is no choice: the list says that nothing matches.
    if let Some(id) = queue
        && let Some(queue) = admin.chosen_queues(&actor, &[id]).await?.pop()
    {
        put_first(&mut queues, named(id.to_string(), queue.name));
    }
    if let Some(id) = flow
        && let Ok(flow) = admin.flow(&actor, id, None).await
    {
        put_first(&mut flows, named(id.to_string(), flow.name));
    }
    Ok((queues, flows))
}

/// Makes a hook, or changes the one that `id` names, unless it was changed after `base`.
#[server(prefix = "/api/panel", endpoint = "hooks/save")]
pub async fn save_hook(
    queue: QueueId,
    #[server(default)] id: String,
    #[server(default)] base: String,
    /// Where the form leads: the tab with its filters.
    #[server(default)]
    back: String,
    #[server(default)] event: String,
    #[server(default)] flow_id: String,
    #[server(default)] condition: String,
    #[server(default)] enabled: bool,
    #[server(default)] ordered: bool,
    #[server(default)] max_hold: String,
    #[server(default)] retry: String,
    #[server(default)] retry_waits: String,
    #[server(default)] max_age: String,
    #[server(default)] attempt_limit: String,
    #[server(default)] priority: String,
) -> Result<Reply, AppError> {
    use super::form::{Done, answer};
    use crate::text::hooks as words;
    let typed = crate::typed![
        base,
        event,
        flow_id,
        condition,
        enabled,
        ordered,
        max_hold,
        retry,
        retry_waits,
        max_age,
        attempt_limit,
        priority
    ];
    answer(typed, async {
        let (admin, actor) = (super::admin()?, super::actor().await?);
        let policy = policy::read(&policy::Typed {
            retry: &retry,
            retry_waits: &retry_waits,
            max_age: &max_age,
            attempt_limit: &attempt_limit,
            priority: &priority,
        });
        let draft = draft(&event, &flow_id, condition, enabled, ordered, &max_hold, policy)?;
        let said = if id.is_empty() {
            admin.create_hook(&actor, queue, draft).await?;
            words::CREATED
        } else {
            let base = Some(super::form::base(&base)?);
            let id = super::form::word("id", &id)?;
            let was = admin.hook(&actor, id).await?.max_hold_ms;
            let mut change = admin::changes::HookChange { base, ..draft.into() };
            // The form shows whole seconds: what the API has set finer stays, if it was left.
            change.max_hold_ms = change.max_hold_ms.filter(|ms| *ms != was / 1_000 * 1_000);
            admin.change_hook(&actor, id, change).await?;
            words::SAVED
        };
        Ok(Done::to(tab(queue, &back)).saying(said))
    })
    .await
}

#[cfg(feature = "ssr")]
mod policy;

#[cfg(feature = "ssr")]
fn draft(
    event: &str,
    flow: &str,
    condition: String,
    enabled: bool,
    ordered: bool,
    max_hold: &str,
    policy: Result<model::policy::Policy, AppError>,
) -> Result<model::hook::HookDraft, AppError> {
    use super::form::word;
    let event = word("event", event);
    let flow = word::<model::ids::FlowId>("flow_id", flow);
    let seconds = max_hold.trim().parse::<i64>().ok().filter(|s| (0..=86_400).contains(s));
    let seconds =
        seconds.ok_or_else(|| AppError::field("max_hold", crate::text::hooks::MAX_HOLD_RANGE));
    match (event, flow, seconds, policy) {
        (Ok(event), Ok(flow_id), Ok(seconds), Ok(policy)) => Ok(model::hook::HookDraft {
            event,
            flow_id,
            condition,
            enabled,
            ordered,
            max_hold_ms: seconds * 1_000,
            policy,
            extras: None,
        }),
        (event, flow, seconds, policy) => {
            // All that is wrong is told at once.
            let errors = [event.err(), flow.err(), seconds.err(), policy.err()];
            let problems = errors.into_iter().flatten().flat_map(|error| match error {
                AppError::Invalid(problems) => problems,
                _ => Vec::new(),
            });
            Err(AppError::Invalid(problems.collect()))
        }
    }
}

/// The tab of a queue, with the filters that it had.
#[cfg(feature = "ssr")]
fn tab(queue: QueueId, back: &str) -> String {
    let tab = format!("/queues/{queue}/hooks");
    let same = back == tab || back.strip_prefix(&tab).is_some_and(|rest| rest.starts_with('?'));
    if same && super::form::is_own_path(back) { back.to_owned() } else { tab }
}

/// Switches a hook on or off.
#[server(prefix = "/api/panel", endpoint = "hooks/switch")]
pub async fn switch_hook(id: HookId, #[server(default)] enabled: bool) -> Result<Reply, AppError> {
    use super::form::{Done, answer_in_toast};
    answer_in_toast(async {
        let actor = super::actor().await?;
        let hook = super::admin()?.set_hook_enabled(&actor, id, enabled).await?;
        Ok(Done::here().saying(crate::text::hooks::switched(hook.enabled)))
    })
    .await
}

/// Pauses a hook, or lets it go on.
#[server(prefix = "/api/panel", endpoint = "hooks/pause")]
pub async fn pause_hook(
    id: HookId,
    #[server(default)] paused: bool,
    /// How many parked deliveries a second are released; empty is as many as possible.
    #[server(default)]
    release_per_s: String,
    #[server(default)] back: String,
) -> Result<Reply, AppError> {
    use super::form::{Done, answer};
    use crate::text::hooks as words;
    answer(crate::typed![release_per_s], async {
        let (admin, actor) = (super::admin()?, super::actor().await?);
        // The dialog has what the hook was before, and closes.
        if paused {
            let hook = admin.pause_hook(&actor, id).await?;
            return Ok(Done::to(tab(hook.queue_id, &back)).saying(words::PAUSED_NOW));
        }
        let rate = super::form::rate("release_per_s", &release_per_s)?;
        let hook = admin.resume_hook(&actor, id, rate).await?;
        Ok(Done::to(tab(hook.queue_id, &back)).saying(words::RESUMED))
    })
    .await
}

/// Deletes a hook.
#[server(prefix = "/api/panel", endpoint = "hooks/delete")]
pub async fn delete_hook(
    id: HookId,
    queue: QueueId,
    /// What becomes of its unfinished deliveries.
    #[server(default)]
    deliveries: Rest,
    #[server(default)] back: String,
) -> Result<Reply, AppError> {
    use super::form::{Done, answer};
    answer(Vec::new(), async {
        super::admin()?.delete_hook(&super::actor().await?, id, deliveries).await?;
        Ok(Done::to(tab(queue, &back)).saying(crate::text::hooks::DELETED))
    })
    .await
}

/// Fires a hook with an event that a person made up, and leads to its delivery.
#[server(prefix = "/api/panel", endpoint = "hooks/test")]
pub async fn test_hook(
    id: HookId,
    #[server(default)] data: String,
    #[server(default)] variables: String,
) -> Result<Reply, AppError> {
    use super::form::{Done, answer};
    answer(crate::typed![data, variables], async {
        let fields = super::json::object("data", &data)?;
        let variables = super::json::object("variables", &variables)?;
        let actor = super::actor().await?;
        let delivery = super::engine()?.send_test(&actor, id, fields, variables).await?;
        Ok(Done::to(format!("/deliveries/{delivery}")).saying(crate::text::hooks::TEST_SENT))
    })
    .await
}
