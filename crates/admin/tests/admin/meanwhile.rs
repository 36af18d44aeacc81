//! What somebody changed since it was shown is not overwritten.

use crate::support::*;
use admin::changes::{HookChange, QueueChange};
use model::{
    JsonMap,
    calendar::{CalendarDraft, Exception},
    catalog::EventKind,
    time::Millis,
};
use serde_json::json;

fn said(what: &str) -> String {
    format!("somebody changed this {what} meanwhile; copy your text, reload and merge")
}

#[tokio::test]
async fn a_hook_that_was_changed_since_it_was_shown_stays_as_it_is() {
    let house = House::new().await;
    let (queue, flow) = (house.queue("Sales").await, house.flow("CRM").await);
    let shown = house.hook(queue.id, flow.id, EventKind::Joined).await;
    let change = |base: Millis, condition: &str| HookChange {
        base: Some(base),
        ..model::hook::HookDraft { condition: condition.into(), ..hook_draft(flow.id, shown.event) }
            .into()
    };
    let admin = &house.admin;
    let first = admin.change_hook(&editor(), shown.id, change(shown.updated_at, "1 == 1")).await;
    let first = first.unwrap();
    assert!(first.updated_at > shown.updated_at);
    let late = admin.change_hook(&editor(), shown.id, change(shown.updated_at, "2 == 2")).await;
    assert_eq!(conflict(late), said("hook"));
    assert_eq!(admin.hook(&editor(), shown.id).await.unwrap(), first);
    // Whoever has seen it may change it, and whoever names a part of it alone.
    let merged = admin.change_hook(&editor(), shown.id, change(first.updated_at, "2 == 2")).await;
    assert_eq!(merged.unwrap().condition, "2 == 2");
    let off = HookChange { enabled: Some(false), ..HookChange::default() };
    assert!(!admin.change_hook(&editor(), shown.id, off).await.unwrap().enabled);
}

#[tokio::test]
async fn who_switches_or_pauses_needs_to_have_seen_nothing() {
    let house = House::new().await;
    let (queue, flow) = (house.queue("Sales").await, house.flow("CRM").await);
    let hook = house.hook(queue.id, flow.id, EventKind::Joined).await;
    let admin = &house.admin;
    for enabled in [false, true] {
        let set = admin.set_hook_enabled(&editor(), hook.id, enabled).await.unwrap();
        assert_eq!(set.enabled, enabled);
        let set = admin.set_queue_enabled(&editor(), queue.id, enabled).await.unwrap();
        assert_eq!(set.enabled, enabled);
    }
    assert!(admin.pause_hook(&editor(), hook.id).await.unwrap().paused.is_some());
    assert!(admin.pause_queue(&editor(), queue.id).await.unwrap().paused);
    assert!(admin.resume_hook(&editor(), hook.id, None).await.unwrap().paused.is_none());
    assert!(!admin.resume_queue(&editor(), queue.id, None).await.unwrap().paused);
}

#[tokio::test]
async fn a_queue_that_was_changed_since_it_was_shown_stays_as_it_is() {
    let house = House::new().await;
    let shown = house.queue("Sales").await;
    let named = |base: Millis, name: &str| QueueChange {
        base: Some(base),
        name: Some(name.into()),
        ..QueueChange::default()
    };
    let admin = &house.admin;
    let first = admin.change_queue(&editor(), shown.id, named(shown.updated_at, "Sales UA")).await;
    let first = first.unwrap();
    let late = admin.change_queue(&editor(), shown.id, named(shown.updated_at, "Sales PL")).await;
    assert_eq!(conflict(late), said("queue"));
    assert_eq!(admin.queue(&editor(), shown.id).await.unwrap(), first);
    admin.change_queue(&editor(), shown.id, named(first.updated_at, "Sales PL")).await.unwrap();
}

#[tokio::test]
async fn a_queues_variables_that_were_changed_since_they_were_shown_stay_as_they_are() {
    let house = House::new().await;
    let shown = house.queue("Sales").await;
    let set = |base: Millis, region: &str| QueueChange {
        base: Some(base),
        variables: Some(JsonMap::from_iter([("region".to_owned(), json!(region))])),
        ..QueueChange::default()
    };
    let admin = &house.admin;
    let first = admin.change_queue(&editor(), shown.id, set(shown.updated_at, "Київ")).await;
    let first = first.unwrap();
    let late = admin.change_queue(&editor(), shown.id, set(shown.updated_at, "Львів")).await;
    assert_eq!(conflict(late), said("queue"));
    assert_eq!(admin.queue(&editor(), shown.id).await.unwrap().variables, first.variables);
}

#[tokio::test]
async fn a_calendar_that_was_changed_since_it_was_shown_stays_as_it_is() {
    let house = House::new().await;
    let draft = CalendarDraft {
        name: "Office".into(),
        time_zone: "UTC".into(),
        ..CalendarDraft::default()
    };
    let admin = &house.admin;
    let shown = admin.create_calendar(&editor(), draft).await.unwrap();
    let named = |name: &'static str| {
        move |draft: &mut CalendarDraft| {
            draft.name = name.into();
            Ok(())
        }
    };
    let base = Some(shown.updated_at);
    let first = admin.edit_calendar(&editor(), shown.id, base, named("Desk")).await.unwrap();
    let late = admin.edit_calendar(&editor(), shown.id, base, named("Floor")).await;
    assert_eq!(conflict(late), said("calendar"));
    assert_eq!(admin.calendar(&editor(), shown.id).await.unwrap(), first);
    // Who writes all of it by the API has been shown nothing.
    admin.update_calendar(&editor(), shown.id, shown.draft()).await.unwrap();
}

#[tokio::test]
async fn of_exceptions_that_are_added_at_once_none_is_lost() {
    let house = House::new().await;
    let draft = CalendarDraft {
        name: "Office".into(),
        time_zone: "UTC".into(),
        ..CalendarDraft::default()
    };
    let id = house.admin.create_calendar(&editor(), draft).await.unwrap().id;
    let adding = (1..=4).map(|day| {
        let admin = house.admin.clone();
        let add = move |draft: &mut CalendarDraft| {
            let date = format!("2027-01-0{day}").parse()?;
            let name = format!("day {day}");
            draft.exceptions.push(Exception { name, date, yearly: false, hours: Vec::new() });
            Ok(())
        };
        tokio::spawn(async move { admin.edit_calendar(&editor(), id, None, add).await })
    });
    for added in adding.collect::<Vec<_>>() {
        added.await.unwrap().unwrap();
    }
    assert_eq!(house.admin.calendar(&editor(), id).await.unwrap().exceptions.len(), 4);
}
