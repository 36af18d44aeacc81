//! Deliveries that runs begin beside themselves, and failure flows.

use crate::support::*;
use model::{
    catalog::EventKind,
    delivery::{Begun, DeliveryState},
    ids::DeliveryId,
};
use storage::{
    Storage, StorageError,
    journal::{Batch, KeptRun, NewChild, NewDelivery, RunChange, Start},
};

fn start(step: Option<&str>, visit: u32) -> Start {
    Start {
        begun: Begun { step: step.map(str::to_owned), visit, function: Some("later".into()) },
        depth: 1,
        inherited: r#"{"order":"☃"}"#.into(),
        zone: Some("Europe/Kyiv".into()),
    }
}

/// A child of this delivery.
fn child(one: &Wired, of: &Accepted, start: Start) -> NewChild {
    let delivery = NewDelivery {
        id: DeliveryId(uuid_at(NOW.plus(7))),
        event_id: of.event_id,
        parent: Some(of.id),
        ..one.delivery(&one.event(NOW.plus(7)))
    };
    NewChild { delivery, start }
}

async fn begin(store: &dyn Storage, seq: i64, children: Vec<NewChild>) -> Vec<Option<i64>> {
    let runs = vec![(seq, KeptRun::default())];
    store.commit(&Batch { runs, children, ..Batch::default() }).await.unwrap().children
}

#[tokio::test]
async fn a_child_is_begun_once_with_what_it_begins_with() {
    on_every_backend(async |store| {
        let store = &*store;
        let one = wired(store, "Sales", EventKind::Joined).await;
        let parent = one.accept(store, NOW, DeliveryState::Pending).await;
        let first = child(&one, &parent, start(Some("a"), 1));
        let of_death = child(&one, &parent, start(None, 3));
        let begun = begin(store, parent.seq, vec![first.clone(), of_death.clone()]).await;
        assert_eq!(begun, [Some(parent.seq + 1), Some(parent.seq + 2)]);
        // The same again, beside one of the step's next visit.
        let again = child(&one, &parent, start(Some("a"), 1));
        let next = child(&one, &parent, start(Some("a"), 2));
        let begun = begin(store, parent.seq, vec![again.clone(), next.clone()]).await;
        assert_eq!(begun, [None, Some(parent.seq + 3)]);
        assert_eq!(store.open_delivery(again.delivery.id).await.unwrap().map(|one| one.id), None);

        let opened = open(store).await;
        let ids: Vec<_> = opened.iter().map(|one| one.id).collect();
        let (first_id, death_id, next_id) =
            (first.delivery.id, of_death.delivery.id, next.delivery.id);
        assert_eq!(ids, [parent.id, first_id, death_id, next_id]);
        let parents: Vec<_> = opened.iter().map(|one| one.parent).collect();
        assert_eq!(parents, [None, Some(parent.id), Some(parent.id), Some(parent.id)]);
        assert_eq!(opened[1].event.id, parent.event_id);
        assert_eq!(store.start_of(first_id).await.unwrap(), Some(first.start));
        assert_eq!(store.start_of(death_id).await.unwrap(), Some(of_death.start));
        assert_eq!(store.start_of(parent.id).await.unwrap(), None);
        assert_eq!(store.children_of(parent.id).await.unwrap(), 3);

        let shown = store.delivery(parent.id, &Overlay::default()).await.unwrap().unwrap();
        assert_eq!((shown.row.parent, shown.begun), (None, None));
        let children: Vec<_> =
            shown.children.iter().map(|one| (one.id, one.begun.step.as_deref())).collect();
        assert_eq!(children, [(first_id, Some("a")), (death_id, None), (next_id, Some("a"))]);
        assert_eq!(shown.children[0].flow_name, "Sales");
        let shown = store.delivery(next_id, &Overlay::default()).await.unwrap().unwrap();
        assert_eq!(shown.row.parent, Some(parent.id));
        assert_eq!(shown.begun, Some(start(Some("a"), 2).begun));
    })
    .await;
}

#[tokio::test]
async fn a_replay_of_a_child_begins_as_that_did() {
    on_every_backend(async |store| {
        let store = &*store;
        let one = wired(store, "Sales", EventKind::Joined).await;
        let parent = one.accept(store, NOW, DeliveryState::Pending).await;
        let first = child(&one, &parent, start(Some("a"), 1));
        begin(store, parent.seq, vec![first.clone()]).await;
        let replay = NewDelivery {
            id: DeliveryId(uuid_at(NOW.plus(9))),
            replay_of: Some(first.delivery.id),
            ..first.delivery.clone()
        };
        let id = replay.id;
        store.commit(&Batch { replays: vec![replay], ..Batch::default() }).await.unwrap();
        assert_eq!(store.start_of(id).await.unwrap(), Some(first.start));
        assert_eq!(store.children_of(parent.id).await.unwrap(), 1, "it is no child of its own");
        let opened = store.open_delivery(id).await.unwrap().unwrap();
        assert_eq!(opened.parent, Some(parent.id));
    })
    .await;
}

#[tokio::test]
async fn a_child_makes_nothing_of_its_call_out_of_order() {
    on_every_backend(async |store| {
        let store = &*store;
        let one = wired(store, "Sales", EventKind::Joined).await;
        let mut new = one.new_event(NOW);
        let event = model::event::Event { call_attempt: Some(7), ..one.event(NOW) };
        (new.deliveries, new.event) = (vec![one.delivery(&event)], event.into());
        let parent = accept(store, new).await;
        let first = child(&one, &parent, start(Some("a"), 1));
        let seqs = begin(store, parent.seq, vec![first.clone()]).await;
        let begun = Accepted { seq: seqs[0].unwrap(), id: first.delivery.id, ..parent };
        let done = storage::journal::Completion {
            attempt: Some(attempt(1, model::trace::AttemptOutcome::Completed, None)),
            run: RunChange::Leave,
            ..one.completion(&begun, DeliveryState::Delivered, NOW)
        };
        complete(store, vec![done]).await;
        let parent = store.open_delivery(parent.id).await.unwrap().unwrap();
        assert!(!parent.out_of_order && !parent.overtaken);
    })
    .await;
}

#[tokio::test]
async fn a_flow_names_the_one_that_runs_when_a_delivery_dies() {
    on_every_backend(async |store| {
        let store = &*store;
        let one = wired(store, "Sales", EventKind::Joined).await;
        let alarm = store.create_flow(&flow_draft("Alarm"), "olena", NOW).await.unwrap();
        assert_eq!(store.failure_flow(one.flow.id).await.unwrap(), None);
        let revision = store.revision().await.unwrap();
        assert!(store.set_failure_flow(one.flow.id, Some(alarm.id), NOW).await.unwrap());
        assert!(!store.set_failure_flow(NO_FLOW, Some(alarm.id), NOW).await.unwrap());
        assert!(store.revision().await.unwrap() > revision, "nodes hear of it");
        assert_eq!(store.failure_flow(one.flow.id).await.unwrap(), Some(alarm.id));
        let set = store.configuration().await.unwrap().flows;
        let set: Vec<_> = set.iter().map(|flow| (flow.id, flow.failure_flow)).collect();
        assert!(set.contains(&(one.flow.id, Some(alarm.id))) && set.contains(&(alarm.id, None)));
        let refused = store.delete_flow(alarm.id).await;
        let Err(StorageError::InUse { flows, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(flows, ["Sales"]);
        assert!(store.set_failure_flow(one.flow.id, None, NOW).await.unwrap());
        assert!(store.delete_flow(alarm.id).await.unwrap().is_some());
    })
    .await;
}
