//! Lists narrowed by several values at once, and what is kept for other tools.

use crate::support::*;
use model::{
    catalog::{EventKind, QueueType},
    flow::{FlowDraft, FlowFilter, FlowKind, FlowMode},
    hook::{HookDraft, HookFilter},
    ids::{FlowId, HookId, QueueId},
    page::Paging,
    queue::{QueueDraft, QueueFilter},
};
use serde_json::{Value, json};
use storage::{Storage, StorageError};

async fn queues(store: &dyn Storage, filter: QueueFilter) -> Vec<String> {
    let rows = store.queues(&filter, Paging::default(), NOW).await.unwrap();
    let whole = store.whole_queues(&filter, Paging::default()).await.unwrap();
    let names: Vec<_> = rows.items.into_iter().map(|row| row.name).collect();
    let same: Vec<_> = whole.items.into_iter().map(|queue| queue.name).collect();
    assert_eq!((&names, rows.total), (&same, whole.total), "{filter:?}");
    names
}

async fn hooks(store: &dyn Storage, filter: HookFilter) -> Vec<HookId> {
    let page = store.hooks(&filter, Paging::default(), NOW).await.unwrap();
    assert_eq!(page.total, page.items.len() as u64, "{filter:?}");
    page.items.into_iter().map(|row| row.hook.id).collect()
}

async fn flows(store: &dyn Storage, filter: FlowFilter) -> Vec<String> {
    let rows = store.flows(&filter, Paging::default()).await.unwrap();
    let whole = store.whole_flows(&filter, Paging::default()).await.unwrap();
    let names: Vec<_> = rows.items.into_iter().map(|row| row.name).collect();
    let same: Vec<_> = whole.items.into_iter().map(|flow| flow.name).collect();
    assert_eq!((&names, rows.total), (&same, whole.total), "{filter:?}");
    names
}

/// Three queues: sales and care with a team and tags, mail, of the second kind of task queue.
async fn three_queues(store: &dyn Storage) -> Vec<QueueId> {
    let mut ids = Vec::new();
    for (name, kind, extras) in [
        (
            "Sales",
            QueueType::Inbound,
            json!({"team": {"id": "5", "name": "B"}, "tags": [{"name": "vip"}], "priority": 3}),
        ),
        (
            "Care_100%",
            QueueType::Task,
            json!({"team": {"id": 6, "name": "A"}, "tags": [{"name": "vip"}, {"name": "new"}]}),
        ),
        ("Пошта", QueueType::Task, json!({"type": 8, "tags": "none", "priority": 10})),
    ] {
        let Value::Object(extras) = extras else { panic!("no object") };
        let draft = QueueDraft { kind, extras: Some(extras), ..queue_draft(name) };
        ids.push(store.create_queue(&draft, NOW.plus(ids.len() as i64)).await.unwrap().id);
    }
    ids
}

