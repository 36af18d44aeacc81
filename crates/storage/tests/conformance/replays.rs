//! `ReplayStore`, and the steps of its jobs in `JournalStore::commit`.

use crate::support::*;
use model::{
    catalog::EventKind,
    delivery::{DeliveryFilter, DeliveryState, Overlay},
    ids::{DeliveryId, FlowId, ReplayId},
    page::Paging,
    replay::{AtStep, COUNTED_MAX, Matching, Replay, ReplayFilter, ReplayState},
    time::Millis,
    trace::AttemptOutcome,
};
use storage::{
    Storage,
    journal::{
        Batch, Beginning, Completion, KeptRun, KeptStep, KeptSteps, NewDelivery, ReplayStep,
    },
};

const NO_REPLAY: ReplayId = ReplayId(9_999);
const DELIVERED: DeliveryState = DeliveryState::Delivered;

async fn job(store: &dyn Storage, by: &str) -> Replay {
    let (filter, overlay) = (DeliveryFilter::default(), Overlay::default());
    store.create_replay(&filter, &overlay, Some(5), by, NOW).await.unwrap()
}

/// A step of the job that makes these deliveries and moves it on by as many rows.
fn step(job: &Replay, deliveries: Vec<NewDelivery>, done: bool) -> ReplayStep {
    ReplayStep {
        replay: job.id,
        from: job.cursor,
        to: job.cursor + 2,
        found: 2,
        deliveries,
        done,
        at: NOW.plus(9),
    }
}

async fn take(store: &dyn Storage, step: ReplayStep) -> Option<Vec<i64>> {
    let batch = Batch { replay_steps: vec![step], ..Batch::default() };
    store.commit(&batch).await.unwrap().replay_steps.remove(0)
}

