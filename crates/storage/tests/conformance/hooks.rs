//! `HookStore`.

use crate::support::*;
use model::{
    catalog::EventKind,
    delivery::DeliveryState,
    hook::{Hook, HookDraft, HookFilter, HookRow, LastDelivery, PauseReason},
    ids::HookId,
    page::Paging,
    policy::{Policy, Priority},
    queue::Figures,
};
use serde_json::json;
use storage::{Storage, StorageError};

/// A policy of which nothing is the default.
fn policy() -> Policy {
    Policy {
        retry_waits_ms: Some(vec![1_000, 60_000]),
        max_age_ms: Some(3_600_000),
        attempt_limit_ms: Some(5_000),
        priority: Priority::High,
    }
}

async fn rows(store: &dyn Storage, filter: &HookFilter) -> Vec<HookRow> {
    store.hooks(filter, Paging::default(), NOW).await.unwrap().items
}

async fn ids(store: &dyn Storage, filter: &HookFilter) -> Vec<HookId> {
    rows(store, filter).await.into_iter().map(|row| row.hook.id).collect()
}

#[tokio::test]
async fn a_hook_reads_back_as_it_was_made() {
    on_every_backend(async |store| {
        let queue = store.create_queue(&queue_draft("Sales"), NOW).await.unwrap();
        let flow = store.create_flow(&flow_draft("CRM"), "olena", NOW).await.unwrap();
        let draft = HookDraft {
            event: EventKind::Leaving,
            flow_id: flow.id,
            condition: "call_bill_sec > 10 && region == 'Київ'".into(),
            enabled: false,
            ordered: false,
            max_hold_ms: 86_400_000,
            policy: policy(),
            extras: Some(object([("properties", json!(["a"]))])),
        };
        let made = store.create_hook(queue.id, &draft, NOW).await.unwrap();
        let expected = Hook {
            id: made.id,
            queue_id: queue.id,
            event: EventKind::Leaving,
            flow_id: flow.id,
            condition: draft.condition,
            enabled: false,
            paused: None,
            release_per_s: None,
            resumed_at: None,
            ordered: false,
            max_hold_ms: 86_400_000,
            policy: policy(),
            extras: object([("properties", json!(["a"]))]),
            created_at: NOW,
            updated_at: NOW,
        };
        assert_eq!(made, expected);
        assert_eq!(store.hook(made.id).await.unwrap(), Some(made));
        assert_eq!(store.hook(NO_HOOK).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn queue_event_and_flow_stand_together_once() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let other = wired(&*store, "Support", EventKind::Joined).await;
        let same = HookDraft {
            condition: "true".into(),
            enabled: false,
            ..hook_draft(one.flow.id, EventKind::Joined)
        };
        let made = store.create_hook(one.queue.id, &same, NOW).await;
        assert!(matches!(made, Err(StorageError::Taken { field: "flow_id" })), "{made:?}");
        // Two of the three may be the same.
        let event = hook_draft(one.flow.id, EventKind::Leaving);
        let leaving = store.create_hook(one.queue.id, &event, NOW).await.unwrap();
        let flow = hook_draft(other.flow.id, EventKind::Joined);
        store.create_hook(one.queue.id, &flow, NOW).await.unwrap();
        store.create_hook(other.queue.id, &same, NOW).await.unwrap();
        let changed = store.change_hook(&leaving, &same, NOW).await;
        assert!(matches!(changed, Err(StorageError::Taken { field: "flow_id" })), "{changed:?}");
        assert_eq!(store.hook(leaving.id).await.unwrap(), Some(leaving.clone()));
        let kept = store.change_hook(&leaving, &event, NOW).await.unwrap();
        assert_eq!(kept, Some(leaving), "a hook may keep its own");
    })
    .await;
}

#[tokio::test]
async fn a_hook_needs_a_flow_that_is_there() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let draft = hook_draft(NO_FLOW, EventKind::Leaving);
        let made = store.create_hook(one.queue.id, &draft, NOW).await;
        assert!(matches!(made, Err(StorageError::Missing { field: "flow_id" })), "{made:?}");
        let changed = store.change_hook(&one.hook, &draft, NOW).await;
        assert!(matches!(changed, Err(StorageError::Missing { field: "flow_id" })), "{changed:?}");
    })
    .await;
}

#[tokio::test]
async fn a_hook_needs_a_queue_that_is_there() {
    on_every_backend(async |store| {
        let flow = store.create_flow(&flow_draft("CRM"), "olena", NOW).await.unwrap();
        let draft = hook_draft(flow.id, EventKind::Joined);
        let made = store.create_hook(NO_QUEUE, &draft, NOW).await;
        assert!(matches!(made, Err(StorageError::Missing { field: "queue_id" })), "{made:?}");
    })
    .await;
}

