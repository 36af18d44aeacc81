//! Changes that name some members and leave the others.

use crate::support::*;
use admin::{
    AdminError,
    changes::{Extras, FlowChange, HookChange, QueueChange},
};
use model::{
    JsonMap,
    catalog::{EventKind, QueueType},
    delivery::Rest,
    flow::{FlowKind, FlowMode},
    hook::{DEFAULT_MAX_HOLD_MS, HookFilter},
    page::Paging,
    policy::{PolicyChange, Priority},
};
use serde_json::{Value, json};

fn members(value: Value) -> JsonMap {
    match value {
        Value::Object(members) => members,
        other => panic!("no object: {other}"),
    }
}

#[tokio::test]
async fn a_queue_of_the_second_kind_of_task_stays_one() {
    let house = House::new().await;
    let admin = &house.admin;
    let new = QueueChange { name: Some("Out".into()), code: Some(8), ..QueueChange::default() };
    let made = admin.add_queue(&editor(), new).await.unwrap();
    assert_eq!((made.kind, made.code(), made.enabled), (QueueType::Task, 8, true));
    let all = Extras::All(members(json!({"strategy": "random"})));
    let change = QueueChange { extras: all, ..QueueChange::default() };
    let changed = admin.change_queue(&editor(), made.id, change).await.unwrap();
    assert_eq!((changed.code(), &changed.extras["strategy"]), (8, &json!("random")));
    let seven = QueueChange { code: Some(7), ..QueueChange::default() };
    assert_eq!(admin.change_queue(&editor(), made.id, seven).await.unwrap().code(), 7);
    for (code, said) in
        [(1, "/kind: a queue keeps its type, which is 7 (task)"), (9, "/kind: there is no type 9")]
    {
        let change = QueueChange { code: Some(code), ..QueueChange::default() };
        let refused = problems(admin.change_queue(&editor(), made.id, change).await);
        assert!(refused[0].starts_with(said), "{refused:?}");
    }
}

#[tokio::test]
async fn a_change_of_a_queue_leaves_what_it_does_not_name() {
    let house = House::new().await;
    let admin = &house.admin;
    let new = QueueChange {
        base: None,
        name: Some(" Sales ".into()),
        code: Some(1),
        description: Some("first line".into()),
        enabled: Some(false),
        variables: Some(members(json!({"zone": 4}))),
        extras: Extras::All(members(json!({"a": 1, "b": 2, "c": 3}))),
    };
    let made = admin.add_queue(&editor(), new).await.unwrap();
    assert_eq!((made.name.as_str(), made.enabled), ("Sales", false));
    let extras = Extras::Some {
        set: members(json!({"b": [], "d": null})),
        removed: vec!["a".into(), "z".into()],
    };
    let change = QueueChange { name: Some("Sales 2".into()), extras, ..QueueChange::default() };
    let changed = admin.change_queue(&editor(), made.id, change).await.unwrap();
    assert_eq!(Value::Object(changed.extras), json!({"b": [], "c": 3, "d": null}));
    assert_eq!((changed.name.as_str(), changed.description), ("Sales 2", made.description));
    assert_eq!((changed.enabled, changed.variables), (false, made.variables));
    let nothing = admin.change_queue(&editor(), NO_QUEUE, QueueChange::default()).await;
    assert!(matches!(nothing, Err(AdminError::NotFound { .. })), "{nothing:?}");
}

#[tokio::test]
async fn what_is_given_of_a_queue_is_checked() {
    let house = House::new().await;
    let said = problems(house.admin.add_queue(&editor(), QueueChange::default()).await);
    assert!(said[0].starts_with("/kind: is needed: one of 0 (offline), 1 (inbound)"), "{said:?}");
    let new = QueueChange {
        code: Some(1),
        variables: Some(members(json!({"a${b}": 1}))),
        extras: Extras::All(members(json!({"x": "y".repeat(70_000)}))),
        ..QueueChange::default()
    };
    let said = problems(house.admin.add_queue(&editor(), new).await);
    assert_eq!(said[0], "/name: is needed");
    assert!(said[1].starts_with("/variables/a${b}: "), "{said:?}");
    assert!(said[2].contains("at most 64 KiB"), "{said:?}");
}