#[tokio::test]
async fn a_job_reads_back_as_it_was_made_and_ends_at_what_was_the_newest_then() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        one.accept(&*store, NOW, DeliveryState::Skipped).await;
        let newest = one.accept(&*store, NOW.plus(1), DeliveryState::Dead).await;
        let filter = DeliveryFilter {
            ids: vec![newest.id],
            states: vec![DeliveryState::Dead],
            hooks: vec![one.hook.id],
            from: Some(NOW),
            ..DeliveryFilter::default()
        };
        let (overlay, now) = (Overlay::default(), NOW.plus(2));
        let made = store.create_replay(&filter, &overlay, None, "olena", now).await.unwrap();
        let expected = Replay {
            id: made.id,
            made_by: "olena".into(),
            made_at: now,
            filter,
            state: ReplayState::Running,
            per_second: None,
            cursor: 0,
            last: newest.seq,
            matched: Some(Matching { count: 1, more: false }),
            first: None,
            found: 0,
            made: 0,
            finished_at: None,
            note: String::new(),
        };
        assert_eq!(made, expected);
        assert_eq!(store.replay(made.id).await.unwrap(), Some(made));
        assert_eq!(store.replay(NO_REPLAY).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn matching_deliveries_are_counted_by_every_term_of_the_filter() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let dead = one.accept(&*store, NOW, DeliveryState::Dead).await;
        one.accept(&*store, NOW.plus(1), DeliveryState::Skipped).await;
        let count = async |filter: DeliveryFilter| {
            let Matching { count, more } =
                store.matching(&filter, &Overlay::default()).await.unwrap();
            assert!(!more);
            count
        };
        let all = DeliveryFilter::default();
        assert_eq!(count(all.clone()).await, 2);
        assert_eq!(count(DeliveryFilter { ids: vec![dead.id], ..all.clone() }).await, 1);
        let states = vec![DeliveryState::Skipped];
        assert_eq!(count(DeliveryFilter { states, ..all.clone() }).await, 1);
        assert_eq!(count(DeliveryFilter { hooks: vec![NO_HOOK], ..all.clone() }).await, 0);
        let text = DeliveryFilter { text: "+38044".into(), from: Some(NOW), ..all };
        assert_eq!(count(text).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_job_keeps_how_many_matched_and_of_more_than_are_counted_where_the_first_stands() {
    on_every_backend(async |store| {
        wired(&*store, "Sales", EventKind::Joined).await.accept(&*store, NOW, DELIVERED).await;
        let one = wired(&*store, "Care", EventKind::Joined).await;
        let origin = one.accept(&*store, NOW, DELIVERED).await;
        let again = |_| NewDelivery {
            id: DeliveryId(uuid_at(NOW)),
            event_id: origin.event_id,
            replay_of: Some(origin.id),
            ..one.delivery(&one.event(NOW))
        };
        let filter = DeliveryFilter { hooks: vec![one.hook.id], ..DeliveryFilter::default() };
        let known = async || {
            let overlay = Overlay::default();
            let made = store.create_replay(&filter, &overlay, None, "olena", NOW).await.unwrap();
            assert_eq!(store.replay(made.id).await.unwrap(), Some(made.clone()));
            (made.matched, made.first)
        };
        assert_eq!(known().await, (Some(Matching { count: 1, more: false }), None));
        for _ in 0..COUNTED_MAX / 1_000 {
            let replays = (0..1_000).map(again).collect();
            store.commit(&Batch { replays, ..Batch::default() }).await.unwrap();
        }
        let many = Some(Matching { count: COUNTED_MAX, more: true });
        assert_eq!(known().await, (many, Some(origin.seq - 1)));
    })
    .await;
}

#[tokio::test]
async fn a_step_is_taken_once_and_only_by_a_job_that_runs_and_stands_where_it_begins() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let origin = one.new_event(NOW);
        let delivery = one.delivery(&origin.event);
        accept(&*store, origin).await;
        let again = |at: i64| NewDelivery {
            id: DeliveryId(uuid_at(NOW.plus(at))),
            replay_of: Some(delivery.id),
            ..delivery.clone()
        };
        let made = job(&*store, "olena").await;
        let first = take(&*store, step(&made, vec![again(10), again(11)], false)).await;
        assert_eq!(first.map(|seqs| seqs.len()), Some(2));
        let repeated = take(&*store, step(&made, vec![again(12)], false)).await;
        assert_eq!(repeated, None, "it does not stand there any more");
        let moved = store.replay(made.id).await.unwrap().unwrap();
        assert_eq!((moved.cursor, moved.found, moved.made), (2, 2, 2));
        assert_eq!(moved.matched, Some(Matching { count: 1, more: false }), "as at its start");

        let now = NOW.plus(5);
        store.set_replay_state(made.id, ReplayState::Paused, "", now).await.unwrap().unwrap();
        assert_eq!(take(&*store, step(&moved, vec![again(13)], false)).await, None, "paused");
        store.set_replay_state(made.id, ReplayState::Running, "", now).await.unwrap().unwrap();
        let last = take(&*store, step(&moved, vec![], true)).await;
        assert_eq!(last, Some(vec![]));
        let done = store.replay(made.id).await.unwrap().unwrap();
        assert_eq!((done.state, done.finished_at), (ReplayState::Done, Some(NOW.plus(9))));
        assert_eq!(log(&*store, stretch(Default::default(), 50)).await.items.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn what_has_ended_is_not_changed_any_more() {
    on_every_backend(async |store| {
        let made = job(&*store, "olena").await;
        let faster = store.set_replay_rate(made.id, Some(9)).await.unwrap().unwrap();
        assert_eq!(faster, Replay { per_second: Some(9), ..made.clone() });
        let at = NOW.plus(3);
        let ended = store.set_replay_state(made.id, ReplayState::Failed, "no disk", at).await;
        let ended = ended.unwrap().unwrap();
        assert_eq!((ended.note.as_str(), ended.finished_at), ("no disk", Some(at)));
        let running = ReplayState::Running;
        assert_eq!(store.set_replay_state(made.id, running, "", NOW).await.unwrap(), None);
        assert_eq!(store.set_replay_rate(made.id, None).await.unwrap(), None);
        assert_eq!(store.set_replay_state(NO_REPLAY, running, "", NOW).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn jobs_are_listed_newest_first_and_narrowed_by_who_made_them_and_state() {
    on_every_backend(async |store| {
        let mut jobs = Vec::new();
        for by in ["olena", "Taras", "olena"] {
            jobs.push(job(&*store, by).await.id);
        }
        let state = ReplayState::Cancelled;
        store.set_replay_state(jobs[0], state, "", Millis(7)).await.unwrap().unwrap();
        let ids = async |search: &str, states: &[ReplayState]| {
            let filter = ReplayFilter { search: search.into(), states: states.to_vec() };
            let page = store.replays(&filter, Paging::default()).await.unwrap();
            assert_eq!(page.total, page.items.len() as u64);
            page.items.into_iter().map(|job| job.id).collect::<Vec<_>>()
        };
        assert_eq!(ids("", &[]).await, [jobs[2], jobs[1], jobs[0]]);
        assert_eq!(ids("TARAS", &[]).await, [jobs[1]]);
        assert_eq!(ids(&jobs[0].to_string(), &[]).await, [jobs[0]]);
        assert_eq!(ids("olena", &[ReplayState::Running]).await, [jobs[2]]);
        let running = store.running_replays().await.unwrap();
        assert_eq!(running.iter().map(|job| job.id).collect::<Vec<_>>(), jobs[1..]);
    })
    .await;
}

#[tokio::test]
async fn jobs_that_run_or_are_paused_are_open_oldest_first() {
    on_every_backend(async |store| {
        let mut open = Vec::new();
        for state in ReplayState::ALL.into_iter().rev() {
            let made = job(&*store, "olena").await;
            let changed = store.set_replay_state(made.id, state, "", NOW).await.unwrap().unwrap();
            if !state.is_final() {
                open.push(changed);
            }
        }
        open[0] = store.set_replay_rate(open[0].id, Some(9)).await.unwrap().unwrap();
        let states: Vec<_> = open.iter().map(|job| job.state).collect();
        assert_eq!(states, [ReplayState::Paused, ReplayState::Running]);
        assert_eq!(store.open_replays().await.unwrap(), open);
        let state = ReplayState::Cancelled;
        store.set_replay_state(open[0].id, state, "", NOW).await.unwrap().unwrap();
        assert_eq!(store.open_replays().await.unwrap(), open[1..]);
    })
    .await;
}

#[tokio::test]
async fn the_log_has_the_steps_at_which_runs_were_kept_and_replays_begin_at_one() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let origin = one.accept(&*store, NOW, DeliveryState::Pending).await;
        assert_eq!(store.kept_steps(origin.id).await.unwrap(), KeptSteps::default());
        let step = |step: &str, visit, checkpoint: &str| KeptStep {
            at: AtStep { step: step.into(), visit },
            behind: step == "wait",
            checkpoint: checkpoint.into(),
            called: [(FlowId(7), 2)].into(),
        };
        let attempts = [
            (vec![step("s2", 1, "first"), step("7.s", 1, "called")], DeliveryState::Retrying),
            (vec![], DeliveryState::Retrying),
            (vec![step("s2", 1, "again"), step("wait", 2, "w")], DeliveryState::Delivered),
        ];
        for (number, (steps, state)) in (1..).zip(attempts) {
            let done = Completion {
                attempt: Some(attempt(number, AttemptOutcome::Failed, None)),
                kept_steps: KeptSteps { left_out: u32::from(!steps.is_empty()), steps },
                ..one.completion(&origin, state, NOW)
            };
            complete(&*store, vec![done]).await;
        }
        let kept = store.kept_steps(origin.id).await.unwrap();
        let expected = [step("s2", 1, "again"), step("7.s", 1, "called"), step("wait", 2, "w")];
        assert_eq!((kept.steps.as_slice(), kept.left_out), (expected.as_slice(), 2));

        let event = store.open_delivery(origin.id).await.unwrap().unwrap().event;
        let replay = |at: i64| NewDelivery {
            id: DeliveryId(uuid_at(NOW.plus(at))),
            replay_of: Some(origin.id),
            ..one.delivery(&event)
        };
        let replays = vec![replay(10), replay(11)];
        let run = KeptRun {
            checkpoint: Some("again".into()),
            called: [(FlowId(7), 3)].into(),
            logged_bytes: 5,
            logged_by: Some(1),
            ..KeptRun::default()
        };
        let at = AtStep { step: "s2".into(), visit: 1 };
        let beginnings = vec![(replays[1].id, Beginning { at: at.clone(), run: run.clone() })];
        let ids = [replays[0].id, replays[1].id];
        let batch = Batch { replays, beginnings, ..Batch::default() };
        let seqs = store.commit(&batch).await.unwrap().replays;
        assert_eq!(store.kept_run(seqs[0]).await.unwrap(), None);
        assert_eq!(store.kept_run(seqs[1]).await.unwrap(), Some(run));
        for (id, expected) in ids.into_iter().zip([None, Some(at)]) {
            let open = store.open_delivery(id).await.unwrap().unwrap();
            let shown = store.delivery(id, &Overlay::default()).await.unwrap().unwrap();
            assert_eq!((open.rests, shown.begun_at), (expected.is_some(), expected));
        }
    })
    .await;
}