#[tokio::test]
async fn an_update_changes_all_but_the_queue_and_the_pause() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let flow = store.create_flow(&flow_draft("SMS"), "olena", NOW).await.unwrap();
        let gone = Some(PauseReason::Gone);
        let was = store.set_hook_paused(one.hook.id, gone).await.unwrap().unwrap();
        let draft = HookDraft {
            event: EventKind::Missed,
            flow_id: flow.id,
            condition: "true".into(),
            enabled: false,
            ordered: false,
            max_hold_ms: 0,
            policy: policy(),
            extras: None,
        };
        let changed = store.change_hook(&was, &draft, NOW.plus(4)).await.unwrap().unwrap();
        let expected = Hook {
            event: EventKind::Missed,
            flow_id: flow.id,
            condition: "true".into(),
            enabled: false,
            ordered: false,
            max_hold_ms: 0,
            policy: policy(),
            paused: Some(PauseReason::Gone),
            updated_at: NOW.plus(4),
            ..one.hook
        };
        assert_eq!(changed, expected);
        assert_eq!(store.hook(changed.id).await.unwrap(), Some(expected));
    })
    .await;
}

#[tokio::test]
async fn switching_and_pausing_a_hook_leave_the_rest() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let off = store.set_hook_enabled(one.hook.id, false, NOW.plus(1)).await.unwrap().unwrap();
        assert_eq!(off, Hook { enabled: false, updated_at: NOW.plus(1), ..one.hook.clone() });
        for paused in [Some(PauseReason::Person), Some(PauseReason::Gone), None] {
            let after = store.set_hook_paused(one.hook.id, paused).await.unwrap();
            // Pausing changes nothing that a form holds, which may be saved afterwards.
            let expected = Hook { paused, ..off.clone() };
            assert_eq!(after, Some(expected.clone()));
            assert_eq!(store.hook(one.hook.id).await.unwrap(), Some(expected));
        }
        for rate in [Some(7), None] {
            store.set_hook_paused(one.hook.id, Some(PauseReason::Person)).await.unwrap();
            let after = store.resume_hook(one.hook.id, rate, NOW.plus(3)).await.unwrap();
            let expected =
                Hook { release_per_s: rate, resumed_at: Some(NOW.plus(3)), ..off.clone() };
            assert_eq!(after, Some(expected.clone()));
            // One that goes on already does so as it did.
            let again = store.resume_hook(one.hook.id, Some(1), NOW.plus(4)).await.unwrap();
            assert_eq!(again, Some(expected));
        }
    })
    .await;
}

#[tokio::test]
async fn a_deleted_hook_is_gone_and_its_deliveries_stay() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let pending = one.accept(&*store, NOW, DeliveryState::Pending).await;
        assert_eq!(store.delete_hook(one.hook.id).await.unwrap(), Some(one.hook.clone()));
        assert_eq!(store.hook(one.hook.id).await.unwrap(), None);
        assert_eq!(open(&*store).await[0].id, pending.id);
        let draft = hook_draft(one.flow.id, EventKind::Joined);
        let again = store.create_hook(one.queue.id, &draft, NOW).await.unwrap();
        assert_ne!(again.id, one.hook.id, "a number is not given twice");
    })
    .await;
}

