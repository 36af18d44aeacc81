//! `LogStore`: stretches of the log, one delivery whole, the histogram.

use crate::support::*;
use model::{
    catalog::EventKind,
    delivery::{DeliveryDetail, DeliveryState},
    event::Event,
    ids::DeliveryId,
    page::Cursor,
    queue::Figures,
    trace::{AttemptOutcome, Exchange, Failure, FailureClass, StepRecord},
};
use serde_json::json;
use std::sync::Arc;
use storage::{
    Storage,
    journal::{Batch, Completion, NewDelivery, NewEvent},
};

/// Accepts this many events, a second apart, and answers their deliveries' row numbers.
async fn fill(store: &dyn Storage, wired: &Wired, count: i64) -> Vec<i64> {
    let events = (0..count).map(|second| wired.new_event(NOW.plus(second * 1_000))).collect();
    commit(store, events).await;
    let mut all = seqs(&log(store, stretch(Cursor::Newest, 200)).await.items);
    all.truncate(count as usize);
    all.reverse();
    all
}

#[tokio::test]
async fn an_empty_log_is_an_empty_stretch_that_leads_nowhere() {
    on_every_backend(async |store| {
        for cursor in [Cursor::Newest, Cursor::Before(10), Cursor::After(0)] {
            let slice = log(&*store, stretch(cursor, 10)).await;
            assert_eq!((slice.items.len(), slice.older, slice.newer), (0, None, None));
        }
        let nobody = DeliveryId(uuid_at(NOW));
        assert_eq!(store.delivery(nobody, &Overlay::running(vec![nobody])).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn row_numbers_rise_in_the_order_of_acceptance() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        // Accepted later although it happened, and was named, earlier.
        let first = one.accept(&*store, NOW.plus(5), DeliveryState::Pending).await;
        let second = one.accept(&*store, NOW, DeliveryState::Pending).await;
        assert!(first.seq < second.seq);
        let slice = log(&*store, stretch(Cursor::Newest, 10)).await;
        assert_eq!(seqs(&slice.items), [second.seq, first.seq]);
    })
    .await;
}

#[tokio::test]
async fn the_log_is_walked_from_the_newest_row_to_the_oldest_and_back() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let all = fill(&*store, &one, 7).await;
        let newest = log(&*store, stretch(Cursor::Newest, 3)).await;
        assert_eq!(seqs(&newest.items), [all[6], all[5], all[4]]);
        assert_eq!((newest.newer, newest.older), (None, Some(all[4])));
        let middle = log(&*store, stretch(Cursor::Before(all[4]), 3)).await;
        assert_eq!(seqs(&middle.items), [all[3], all[2], all[1]]);
        assert_eq!((middle.newer, middle.older), (Some(all[3]), Some(all[1])));
        let oldest = log(&*store, stretch(Cursor::Before(all[1]), 3)).await;
        assert_eq!(seqs(&oldest.items), [all[0]]);
        assert_eq!((oldest.newer, oldest.older), (Some(all[0]), None));
        let back = log(&*store, stretch(Cursor::After(all[0]), 3)).await;
        assert_eq!(seqs(&back.items), seqs(&middle.items), "the rows nearest to the cursor");
        assert_eq!((back.newer, back.older), (Some(all[3]), Some(all[1])));
        let top = log(&*store, stretch(Cursor::After(all[3]), 3)).await;
        assert_eq!(seqs(&top.items), seqs(&newest.items));
        assert_eq!((top.newer, top.older), (None, Some(all[4])));
    })
    .await;
}

#[tokio::test]
async fn a_stretch_that_holds_all_rows_leads_nowhere() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        fill(&*store, &one, 3).await;
        let slice = log(&*store, stretch(Cursor::Newest, 3)).await;
        assert_eq!((slice.items.len(), slice.older, slice.newer), (3, None, None));
    })
    .await;
}

#[tokio::test]
async fn rows_that_arrive_meanwhile_do_not_move_what_a_cursor_shows() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let all = fill(&*store, &one, 6).await;
        let older = stretch(Cursor::Before(all[4]), 3);
        let (before, newer) = (log(&*store, older.clone()).await, all[5]);
        let fresh = one.accept(&*store, NOW.plus(HOUR), DeliveryState::Pending).await;
        assert_eq!(log(&*store, older).await, before);
        let after = log(&*store, stretch(Cursor::After(newer), 3)).await;
        assert_eq!(seqs(&after.items), [fresh.seq]);
    })
    .await;
}