#[tokio::test]
async fn a_hook_belongs_to_its_queue() {
    let house = House::new().await;
    let admin = &house.admin;
    let (sales, care) = (house.queue("Sales").await.id, house.queue("Care").await.id);
    let flow = house.flow("CRM").await.id;
    let new =
        HookChange { event: Some(EventKind::Joined), flow_id: Some(flow), ..HookChange::default() };
    let made = admin.add_hook(&editor(), sales, new.clone()).await.unwrap();
    assert_eq!((made.flow_name.as_str(), made.hook.queue_id), ("CRM", sales));
    assert!(made.hook.enabled && made.hook.ordered);
    assert_eq!(made.hook.max_hold_ms, DEFAULT_MAX_HOLD_MS);
    let id = made.hook.id;
    for refused in [
        admin.queue_hook(&editor(), care, id).await,
        admin.change_queue_hook(&editor(), care, id, new.clone()).await,
        admin.delete_queue_hook(&editor(), care, id, Rest::Finish).await,
    ] {
        let said = refused.unwrap_err().to_string();
        assert_eq!(said, format!("there is no hook {id} in queue {care}"));
    }
    let all = HookFilter::default;
    let page = Paging::default();
    assert_eq!(admin.queue_hooks(&editor(), sales, all(), page).await.unwrap().total, 1);
    assert_eq!(admin.queue_hooks(&editor(), care, all(), page).await.unwrap().total, 0);
    let nowhere = admin.queue_hooks(&editor(), NO_QUEUE, all(), page).await.unwrap_err();
    assert_eq!(nowhere.to_string(), format!("there is no queue {NO_QUEUE}"));
    let twice = problems(admin.add_hook(&editor(), sales, new).await);
    assert!(twice[0].starts_with("/flow_id: a hook of this queue runs this flow"), "{twice:?}");
    assert_eq!(
        admin.delete_queue_hook(&editor(), sales, id, Rest::Finish).await.unwrap().hook.id,
        id
    );
    assert!(house.storage.hook(id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_change_of_a_hook_leaves_what_it_does_not_name() {
    let house = House::new().await;
    let queue = house.queue("Sales").await.id;
    let new = HookChange {
        event: Some(EventKind::Leaving),
        flow_id: Some(house.flow("CRM").await.id),
        condition: Some("region == 'x'".into()),
        ordered: Some(false),
        max_hold_ms: Some(7),
        policy: PolicyChange { max_age_ms: Some(Some(60_000)), ..PolicyChange::default() },
        extras: Extras::All(members(json!({"properties": ["a"]}))),
        ..HookChange::default()
    };
    let made = house.admin.add_hook(&editor(), queue, new).await.unwrap().hook;
    let off = HookChange { enabled: Some(false), ..HookChange::default() };
    let changed = house.admin.change_hook(&editor(), made.id, off).await.unwrap();
    assert!(!changed.enabled);
    let as_before = model::hook::Hook { enabled: true, updated_at: made.updated_at, ..changed };
    assert_eq!(as_before, made);
    let first = PolicyChange { priority: Some(Some(Priority::High)), ..PolicyChange::default() };
    let change = HookChange { policy: first, ..HookChange::default() };
    let changed = house.admin.change_hook(&editor(), made.id, change).await.unwrap().policy;
    assert_eq!((changed.max_age_ms, changed.priority), (Some(60_000), Priority::High));
    let never = PolicyChange { max_age_ms: Some(Some(1)), ..PolicyChange::default() };
    let change = HookChange { policy: never, ..HookChange::default() };
    let said = problems(house.admin.change_hook(&editor(), made.id, change).await);
    assert!(said[0].starts_with("/policy/max_age_ms: "), "{said:?}");
    let said = problems(house.admin.add_hook(&editor(), queue, HookChange::default()).await);
    assert!(said[0].starts_with("/event: is needed: one of joined"), "{said:?}");
    assert!(said[1].starts_with("/flow_id: is needed"), "{said:?}");
}

#[tokio::test]
async fn a_change_of_a_flow_makes_a_version_only_of_other_steps_or_another_mode() {
    let house = House::new().await;
    let admin = &house.admin;
    let new = FlowChange {
        name: Some("CRM".into()),
        source: Some("[{\"log\": \"hello\"}]".into()),
        extras: Extras::All(members(json!({"debug": true}))),
        ..FlowChange::default()
    };
    let made = admin.add_flow(&editor(), new).await.unwrap();
    assert_eq!((made.kind, made.version.mode), (FlowKind::Default, FlowMode::Strict));
    let source = |text: &str| FlowChange { source: Some(text.into()), ..FlowChange::default() };
    let named = FlowChange {
        name: Some("CRM 2".into()),
        description: Some("about".into()),
        ..source("[ {\"log\": \"hello\"} ]")
    };
    let named = admin.change_flow(&editor(), made.id, named).await.unwrap();
    assert_eq!((named.name.as_str(), named.current), ("CRM 2", 1));
    assert_eq!((&named.version, &named.extras), (&made.version, &made.extras));
    let lenient = FlowChange { mode: Some(FlowMode::Lenient), ..FlowChange::default() };
    let lenient = admin.change_flow(&editor(), made.id, lenient).await.unwrap();
    assert_eq!((lenient.current, &lenient.version.source), (2, &made.version.source));
    let other =
        admin.change_flow(&editor(), made.id, source("[{\"log\": \"bye\"}]")).await.unwrap();
    assert_eq!((other.current, other.version.mode), (3, FlowMode::Lenient));
    assert_eq!(other.version.saved_by, editor().name);

    let said = problems(admin.change_flow(&editor(), made.id, source("[{\"log\": 1}, {}]")).await);
    assert!(said.iter().all(|one| one.starts_with("/source/")), "{said:?}");
    let said = problems(admin.add_flow(&editor(), FlowChange::default()).await);
    assert_eq!(said, ["/source: is needed: the array of steps"]);
    let queue = house.queue("Sales").await.id;
    house.hook(queue, made.id, EventKind::Joined).await;
    let voice = FlowChange { kind: Some(FlowKind::Voice), ..FlowChange::default() };
    let said = problems(admin.change_flow(&editor(), made.id, voice).await);
    assert!(said[0].starts_with("/kind: hooks run this flow"), "{said:?}");
}

#[tokio::test]
async fn of_many_changes_at_once_none_is_lost() {
    let house = House::new().await;
    let queue = house.queue("Sales").await.id;
    let changes = (0..4).map(|number| {
        let admin = house.admin.clone();
        let set = members(json!({format!("member{number}"): number}));
        let extras = Extras::Some { set, removed: Vec::new() };
        let change = QueueChange { extras, ..QueueChange::default() };
        tokio::spawn(async move { admin.change_queue(&editor(), queue, change).await })
    });
    for change in changes.collect::<Vec<_>>() {
        change.await.unwrap().unwrap();
    }
    let kept = house.admin.queue(&editor(), queue).await.unwrap().extras;
    assert_eq!(kept.len(), 4, "{kept:?}");
}
