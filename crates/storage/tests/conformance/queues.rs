//! `QueueStore`.

use crate::support::*;
use model::{
    catalog::{EventKind, QueueType},
    delivery::DeliveryState,
    page::Paging,
    queue::{Figures, Queue, QueueDraft, QueueFilter},
};
use serde_json::json;
use storage::{Storage, StorageError};

async fn names(store: &dyn Storage, filter: &QueueFilter, paging: Paging) -> (Vec<String>, u64) {
    let page = store.queues(filter, paging, NOW).await.unwrap();
    (page.items.into_iter().map(|row| row.name).collect(), page.total)
}

#[tokio::test]
async fn a_queue_reads_back_as_it_was_made() {
    on_every_backend(async |store| {
        let draft = QueueDraft {
            name: "Підтримка".into(),
            kind: QueueType::ChatInbound,
            description: "Чати, 24/7".into(),
            enabled: false,
            variables: Some(object([("zone", json!("Львів"))])),
            extras: Some(object([("strategy", json!("random"))])),
        };
        let made = store.create_queue(&draft, NOW).await.unwrap();
        assert_eq!(
            (made.name.as_str(), made.kind, made.description.as_str(), made.enabled),
            ("Підтримка", QueueType::ChatInbound, "Чати, 24/7", false)
        );
        assert_eq!(Some(&made.variables), draft.variables.as_ref());
        assert_eq!(Some(&made.extras), draft.extras.as_ref());
        assert_eq!((made.created_at, made.updated_at), (NOW, NOW));
        assert_eq!(store.queue(made.id).await.unwrap(), Some(made));
        assert_eq!(store.queue(NO_QUEUE).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_queue_of_every_type_can_be_kept() {
    on_every_backend(async |store| {
        for kind in QueueType::ALL {
            let draft = QueueDraft { kind, ..queue_draft(kind.as_str()) };
            let made = store.create_queue(&draft, NOW).await.unwrap();
            assert_eq!(store.queue(made.id).await.unwrap().unwrap().kind, kind);
        }
    })
    .await;
}

#[tokio::test]
async fn an_update_changes_name_description_and_state_and_never_the_type() {
    on_every_backend(async |store| {
        let made = store.create_queue(&queue_draft("Sales"), NOW).await.unwrap();
        let draft = QueueDraft {
            name: "Sales UA".into(),
            kind: QueueType::Task,
            description: "second line".into(),
            enabled: false,
            variables: None,
            extras: None,
        };
        let changed = store.change_queue(&made, &draft, NOW.plus(5)).await.unwrap().unwrap();
        assert_eq!(
            (changed.name.as_str(), changed.kind, changed.description.as_str(), changed.enabled),
            ("Sales UA", QueueType::Inbound, "second line", false)
        );
        assert_eq!((changed.created_at, changed.updated_at), (NOW, NOW.plus(5)));
        assert_eq!(store.queue(made.id).await.unwrap(), Some(changed));
        let filter = QueueFilter { search: "sales ua".into(), ..QueueFilter::default() };
        assert_eq!(names(&*store, &filter, Paging::default()).await.1, 1);
    })
    .await;
}

#[tokio::test]
async fn switching_a_queue_and_setting_its_variables_leave_the_rest() {
    on_every_backend(async |store| {
        let made = store.create_queue(&queue_draft("Sales"), NOW).await.unwrap();
        let off = store.set_queue_enabled(made.id, false, NOW.plus(1)).await.unwrap().unwrap();
        assert!(!off.enabled);
        let variables = object([
            ("zone", json!("Львів")),
            ("account", json!({"id": 7, "tags": ["a", null, 1.5]})),
            ("beta", json!(true)),
        ]);
        let with = |variables| QueueDraft {
            variables: Some(variables),
            enabled: false,
            ..queue_draft("Sales")
        };
        let draft = with(variables.clone());
        let set = store.change_queue(&off, &draft, NOW.plus(2)).await.unwrap().unwrap();
        assert_eq!((&set.name, set.enabled, set.updated_at), (&made.name, false, NOW.plus(2)));
        let kept = store.queue(made.id).await.unwrap().unwrap().variables;
        assert_eq!(kept, variables);
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["zone", "account", "beta"], "in their order");
        let replaced = store.change_queue(&set, &with(object([])), NOW).await.unwrap();
        assert!(replaced.unwrap().variables.is_empty());
    })
    .await;
}

#[tokio::test]
async fn pausing_a_queue_and_resuming_it_leave_the_rest() {
    on_every_backend(async |store| {
        let made = store.create_queue(&queue_draft("Sales"), NOW).await.unwrap();
        assert!(!made.paused);
        let paused = store.pause_queue(made.id).await.unwrap().unwrap();
        assert_eq!(paused, Queue { paused: true, ..made.clone() });
        let row = store.queues(&QueueFilter::default(), Paging::default(), NOW).await.unwrap();
        assert!(row.items[0].paused);
        for release_per_s in [Some(25), None] {
            store.pause_queue(made.id).await.unwrap();
            let now = NOW.plus(2);
            let on = store.resume_queue(made.id, release_per_s, now).await.unwrap().unwrap();
            assert_eq!(on, Queue { release_per_s, resumed_at: Some(now), ..made.clone() });
            let again = store.resume_queue(made.id, Some(1), NOW.plus(3)).await.unwrap();
            assert_eq!(again.as_ref(), Some(&on), "it goes on already");
            assert_eq!(store.queue(made.id).await.unwrap(), Some(on));
        }
        assert_eq!(store.pause_queue(NO_QUEUE).await.unwrap(), None);
        assert_eq!(store.resume_queue(NO_QUEUE, None, NOW).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn changing_a_queue_that_is_not_there_answers_nothing() {
    on_every_backend(async |store| {
        assert_eq!(store.set_queue_enabled(NO_QUEUE, true, NOW).await.unwrap(), None);
        assert_eq!(store.delete_queue(NO_QUEUE).await.unwrap(), None);
        assert_eq!(store.queue_figures(NO_QUEUE, NOW).await.unwrap(), Figures::default());
    })
    .await;
}

#[tokio::test]
async fn two_queues_cannot_have_one_name() {
    on_every_backend(async |store| {
        store.create_queue(&queue_draft("Sales"), NOW).await.unwrap();
        let other = store.create_queue(&queue_draft("Support"), NOW).await.unwrap();
        let made = store.create_queue(&queue_draft("Sales"), NOW).await;
        assert!(matches!(made, Err(StorageError::Taken { field: "name" })), "{made:?}");
        let renamed = store.change_queue(&other, &queue_draft("Sales"), NOW).await;
        assert!(matches!(renamed, Err(StorageError::Taken { field: "name" })), "{renamed:?}");
        assert_eq!(store.queue(other.id).await.unwrap(), Some(other.clone()));
        let kept = store.change_queue(&other, &queue_draft("Support"), NOW).await.unwrap();
        assert_eq!(kept, Some(other), "a queue may keep its own name");
    })
    .await;
}

#[tokio::test]
async fn deleting_a_queue_deletes_its_hooks_and_keeps_its_deliveries() {
    on_every_backend(async |store| {
        let sales = wired(&*store, "Sales", EventKind::Joined).await;
        let other = wired(&*store, "Support", EventKind::Joined).await;
        let pending = sales.accept(&*store, NOW, DeliveryState::Pending).await;
        let deleted = store.delete_queue(sales.queue.id).await.unwrap();
        assert_eq!(deleted, Some(sales.queue.clone()));
        assert_eq!(store.queue(sales.queue.id).await.unwrap(), None);
        assert_eq!(store.hook(sales.hook.id).await.unwrap(), None);
        assert!(store.hook(other.hook.id).await.unwrap().is_some());
        assert!(store.flow(sales.flow.id, None).await.unwrap().is_some());
        let unfinished = open(&*store).await;
        assert_eq!(unfinished.iter().map(|one| one.id).collect::<Vec<_>>(), [pending.id]);
        let row = store.delivery(pending.id, &Overlay::default()).await.unwrap().unwrap().row;
        assert_eq!((row.queue_id, row.queue_name.as_str()), (sales.queue.id, ""));
        assert_eq!(row.flow_name, "Sales");
        let again = store.create_queue(&queue_draft("Sales"), NOW).await.unwrap();
        assert_ne!(again.id, sales.queue.id, "a number is not given twice");
    })
    .await;
}

#[tokio::test]
async fn queues_are_found_by_a_part_of_the_name_in_any_case_and_alphabet_or_by_the_whole_id() {
    on_every_backend(async |store| {
        let mut ids = Vec::new();
        for name in ["Продажі Київ", "Sales Kyiv", "Гарячі 5% продаж"] {
            ids.push(store.create_queue(&queue_draft(name), NOW).await.unwrap().id);
        }
        for (search, expected) in [
            ("", vec!["Sales Kyiv", "Гарячі 5% продаж", "Продажі Київ"]),
            ("ПРОДАЖ", vec!["Гарячі 5% продаж", "Продажі Київ"]),
            ("  київ ", vec!["Продажі Київ"]),
            ("sALES", vec!["Sales Kyiv"]),
            ("%", vec!["Гарячі 5% продаж"]),
            ("_", vec![]),
            (&ids[1].to_string(), vec!["Sales Kyiv"]),
            ("nowhere", vec![]),
        ] {
            let filter = QueueFilter { search: search.into(), ..QueueFilter::default() };
            let (found, total) = names(&*store, &filter, Paging::default()).await;
            assert_eq!(found, expected, "{search:?}");
            assert_eq!(total, expected.len() as u64);
        }
    })
    .await;
}

#[tokio::test]
async fn queues_are_narrowed_by_type_and_state() {
    on_every_backend(async |store| {
        for (name, kind, enabled) in [
            ("a", QueueType::Inbound, true),
            ("b", QueueType::Inbound, false),
            ("c", QueueType::Task, true),
        ] {
            let draft = QueueDraft { kind, enabled, ..queue_draft(name) };
            store.create_queue(&draft, NOW).await.unwrap();
        }
        use QueueType::{Inbound, Preview, Task};
        for (kinds, enabled, expected) in [
            (vec![], None, &["a", "b", "c"][..]),
            (vec![Inbound], None, &["a", "b"]),
            (vec![], Some(true), &["a", "c"]),
            (vec![Inbound], Some(false), &["b"]),
            (vec![Task, Inbound], Some(true), &["a", "c"]),
            (vec![Preview], None, &[]),
        ] {
            let filter = QueueFilter { kinds, enabled, ..QueueFilter::default() };
            let (found, total) = names(&*store, &filter, Paging::default()).await;
            assert_eq!(found, expected, "{filter:?}");
            assert_eq!(total, expected.len() as u64);
        }
    })
    .await;
}

#[tokio::test]
async fn queues_are_sorted_by_name_type_or_id_both_ways() {
    on_every_backend(async |store| {
        for (name, kind) in [
            ("beta", QueueType::Inbound),
            ("Alpha", QueueType::Task),
            ("gamma", QueueType::Inbound),
        ] {
            let draft = QueueDraft { kind, ..queue_draft(name) };
            store.create_queue(&draft, NOW).await.unwrap();
        }
        for (order, expected) in [
            ("", ["Alpha", "beta", "gamma"]),
            ("name", ["Alpha", "beta", "gamma"]),
            ("-name", ["gamma", "beta", "Alpha"]),
            ("type", ["beta", "gamma", "Alpha"]),
            ("-type", ["Alpha", "beta", "gamma"]),
            ("id", ["beta", "Alpha", "gamma"]),
            ("-id", ["gamma", "Alpha", "beta"]),
            ("'; DROP TABLE queues", ["Alpha", "beta", "gamma"]),
        ] {
            let filter = QueueFilter { sort: sort(order), ..QueueFilter::default() };
            assert_eq!(names(&*store, &filter, Paging::default()).await.0, expected, "{order:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_of_queues_knows_how_many_there_are_in_all() {
    on_every_backend(async |store| {
        for number in 1..=5 {
            store.create_queue(&queue_draft(&format!("q{number}")), NOW).await.unwrap();
        }
        let all = QueueFilter::default();
        assert_eq!(names(&*store, &all, page(1, 2)).await, (vec!["q1".into(), "q2".into()], 5));
        assert_eq!(names(&*store, &all, page(3, 2)).await, (vec!["q5".into()], 5));
        assert_eq!(names(&*store, &all, page(0, 2)).await, (vec!["q1".into(), "q2".into()], 5));
    })
    .await;
}

#[tokio::test]
async fn a_page_past_the_end_is_empty_and_still_knows_how_many_there_are() {
    on_every_backend(async |store| {
        for number in 1..=3 {
            store.create_queue(&queue_draft(&format!("q{number}")), NOW).await.unwrap();
        }
        assert_eq!(names(&*store, &QueueFilter::default(), page(4, 2)).await, (vec![], 3));
    })
    .await;
}

#[tokio::test]
async fn a_row_of_the_list_counts_hooks_and_what_happened_since() {
    on_every_backend(async |store| {
        let sales = wired(&*store, "Sales", EventKind::Joined).await;
        let leaving = hook_draft(sales.flow.id, EventKind::Leaving);
        store.create_hook(sales.queue.id, &leaving, NOW).await.unwrap();
        store.create_queue(&queue_draft("Quiet"), NOW).await.unwrap();
        sales.accept(&*store, NOW.plus(-HOUR), DeliveryState::Skipped).await;
        let fresh = sales.accept(&*store, NOW, DeliveryState::Pending).await;
        let done = sales.completion(&fresh, DeliveryState::Delivered, NOW.plus(10));
        complete(&*store, vec![done]).await;
        let since = async |since| {
            let rows = store.queues(&QueueFilter::default(), Paging::default(), since).await;
            rows.unwrap().items.into_iter().map(|row| (row.hooks, row.last_hour)).collect()
        };
        let recent = Figures { events: 1, delivered: 1, failed: 0, skipped: 0 };
        let quiet = (0, Figures::default());
        let rows: Vec<_> = since(NOW).await;
        assert_eq!(rows, [quiet, (2, recent)]);
        let both = Figures { events: 2, skipped: 1, ..recent };
        let rows: Vec<_> = since(NOW.plus(-HOUR)).await;
        assert_eq!(rows, [quiet, (2, both)]);
        assert_eq!(store.queue_figures(sales.queue.id, NOW).await.unwrap(), recent);
        assert_eq!(store.queue_figures(sales.queue.id, NOW.plus(-HOUR)).await.unwrap(), both);
    })
    .await;
}
