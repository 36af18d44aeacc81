//! `JournalStore`: what is unfinished, in stretches; what falls due.

use crate::support::*;
use model::{
    catalog::EventKind,
    delivery::DeliveryState,
    event::Event,
    hook::Hook,
    time::Millis,
    trace::{AttemptOutcome, Failure, FailureClass},
};
use std::sync::Arc;
use storage::{
    Storage,
    journal::{Completion, Lot, NewEvent, OpenDelivery, Shard, Stretch},
    nodes::Shards,
};

fn seqs(open: Vec<OpenDelivery>) -> Vec<i64> {
    open.into_iter().map(|one| one.seq).collect()
}

#[tokio::test]
async fn the_backlog_is_counted_by_shard_flow_and_hook() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let other = wired(&*store, "Support", EventKind::Joined).await;
        let new = |shard| {
            let mut new = one.new_event(NOW);
            new.deliveries.iter_mut().for_each(|delivery| delivery.shard = Shard(shard));
            new
        };
        commit(&*store, vec![new(3), new(3), new(9)]).await;
        one.accept(&*store, NOW, DeliveryState::Skipped).await;
        let done = other.accept(&*store, NOW, DeliveryState::Pending).await;
        complete(&*store, vec![other.completion(&done, DeliveryState::Delivered, NOW)]).await;
        let lot = |shard| Lot { shard: Shard(shard), flow: one.flow.id, hook: one.hook.id };
        let mut counted = store.backlog(Shards::ALL).await.unwrap();
        counted.lots.sort();
        assert_eq!(counted.lots, [(lot(3), 2), (lot(9), 1)]);
        assert_eq!(counted.newest, done.seq);
        let ninth = Shards::NONE.with(Shard(9));
        assert_eq!(store.backlog(ninth).await.unwrap().lots, [(lot(9), 1)]);
        assert!(store.backlog(Shards::NONE).await.unwrap().lots.is_empty());
        let stretch = Stretch { shards: ninth, limit: 9, ..Stretch::default() };
        let found = store.unfinished(&stretch).await.unwrap();
        assert_eq!(found.iter().map(|open| open.shard).collect::<Vec<_>>(), [Shard(9)]);
    })
    .await;
}

#[tokio::test]
async fn a_stretch_is_of_a_flow_with_or_without_hooks_beyond_a_row_number() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let other = wired(&*store, "Support", EventKind::Joined).await;
        let draft = hook_draft(one.flow.id, EventKind::Missed);
        let hook: Hook = store.create_hook(one.queue.id, &draft, NOW).await.unwrap();
        let second = Wired { hook, queue: one.queue.clone(), flow: one.flow.clone() };
        let mut all = Vec::new();
        for from in [&one, &second, &other, &one, &second] {
            all.push(from.accept(&*store, NOW, DeliveryState::Pending).await.seq);
        }
        let of_flow = Stretch { flow: Some(one.flow.id), limit: 10, ..Stretch::default() };
        for (stretch, expected) in [
            (of_flow.clone(), vec![all[0], all[1], all[3], all[4]]),
            (Stretch { limit: 2, ..of_flow.clone() }, vec![all[0], all[1]]),
            (Stretch { after: all[1], ..of_flow.clone() }, vec![all[3], all[4]]),
            (Stretch { until: Some(all[3]), ..of_flow.clone() }, vec![all[0], all[1], all[3]]),
            (Stretch { only: vec![second.hook.id], ..of_flow.clone() }, vec![all[1], all[4]]),
            (Stretch { without: vec![second.hook.id], ..of_flow.clone() }, vec![all[0], all[3]]),
            (Stretch { flow: None, ..of_flow }, all.clone()),
        ] {
            let found = seqs(store.unfinished(&stretch).await.unwrap());
            assert_eq!(found, expected, "{stretch:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn of_row_numbers_what_is_unfinished_is_found_in_order() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let mut all = Vec::new();
        for state in [DeliveryState::Pending, DeliveryState::Skipped, DeliveryState::Pending] {
            all.push(one.accept(&*store, NOW, state).await);
        }
        let other = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let (first, skipped, last) = (all[0].seq, all[1].seq, all[2].seq);
        let of = async |numbers: &[i64]| seqs(store.unfinished_among(numbers).await.unwrap());
        assert_eq!(of(&[last, 9_999_999, first, last, skipped]).await, [first, last]);
        assert_eq!(of(&[]).await, Vec::<i64>::new());
        let kept = store.unfinished_among(&[other.seq]).await.unwrap();
        assert_eq!((kept[0].id, kept[0].hook_id, kept[0].behind), (other.id, one.hook.id, None));
        let again = Completion {
            next_at: Some(NOW.plus(HOUR)),
            ..one.completion(&all[0], DeliveryState::Retrying, NOW)
        };
        let done = one.completion(&all[2], DeliveryState::Delivered, NOW);
        complete(&*store, vec![again, done]).await;
        assert_eq!(of(&[first, last]).await, [first]);
    })
    .await;
}

