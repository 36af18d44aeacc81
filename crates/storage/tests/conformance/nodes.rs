//! `NodeStore`: incarnations, shards, seats, asks; on databases that several processes can serve.

use crate::support::*;
use model::{
    catalog::EventKind,
    delivery::DeliveryState,
    destination::DestinationKey,
    live::{Live, NodeStatus},
    node::NodeRoles,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use storage::{
    Storage, StorageError, Use,
    journal::{Batch, Shard, Unfinished},
    nodes::{Ask, Incarnation, NewNode, Shards},
};
use tokio::task::JoinSet;

fn node(name: &str) -> NewNode {
    NewNode { name: name.into(), place: format!("place of {name}"), roles: NodeRoles::ALL }
}

/// Runs the test where processes share the database; elsewhere nothing of it is answered.
async fn on_shared(test: impl AsyncFn(Arc<dyn Storage>)) {
    on_every_backend(async |store| {
        if store.is_shared() {
            return test(store).await;
        }
        let refused = store.register(&node("one")).await.unwrap_err();
        assert!(matches!(refused, StorageError::Unshared), "{refused:?}");
        assert!(store.take_seat(Incarnation(1), &crm(), 1).await.is_err());
        assert!(store.nodes().await.unwrap().is_empty() && store.news().is_none());
    })
    .await;
}

fn is_fenced<T>(result: storage::Result<T>) -> bool {
    matches!(result, Err(StorageError::Fenced))
}

#[tokio::test]
async fn nobody_uses_the_database_alone_while_a_node_lives_whose_claim_was_lost() {
    on_shared(async |store| {
        let node = store.register(&node("one")).await.unwrap();
        let refused = store.claim(Use::Alone).await.err();
        assert!(matches!(&refused, Some(StorageError::Claimed { .. })), "{refused:?}");
        store.leave(node).await.unwrap();
        assert!(store.claim(Use::Alone).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn nodes_share_the_shards_evenly_and_hand_on_what_is_surplus() {
    on_shared(async |store| {
        let first = store.register(&node("one")).await.unwrap();
        let sharing = store.share(first, false).await.unwrap();
        assert_eq!((sharing.mine, sharing.others, sharing.nodes), (Shards::ALL, Shards::NONE, 1));
        let second = store.register(&node("two")).await.unwrap();
        let sharing = store.share(second, true).await.unwrap();
        assert_eq!((sharing.mine, sharing.others, sharing.nodes), (Shards::NONE, Shards::ALL, 2));
        let handed_on: Shards = (32..64).map(Shard).collect();
        store.free(first, handed_on).await.unwrap();
        assert_eq!(store.share(second, true).await.unwrap().mine, handed_on);
        let sharing = store.share(first, true).await.unwrap();
        assert_eq!((sharing.mine, sharing.others), (Shards::ALL.without(handed_on), handed_on));
        let roles = NodeRoles { dispatch: false, ..NodeRoles::ALL };
        let idle = NewNode { roles, ..node("three") };
        let third = store.register(&idle).await.unwrap();
        let sharing = store.share(third, true).await.unwrap();
        assert_eq!((sharing.mine, sharing.nodes), (Shards::NONE, 2));
        store.leave(first).await.unwrap();
        assert_eq!(store.share(second, true).await.unwrap().mine, Shards::ALL);
    })
    .await;
}

#[tokio::test]
async fn a_node_begun_anew_at_the_same_place_ends_the_earlier_incarnation() {
    on_shared(async |store| {
        let first = store.register(&node("one")).await.unwrap();
        store.share(first, false).await.unwrap();
        let again = store.register(&node("one")).await.unwrap();
        let status = NodeStatus::default();
        assert!(is_fenced(store.beat(first, &status).await));
        assert!(is_fenced(store.share(first, true).await));
        assert_eq!(store.share(again, false).await.unwrap().mine, Shards::ALL);
    })
    .await;
}

#[tokio::test]
async fn a_node_says_what_it_does_and_whether_it_stopped_in_order() {
    on_shared(async |store| {
        let roles = NodeRoles { panel: true, intake: false, dispatch: false };
        let one = store.register(&NewNode { roles, ..node("one") }).await.unwrap();
        let two = store.register(&node("two")).await.unwrap();
        let again = store.register(&node("two")).await.unwrap();
        let row = async |of: Incarnation| {
            let rows = store.nodes().await.unwrap();
            rows.into_iter().find(|row| row.incarnation == of).unwrap()
        };
        assert_eq!((row(one).await.roles, row(again).await.roles), (roles, NodeRoles::ALL));
        store.leave(one).await.unwrap();
        // It was lost before it left.
        store.leave(two).await.unwrap();
        let ended = async |of| (row(of).await.fenced, row(of).await.stopped);
        assert_eq!(ended(one).await, (true, true));
        assert_eq!(ended(two).await, (true, false));
        assert_eq!(ended(again).await, (false, false));
    })
    .await;
}

#[tokio::test]
async fn what_an_ended_incarnation_ends_is_refused_and_what_it_accepts_is_not() {
    on_shared(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let accepted = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let old = store.register(&node("one")).await.unwrap();
        let new = store.register(&node("one")).await.unwrap();
        let batch = |under: Incarnation| Batch {
            under: Some(under),
            events: vec![one.new_event(NOW)],
            completions: vec![one.completion(&accepted, DeliveryState::Delivered, NOW)],
            ..Batch::default()
        };
        assert!(is_fenced(store.commit(&batch(old)).await));
        let of = Unfinished::Hook(one.hook.id);
        assert!(is_fenced(store.cancel(of, Shards::ALL, &[], 9, NOW, Some(old)).await));
        assert_eq!(open(&*store).await.len(), 1, "nothing of it was written");
        let events = Batch { completions: Vec::new(), ..batch(old) };
        let committed = store.commit(&events).await.unwrap();
        assert_eq!(committed.numbers.end - committed.numbers.start, 1);
        store.commit(&batch(new)).await.unwrap();
        assert_eq!(open(&*store).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_one_node_tells_the_others_hear() {
    on_shared(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let here = store.register(&node("one")).await.unwrap();
        let mut news = store.news().unwrap();
        let there = Incarnation(here.0 + 1);
        let tell = async |under: Incarnation, tells: bool| {
            let (under, events) = (Some(under), vec![one.new_event(NOW)]);
            let batch = Batch { under, tells, events, ..Batch::default() };
            store.commit(&batch).await.unwrap().numbers.start
        };
        // Until somebody listens, nothing is heard.
        let heard = async {
            loop {
                let number = tell(there, true).await;
                let heard = news.deliveries.wait_for(|heard| *heard >= number);
                if tokio::time::timeout(Duration::from_millis(200), heard).await.is_ok() {
                    return number;
                }
            }
        };
        let number = heard.await;
        tell(here, true).await;
        tell(there, false).await;
        let ask = Ask::Cancel(Unfinished::Hook(one.hook.id));
        store.ask(there, ask).await.unwrap();
        news.asks.wait_for(|heard| *heard == 1).await.unwrap();
        assert_eq!(*news.deliveries.borrow(), number, "neither its own, nor what is not told");
        let asked = store.asks(0).await.unwrap();
        assert_eq!((asked.len(), asked[0].by, asked[0].ask), (1, there, ask));
        assert!(store.asks(asked[0].number).await.unwrap().is_empty());
        let status = NodeStatus {
            running: 7,
            live: Live { backlog: 9, ..Live::default() },
            ..NodeStatus::default()
        };
        let beat = store.beat(here, &status).await.unwrap();
        assert_eq!((beat.newest, beat.ask), (number + 2, 1));
        let rows = store.nodes().await.unwrap();
        assert_eq!((rows.len(), &rows[0].name[..], &rows[0].status), (1, "one", &status));
        assert!(!rows[0].fenced && rows[0].silent_ms < 60_000);
    })
    .await;
}

fn crm() -> DestinationKey {
    DestinationKey::new("https", "crm.example", 443)
}

#[tokio::test]
async fn no_more_seats_are_had_than_there_are_and_those_of_ended_incarnations_are_free() {
    on_shared(async |store| {
        let mut nodes = Vec::new();
        for name in ["one", "two", "three", "four"] {
            nodes.push(store.register(&node(name)).await.unwrap());
        }
        let [one, two, three, four] = nodes[..] else { unreachable!() };
        let takes = async |node, seats| store.take_seat(node, &crm(), seats).await.unwrap();
        assert!(takes(one, 2).await && takes(two, 2).await && takes(one, 2).await);
        assert!(!takes(three, 2).await);
        let other = DestinationKey::new("https", "bot.example", 443);
        assert!(store.take_seat(three, &other, 1).await.unwrap(), "each has seats of its own");
        // Fewer than are held: none is had until enough have been left.
        store.leave_seat(one, &crm()).await.unwrap();
        assert!(!takes(three, 1).await && takes(two, 1).await);
        store.leave_seat(two, &crm()).await.unwrap();
        assert!(takes(three, 1).await);
        store.leave_seat(one, &crm()).await.unwrap();
        assert!(!takes(one, 1).await, "what others hold nobody leaves");

        store.leave(three).await.unwrap();
        assert!(takes(two, 1).await);
        assert!(store.take_seat(four, &other, 1).await.unwrap());
        let again = store.register(&node("two")).await.unwrap();
        assert!(is_fenced(store.take_seat(two, &crm(), 1).await));
        assert!(takes(one, 1).await && !takes(again, 1).await);
        store.leave_seat(two, &crm()).await.unwrap();
        assert!(!takes(again, 1).await);
    })
    .await;
}

#[tokio::test]
async fn of_nodes_that_ask_at_once_only_so_many_have_a_seat() {
    const NODES: usize = 8;
    const SEATS: u32 = 2;
    on_shared(async |store| {
        let seated = Arc::new(AtomicU32::new(0));
        let mut tasks = JoinSet::new();
        for number in 0..NODES {
            let under = store.register(&node(&number.to_string())).await.unwrap();
            let (store, seated) = (store.clone(), seated.clone());
            tasks.spawn(async move {
                let mut had = 0;
                while had < 5 {
                    if !store.take_seat(under, &crm(), SEATS).await.unwrap() {
                        continue;
                    }
                    had += 1;
                    assert!(seated.fetch_add(1, Ordering::SeqCst) < SEATS);
                    tokio::task::yield_now().await;
                    seated.fetch_sub(1, Ordering::SeqCst);
                    store.leave_seat(under, &crm()).await.unwrap();
                }
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
    })
    .await;
}
