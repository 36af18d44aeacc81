//! `TailStore`: the log as it happens.

use crate::{
    log_text::{exchanged, with},
    support::*,
};
use model::{
    catalog::EventKind,
    delivery::{DeliveryFilter, DeliveryState},
    trace::AttemptOutcome,
};
use serde_json::json;
use std::sync::Arc;
use storage::{
    Storage,
    journal::{Batch, Completion, NewEvent, Unfinished},
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

/// What holds this text.
fn holding(text: &str) -> DeliveryFilter {
    DeliveryFilter { text: text.into(), ..DeliveryFilter::default() }
}

#[tokio::test]
async fn who_follows_a_new_log_from_its_beginning_is_not_lost() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let start = store.tail_end().await.unwrap();
        // Events that fire nothing.
        for _ in 0..3 {
            let event = Arc::new(one.event(NOW));
            let new = NewEvent { event, fingerprint: [0; 16], deliveries: Vec::new() };
            let batch = Batch { events: vec![new], ..Batch::default() };
            store.commit(&batch).await.unwrap();
        }
        let new = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let (rows, _) = told(&*store, &DeliveryFilter::default(), start).await;
        assert_eq!(states(&rows), [(new.seq, DeliveryState::Pending)]);
    })
    .await;
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
async fn times_and_ids_leave_what_they_leave_in_the_log_whenever_it_changes() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let start = store.tail_end().await.unwrap();
        let early = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let late = one.accept(&*store, NOW.plus(HOUR), DeliveryState::Pending).await;
        let noon = Some(NOW.plus(HOUR));
        let until = DeliveryFilter { to: noon, ..DeliveryFilter::default() };
        let since = DeliveryFilter { from: noon, ..DeliveryFilter::default() };
        let alone = DeliveryFilter { ids: vec![late.id], ..DeliveryFilter::default() };
        for (filter, left) in [(&until, &early), (&since, &late), (&alone, &late)] {
            let (found, _) = told(&*store, filter, start).await;
            assert_eq!(states(&found), [(left.seq, DeliveryState::Pending)], "{filter:?}");
        }
        let place = store.tail_end().await.unwrap();
        let ended = one.completion(&early, DeliveryState::Delivered, NOW.plus(2 * HOUR));
        complete(&*store, vec![ended]).await;
        let (found, _) = told(&*store, &until, place).await;
        assert_eq!(states(&found), [(early.seq, DeliveryState::Delivered)]);
        assert!(told(&*store, &since, place).await.0.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_text_is_told_of_once_it_stands_in_an_event_or_an_attempt() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let start = store.tail_end().await.unwrap();
        let named = with(one.new_event(NOW), json!({}), json!({"device": "A pager"}));
        let named = accept(&*store, named).await.seq;
        let other = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let (found, place) = told(&*store, &holding(" PAGER "), start).await;
        assert_eq!(states(&found), [(named, DeliveryState::Pending)]);
        assert_eq!(place, store.tail_end().await.unwrap());

        let mut attempt = attempt(1, AttemptOutcome::Completed, None);
        attempt.steps = vec![exchanged("{}", r#"{"error": "pager is full"}"#)];
        let done = one.completion(&other, DeliveryState::Delivered, NOW);
        complete(&*store, vec![Completion { attempt: Some(attempt), ..done }]).await;
        let (found, _) = told(&*store, &holding("pager"), place).await;
        assert_eq!(states(&found), [(other.seq, DeliveryState::Delivered)]);
        let both = [(named, DeliveryState::Pending), (other.seq, DeliveryState::Delivered)];
        assert_eq!(states(&told(&*store, &holding("pager"), start).await.0), both);
        // The names that a trace has of its own are none.
        assert!(told(&*store, &holding("request_body"), start).await.0.is_empty());
        let elsewhere = DeliveryFilter { queues: vec![NO_QUEUE], ..holding("pager") };
        assert!(told(&*store, &elsewhere, start).await.0.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_text_is_looked_for_in_few_at_once_and_without_gap_or_repeat() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let start = store.tail_end().await.unwrap();
        let new = |at: i64| {
            let what = if at % 100 == 0 { "needle" } else { "hay" };
            with(one.new_event(NOW.plus(at)), json!({}), json!({"what": what}))
        };
        commit(&*store, (0..1_300).map(new).collect()).await;
        let filter = holding("needle");
        let Tail::Rows { rows, more, .. } =
            store.tail(&filter, start, &Overlay::default()).await.unwrap()
        else {
            panic!("{start} is lost")
        };
        assert!(more && (1..13).contains(&rows.len()), "{} at once", rows.len());
        let (found, end) = told(&*store, &filter, start).await;
        assert_eq!(found.len(), 13);
        assert_eq!(end, store.tail_end().await.unwrap());
        for (stop, (_, _, behind)) in found.iter().enumerate() {
            let (rest, _) = told(&*store, &filter, *behind).await;
            assert_eq!(states(&rest), states(&found[stop + 1..]), "stopped behind {stop}");
        }
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