#[tokio::test]
async fn changing_a_hook_that_is_not_there_answers_nothing() {
    on_every_backend(async |store| {
        assert_eq!(store.set_hook_enabled(NO_HOOK, true, NOW).await.unwrap(), None);
        assert_eq!(store.set_hook_paused(NO_HOOK, None).await.unwrap(), None);
        assert_eq!(store.resume_hook(NO_HOOK, None, NOW).await.unwrap(), None);
        assert_eq!(store.delete_hook(NO_HOOK).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn hooks_are_narrowed_by_queue_flow_event_and_state() {
    on_every_backend(async |store| {
        let a = wired(&*store, "a", EventKind::Joined).await;
        let b = wired(&*store, "b", EventKind::Leaving).await;
        let draft = HookDraft { enabled: false, ..hook_draft(b.flow.id, EventKind::Leaving) };
        let third = store.create_hook(a.queue.id, &draft, NOW).await.unwrap();
        let all = HookFilter::default();
        for (filter, expected) in [
            (all.clone(), vec![a.hook.id, b.hook.id, third.id]),
            (HookFilter::of_queue(a.queue.id), vec![a.hook.id, third.id]),
            (HookFilter::of_flow(b.flow.id), vec![b.hook.id, third.id]),
            (HookFilter { events: vec![EventKind::Joined], ..all.clone() }, vec![a.hook.id]),
            (HookFilter { enabled: Some(false), ..all.clone() }, vec![third.id]),
            (
                HookFilter {
                    events: vec![EventKind::Leaving],
                    enabled: Some(true),
                    ..HookFilter::of_queue(a.queue.id)
                },
                vec![],
            ),
        ] {
            assert_eq!(ids(&*store, &filter).await, expected, "{filter:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn hooks_are_found_by_flow_queue_event_and_condition_in_any_case_and_alphabet() {
    on_every_backend(async |store| {
        let a = wired(&*store, "Картка CRM", EventKind::Joined).await;
        let b = wired(&*store, "Пошта", EventKind::Leaving).await;
        let draft = HookDraft {
            condition: "region == \"Київ\" || cc_result != 'Cancel'".into(),
            ..hook_draft(b.flow.id, EventKind::Missed)
        };
        let c = store.create_hook(a.queue.id, &draft, NOW).await.unwrap();
        for (search, expected) in [
            ("картка", vec![a.hook.id, c.id]),
            (" ПОШТА", vec![b.hook.id, c.id]),
            ("LEAV", vec![b.hook.id]),
            ("CC_RESULT", vec![c.id]),
            ("'cancel'", vec![c.id]),
            ("київ", vec![c.id]),
            ("КИЇВ", vec![c.id]),
            ("%", vec![]),
        ] {
            let filter = HookFilter { search: search.into(), ..HookFilter::default() };
            assert_eq!(ids(&*store, &filter).await, expected, "{search:?}");
        }
        let search = "картка".into();
        let filter = HookFilter { search, ..HookFilter::of_queue(a.queue.id) };
        assert_eq!(ids(&*store, &filter).await, [a.hook.id], "a chosen queue is not searched for");
        let filter = HookFilter { search: c.id.to_string(), ..HookFilter::default() };
        assert!(ids(&*store, &filter).await.contains(&c.id));
    })
    .await;
}

#[tokio::test]
async fn hooks_are_sorted_by_event_flow_or_id_both_ways_and_paged() {
    on_every_backend(async |store| {
        let b = wired(&*store, "beta", EventKind::Leaving).await.hook.id;
        let a = wired(&*store, "Alpha", EventKind::Missed).await.hook.id;
        let g = wired(&*store, "gamma", EventKind::Joined).await.hook.id;
        for (order, expected) in [
            ("", [b, a, g]),
            ("id", [b, a, g]),
            ("-id", [g, a, b]),
            ("flow", [a, b, g]),
            ("-flow", [g, b, a]),
            ("event", [g, b, a]),
            ("-event", [a, b, g]),
        ] {
            let filter = HookFilter { sort: sort(order), ..HookFilter::default() };
            assert_eq!(ids(&*store, &filter).await, expected, "{order:?}");
        }
        for (number, expected) in [(1, vec![b, a]), (2, vec![g]), (3, vec![])] {
            let found = store.hooks(&HookFilter::default(), page(number, 2), NOW).await.unwrap();
            let items: Vec<_> = found.items.iter().map(|row| row.hook.id).collect();
            assert_eq!((items, found.total), (expected, 3), "page {number}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_row_of_the_list_shows_the_newest_delivery_that_is_no_test() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let all = HookFilter::default();
        assert_eq!(rows(&*store, &all).await[0].last, None);
        let first = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let mut test = one.new_event(NOW.plus(5));
        test.deliveries[0].test = true;
        accept(&*store, test).await;
        let last = |state, at| Some(LastDelivery { id: first.id, state, at });
        let row = &rows(&*store, &all).await[0];
        assert_eq!(row.last, last(DeliveryState::Pending, NOW));
        assert_eq!((row.flow_name.as_str(), row.queue_name.as_str()), ("Sales", "Sales"));
        let done = one.completion(&first, DeliveryState::Delivered, NOW.plus(9));
        complete(&*store, vec![done]).await;
        assert_eq!(rows(&*store, &all).await[0].last, last(DeliveryState::Delivered, NOW.plus(9)));
    })
    .await;
}

#[tokio::test]
async fn a_row_of_the_list_shows_the_last_24_hours_one_by_one() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let quiet = wired(&*store, "Quiet", EventKind::Joined).await;
        // Now is half past: the window begins with the hour that began 23.5 hours ago.
        for (ago, state) in [
            (24 * HOUR, DeliveryState::Skipped),
            (23 * HOUR + 30 * MINUTE, DeliveryState::Skipped),
            (23 * HOUR + 30 * MINUTE + 1, DeliveryState::Skipped),
            (HOUR, DeliveryState::Skipped),
        ] {
            one.accept(&*store, NOW.plus(-ago), state).await;
        }
        for state in [DeliveryState::Delivered, DeliveryState::Dead] {
            let accepted = one.accept(&*store, NOW, DeliveryState::Pending).await;
            complete(&*store, vec![one.completion(&accepted, state, NOW)]).await;
        }
        let found = rows(&*store, &HookFilter::default()).await;
        let nothing = Figures::default();
        let mut hours = vec![nothing; 24];
        hours[0] = Figures { skipped: 1, ..nothing };
        hours[22] = Figures { skipped: 1, ..nothing };
        hours[23] = Figures { delivered: 1, failed: 1, ..nothing };
        assert_eq!(found[0].hours, hours);
        assert_eq!(found[0].last_day, Figures { events: 0, delivered: 1, failed: 1, skipped: 2 });
        assert_eq!(found[1].hook.id, quiet.hook.id);
        assert_eq!((&found[1].hours, found[1].last_day), (&vec![nothing; 24], nothing));
    })
    .await;
}
