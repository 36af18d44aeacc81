//! `LogStore`: what the log is narrowed to.

use crate::support::*;
use model::{
    catalog::EventKind,
    delivery::{DeliveryFilter, DeliveryQuery, DeliveryState},
    event::Event,
    ids::DeliveryId,
    page::Cursor,
    trace::{AttemptOutcome, Failure, FailureClass},
};
use std::sync::Arc;
use storage::{
    Storage,
    journal::{Completion, NewDelivery, NewEvent},
};

/// The row numbers that the filter leaves, newest first.
async fn found(store: &dyn Storage, filter: DeliveryFilter, overlay: &Overlay) -> Vec<i64> {
    let query = DeliveryQuery { filter, size: 200, ..DeliveryQuery::default() };
    seqs(&store.deliveries(&query, overlay).await.unwrap().items)
}

async fn searched(store: &dyn Storage, text: &str) -> Vec<i64> {
    found(
        store,
        DeliveryFilter { search: text.into(), ..DeliveryFilter::default() },
        &Overlay::default(),
    )
    .await
}

/// Brings an accepted delivery into a state.
async fn bring(store: &dyn Storage, wired: &Wired, to: DeliveryState) -> Accepted {
    let accepted = wired.accept(store, NOW, DeliveryState::Pending).await;
    complete(store, vec![wired.completion(&accepted, to, NOW)]).await;
    accepted
}

fn states(states: &[DeliveryState]) -> DeliveryFilter {
    DeliveryFilter { states: states.to_vec(), ..DeliveryFilter::default() }
}

#[tokio::test]
async fn the_log_is_narrowed_to_each_state_and_to_several() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let mut all = Vec::new();
        for state in DeliveryState::ALL {
            all.push((state, bring(&*store, &one, state).await.seq));
        }
        for (state, seq) in &all {
            assert_eq!(
                found(&*store, states(&[*state]), &Overlay::default()).await,
                [*seq],
                "{state}"
            );
        }
        let two = states(&[DeliveryState::Dead, DeliveryState::Parked]);
        let expected: Vec<_> =
            all.iter().rev().filter(|one| two.states.contains(&one.0)).map(|one| one.1).collect();
        assert_eq!(found(&*store, two, &Overlay::default()).await, expected);
        assert_eq!(
            found(&*store, DeliveryFilter::default(), &Overlay::default()).await.len(),
            all.len()
        );
    })
    .await;
}

#[tokio::test]
async fn a_delivery_that_runs_now_is_shown_and_found_as_running_only() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let runs = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let retried = bring(&*store, &one, DeliveryState::Retrying).await;
        let idle = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let running = Overlay::running(vec![runs.id, retried.id]);
        for (asked, expected) in [
            (&[DeliveryState::Running][..], vec![retried.seq, runs.seq]),
            (&[DeliveryState::Pending], vec![idle.seq]),
            (&[DeliveryState::Retrying], vec![]),
            (
                &[DeliveryState::Running, DeliveryState::Pending],
                vec![idle.seq, retried.seq, runs.seq],
            ),
            (&[DeliveryState::Delivered], vec![]),
            (&[], vec![idle.seq, retried.seq, runs.seq]),
        ] {
            assert_eq!(found(&*store, states(asked), &running).await, expected, "{asked:?}");
        }
        let query = stretch(Cursor::Newest, 10);
        let shown = store.deliveries(&query, &running).await.unwrap().items;
        let shown: Vec<_> = shown.iter().map(|row| row.state).collect();
        assert_eq!(shown, [DeliveryState::Pending, DeliveryState::Running, DeliveryState::Running]);
        let detail = store.delivery(runs.id, &running).await.unwrap().unwrap();
        assert_eq!(detail.row.state, DeliveryState::Running);
        let detail = store.delivery(runs.id, &Overlay::default()).await.unwrap().unwrap();
        assert_eq!(detail.row.state, DeliveryState::Pending);
    })
    .await;
}

#[tokio::test]
async fn a_delivery_that_has_ended_is_what_it_became_even_if_it_seems_to_run() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        for state in DeliveryState::ALL.into_iter().filter(|state| state.is_final()) {
            let ended = bring(&*store, &one, state).await;
            let running = Overlay::running(vec![ended.id]);
            assert_eq!(found(&*store, states(&[state]), &running).await, [ended.seq], "{state}");
            let as_running = found(&*store, states(&[DeliveryState::Running]), &running).await;
            assert_eq!(as_running, [0; 0], "{state}");
            let detail = store.delivery(ended.id, &running).await.unwrap().unwrap();
            assert_eq!(detail.row.state, state);
        }
    })
    .await;
}