#[tokio::test]
async fn a_stretch_has_at_least_one_row_and_at_most_200() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        fill(&*store, &one, 205).await;
        for (size, rows) in [(0, 1), (1, 1), (200, 200), (201, 200), (u32::MAX, 200)] {
            let slice = log(&*store, stretch(Cursor::Newest, size)).await;
            assert_eq!(slice.items.len(), rows, "size {size}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_row_says_all_that_its_event_hook_and_flow_gave_it() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Missed).await;
        let event = Event { call_attempt: Some(80_217), ..one.event(NOW) };
        let delivery =
            NewDelivery { warning: Some(no_field()), test: true, ..one.delivery(&event) };
        let id = delivery.id;
        let event = Arc::new(event);
        let new =
            NewEvent { event: event.clone(), fingerprint: [0; 16], deliveries: vec![delivery] };
        let accepted = accept(&*store, new).await;
        let row = log(&*store, stretch(Cursor::Newest, 1)).await.items.remove(0);
        assert_eq!((row.seq, row.id, row.event_id), (accepted.seq, id, event.id));
        assert_eq!((row.event, row.queue_id), (EventKind::Missed, one.queue.id));
        assert_eq!((row.queue_name.as_str(), row.flow_name.as_str()), ("Sales", "Sales"));
        assert_eq!((row.hook_id, row.flow_id), (one.hook.id, one.flow.id));
        assert_eq!((row.flow_version, row.call_attempt), (1, Some(80_217)));
        assert_eq!((row.state, row.attempts), (DeliveryState::Pending, 0));
        assert_eq!((row.duration_us, &row.failure), (None, &None));
        assert_eq!(row.warning, Some(no_field()));
        assert_eq!((row.created_at, row.finished_at), (NOW, None));
        assert_eq!((row.next_at, row.hold_until, row.out_of_order), (None, None, false));
        assert_eq!((row.replay_of, row.test), (None, true));
    })
    .await;
}

#[tokio::test]
async fn a_delivery_shows_its_event_and_its_attempts_with_every_step() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let accepted = accept(&*store, one.sent(NOW, "call-7/joined", 1)).await;
        let failure = Failure {
            step: Some("/0".into()),
            host: Some("crm.example".into()),
            status: Some(503),
            retry_after_ms: Some(2_000),
            ..Failure::new(FailureClass::Status, "503 Service Unavailable")
        };
        let step = StepRecord {
            flow: None,
            id: "a1".into(),
            path: "/0".into(),
            action: "httpRequest".into(),
            name: Some("картка".into()),
            visit: 1,
            at_us: 12,
            duration_us: 900,
            input: json!({"url": "https://crm.example/"}),
            output: json!(null),
            warnings: vec!["no such variable".into()],
            http: Some(Exchange {
                method: "POST".into(),
                url: "https://crm.example/".into(),
                request_headers: vec![("accept".into(), "*/*".into())],
                request_body: Default::default(),
                answer: None,
            }),
            error: Some(failure.clone()),
        };
        let mut first = attempt(1, AttemptOutcome::Failed, Some(failure));
        (first.steps, first.steps_dropped) = (vec![step], 3);
        let second = attempt(2, AttemptOutcome::Completed, None);
        for (attempt, state) in
            [(first.clone(), DeliveryState::Retrying), (second.clone(), DeliveryState::Delivered)]
        {
            let done = one.completion(&accepted, state, NOW.plus(50));
            complete(&*store, vec![Completion { attempt: Some(attempt), ..done }]).await;
        }
        let detail = store.delivery(accepted.id, &Overlay::default()).await.unwrap().unwrap();
        let row = log(&*store, stretch(Cursor::Newest, 1)).await.items.remove(0);
        let expected = DeliveryDetail {
            row,
            sender_id: Some("call-7/joined".into()),
            occurred_at: NOW.plus(-40),
            accepted_at: NOW,
            data: object([("destination", "+380441234567".into())]),
            variables: object([("region", "Київ".into())]),
            attempts: vec![first, second],
            begun_at: None,
            begun: None,
            children: Vec::new(),
            replays: vec![],
        };
        assert_eq!(detail, expected);
    })
    .await;
}

