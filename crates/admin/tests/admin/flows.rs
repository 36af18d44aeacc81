//! Flows: versions, copies, what keeps one from being deleted.

use crate::support::*;
use admin::changes::FlowChange;
use model::{
    catalog::EventKind,
    delivery::{DeliveryState, Rest},
    event::Event,
    flow::{FlowDraft, FlowKind, FlowMode},
    ids::{DeliveryId, EventId, FlowId},
};
use std::sync::Arc;
use storage::journal::{Batch, NewDelivery, NewEvent, Shard};

#[tokio::test]
async fn every_step_gets_an_id_and_the_text_stays_as_it_was_laid_out() {
    let house = House::new().await;
    let source = "[\n    {\"log\": \"привіт\"},\n    {\"_id\": \"mine\", \"log\": \"b\"}\n]";
    let draft = FlowDraft { source: source.into(), ..flow_draft("CRM") };
    let made = house.admin.create_flow(&editor(), draft).await.unwrap();
    let kept = made.version.source;
    let steps: Vec<serde_json::Value> = serde_json::from_str(&kept).unwrap();
    assert!(steps[0]["_id"].is_string());
    assert_eq!(steps[1]["_id"], "mine");
    assert!(kept.ends_with("\n    {\"_id\": \"mine\", \"log\": \"b\"}\n]"), "{kept}");
    let again = FlowDraft { source: kept.clone(), ..flow_draft("CRM") };
    let saved = house.admin.save_flow(&editor(), made.id, 1, again).await.unwrap();
    assert_eq!(saved.version.source, kept, "ids stay");
}

