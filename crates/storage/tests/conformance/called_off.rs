//! `JournalStore`: what is called off, at once or when it is taken up.

use crate::support::*;
use model::{catalog::EventKind, delivery::DeliveryState, ids::DeliveryId, trace::AttemptOutcome};
use storage::{
    Storage,
    journal::{Completion, Lot, Shard, Unfinished},
    nodes::Shards,
};

/// Ends what was noted; the row numbers of what it was.
async fn end_noted(store: &dyn Storage, shards: Shards, limit: u32) -> Vec<i64> {
    let went = store.cancel(Unfinished::CalledOff, shards, &[], limit, NOW, None).await.unwrap();
    let mut seqs: Vec<_> = went.into_iter().map(|(seq, _)| seq).collect();
    seqs.sort_unstable();
    seqs
}

async fn state(store: &dyn Storage, id: DeliveryId) -> DeliveryState {
    store.delivery(id, &Overlay::default()).await.unwrap().unwrap().row.state
}

#[tokio::test]
async fn what_is_called_off_is_unfinished_and_does_not_run() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let other = wired(&*store, "Support", EventKind::Joined).await;
        let mut all = Vec::new();
        for from in [&one, &one, &one, &other] {
            all.push(from.accept(&*store, NOW, DeliveryState::Pending).await);
        }
        let done = one.accept(&*store, NOW, DeliveryState::Pending).await;
        complete(&*store, vec![one.completion(&done, DeliveryState::Delivered, NOW)]).await;
        let cancel = async |of, running: &[DeliveryId], limit| {
            store.cancel(of, Shards::ALL, running, limit, NOW, None).await.unwrap()
        };
        let (of, running) = (Unfinished::Hook(one.hook.id), [all[0].id]);
        let mut went = cancel(of, &running, 1).await;
        assert_eq!((went[0].1.flow, went[0].1.hook, went.len()), (one.flow.id, one.hook.id, 1));
        went.extend(cancel(of, &running, 10).await);
        went.sort_unstable();
        assert_eq!(went.iter().map(|one| one.0).collect::<Vec<_>>(), [all[1].seq, all[2].seq]);
        assert!(cancel(of, &running, 10).await.is_empty());
        assert_eq!(state(&*store, all[2].id).await, DeliveryState::Cancelled);
        let left: Vec<_> = open(&*store).await.iter().map(|one| one.id).collect();
        assert_eq!(left, [all[0].id, all[3].id]);
        assert_eq!(cancel(Unfinished::Delivery(all[0].id), &[], 1).await[0].0, all[0].seq);
        assert_eq!(cancel(Unfinished::Queue(other.queue.id), &[], 9).await[0].0, all[3].seq);
        assert!(open(&*store).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn of_other_shards_the_numbers_are_told_in_parts_and_nothing_is_called_off() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let new = |shard| {
            let mut new = one.new_event(NOW);
            new.deliveries.iter_mut().for_each(|delivery| delivery.shard = Shard(shard));
            new
        };
        commit(&*store, vec![new(3), new(9), new(3), new(3)]).await;
        let of = Unfinished::Hook(one.hook.id);
        let [third, ninth] = [3, 9].map(|shard| Shards::NONE.with(Shard(shard)));
        let all = store.numbers_of(of, Shards::ALL, 0, 9).await.unwrap();
        let &[first, second, _, last] = &all[..] else { panic!("{all:?}") };
        let part = store.numbers_of(of, third, 0, 2).await.unwrap();
        assert_eq!((part[0], part.len()), (first, 2));
        assert_eq!(store.numbers_of(of, third, part[1], 2).await.unwrap(), [last]);
        assert!(store.numbers_of(of, Shards::NONE, 0, 2).await.unwrap().is_empty());
        let went = store.cancel(of, ninth, &[], 9, NOW, None).await.unwrap();
        let lot = Lot { shard: Shard(9), flow: one.flow.id, hook: one.hook.id };
        assert_eq!(went, [(second, lot)]);
        assert_eq!(store.numbers_of(of, Shards::ALL, 0, 9).await.unwrap().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn what_was_noted_is_called_off_by_whoever_takes_it_up() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let mut all = Vec::new();
        for _ in 0..5 {
            all.push(one.accept(&*store, NOW, DeliveryState::Pending).await);
        }
        let seqs: Vec<_> = all.iter().map(|one| one.seq).collect();
        complete(&*store, vec![one.completion(&all[0], DeliveryState::Delivered, NOW)]).await;
        for (noted, new) in [(&seqs[..0], 0), (&seqs[..2], 1), (&seqs[..4], 2)] {
            assert_eq!(store.note_called_off(noted).await.unwrap(), new);
        }
        assert_eq!(open(&*store).await.len(), 4, "nothing has ended by that");
        // One is called off by its node, and one comes to another end.
        let of = Unfinished::Delivery(all[1].id);
        assert_eq!(store.cancel(of, Shards::ALL, &[], 9, NOW, None).await.unwrap().len(), 1);
        let again = Completion {
            attempt: Some(attempt(1, AttemptOutcome::Failed, None)),
            next_at: Some(NOW.plus(HOUR)),
            ..one.completion(&all[2], DeliveryState::Retrying, NOW)
        };
        complete(&*store, vec![again]).await;

        assert!(end_noted(&*store, Shards::NONE, 9).await.is_empty());
        assert_eq!(end_noted(&*store, Shards::ALL, 1).await.len(), 1);
        assert_eq!(end_noted(&*store, Shards::ALL, 9).await.len(), 1);
        assert!(end_noted(&*store, Shards::ALL, 9).await.is_empty());
        for (accepted, ended) in all.iter().zip([
            DeliveryState::Delivered,
            DeliveryState::Cancelled,
            DeliveryState::Cancelled,
            DeliveryState::Cancelled,
            DeliveryState::Pending,
        ]) {
            assert_eq!(state(&*store, accepted.id).await, ended);
        }
    })
    .await;
}

#[tokio::test]
async fn one_that_died_when_it_was_called_off_runs_when_it_is_resumed() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let dead = one.accept(&*store, NOW, DeliveryState::Pending).await;
        store.note_called_off(&[dead.seq]).await.unwrap();
        complete(&*store, vec![one.completion(&dead, DeliveryState::Dead, NOW)]).await;
        assert!(store.resume(dead.id, NOW).await.unwrap());
        assert!(end_noted(&*store, Shards::ALL, 9).await.is_empty());
        assert_eq!(state(&*store, dead.id).await, DeliveryState::Retrying);
    })
    .await;
}
