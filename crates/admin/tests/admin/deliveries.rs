//! The log as it is read through the use cases: what runs now, and the histogram's bounds.

use crate::support::*;
use model::{
    catalog::EventKind,
    delivery::{DeliveryFilter, DeliveryQuery, DeliveryState, Rest},
    event::Event,
    hook::HookFilter,
    ids::{DeliveryId, EventId},
    many::HookAct,
    page::Paging,
    time::Millis,
};
use std::sync::Arc;
use storage::journal::{Batch, NewDelivery, NewEvent, Shard, Unfinished};

/// A delivery that waits to begin, of an event accepted at this time.
async fn pending(house: &House, at: Millis) -> DeliveryId {
    let (queue, flow) = (house.queue("Sales").await, house.flow("CRM").await);
    let hook = house.hook(queue.id, flow.id, EventKind::Joined).await;
    let id: EventId = "0193a7c2-5b1e-7d21-9f0a-6c2e11b4a901".parse().unwrap();
    let event = Event {
        id,
        queue_id: queue.id,
        kind: EventKind::Joined,
        sender_id: None,
        call_attempt: None,
        occurred_at: at,
        accepted_at: at,
        data: Default::default(),
        variables: Default::default(),
        test: false,
    };
    let delivery = NewDelivery {
        id: DeliveryId(id.0),
        event_id: id,
        hook_id: hook.id,
        queue_id: queue.id,
        flow_id: flow.id,
        flow_version: 1,
        state: DeliveryState::Pending,
        warning: None,
        replay_of: None,
        parent: None,
        test: false,
        created_at: at,
        shard: Shard(0),
    };
    let new = NewEvent { event: Arc::new(event), fingerprint: [0; 16], deliveries: vec![delivery] };
    house.storage.commit(&Batch { events: vec![new], ..Batch::default() }).await.unwrap();
    DeliveryId(id.0)
}

#[tokio::test]
async fn what_the_engine_runs_now_is_shown_and_found_as_running() {
    let house = House::new().await;
    let id = pending(&house, now()).await;
    let query = DeliveryQuery {
        filter: DeliveryFilter { states: vec![DeliveryState::Running], ..Default::default() },
        ..DeliveryQuery::default()
    };
    let found = async || house.admin.deliveries(&viewer(), &query).await.unwrap().items.len();
    let state = async || house.admin.delivery(&viewer(), id).await.unwrap().row.state;
    let last = async || {
        let hooks = house.admin.hooks(&viewer(), &HookFilter::default(), Paging::default()).await;
        hooks.unwrap().items[0].last.as_ref().unwrap().state
    };
    let stands = async || (found().await, state().await, last().await);
    assert_eq!(stands().await, (0, DeliveryState::Pending, DeliveryState::Pending));
    house.running.0.lock().unwrap().push(id);
    assert_eq!(stands().await, (1, DeliveryState::Running, DeliveryState::Running));
}

#[tokio::test]
async fn a_delivery_that_is_not_there_is_named_in_the_answer() {
    let house = House::new().await;
    let id: DeliveryId = "0193a7c2-5b1e-7d21-9f0a-6c2e11b4a901".parse().unwrap();
    let said = not_found(house.admin.delivery(&viewer(), id).await);
    assert_eq!(said, format!("there is no delivery {id}"));
}

#[tokio::test]
async fn an_event_shows_its_deliveries_as_they_run_and_is_named_when_it_is_not_there() {
    let house = House::new().await;
    let id = pending(&house, now()).await;
    house.running.0.lock().unwrap().push(id);
    let event = house.admin.event(&viewer(), EventId(id.0)).await.unwrap();
    let rows: Vec<_> = event.deliveries.iter().map(|row| (row.id, row.state)).collect();
    assert_eq!(rows, [(id, DeliveryState::Running)]);
    let nothing: EventId = "0193a7c2-5b1e-7d21-9f0a-6c2e11b4a902".parse().unwrap();
    let said = not_found(house.admin.event(&viewer(), nothing).await);
    assert_eq!(said, format!("there is no event {nothing}"));
}

#[tokio::test]
async fn the_histogram_has_72_bars_over_the_last_six_hours_unless_it_is_told() {
    let house = House::new().await;
    pending(&house, now()).await;
    let histogram =
        async |from, to| house.admin.histogram(&viewer(), None, None, from, to).await.unwrap();
    let ask = async |from, to| histogram(from, to).await.unwrap();
    let (from, to, bars) = ask(None, None).await;
    assert_eq!((to.0 - from.0, bars.len()), (6 * 3_600_000, 72));
    assert_eq!(bars.iter().map(|bar| bar.events).sum::<u64>(), 1);
    let (from, to) = (Millis(1_000_000_000_000), Millis(1_000_000_600_000));
    let (real_from, real_to, bars) = ask(Some(from), Some(to)).await;
    assert_eq!((real_from, real_to, bars.len()), (from, to, 72));
    assert_eq!(bars.iter().map(|bar| bar.events).sum::<u64>(), 0);
    // A span the wrong way round, or of no length, is a minute.
    for from in [to, to.plus(5)] {
        let (real_from, real_to, _) = ask(Some(from), Some(to)).await;
        assert_eq!((real_from, real_to), (to.plus(-60_000), to));
    }
    // Of a span that is too long there is none: it would be added up from too many minutes.
    let day = 24 * 3_600_000;
    assert_eq!(ask(Some(to.plus(-31 * day)), Some(to)).await.2.len(), 72);
    for (from, to) in [(to.plus(-32 * day), Some(to)), (to, None), (Millis(i64::MIN), Some(to))] {
        assert_eq!(histogram(Some(from), to).await, None);
    }
}

