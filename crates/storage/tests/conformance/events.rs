//! `LogStore`: one event with its deliveries.

use crate::support::*;
use model::{
    catalog::EventKind,
    delivery::DeliveryState,
    ids::{DeliveryId, EventId},
};
use std::sync::Arc;
use storage::journal::{Batch, NewDelivery, NewEvent};

#[tokio::test]
async fn an_event_shows_what_was_accepted_and_the_deliveries_it_made() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        one.accept(&*store, NOW, DeliveryState::Pending).await;
        let mut new = one.sent(NOW.plus(5), "call-7", 1);
        let mut event = model::event::Event::clone(&new.event);
        event.call_attempt = Some(7);
        let second = NewDelivery { state: DeliveryState::Skipped, ..one.delivery(&event) };
        let ids = [new.deliveries[0].id, second.id];
        new.deliveries.push(second);
        commit(&*store, vec![NewEvent { event: Arc::new(event.clone()), ..new }]).await;

        let found = store.event(event.id, &Overlay::running(vec![ids[0]])).await.unwrap().unwrap();
        assert_eq!((found.id, found.sender_id.as_deref()), (event.id, Some("call-7")));
        assert_eq!((found.event, found.call_attempt), (EventKind::Joined, Some(7)));
        assert_eq!((found.queue_id, found.queue_name.as_str()), (one.queue.id, "Sales"));
        assert_eq!((found.occurred_at, found.accepted_at), (event.occurred_at, event.accepted_at));
        assert_eq!((&found.data, &found.variables), (&event.data, &event.variables));
        assert!(!found.test && !found.more);
        let rows: Vec<_> = found.deliveries.iter().map(|row| (row.id, row.state)).collect();
        assert_eq!(rows, [(ids[0], DeliveryState::Running), (ids[1], DeliveryState::Skipped)]);
        let detail = store.delivery(ids[1], &Overlay::default()).await.unwrap().unwrap();
        assert_eq!(found.deliveries[1], detail.row);
    })
    .await;
}

#[tokio::test]
async fn an_event_that_was_not_accepted_is_nothing() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let accepted = one.accept(&*store, NOW, DeliveryState::Pending).await;
        assert_eq!(store.event(EventId(accepted.id.0), &Overlay::default()).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_event_outlives_its_queue_without_the_name() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let accepted = one.accept(&*store, NOW, DeliveryState::Delivered).await;
        store.delete_queue(one.queue.id).await.unwrap();
        let found = store.event(accepted.event_id, &Overlay::default()).await.unwrap().unwrap();
        assert_eq!((found.queue_name.as_str(), found.deliveries.len()), ("", 1));
    })
    .await;
}

#[tokio::test]
async fn of_an_event_that_was_replayed_many_times_the_first_200_deliveries_are_shown() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let first = one.accept(&*store, NOW, DeliveryState::Delivered).await;
        let replay = |_| NewDelivery {
            id: DeliveryId(uuid_at(NOW)),
            event_id: first.event_id,
            replay_of: Some(first.id),
            ..one.delivery(&one.event(NOW))
        };
        let replays = (0..199).map(replay).collect();
        store.commit(&Batch { replays, ..Batch::default() }).await.unwrap();
        let all = store.event(first.event_id, &Overlay::default()).await.unwrap().unwrap();
        assert_eq!((all.deliveries.len(), all.deliveries[0].id, all.more), (200, first.id, false));
        let replays = vec![replay(0)];
        store.commit(&Batch { replays, ..Batch::default() }).await.unwrap();
        let cut = store.event(first.event_id, &Overlay::default()).await.unwrap().unwrap();
        assert_eq!((&cut.deliveries, cut.more), (&all.deliveries, true));
    })
    .await;
}
