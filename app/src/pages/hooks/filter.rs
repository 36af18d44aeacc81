//! What a list of hooks is narrowed to, as the address says it.

use crate::{
    text::{catalog, hooks as words},
    ui::paging_of,
};
use leptos_router::params::ParamsMap;
use model::{
    catalog::EventKind,
    hook::HookFilter,
    ids::QueueId,
    page::{Paging, Sort},
};

/// Reads the address; `queue` is that of the tab.
pub fn read(query: &ParamsMap, queue: Option<QueueId>) -> (HookFilter, Paging) {
    let get = |name| query.get(name).unwrap_or_default();
    let enabled = match get("state").as_str() {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    };
    // The hooks of all queues stand together queue by queue, unless asked otherwise.
    let sort = match get("sort") {
        sort if sort.is_empty() && queue.is_none() => "queue".into(),
        sort => sort,
    };
    let filter = HookFilter {
        queues: queue.or_else(|| get("queue").parse().ok()).into_iter().collect(),
        flows: get("flow").parse().into_iter().collect(),
        search: get("search"),
        events: get("event").parse().into_iter().collect(),
        enabled,
        sort: Sort::parse(&sort),
        ..HookFilter::default()
    };
    (filter, paging_of(query))
}

/// Whether the filter leaves out hooks that would be in the list without it.
pub fn narrows(filter: &HookFilter, queue: Option<QueueId>) -> bool {
    let queues = queue.into_iter().collect();
    let all = HookFilter { queues, sort: filter.sort.clone(), ..HookFilter::default() };
    *filter != all
}

/// The events to narrow to.
pub fn events(events: impl IntoIterator<Item = EventKind>) -> Vec<(String, String)> {
    events.into_iter().map(|event| (event.to_string(), catalog::event(event).to_owned())).collect()
}

/// The states to narrow to.
pub fn states() -> Vec<(String, String)> {
    vec![("on".into(), words::STATE_ON.into()), ("off".into(), words::STATE_OFF.into())]
}