#[tokio::test]
async fn what_falls_due_comes_by_its_time_and_every_one_once() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let mut all = Vec::new();
        for due in [30, 10, 10, 20, 99] {
            let accepted = one.accept(&*store, NOW, DeliveryState::Pending).await;
            let again = Completion {
                next_at: Some(NOW.plus(due)),
                ..one.completion(&accepted, DeliveryState::Retrying, NOW)
            };
            complete(&*store, vec![again]).await;
            all.push(accepted.seq);
        }
        let first = store.due((NOW, 0), NOW.plus(50), Shards::ALL, 2).await.unwrap();
        let last = first.last().map(|one| (one.next_at.unwrap(), one.seq)).unwrap();
        assert_eq!(seqs(first), [all[1], all[2]]);
        assert_eq!(
            seqs(store.due(last, NOW.plus(50), Shards::ALL, 9).await.unwrap()),
            [all[3], all[0]]
        );
    })
    .await;
}

#[tokio::test]
async fn what_falls_due_later_is_set_back_once_with_its_hold() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let retrying = async |due: i64, shard: u8| {
            let mut new = one.new_event(NOW);
            new.deliveries.iter_mut().for_each(|delivery| delivery.shard = Shard(shard));
            let accepted = accept(&*store, new).await;
            let again = Completion {
                next_at: Some(NOW.plus(due)),
                hold_until: Some(NOW.plus(due + 5)),
                ..one.completion(&accepted, DeliveryState::Retrying, NOW)
            };
            complete(&*store, vec![again]).await;
            accepted.id
        };
        let (passed, other) = (retrying(-1, 3).await, retrying(HOUR, 4).await);
        let ids = [retrying(HOUR, 3).await, retrying(3 * HOUR, 3).await, retrying(10, 3).await];
        let mine = Shards::NONE.with(Shard(3));
        let last = store.set_back((NOW, i64::MAX), HOUR, mine, None).await.unwrap();
        assert_eq!(last.map(|(at, _)| at), Some(NOW.plus(3 * HOUR)));
        assert_eq!(store.set_back(last.unwrap(), HOUR, mine, None).await.unwrap(), None);
        let times = async |id| {
            let open = store.open_delivery(id).await.unwrap().unwrap();
            (open.next_at.unwrap().0 - NOW.0, open.hold_until.unwrap().0 - NOW.0)
        };
        assert_eq!((times(passed).await, times(other).await), ((-1, 4), (HOUR, HOUR + 5)));
        let set_back = [0, 2 * HOUR, 10 - HOUR];
        for (id, due) in ids.into_iter().zip(set_back) {
            assert_eq!(times(id).await, (due, due + 5));
        }
        let due = store.due((Millis(0), 0), NOW, Shards::ALL, 9).await.unwrap();
        let due: Vec<_> = due.iter().map(|one| one.id).collect();
        assert_eq!(due, [ids[2], passed, ids[0]]);
    })
    .await;
}