#[tokio::test]
async fn a_replay_stands_beside_its_origin_which_names_its_replays_newest_first() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let mut new = one.new_event(NOW);
        Arc::get_mut(&mut new.event).unwrap().call_attempt = Some(7);
        let (event, origin) = (new.event.clone(), new.deliveries[0].id);
        accept(&*store, new).await;
        let replay = |seconds: i64| NewDelivery {
            id: DeliveryId(uuid_at(NOW.plus(seconds * 1_000))),
            flow_version: 2,
            replay_of: Some(origin),
            created_at: NOW.plus(seconds * 1_000),
            ..one.delivery(&event)
        };
        let (first, second) = (replay(60), replay(120));
        let ids = [second.id, first.id];
        let batch = Batch { replays: vec![first, second], ..Batch::default() };
        let numbers = store.commit(&batch).await.unwrap().replays;
        let slice = log(&*store, stretch(Cursor::Newest, 10)).await;
        assert_eq!(seqs(&slice.items[..2]), [numbers[1], numbers[0]]);
        let row = &slice.items[0];
        assert_eq!((row.id, row.event_id, row.replay_of), (ids[0], event.id, Some(origin)));
        assert_eq!((row.event, row.call_attempt, row.flow_version), (event.kind, Some(7), 2));
        assert_eq!((row.created_at, row.state), (NOW.plus(120_000), DeliveryState::Pending));
        let detail = store.delivery(origin, &Overlay::default()).await.unwrap().unwrap();
        assert_eq!(detail.replays, ids);
        let detail = store.delivery(ids[0], &Overlay::default()).await.unwrap().unwrap();
        assert_eq!((detail.data, detail.replays), (event.data.clone(), vec![]));
    })
    .await;
}

#[tokio::test]
async fn the_log_outlives_flow_and_queue_without_their_names() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let accepted = one.accept(&*store, NOW, DeliveryState::Skipped).await;
        store.delete_queue(one.queue.id).await.unwrap().unwrap();
        store.delete_flow(one.flow.id).await.unwrap().unwrap();
        let row = store.delivery(accepted.id, &Overlay::default()).await.unwrap().unwrap().row;
        assert_eq!((row.queue_name.as_str(), row.flow_name.as_str()), ("", ""));
        assert_eq!((row.queue_id, row.flow_id), (one.queue.id, one.flow.id));
    })
    .await;
}

#[tokio::test]
async fn a_histogram_puts_what_happened_into_equal_spans() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let other = wired(&*store, "Support", EventKind::Joined).await;
        for minutes in [-1, 0, 1, 2, 5, 6] {
            one.accept(&*store, NOW.plus(minutes * MINUTE), DeliveryState::Skipped).await;
        }
        other.accept(&*store, NOW.plus(5 * MINUTE + 59_999), DeliveryState::Skipped).await;
        let (from, to) = (NOW, NOW.plus(5 * MINUTE + 1));
        let bars = async |queue, hook, bars| {
            let found = store.histogram(queue, hook, from, to, bars).await.unwrap();
            found.iter().map(|bar| (bar.events, bar.skipped)).collect::<Vec<_>>()
        };
        // Six minutes: the first and the last are whole.
        let sales = Some(one.queue.id);
        assert_eq!(bars(None, None, 3).await, [(2, 2), (1, 1), (2, 2)]);
        assert_eq!(bars(None, None, 1).await, [(5, 5)]);
        assert_eq!(bars(sales, None, 3).await, [(2, 2), (1, 1), (1, 1)]);
        assert_eq!(bars(None, Some(one.hook.id), 3).await, [(0, 2), (0, 1), (0, 1)]);
        assert_eq!(bars(sales, Some(other.hook.id), 3).await, [(0, 0); 3]);
        assert_eq!(bars(None, None, 0).await, []);
        let wide = bars(None, None, 12).await;
        assert_eq!((wide.len(), wide.iter().map(|bar| bar.0).sum::<u64>()), (12, 5));
        let backwards = store.histogram(None, None, to, from, 2).await.unwrap();
        assert_eq!(
            backwards,
            [Figures { events: 2, skipped: 2, ..Figures::default() }, Figures::default()]
        );
    })
    .await;
}