#[tokio::test]
async fn the_running_overlay_goes_with_the_other_filters() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let other = wired(&*store, "Support", EventKind::Joined).await;
        let runs = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let elsewhere = other.accept(&*store, NOW, DeliveryState::Pending).await;
        let filter = DeliveryFilter {
            queues: vec![one.queue.id],
            states: vec![DeliveryState::Running],
            ..DeliveryFilter::default()
        };
        assert_eq!(
            found(&*store, filter, &Overlay::running(vec![runs.id, elsewhere.id])).await,
            [runs.seq]
        );
    })
    .await;
}

#[tokio::test]
async fn the_log_is_narrowed_by_event_queue_hook_and_flow() {
    on_every_backend(async |store| {
        let a = wired(&*store, "a", EventKind::Joined).await;
        let b = wired(&*store, "b", EventKind::Leaving).await;
        let x = a.accept(&*store, NOW, DeliveryState::Pending).await.seq;
        let y = b.accept(&*store, NOW, DeliveryState::Pending).await.seq;
        let all = DeliveryFilter::default();
        let both = vec![EventKind::Joined, EventKind::Leaving];
        let (queue, hook, flow) = (a.queue.id, b.hook.id, a.flow.id);
        for (filter, expected) in [
            (DeliveryFilter { events: vec![EventKind::Joined], ..all.clone() }, vec![x]),
            (DeliveryFilter { events: both, ..all.clone() }, vec![y, x]),
            (DeliveryFilter { events: vec![EventKind::Missed], ..all.clone() }, vec![]),
            (DeliveryFilter { queues: vec![queue], ..all.clone() }, vec![x]),
            (DeliveryFilter { queues: vec![queue, NO_QUEUE], ..all.clone() }, vec![x]),
            (DeliveryFilter { hooks: vec![hook], ..all.clone() }, vec![y]),
            (DeliveryFilter { flows: vec![flow], ..all.clone() }, vec![x]),
            (DeliveryFilter { flows: vec![flow, b.flow.id], ..all.clone() }, vec![y, x]),
            (DeliveryFilter { queues: vec![queue], hooks: vec![hook], ..all.clone() }, vec![]),
        ] {
            assert_eq!(
                found(&*store, filter.clone(), &Overlay::default()).await,
                expected,
                "{filter:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn the_log_is_narrowed_by_each_class_of_failure() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let mut all = Vec::new();
        for class in FailureClass::ALL {
            let accepted = one.accept(&*store, NOW, DeliveryState::Pending).await;
            let done = one.completion(&accepted, DeliveryState::Dead, NOW);
            let failure = Some(Failure::new(class, "as it was"));
            let attempt = Some(attempt(1, AttemptOutcome::Failed, failure.clone()));
            let done = Completion { attempt, failure: failure.clone(), ..done };
            complete(&*store, vec![done]).await;
            let row = store.delivery(accepted.id, &Overlay::default()).await.unwrap().unwrap().row;
            assert_eq!(row.failure, failure);
            all.push(accepted.seq);
        }
        for (class, seq) in FailureClass::ALL.into_iter().zip(&all) {
            let filter = DeliveryFilter { failures: vec![class], ..DeliveryFilter::default() };
            assert_eq!(found(&*store, filter, &Overlay::default()).await, [*seq], "{class}");
        }
        let failures = vec![FailureClass::Dns, FailureClass::Connect];
        let filter = DeliveryFilter { failures, ..DeliveryFilter::default() };
        assert_eq!(found(&*store, filter, &Overlay::default()).await, [all[1], all[0]]);
    })
    .await;
}

#[tokio::test]
async fn tests_are_shown_alone_or_left_out() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let real = one.accept(&*store, NOW, DeliveryState::Pending).await.seq;
        let mut new = one.new_event(NOW);
        new.deliveries[0].test = true;
        let test = accept(&*store, new).await.seq;
        for (asked, expected) in
            [(None, vec![test, real]), (Some(true), vec![test]), (Some(false), vec![real])]
        {
            let filter = DeliveryFilter { test: asked, ..DeliveryFilter::default() };
            assert_eq!(found(&*store, filter, &Overlay::default()).await, expected, "{asked:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn deliveries_whose_condition_warned_are_shown_alone_or_left_out() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let plain = one.accept(&*store, NOW, DeliveryState::Pending).await.seq;
        let mut new = one.new_event(NOW);
        new.deliveries[0].warning = Some(no_field());
        let warned = accept(&*store, new).await.seq;
        for (asked, expected) in
            [(None, vec![warned, plain]), (Some(true), vec![warned]), (Some(false), vec![plain])]
        {
            let filter = DeliveryFilter { warned: asked, ..DeliveryFilter::default() };
            assert_eq!(found(&*store, filter, &Overlay::default()).await, expected, "{asked:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn time_bounds_take_in_their_beginning_and_not_their_end() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let mut all = Vec::new();
        for minutes in [0, 10, 20, 30] {
            let at = NOW.plus(minutes * MINUTE);
            all.push((at, one.accept(&*store, at, DeliveryState::Pending).await.seq));
        }
        let bounds = [0, 1, 10, 15, 20, 30, 31].map(|minutes| NOW.plus(minutes * MINUTE));
        let bounds = bounds.into_iter().flat_map(|at| [at.plus(-1), at, at.plus(1)]);
        let bounds: Vec<_> = std::iter::once(None).chain(bounds.map(Some)).collect();
        for from in &bounds {
            for to in &bounds {
                let filter = DeliveryFilter { from: *from, to: *to, ..DeliveryFilter::default() };
                let within = |at| from.is_none_or(|from| at >= from) && to.is_none_or(|to| at < to);
                let expected: Vec<_> =
                    all.iter().rev().filter(|one| within(one.0)).map(|one| one.1).collect();
                assert_eq!(
                    found(&*store, filter, &Overlay::default()).await,
                    expected,
                    "{from:?} {to:?}"
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn time_bounds_go_by_the_time_of_acceptance_where_ids_are_a_little_off() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let mut all = Vec::new();
        for (named, accepted) in [(-30_000, 0), (30_000, 0), (0, MINUTE)] {
            let mut new = one.new_event(NOW.plus(accepted));
            new.deliveries[0].id = DeliveryId(uuid_at(NOW.plus(named)));
            all.push(accept(&*store, new).await.seq);
        }
        let (from, to) = (Some(NOW), Some(NOW.plus(1)));
        let filter = DeliveryFilter { from, to, ..DeliveryFilter::default() };
        assert_eq!(found(&*store, filter, &Overlay::default()).await, [all[1], all[0]]);
        let filter = DeliveryFilter { from: to, ..DeliveryFilter::default() };
        assert_eq!(found(&*store, filter, &Overlay::default()).await, [all[2]]);
    })
    .await;
}

#[tokio::test]
async fn a_delivery_or_an_event_is_found_by_its_id_or_the_beginning_of_one() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let near = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let far = one.accept(&*store, NOW.plus(1 << 40), DeliveryState::Pending).await;
        let (id, event) = (near.id.to_string(), near.event_id.to_string());
        for text in [
            &id,
            &event,
            &id.to_uppercase(),
            &id.replace('-', ""),
            &format!("  {id} "),
            &id[..8],
            &id[..9],
            &id[..13],
            &event[..20],
        ] {
            assert_eq!(searched(&*store, text).await, [near.seq], "{text:?}");
        }
        assert_eq!(searched(&*store, &far.id.to_string()).await, [far.seq]);
        // Too short, no id, one digit too many, an id of nothing.
        let stranger = uuid_at(NOW.plus(1 << 41)).to_string();
        for text in [&id[..7], "xxxxxxxx", &format!("{id}0"), &stranger] {
            assert_eq!(searched(&*store, text).await, [0; 0], "{text:?}");
        }
        assert_eq!(searched(&*store, "  ").await, [far.seq, near.seq]);
    })
    .await;
}

#[tokio::test]
async fn a_call_is_found_by_its_number_and_an_event_by_its_senders_id() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let with_call = |new: NewEvent, call| {
            let event = Event { call_attempt: Some(call), ..(*new.event).clone() };
            NewEvent { event: Arc::new(event), ..new }
        };
        let a = accept(&*store, with_call(one.new_event(NOW), 80_217)).await.seq;
        let b = accept(&*store, with_call(one.new_event(NOW), 80_217)).await.seq;
        let c = accept(&*store, with_call(one.sent(NOW, "дзвінок-7", 1), 8_021)).await.seq;
        let d = accept(&*store, one.sent(NOW, "80217", 1)).await.seq;
        for (text, expected) in [
            ("80217", vec![d, b, a]),
            (" 8021 ", vec![c]),
            ("дзвінок-7", vec![c]),
            ("дзвінок", vec![]),
            ("%", vec![]),
            ("-80217", vec![]),
        ] {
            assert_eq!(searched(&*store, text).await, expected, "{text:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn cursors_go_with_filters() {
    on_every_backend(async |store| {
        let a = wired(&*store, "a", EventKind::Joined).await;
        let b = wired(&*store, "b", EventKind::Joined).await;
        let mut ours = Vec::new();
        for _ in 0..4 {
            ours.push(a.accept(&*store, NOW, DeliveryState::Pending).await.seq);
            b.accept(&*store, NOW, DeliveryState::Pending).await;
        }
        let filter = DeliveryFilter { queues: vec![a.queue.id], ..DeliveryFilter::default() };
        let query = |cursor| DeliveryQuery { filter: filter.clone(), cursor, size: 2 };
        let newest = log(&*store, query(Cursor::Newest)).await;
        assert_eq!((seqs(&newest.items), newest.older), (vec![ours[3], ours[2]], Some(ours[2])));
        let older = log(&*store, query(Cursor::Before(ours[2]))).await;
        assert_eq!((seqs(&older.items), older.older), (vec![ours[1], ours[0]], None));
        let newer = log(&*store, query(Cursor::After(ours[1]))).await;
        assert_eq!((seqs(&newer.items), newer.newer), (vec![ours[3], ours[2]], None));
    })
    .await;
}

#[tokio::test]
async fn what_is_held_back_is_shown_and_found_as_parked_while_it_does_not_run() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let other = wired(&*store, "Support", EventKind::Joined).await;
        let waits = bring(&*store, &one, DeliveryState::Pending).await;
        let retried = bring(&*store, &one, DeliveryState::Retrying).await;
        let runs = bring(&*store, &one, DeliveryState::Pending).await;
        let ended = bring(&*store, &one, DeliveryState::Dead).await;
        let elsewhere = bring(&*store, &other, DeliveryState::Pending).await;
        // Tests run whether or not their hook is paused.
        let event = one.event(NOW);
        let deliveries = vec![NewDelivery { test: true, ..one.delivery(&event) }];
        let new = NewEvent { event: Arc::new(event), fingerprint: [0; 16], deliveries };
        let test = accept(&*store, new).await;
        let running = vec![runs.id];
        let by_hook = Overlay {
            running: running.clone(),
            held_hooks: vec![one.hook.id],
            ..Overlay::default()
        };
        let by_flow = Overlay {
            running: running.clone(),
            held_flows: vec![one.flow.id],
            ..Overlay::default()
        };
        let held = vec![runs.id, waits.id, retried.id];
        let by_id = Overlay { running, held, ..Overlay::default() };
        use DeliveryState::{Dead, Parked, Pending, Retrying, Running};
        for (overlay, asked, expected) in [
            (&by_hook, &[Parked][..], vec![retried.seq, waits.seq]),
            (&by_hook, &[Pending, Retrying], vec![test.seq, elsewhere.seq]),
            (&by_hook, &[Running], vec![runs.seq]),
            (&by_hook, &[Parked, Dead], vec![ended.seq, retried.seq, waits.seq]),
            // A closed destination holds back what could run now; a retry has its time anyway.
            (&by_flow, &[Parked], vec![test.seq, waits.seq]),
            (&by_flow, &[Retrying], vec![retried.seq]),
            (&by_flow, &[Pending], vec![elsewhere.seq]),
            // Of what is named it is known that it could.
            (&by_id, &[Parked], vec![retried.seq, waits.seq]),
            (&by_id, &[Pending, Retrying], vec![test.seq, elsewhere.seq]),
        ] {
            assert_eq!(found(&*store, states(asked), overlay).await, expected, "{asked:?}");
        }
        let shown = store.delivery(test.id, &by_hook).await.unwrap().unwrap();
        assert_eq!(shown.row.state, Pending);
        let shown = store.delivery(waits.id, &by_flow).await.unwrap().unwrap();
        assert_eq!(shown.row.state, Parked);
        let shown = store.delivery(waits.id, &by_id).await.unwrap().unwrap();
        assert_eq!(shown.row.state, Parked);
    })
    .await;
}