#[tokio::test]
async fn queues_are_narrowed_by_several_values_and_by_what_is_kept_for_other_tools() {
    on_every_backend(async |store| {
        let ids = three_queues(&*store).await;
        let all = QueueFilter::default;
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        for (filter, expected) in [
            (all(), &["Care_100%", "Sales", "Пошта"][..]),
            (QueueFilter { ids: vec![ids[2], ids[0], NO_QUEUE], ..all() }, &["Sales", "Пошта"]),
            (QueueFilter { codes: vec![7], ..all() }, &["Care_100%"]),
            (QueueFilter { codes: vec![8, 1], ..all() }, &["Sales", "Пошта"]),
            (QueueFilter { codes: vec![99], ..all() }, &[]),
            (QueueFilter { teams: words(&["6"]), ..all() }, &["Care_100%"]),
            (QueueFilter { teams: words(&["5", "6"]), ..all() }, &["Care_100%", "Sales"]),
            (QueueFilter { tags: words(&["new"]), ..all() }, &["Care_100%"]),
            (QueueFilter { tags: words(&["new", "vip"]), ..all() }, &["Care_100%", "Sales"]),
            (QueueFilter { tags: words(&["none"]), ..all() }, &[]),
            (QueueFilter { tags: words(&["vip"]), teams: words(&["5"]), ..all() }, &["Sales"]),
        ] {
            assert_eq!(queues(&*store, filter.clone()).await, expected, "{filter:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_pattern_is_a_whole_name_with_stars_for_any_characters() {
    on_every_backend(async |store| {
        three_queues(&*store).await;
        for (pattern, expected) in [
            ("sales", &["Sales"][..]),
            ("sale", &[]),
            ("SA*", &["Sales"]),
            ("*ШТ*", &["Пошта"]),
            ("*e*s*", &["Sales"]),
            ("care_100%", &["Care_100%"]),
            ("%", &[]),
            ("s_les", &[]),
            ("*%", &["Care_100%"]),
            ("*", &["Care_100%", "Sales", "Пошта"]),
            ("\\", &[]),
        ] {
            let filter = QueueFilter { pattern: pattern.into(), ..QueueFilter::default() };
            assert_eq!(queues(&*store, filter).await, expected, "{pattern:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn queues_are_sorted_by_every_column_both_ways() {
    on_every_backend(async |store| {
        let ids = three_queues(&*store).await;
        store.set_queue_enabled(ids[1], false, NOW.plus(50)).await.unwrap();
        let (sales, care, mail) = ("Sales", "Care_100%", "Пошта");
        for (order, expected) in [
            ("priority", [care, sales, mail]),
            ("-priority", [mail, sales, care]),
            ("team", [mail, care, sales]),
            ("-team", [sales, care, mail]),
            ("enabled", [care, sales, mail]),
            ("-enabled", [sales, mail, care]),
            ("description", [care, sales, mail]),
            ("created_at", [sales, care, mail]),
            ("-created_at", [mail, care, sales]),
            ("updated_at", [sales, mail, care]),
        ] {
            let filter = QueueFilter { sort: sort(order), ..QueueFilter::default() };
            assert_eq!(queues(&*store, filter).await, expected, "{order:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn hooks_are_narrowed_by_several_values_and_by_a_pattern_of_the_event() {
    on_every_backend(async |store| {
        let a = wired(&*store, "a", EventKind::Joined).await;
        let b = wired(&*store, "b", EventKind::Leaving).await;
        let c = wired(&*store, "c", EventKind::Missed).await;
        let (ia, ib, ic) = (a.hook.id, b.hook.id, c.hook.id);
        let all = HookFilter::default;
        let pattern = |text: &str| HookFilter { pattern: text.into(), ..HookFilter::default() };
        for (filter, expected) in [
            (HookFilter { ids: vec![ic, ia, NO_HOOK], ..all() }, vec![ia, ic]),
            (HookFilter { queues: vec![a.queue.id, c.queue.id], ..all() }, vec![ia, ic]),
            (HookFilter { flows: vec![b.flow.id, NO_FLOW], ..all() }, vec![ib]),
            (
                HookFilter { events: vec![EventKind::Joined, EventKind::Leaving], ..all() },
                vec![ia, ib],
            ),
            (HookFilter { flows: vec![a.flow.id], queues: vec![b.queue.id], ..all() }, vec![]),
            (pattern("joined"), vec![ia]),
            (pattern("join"), vec![]),
            (pattern("*IN*"), vec![ia, ib]),
            (pattern("*ed"), vec![ia, ic]),
        ] {
            assert_eq!(hooks(&*store, filter.clone()).await, expected, "{filter:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn hooks_are_sorted_by_every_column_both_ways() {
    on_every_backend(async |store| {
        let b = wired(&*store, "beta", EventKind::Joined).await;
        let a = wired(&*store, "Alpha", EventKind::Joined).await;
        let draft = HookDraft { enabled: false, ..hook_draft(a.flow.id, EventKind::Missed) };
        let third = store.create_hook(b.queue.id, &draft, NOW.plus(1)).await.unwrap().id;
        let (b, a) = (b.hook.id, a.hook.id);
        for (order, expected) in [
            ("queue", [a, b, third]),
            ("-queue", [b, third, a]),
            ("schema", [a, third, b]),
            ("-schema", [b, a, third]),
            ("enabled", [third, b, a]),
            ("-enabled", [b, a, third]),
            ("created_at", [b, a, third]),
            ("-created_at", [third, b, a]),
            ("-updated_at", [third, b, a]),
        ] {
            let filter = HookFilter { sort: sort(order), ..HookFilter::default() };
            assert_eq!(hooks(&*store, filter).await, expected, "{order:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn flows_are_narrowed_by_several_values_and_by_what_is_kept_for_other_tools() {
    on_every_backend(async |store| {
        let mut ids: Vec<FlowId> = Vec::new();
        for (name, kind, mode, extras) in [
            ("crm", FlowKind::Service, FlowMode::Strict, json!({"tags": [{"name": "x"}]})),
            ("mail", FlowKind::Voice, FlowMode::Lenient, json!({"editor": true})),
            ("sms", FlowKind::Chat, FlowMode::Strict, json!({"editor": false, "tags": [7]})),
        ] {
            let Value::Object(extras) = extras else { panic!("no object") };
            let draft = FlowDraft { kind, mode, extras: Some(extras), ..flow_draft(name) };
            ids.push(store.create_flow(&draft, "olena", NOW).await.unwrap().id);
        }
        let all = FlowFilter::default;
        let patterns = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        for (filter, expected) in [
            (FlowFilter { ids: vec![ids[2], ids[0], NO_FLOW], ..all() }, &["crm", "sms"][..]),
            (
                FlowFilter { kinds: vec![FlowKind::Chat, FlowKind::Voice], ..all() },
                &["mail", "sms"],
            ),
            (FlowFilter { tags: vec!["x".into(), "y".into()], ..all() }, &["crm"]),
            (FlowFilter { editor: Some(true), ..all() }, &["mail"]),
            (FlowFilter { editor: Some(false), ..all() }, &["crm", "sms"]),
            (FlowFilter { patterns: patterns(&["*M*"]), ..all() }, &["crm", "mail", "sms"]),
            (FlowFilter { patterns: patterns(&["*m*", "*s"]), ..all() }, &["sms"]),
            (FlowFilter { sort: sort("-type"), ..all() }, &["mail", "crm", "sms"]),
            (FlowFilter { sort: sort("mode"), ..all() }, &["mail", "crm", "sms"]),
            (FlowFilter { sort: sort("-editor"), ..all() }, &["mail", "crm", "sms"]),
        ] {
            assert_eq!(flows(&*store, filter.clone()).await, expected, "{filter:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_other_tools_keep_stays_until_it_is_replaced() {
    on_every_backend(async |store| {
        let kept = object([("strategy", json!("random")), ("team", json!({"id": "5"}))]);
        let draft = QueueDraft {
            variables: Some(object([("zone", json!("Львів"))])),
            extras: Some(kept.clone()),
            ..queue_draft("Sales")
        };
        let queue = store.create_queue(&draft, NOW).await.unwrap();
        let saved = store.change_queue(&queue, &queue_draft("Sales 2"), NOW).await.unwrap();
        let saved = saved.unwrap();
        assert_eq!((&saved.extras, &saved.variables), (&kept, &queue.variables));
        let draft = QueueDraft { extras: Some(object([])), ..queue_draft("Sales 2") };
        let saved = store.change_queue(&saved, &draft, NOW).await.unwrap().unwrap();
        assert_eq!((saved.extras, saved.variables), (object([]), queue.variables));

        let draft = FlowDraft { extras: Some(kept.clone()), ..flow_draft("CRM") };
        let flow = store.create_flow(&draft, "olena", NOW).await.unwrap();
        let saved = store.save_flow(flow.id, 1, &flow_draft("CRM"), "olena", NOW).await.unwrap();
        assert_eq!(saved.unwrap().extras, kept);

        let plain = || hook_draft(flow.id, EventKind::Joined);
        let draft = HookDraft { extras: Some(kept.clone()), ..plain() };
        let hook = store.create_hook(queue.id, &draft, NOW).await.unwrap();
        let saved = store.change_hook(&hook, &plain(), NOW).await.unwrap().unwrap();
        assert_eq!(saved.extras, kept);
        assert_eq!(
            store.set_hook_enabled(hook.id, false, NOW).await.unwrap().unwrap().extras,
            kept
        );
    })
    .await;
}

#[tokio::test]
async fn a_change_of_what_was_read_is_refused_when_it_was_changed_meanwhile() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let draft = queue_draft("Sales 2");
        let changed = store.change_queue(&one.queue, &draft, NOW.plus(1)).await.unwrap().unwrap();
        assert_eq!((changed.name.as_str(), changed.updated_at), ("Sales 2", NOW.plus(1)));
        let again = store.change_queue(&one.queue, &draft, NOW.plus(2)).await;
        assert!(matches!(again, Err(StorageError::Meanwhile)), "{again:?}");

        let draft = HookDraft { enabled: false, ..hook_draft(one.flow.id, EventKind::Joined) };
        let changed = store.change_hook(&one.hook, &draft, NOW.plus(1)).await.unwrap().unwrap();
        assert!(!changed.enabled);
        let again = store.change_hook(&one.hook, &draft, NOW.plus(2)).await;
        assert!(matches!(again, Err(StorageError::Meanwhile)), "{again:?}");

        store.delete_queue(one.queue.id).await.unwrap();
        assert_eq!(store.change_hook(&changed, &draft, NOW).await.unwrap(), None);
        assert_eq!(store.change_queue(&one.queue, &queue_draft("x"), NOW).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_change_of_a_flow_makes_a_version_only_where_steps_or_mode_are_others() {
    on_every_backend(async |store| {
        let made = store.create_flow(&flow_draft("CRM"), "olena", NOW).await.unwrap();
        let named = store.change_flow(&made, &flow_draft("CRM 2"), "ivan", NOW.plus(1)).await;
        let named = named.unwrap().unwrap();
        assert_eq!((named.name.as_str(), named.current), ("CRM 2", 1));
        assert_eq!((named.updated_at, named.version), (NOW.plus(1), made.version.clone()));
        let named = store.flow(made.id, None).await.unwrap().unwrap();

        let lenient = FlowDraft { mode: FlowMode::Lenient, ..flow_draft("CRM 2") };
        let second = store.change_flow(&named, &lenient, "ivan", NOW.plus(2)).await.unwrap();
        let second = second.unwrap();
        assert_eq!((second.current, second.version.mode), (2, FlowMode::Lenient));
        assert_eq!(second.version.saved_by, "ivan");
        assert_eq!(store.flow_versions(made.id).await.unwrap().len(), 2);

        let late = store.change_flow(&named, &lenient, "ivan", NOW.plus(3)).await;
        assert!(matches!(late, Err(StorageError::Meanwhile)), "{late:?}");
        store.create_flow(&flow_draft("SMS"), "olena", NOW).await.unwrap();
        let taken = FlowDraft { name: "SMS".into(), ..lenient };
        let taken = store.change_flow(&second, &taken, "ivan", NOW).await;
        assert!(matches!(taken, Err(StorageError::Taken { field: "name" })), "{taken:?}");
        store.delete_flow(made.id).await.unwrap();
        assert_eq!(store.change_flow(&second, &flow_draft("x"), "i", NOW).await.unwrap(), None);
    })
    .await;
}