#[tokio::test]
async fn a_stretch_leaves_out_what_sleeps_and_holds_no_lane() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let retried = async |due: i64, hold: i64| {
            let accepted = one.accept(&*store, NOW, DeliveryState::Pending).await;
            let again = Completion {
                attempt: Some(attempt(1, AttemptOutcome::Failed, None)),
                next_at: Some(NOW.plus(due)),
                hold_until: Some(NOW.plus(hold)),
                ..one.completion(&accepted, DeliveryState::Retrying, NOW)
            };
            complete(&*store, vec![again]).await;
            accepted.seq
        };
        let pending = one.accept(&*store, NOW, DeliveryState::Pending).await.seq;
        let (soon, holds) = (retried(MINUTE, 0).await, retried(HOUR, 1).await);
        retried(MINUTE + 1, 0).await;
        let awake = Some((NOW, NOW.plus(MINUTE)));
        let stretch = Stretch { awake, limit: 9, ..Stretch::default() };
        let found = seqs(store.unfinished(&stretch).await.unwrap());
        assert_eq!(found, [pending, soon, holds]);
    })
    .await;
}

#[tokio::test]
async fn what_is_tried_again_at_a_host_falls_due_at_once() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let other = wired(&*store, "Support", EventKind::Joined).await;
        let waits = async |from: &Wired, state, due, shard, host: &str| {
            let mut new = from.new_event(NOW);
            new.deliveries.iter_mut().for_each(|delivery| delivery.shard = Shard(shard));
            let accepted = accept(&*store, new).await;
            let failure = Failure {
                host: Some(host.to_owned()),
                // An answer may have held anything.
                ..Failure::new(FailureClass::Connect, "nobody\0listens")
            };
            let again = Completion {
                attempt: Some(attempt(1, AttemptOutcome::Failed, Some(failure.clone()))),
                failure: Some(failure),
                next_at: Some(NOW.plus(due)),
                ..from.completion(&accepted, state, NOW)
            };
            complete(&*store, vec![again]).await;
            accepted
        };
        let (again, rests) = (DeliveryState::Retrying, DeliveryState::Waiting);
        let hurried = [
            waits(&one, again, HOUR, 3, "crm.example").await,
            waits(&one, again, 2 * HOUR, 3, "crm.example").await,
        ];
        let stay = [
            waits(&one, again, HOUR, 3, "other.example").await,
            waits(&one, rests, HOUR, 3, "crm.example").await,
            waits(&other, again, HOUR, 3, "crm.example").await,
            waits(&one, again, 3 * HOUR, 4, "crm.example").await,
        ];
        let (mine, but) = (Shards::NONE.with(Shard(3)), [other.flow.id]);
        let (now, begin) = (NOW.plus(1), (NOW.plus(1), i64::MAX));
        let hurry = async |after| store.hurry("crm.example", &but, after, now, mine, None).await;
        let found = hurry(begin).await.unwrap().unwrap();
        assert_eq!(found.last, (NOW.plus(2 * HOUR), hurried[1].seq));
        assert_eq!(found.seqs, [hurried[0].seq, hurried[1].seq]);
        assert_eq!(hurry(found.last).await.unwrap(), None);
        let due = store.due((Millis(0), 0), now, Shards::ALL, 9).await.unwrap();
        assert_eq!(seqs(due), found.seqs);
        for one in &stay {
            let open = store.open_delivery(one.id).await.unwrap().unwrap();
            assert!(open.next_at.unwrap() >= NOW.plus(HOUR));
        }
        let falls_due = store.open_delivery(stay[0].id).await.unwrap().unwrap().next_at.unwrap();
        // One that falls due at another time by now has been to run since.
        store.hurry_one(stay[0].seq, falls_due.plus(1), NOW).await.unwrap();
        assert!(store.due((Millis(0), 0), NOW, Shards::ALL, 9).await.unwrap().is_empty());
        store.hurry_one(stay[0].seq, falls_due, now).await.unwrap();
        store.hurry_one(hurried[0].seq, now, NOW.plus(HOUR)).await.unwrap();
        let due = store.due((Millis(0), 0), now, Shards::ALL, 9).await.unwrap();
        let mut all = found.seqs.clone();
        all.push(stay[0].seq);
        all.sort_unstable();
        assert_eq!(seqs(due), all, "and none of it later");
    })
    .await;
}

