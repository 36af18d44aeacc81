//! `TailStore`: the log as it happens.

use crate::support::*;
use model::{
    catalog::EventKind,
    delivery::{DeliveryFilter, DeliveryState, Overlay},
};
use storage::{
    Storage,
    journal::Unfinished,
    nodes::Shards,
    tail::{Tail, TailPlace},
};

/// All that happened since then: row and state, in the order in which it is told; and the place
/// behind each.
async fn told(
    store: &dyn Storage,
    filter: &DeliveryFilter,
    mut place: TailPlace,
) -> (Vec<(i64, DeliveryState, TailPlace)>, TailPlace) {
    let mut all = Vec::new();
    loop {
        let Tail::Rows { rows, next, more } =
            store.tail(filter, place, &Overlay::default()).await.unwrap()
        else {
            panic!("{place} is lost")
        };
        all.extend(rows.into_iter().map(|(row, behind)| (row.seq, row.state, behind)));
        place = next;
        if !more {
            return (all, place);
        }
    }
}

fn states(told: &[(i64, DeliveryState, TailPlace)]) -> Vec<(i64, DeliveryState)> {
    told.iter().map(|(seq, state, _)| (*seq, *state)).collect()
}

#[tokio::test]
async fn what_is_made_and_what_changes_is_told_once_in_its_newest_state() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let all = DeliveryFilter::default();
        let old = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let start = store.tail_end().await.unwrap();
        assert_eq!(told(&*store, &all, start).await, (vec![], start));

        let new = one.accept(&*store, NOW.plus(1), DeliveryState::Pending).await;
        let (first, place) = told(&*store, &all, start).await;
        assert_eq!(states(&first), [(new.seq, DeliveryState::Pending)]);
        let done = |of: &Accepted| one.completion(of, DeliveryState::Delivered, NOW.plus(2));
        complete(&*store, vec![one.completion(&old, DeliveryState::Retrying, NOW.plus(2))]).await;
        complete(&*store, vec![done(&old), done(&new)]).await;
        let (second, end) = told(&*store, &all, place).await;
        let ended = [(old.seq, DeliveryState::Delivered), (new.seq, DeliveryState::Delivered)];
        assert_eq!(states(&second), ended);
        assert_eq!(told(&*store, &all, end).await, (vec![], end));
        // Whoever comes from the start is told the end alone.
        assert_eq!(states(&told(&*store, &all, start).await.0), ended);

        // What a person does to one is told like what the engine does.
        let late = one.accept(&*store, NOW.plus(3), DeliveryState::Pending).await;
        let dead = one.accept(&*store, NOW.plus(3), DeliveryState::Pending).await;
        complete(&*store, vec![one.completion(&dead, DeliveryState::Dead, NOW.plus(4))]).await;
        let (_, place) = told(&*store, &all, end).await;
        let of = Unfinished::Delivery(late.id);
        store.cancel(of, Shards::ALL, &[], 10, NOW.plus(5), None).await.unwrap();
        assert!(store.resume(dead.id, NOW.plus(5)).await.unwrap());
        let (changed, _) = told(&*store, &all, place).await;
        let by_hand = [(late.seq, DeliveryState::Cancelled), (dead.seq, DeliveryState::Retrying)];
        assert_eq!(states(&changed), by_hand);
    })
    .await;
}

#[tokio::test]
async fn whoever_stops_anywhere_goes_on_without_gap_or_repeat() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let all = DeliveryFilter::default();
        let start = store.tail_end().await.unwrap();
        let mut made = Vec::new();
        for at in 0..5 {
            made.push(one.accept(&*store, NOW.plus(at), DeliveryState::Pending).await);
        }
        let (first, _) = told(&*store, &all, start).await;
        for stop in 0..first.len() {
            // Two change after the stop: one that was told before it, one that was not.
            let (early, late) = (made[0], made[4]);
            let again = |of: &Accepted, state| one.completion(of, state, NOW.plus(9));
            complete(&*store, vec![again(&early, DeliveryState::Retrying)]).await;
            complete(&*store, vec![again(&late, DeliveryState::Retrying)]).await;
            let (rest, _) = told(&*store, &all, first[stop].2).await;
            let mut expected: Vec<_> = first[stop + 1..]
                .iter()
                .map(|(seq, ..)| *seq)
                .filter(|seq| ![early.seq, late.seq].contains(seq))
                .collect();
            expected.extend([early.seq, late.seq]);
            let seqs: Vec<_> = rest.iter().map(|(seq, ..)| *seq).collect();
            assert_eq!(seqs, expected, "stopped behind {stop}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_filter_leaves_what_it_leaves_in_the_log() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let other = wired(&*store, "Help", EventKind::Joined).await;
        let start = store.tail_end().await.unwrap();
        let mine = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let dead = other.accept(&*store, NOW, DeliveryState::Pending).await;
        complete(&*store, vec![other.completion(&dead, DeliveryState::Dead, NOW)]).await;
        let queues = DeliveryFilter { queues: vec![one.queue.id], ..DeliveryFilter::default() };
        let states_of =
            DeliveryFilter { states: vec![DeliveryState::Dead], ..DeliveryFilter::default() };
        let (found, end) = told(&*store, &queues, start).await;
        assert_eq!(states(&found), [(mine.seq, DeliveryState::Pending)]);
        assert_eq!(end, store.tail_end().await.unwrap());
        let (found, _) = told(&*store, &states_of, start).await;
        assert_eq!(states(&found), [(dead.seq, DeliveryState::Dead)]);
    })
    .await;
}

#[tokio::test]
async fn more_than_an_answer_holds_is_told_in_several() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let start = store.tail_end().await.unwrap();
        let events = (0..1_300).map(|at| one.new_event(NOW.plus(at))).collect();
        commit(&*store, events).await;
        let (found, _) = told(&*store, &DeliveryFilter::default(), start).await;
        assert_eq!(found.len(), 1_300);
        assert!(found.is_sorted_by(|a, b| a.0 < b.0));
    })
    .await;
}

#[tokio::test]
async fn a_place_that_is_none_is_lost_and_the_log_goes_on_at_its_end() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        one.accept(&*store, NOW, DeliveryState::Pending).await;
        let end = store.tail_end().await.unwrap();
        let beyond = TailPlace::behind(end.to + 7);
        let lost =
            store.tail(&DeliveryFilter::default(), beyond, &Overlay::default()).await.unwrap();
        assert_eq!(lost, Tail::Lost(end));
    })
    .await;
}