#[tokio::test]
async fn text_is_searched_only_within_a_span_of_seven_days() {
    let house = House::new().await;
    let id = pending(&house, now()).await;
    let day = 24 * 3_600_000;
    let ask = async |text: &str, from: Option<Millis>, to: Option<Millis>| {
        let filter = DeliveryFilter { text: text.into(), from, to, ..Default::default() };
        house.admin.deliveries(&viewer(), &DeliveryQuery { filter, ..Default::default() }).await
    };
    let ago = |ms: i64| Some(now().plus(-ms));
    assert_eq!(problems(ask("Sales", None, None).await).len(), 1);
    assert_eq!(
        problems(ask("Sales", ago(8 * day), None).await),
        ["/from: lies more than 7 days before the end of the span"]
    );
    let long = "x".repeat(201);
    assert_eq!(problems(ask(&long, ago(day), None).await), ["/text: has at most 200 characters"]);
    // The end of a span is never later than now.
    let to_come = Some(now().plus(30 * day));
    assert!(ask("Sales", ago(7 * day), to_come).await.is_ok());
    assert!(ask("Sales", ago(30 * day), ago(24 * day)).await.is_ok());
    assert!(ask("nowhere", ago(day), None).await.unwrap().items.is_empty());
    // Without a text any span will do.
    let all = ask("  ", None, None).await.unwrap().items;
    assert_eq!(all.iter().map(|row| row.id).collect::<Vec<_>>(), [id]);
}

#[tokio::test]
async fn what_no_text_holds_is_not_searched_for() {
    let house = House::new().await;
    let filter = DeliveryFilter {
        search: "a\0".into(),
        text: "\0".into(),
        from: Some(now()),
        ..Default::default()
    };
    let said =
        ["/search", "/text"].map(|name| format!("{name}: does not hold the character U+0000"));
    assert_eq!(problems(house.admin.follow(&viewer(), &filter).await), said);
    let asked = DeliveryQuery { filter, ..Default::default() };
    assert_eq!(problems(house.admin.deliveries(&viewer(), &asked).await), said);
}

#[tokio::test]
async fn a_number_that_is_used_again_after_an_hour_is_another_stretch() {
    let house = House::new().await;
    let queue = house.queue("Sales").await;
    let event = |at: Millis, number: i64| Event {
        id: format!("0193a7c2-5b1e-7d21-9f0a-{number:012}").parse().unwrap(),
        queue_id: queue.id,
        kind: EventKind::Joined,
        sender_id: None,
        call_attempt: Some(7),
        occurred_at: at,
        accepted_at: at,
        data: Default::default(),
        variables: Default::default(),
        test: false,
    };
    let (minute, began) = (60_000, now().plus(-10 * 3_600_000));
    for (number, after) in [(1, 0), (2, minute), (3, 63 * minute), (4, 64 * minute)] {
        let event = Arc::new(event(began.plus(after), number));
        let new = NewEvent { event, fingerprint: [0; 16], deliveries: Vec::new() };
        house.storage.commit(&Batch { events: vec![new], ..Batch::default() }).await.unwrap();
    }
    let call = house.admin.call(&viewer(), 7).await.unwrap();
    let told: Vec<_> = call
        .stretches
        .iter()
        .map(|one| (one.from.0 - began.0, one.to.0 - began.0, one.events.len()))
        .collect();
    assert_eq!(told, [(63 * minute, 64 * minute, 2), (0, minute, 2)]);
    assert!(!call.cut);
    assert!(house.admin.call(&viewer(), 8).await.unwrap().stretches.is_empty());
}

#[tokio::test]
async fn what_a_deletion_leaves_unfinished_is_called_off_only_where_that_is_asked() {
    let house = House::new().await;
    let (queue, flow) = (house.queue("Sales").await, house.flow("CRM").await);
    let told = || std::mem::take(&mut *house.running.2.lock().unwrap());
    for (rest, expected) in [(Rest::Finish, false), (Rest::Cancel, true)] {
        let hook = house.hook(queue.id, flow.id, EventKind::Joined).await.id;
        house.admin.delete_hook(&editor(), hook, rest).await.unwrap();
        // Before it, so that nothing is let go, and after it, for what came meanwhile.
        let called_off: &[_] = if expected { &[Unfinished::Hook(hook); 2] } else { &[] };
        assert_eq!(told(), called_off);
    }
    let hook = house.hook(queue.id, flow.id, EventKind::Joined).await.id;
    let act = HookAct::Delete(Rest::Cancel);
    house.admin.change_hooks(&editor(), &[hook, NO_HOOK], act).await.unwrap();
    assert_eq!(told(), [Unfinished::Hook(hook); 2]);
    house.admin.delete_queue(&editor(), queue.id, Rest::Cancel).await.unwrap();
    assert_eq!(told(), [Unfinished::Queue(queue.id); 2]);
}