#[tokio::test]
async fn what_only_an_imported_flow_may_have_stays_until_its_steps_are_changed() {
    let house = House::new().await;
    let draft = |name: &str, source: &str| FlowDraft { source: source.into(), ..flow_draft(name) };
    for (name, source) in [
        ("Unknown", r#"[{"sendFax": {}}]"#),
        ("Tags", r#"[{"log": "a", "tag": "t"}, {"log": "b", "tag": "t"}]"#),
    ] {
        assert!(house.admin.create_flow(&editor(), draft(name, source)).await.is_err());
        let made = house.admin.import_flow(&editor(), draft(name, source)).await.unwrap();
        let kept = made.version.source;
        // Other words, and the same steps.
        let same = draft(&format!("{name} 2"), &kept);
        house.admin.save_flow(&editor(), made.id, 1, same).await.unwrap();
        let change = FlowChange { name: Some(format!("{name} 3")), ..FlowChange::default() };
        house.admin.change_flow(&editor(), made.id, change).await.unwrap();
        house.admin.duplicate_flow(&editor(), made.id, format!("{name} 4")).await.unwrap();
        // Other steps, with the same in them.
        let changed = draft(name, &kept.replacen('[', r#"[{"log": "first"}, "#, 1));
        assert!(house.admin.save_flow(&editor(), made.id, 2, changed).await.is_err());
        house.admin.save_flow(&editor(), made.id, 2, draft(name, "[]")).await.unwrap();
        let back = house.admin.restore_flow(&editor(), made.id, 1, 3).await.unwrap();
        assert_eq!((back.version.number, back.version.source), (4, kept));
    }
    let broken = house.admin.import_flow(&editor(), draft("No", r#"[{"goto": "x"}]"#)).await;
    assert!(broken.is_err(), "what the original does not take is refused of it, too");
}

#[tokio::test]
async fn a_version_names_who_saved_it() {
    let house = House::new().await;
    let made = house.flow("CRM").await;
    assert_eq!(made.version.saved_by, "ed");
    let crm = token(&[model::user::Scope::Manage]);
    let saved = house.admin.save_flow(&crm, made.id, 1, flow_draft("CRM")).await.unwrap();
    assert_eq!((saved.version.number, saved.version.saved_by.as_str()), (2, "token"));
    let versions = house.admin.flow_versions(&viewer(), made.id).await.unwrap();
    let names: Vec<_> = versions.iter().map(|one| one.saved_by.as_str()).collect();
    assert_eq!(names, ["token", "ed"]);
}

#[tokio::test]
async fn a_save_over_somebodys_newer_version_is_a_conflict_that_names_it() {
    let house = House::new().await;
    let made = house.flow("CRM").await;
    house.admin.save_flow(&editor(), made.id, 1, flow_draft("CRM")).await.unwrap();
    let late = house.admin.save_flow(&administrator(), made.id, 1, flow_draft("CRM")).await;
    assert_eq!(
        conflict(late),
        "somebody saved version 2 meanwhile; copy your text, reload and merge"
    );
}

#[tokio::test]
async fn a_copy_is_the_newest_version_under_a_name_of_its_own() {
    let house = House::new().await;
    let made = house.flow("CRM").await;
    let draft = FlowDraft {
        kind: FlowKind::Default,
        mode: FlowMode::Lenient,
        description: "second".into(),
        source: r#"[{"_id": "a", "log": "second"}]"#.into(),
        ..flow_draft("CRM")
    };
    let newest = house.admin.save_flow(&editor(), made.id, 1, draft).await.unwrap();
    let copy = house.admin.duplicate_flow(&editor(), made.id, "CRM copy".into()).await.unwrap();
    assert_ne!(copy.id, made.id);
    assert_eq!((copy.name.as_str(), copy.current), ("CRM copy", 1));
    assert_eq!((copy.kind, copy.description), (newest.kind, newest.description));
    assert_eq!(copy.version.source, newest.version.source);
    assert_eq!(copy.version.mode, FlowMode::Lenient);
    let again = house.admin.duplicate_flow(&editor(), made.id, "CRM".into()).await;
    assert_eq!(problems(again), ["/name: is in use already"]);
}

#[tokio::test]
async fn a_flow_that_hooks_run_cannot_become_one_that_hooks_may_not_run() {
    let house = House::new().await;
    let (queue, flow) = (house.queue("Sales").await, house.flow("CRM").await);
    let hook = house.hook(queue.id, flow.id, EventKind::Joined).await;
    let voice = || FlowDraft { kind: FlowKind::Voice, ..flow_draft("CRM") };
    let saved = house.admin.save_flow(&editor(), flow.id, 1, voice()).await;
    let said = "/kind: hooks run this flow, and a hook runs flows of type service or default";
    assert_eq!(problems(saved), [said]);
    let default = FlowDraft { kind: FlowKind::Default, ..flow_draft("CRM") };
    house.admin.save_flow(&editor(), flow.id, 1, default).await.unwrap();
    house.admin.delete_hook(&editor(), hook.id, Rest::Finish).await.unwrap();
    house.admin.save_flow(&editor(), flow.id, 2, voice()).await.unwrap();
}

#[tokio::test]
async fn deleting_a_flow_that_hooks_run_names_the_hooks() {
    let house = House::new().await;
    let flow = house.flow("CRM").await;
    let (sales, support) = (house.queue("Продажі").await, house.queue("Support").await);
    house.hook(sales.id, flow.id, EventKind::Joined).await;
    house.hook(support.id, flow.id, EventKind::Leaving).await;
    let deleted = house.admin.delete_flow(&editor(), flow.id).await;
    assert_eq!(
        conflict(deleted),
        "hooks use this flow: Продажі / joined, Support / leaving; \
         delete them or give them another flow first"
    );
    for event in [EventKind::Offering, EventKind::Bridged, EventKind::Missed, EventKind::Leaving] {
        house.hook(sales.id, flow.id, event).await;
    }
    let said = conflict(house.admin.delete_flow(&editor(), flow.id).await);
    assert!(said.contains("Продажі / missed, 1 more; delete them"), "{said}");
    for queue in [sales, support] {
        house.admin.delete_queue(&editor(), queue.id, Rest::Finish).await.unwrap();
    }
    house.admin.delete_flow(&editor(), flow.id).await.unwrap();
    assert_eq!(
        not_found(house.admin.flow(&viewer(), flow.id, None).await),
        format!("there is no flow {}", flow.id)
    );
}

#[tokio::test]
async fn deleting_a_flow_that_deliveries_still_run_says_how_many() {
    let house = House::new().await;
    let (queue, flow) = (house.queue("Sales").await, house.flow("CRM").await);
    let hook = house.hook(queue.id, flow.id, EventKind::Joined).await;
    let id: EventId = "0193a7c2-5b1e-7d21-9f0a-6c2e11b4a901".parse().unwrap();
    let at = now();
    let event = Event {
        id,
        queue_id: queue.id,
        kind: EventKind::Joined,
        sender_id: None,
        call_attempt: None,
        occurred_at: at,
        accepted_at: at,
        data: Default::default(),
        variables: Default::default(),
        test: false,
    };
    let delivery = NewDelivery {
        id: DeliveryId(id.0),
        event_id: id,
        hook_id: hook.id,
        queue_id: queue.id,
        flow_id: flow.id,
        flow_version: 1,
        state: DeliveryState::Pending,
        warning: None,
        replay_of: None,
        parent: None,
        test: false,
        created_at: at,
        shard: Shard(0),
    };
    let new = NewEvent { event: Arc::new(event), fingerprint: [0; 16], deliveries: vec![delivery] };
    house.storage.commit(&Batch { events: vec![new], ..Batch::default() }).await.unwrap();
    house.admin.delete_hook(&editor(), hook.id, Rest::Finish).await.unwrap();
    assert_eq!(
        conflict(house.admin.delete_flow(&editor(), flow.id).await),
        "1 unfinished deliveries still run this flow or have called it; it can be deleted when they are done"
    );
}

#[tokio::test]
async fn a_failure_flow_is_another_one_that_a_hook_may_run() {
    let house = House::new().await;
    let (flow, alarm) = (house.flow("CRM").await, house.flow("Alarm").await);
    let voice = FlowDraft { kind: FlowKind::Voice, ..flow_draft("Voice") };
    let voice = house.admin.create_flow(&editor(), voice).await.unwrap();
    let set = async |to| house.admin.set_failure_flow(&editor(), flow.id, Some(to)).await;
    assert_eq!(problems(set(flow.id).await), ["/flow_id: a flow cannot be its own failure flow"]);
    assert_eq!(problems(set(FlowId(999)).await), ["/flow_id: does not exist"]);
    let refused = "/flow_id: a failure flow is of type service or default";
    assert_eq!(problems(set(voice.id).await), [refused]);
    assert_eq!(house.admin.failure_flow(&viewer(), flow.id).await.unwrap(), None);
    set(alarm.id).await.unwrap();
    assert_eq!(house.admin.failure_flow(&viewer(), flow.id).await.unwrap(), Some(alarm.id));
    assert!(house.admin.set_failure_flow(&viewer(), flow.id, None).await.is_err());
    let deleted = house.admin.delete_flow(&editor(), alarm.id).await.unwrap_err().to_string();
    assert_eq!(deleted, "it is the failure flow of CRM; give them another one first");
    house.admin.set_failure_flow(&editor(), flow.id, None).await.unwrap();
    house.admin.delete_flow(&editor(), alarm.id).await.unwrap();
}
