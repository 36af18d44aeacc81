//! The revision of what is set up, and who is told of its changes.

use crate::support::*;
use model::{
    catalog::EventKind,
    destination::{DestinationKey, DestinationLimits, Forced},
    hook::PauseReason,
    time::Millis,
    user::Scope,
};
use std::sync::Arc;
use storage::Storage;

/// Each kind of change of what is set up, in an order in which each finds what it changes.
const CHANGES: [&str; 20] = [
    "create queue",
    "change queue",
    "switch queue",
    "create flow",
    "save flow",
    "create hook",
    "change hook",
    "switch hook",
    "pause hook",
    "resume hook",
    "pause queue",
    "resume queue",
    "delete hook",
    "delete flow",
    "delete queue",
    "create and delete token",
    "limit destination",
    "force destination",
    "drain destination",
    "reset destination",
];

/// Makes one of [`CHANGES`].
async fn change(store: &Arc<dyn Storage>, what: &str) {
    let all = store.configuration().await.unwrap();
    let (queue, hook) = (all.queues.first().map(|one| one.id), all.hooks.first().map(|one| one.id));
    let flow = all.flows.first().map(|one| one.id);
    let draft = flow.map(|id| hook_draft(id, EventKind::Joined));
    let key = DestinationKey::new("https", "crm.example", 443);
    match what {
        "create queue" => drop(store.create_queue(&queue_draft("q"), NOW).await.unwrap()),
        "change queue" => {
            let was = store.queue(queue.unwrap()).await.unwrap().unwrap();
            drop(store.change_queue(&was, &queue_draft("r"), NOW).await.unwrap().unwrap());
        }
        "switch queue" => {
            drop(store.set_queue_enabled(queue.unwrap(), false, NOW).await.unwrap().unwrap());
        }
        "create flow" => drop(store.create_flow(&flow_draft("f"), "olena", NOW).await.unwrap()),
        "save flow" => {
            let saved = store.save_flow(flow.unwrap(), 1, &flow_draft("g"), "olena", NOW).await;
            drop(saved.unwrap().unwrap());
        }
        "create hook" => {
            drop(store.create_hook(queue.unwrap(), &draft.unwrap(), NOW).await.unwrap());
        }
        "change hook" => {
            let was = store.hook(hook.unwrap()).await.unwrap().unwrap();
            drop(store.change_hook(&was, &draft.unwrap(), NOW).await.unwrap().unwrap());
        }
        "switch hook" => {
            drop(store.set_hook_enabled(hook.unwrap(), false, NOW).await.unwrap().unwrap());
        }
        "pause hook" => {
            let reason = Some(PauseReason::Person);
            drop(store.set_hook_paused(hook.unwrap(), reason).await.unwrap().unwrap());
        }
        "resume hook" => {
            drop(store.resume_hook(hook.unwrap(), Some(5), NOW).await.unwrap().unwrap());
        }
        "pause queue" => drop(store.pause_queue(queue.unwrap()).await.unwrap().unwrap()),
        "resume queue" => {
            drop(store.resume_queue(queue.unwrap(), None, NOW).await.unwrap().unwrap());
        }
        "delete hook" => drop(store.delete_hook(hook.unwrap()).await.unwrap().unwrap()),
        "delete flow" => drop(store.delete_flow(flow.unwrap()).await.unwrap().unwrap()),
        "delete queue" => drop(store.delete_queue(queue.unwrap()).await.unwrap().unwrap()),
        "create and delete token" => {
            let token = store.create_token("t", &[Scope::Read], "", "h", Millis(0)).await.unwrap();
            drop(store.delete_token(token.id).await.unwrap().unwrap());
        }
        "limit destination" => {
            let limits = DestinationLimits { concurrency: Some(2), ..Default::default() };
            drop(store.set_destination_limits(&key, &limits, NOW).await.unwrap());
        }
        "force destination" => {
            drop(store.force_destination(&key, Some(Forced::Open), NOW).await.unwrap());
        }
        "drain destination" => drop(store.drain_destination(&key, NOW).await.unwrap()),
        "reset destination" => drop(store.reset_destination(&key).await.unwrap().unwrap()),
        other => panic!("no such change: {other}"),
    }
}

#[tokio::test]
async fn every_change_raises_the_revision_and_is_told_before_it_is_answered() {
    on_every_backend(async |store| {
        let mut told = store.changes();
        let mut last = store.revision().await.unwrap();
        assert_eq!(*told.borrow_and_update(), last, "once migrated");
        for what in CHANGES {
            change(&store, what).await;
            assert!(told.has_changed().unwrap(), "{what}");
            let revision = store.revision().await.unwrap();
            assert!(revision > last, "{what}");
            assert_eq!(*told.borrow_and_update(), revision, "{what}");
            last = revision;
        }
    })
    .await;
}

#[tokio::test]
async fn a_change_by_another_process_is_seen_by_the_revision() {
    on_every_database(async |database| {
        let (here, there) = (database.open().await, database.open().await);
        let mut last = here.revision().await.unwrap();
        for what in CHANGES {
            change(&there, what).await;
            let revision = here.revision().await.unwrap();
            assert!(revision > last, "{what}");
            assert_eq!(revision, there.revision().await.unwrap());
            assert_eq!(here.configuration().await.unwrap().revision, revision);
            last = revision;
        }
    })
    .await;
}

#[tokio::test]
async fn what_fails_changes_no_revision_and_is_not_told() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let (told, before) = (store.changes(), store.revision().await.unwrap());
        store.create_queue(&queue_draft("Sales"), NOW).await.unwrap_err();
        store.create_flow(&flow_draft("Sales"), "olena", NOW).await.unwrap_err();
        store.save_flow(one.flow.id, 7, &flow_draft("x"), "olena", NOW).await.unwrap_err();
        store.delete_flow(one.flow.id).await.unwrap_err();
        let draft = hook_draft(one.flow.id, EventKind::Joined);
        store.create_hook(one.queue.id, &draft, NOW).await.unwrap_err();
        assert_eq!(store.revision().await.unwrap(), before);
        assert!(!told.has_changed().unwrap());
    })
    .await;
}

#[tokio::test]
async fn of_many_changes_at_once_the_newest_is_told_last() {
    on_every_backend(async |store| {
        let mut makers = tokio::task::JoinSet::new();
        for number in 0..24 {
            let store = store.clone();
            makers.spawn(async move {
                store.create_queue(&queue_draft(&number.to_string()), NOW).await.unwrap();
            });
        }
        makers.join_all().await;
        let newest = store.revision().await.unwrap();
        assert_eq!(*store.changes().borrow(), newest);
    })
    .await;
}