#[tokio::test]
async fn what_was_overtaken_while_nobody_kept_it_in_mind_is_out_of_order() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let of_call = |call| {
            let event = Event { call_attempt: Some(call), ..one.event(NOW) };
            let deliveries = vec![one.delivery(&event)];
            NewEvent { event: Arc::new(event), fingerprint: [0; 16], deliveries }
        };
        accept(&*store, of_call(7)).await;
        let later = accept(&*store, of_call(7)).await;
        accept(&*store, of_call(8)).await;
        assert_eq!(open(&*store).await[0].created_at, NOW);
        let flags = async |store: &dyn Storage| -> Vec<bool> {
            open(store).await.iter().map(|one| one.overtaken).collect()
        };
        assert_eq!(flags(&*store).await, [false, false, false]);
        let done = Completion {
            attempt: Some(attempt(1, AttemptOutcome::Completed, None)),
            ..one.completion(&later, DeliveryState::Delivered, NOW)
        };
        // By what stands in no lane nothing is overtaken.
        let mut test = of_call(8);
        test.deliveries[0].test = true;
        let mut free = hook_draft(one.flow.id, EventKind::Leaving);
        free.ordered = false;
        let hook = store.create_hook(one.queue.id, &free, NOW).await.unwrap();
        let free = Wired { hook, queue: one.queue.clone(), flow: one.flow.clone() };
        let event = Event { call_attempt: Some(8), ..free.event(NOW) };
        let deliveries = vec![free.delivery(&event)];
        let alone = NewEvent { event: Arc::new(event), fingerprint: [0; 16], deliveries };
        let began = [accept(&*store, test).await, accept(&*store, alone).await].map(|beside| {
            let tried = Some(attempt(1, AttemptOutcome::Completed, None));
            Completion { attempt: tried, ..one.completion(&beside, DeliveryState::Delivered, NOW) }
        });
        complete(&*store, began.into()).await;
        assert_eq!(flags(&*store).await, [false, false, false]);
        complete(&*store, vec![done]).await;
        assert_eq!(flags(&*store).await, [true, false]);
    })
    .await;
}

#[tokio::test]
async fn what_is_read_ahead_tells_what_its_call_has_before_it() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let other = wired(&*store, "Support", EventKind::Joined).await;
        let draft = hook_draft(one.flow.id, EventKind::Missed);
        let hook: Hook = store.create_hook(one.queue.id, &draft, NOW).await.unwrap();
        let second = Wired { hook, queue: one.queue.clone(), flow: one.flow.clone() };
        let of_call = |of: &Wired, call| {
            let event = Event { call_attempt: Some(call), ..of.event(NOW) };
            let deliveries = vec![of.delivery(&event)];
            NewEvent { event: Arc::new(event), fingerprint: [0; 16], deliveries }
        };
        let mut all = Vec::new();
        let calls = [(&one, 7), (&one, 7), (&other, 8), (&second, 7), (&second, 8), (&one, 8)];
        for (of, call) in calls {
            all.push(accept(&*store, of_call(of, call)).await);
        }
        let ahead = Stretch {
            flow: Some(one.flow.id),
            only: vec![second.hook.id],
            limit: 9,
            ahead: true,
            ..Stretch::default()
        };
        let behind = async |stretch: &Stretch| -> Vec<_> {
            let found = store.unfinished(stretch).await.unwrap();
            found.iter().map(|open| (open.seq, open.behind)).collect()
        };
        let seqs: Vec<_> = all.iter().map(|one| one.seq).collect();
        let [first, before, _, third, fourth, _] = seqs[..] else { panic!("{seqs:?}") };
        assert_eq!(behind(&ahead).await, [(third, Some(before)), (fourth, None)]);
        complete(&*store, vec![one.completion(&all[1], DeliveryState::Delivered, NOW)]).await;
        assert_eq!(behind(&ahead).await, [(third, Some(first)), (fourth, None)]);
        let without = Stretch { beside: vec![one.hook.id], ..ahead.clone() };
        assert_eq!(behind(&without).await, [(third, None), (fourth, None)]);
        let in_turn = Stretch { ahead: false, ..ahead.clone() };
        assert_eq!(behind(&in_turn).await, [(third, None), (fourth, None)]);
        // A test stands in no lane.
        let mut test = of_call(&one, 7);
        test.deliveries[0].test = true;
        accept(&*store, test).await;
        let last = accept(&*store, of_call(&second, 7)).await.seq;
        assert_eq!(behind(&ahead).await[2], (last, Some(third)));
    })
    .await;
}
