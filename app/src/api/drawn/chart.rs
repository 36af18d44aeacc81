//! What happened over time, above the log.

use super::Sheet;
use crate::{
    api::deliveries::minutes_ago, drawn, error::AppError, pages::deliveries::LogView,
    text::deliveries as text,
};
use admin::Admin;
use leptos::prelude::*;
use model::{
    delivery::DeliveryFilter,
    ids::{HookId, QueueId},
    user::Actor,
};

/// After how many seconds it is drawn anew.
const EVERY: u64 = 10;

/// The chart of what this view of the log counts; where its filters cannot be followed, or its span is
/// too long, that there is none.
pub async fn chart(admin: &Admin, actor: &Actor, view: &LogView) -> Result<Sheet, AppError> {
    let filter = view.query().filter;
    let from = view.minutes().map(minutes_ago).or(filter.from);
    let kept = admin.log_kept().filter(|(begins, _)| from.is_some_and(|from| from < *begins));
    let kept = kept.map(|(_, days)| drawn::log_kept(days).to_html()).unwrap_or_default();
    let none = |why| {
        let body = drawn::no_log_chart(why).to_html() + &kept;
        Sheet { body, ..Sheet::default() }
    };
    let Some((queue, hook)) = counted(&filter) else { return Ok(none(text::HISTOGRAM_NONE)) };
    let found = admin.histogram(actor, queue, hook, from, filter.to).await?;
    let Some((from, to, bars)) = found else { return Ok(none(text::HISTOGRAM_LONG)) };
    let body = drawn::log_chart(from, to, bars).to_html() + &kept;
    Ok(Sheet { body, every: EVERY, ..Sheet::default() })
}

/// The queue and the hook that a filter narrows to beside the time, which is all that is counted apart.
fn counted(filter: &DeliveryFilter) -> Option<(Option<QueueId>, Option<HookId>)> {
    let rest = DeliveryFilter {
        queues: Vec::new(),
        hooks: Vec::new(),
        from: None,
        to: None,
        ..filter.clone()
    };
    let few = filter.queues.len() <= 1 && filter.hooks.len() <= 1;
    (few && rest == DeliveryFilter::default())
        .then(|| (filter.queues.first().copied(), filter.hooks.first().copied()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::delivery::DeliveryState;

    #[test]
    fn what_is_not_counted_apart_has_no_chart() {
        let all = DeliveryFilter::default();
        let one = DeliveryFilter {
            queues: vec![QueueId(1)],
            hooks: vec![HookId(2)],
            from: Some(model::time::Millis(1)),
            ..all.clone()
        };
        let two = DeliveryFilter { queues: vec![QueueId(1), QueueId(2)], ..all.clone() };
        let dead = DeliveryFilter { states: vec![DeliveryState::Dead], ..one.clone() };
        let searched = DeliveryFilter { search: "77".into(), ..all.clone() };
        assert_eq!(counted(&all), Some((None, None)));
        assert_eq!(counted(&one), Some((Some(QueueId(1)), Some(HookId(2)))));
        for filter in [two, dead, searched] {
            assert_eq!(counted(&filter), None, "{filter:?}");
        }
    }
}
