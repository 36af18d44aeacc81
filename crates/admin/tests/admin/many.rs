//! Many hooks or queues at once: one bad item never costs a good one.

use crate::support::*;
use model::{
    catalog::{EventKind, QueueType},
    delivery::Rest,
    flow::{FlowDraft, FlowKind},
    hook::{HookDraft, HookFilter},
    ids::{HookId, QueueId},
    many::{AT_ONCE, CopiesBegin, HookAct, Outcome, PlannedCopy, QueueAct, Refusal},
    page::Paging,
    policy::Policy,
    queue::QueueDraft,
};
use serde_json::json;

async fn is_on(house: &House, id: HookId) -> bool {
    house.admin.hook(&editor(), id).await.unwrap().enabled
}

#[tokio::test]
async fn hooks_are_switched_together_and_those_that_are_gone_are_named() {
    let house = House::new().await;
    let (queue, flow) = (house.queue("Sales").await, house.flow("CRM").await);
    let one = house.hook(queue.id, flow.id, EventKind::Joined).await.id;
    let two = house.hook(queue.id, flow.id, EventKind::Leaving).await.id;
    let other = house.hook(queue.id, flow.id, EventKind::Missed).await.id;
    let ids = [one, NO_HOOK, two, one];
    let outcome = house.admin.change_hooks(&editor(), &ids, HookAct::Disable).await.unwrap();
    assert_eq!(outcome, Outcome { done: 2, left: vec![(NO_HOOK, Refusal::Gone)] });
    for (id, on) in [(one, false), (two, false), (other, true)] {
        assert_eq!(is_on(&house, id).await, on, "{id}");
    }
    // What is so already counts as done.
    let outcome = house.admin.change_hooks(&editor(), &[one, other], HookAct::Enable).await;
    assert_eq!(outcome.unwrap(), Outcome { done: 2, left: vec![] });
    assert!(is_on(&house, one).await && !is_on(&house, two).await);
}

#[tokio::test]
async fn hooks_are_deleted_together() {
    let house = House::new().await;
    let (queue, flow) = (house.queue("Sales").await, house.flow("CRM").await);
    let one = house.hook(queue.id, flow.id, EventKind::Joined).await.id;
    let kept = house.hook(queue.id, flow.id, EventKind::Leaving).await.id;
    let outcome =
        house.admin.change_hooks(&editor(), &[one, NO_HOOK], HookAct::Delete(Rest::Cancel)).await;
    assert_eq!(outcome.unwrap(), Outcome { done: 1, left: vec![(NO_HOOK, Refusal::Gone)] });
    let found = house.admin.hooks(&editor(), &HookFilter::default(), Paging::default()).await;
    let found: Vec<_> = found.unwrap().items.iter().map(|row| row.hook.id).collect();
    assert_eq!(found, [kept]);
}

#[tokio::test]
async fn hooks_move_to_a_flow_save_where_it_is_run_already() {
    let house = House::new().await;
    let (sales, support) = (house.queue("Sales").await, house.queue("Support").await);
    let (crm, sms) = (house.flow("CRM").await, house.flow("SMS").await);
    let taken = house.hook(sales.id, crm.id, EventKind::Joined).await.id;
    let there = house.hook(sales.id, sms.id, EventKind::Joined).await.id;
    let good = house.hook(support.id, crm.id, EventKind::Joined).await.id;
    let ids = [taken, NO_HOOK, there, good];
    let outcome = house.admin.change_hooks(&editor(), &ids, HookAct::Move(sms.id)).await.unwrap();
    let left = vec![(taken, Refusal::Taken), (NO_HOOK, Refusal::Gone)];
    assert_eq!(outcome, Outcome { done: 2, left });
    for (id, flow) in [(taken, crm.id), (there, sms.id), (good, sms.id)] {
        assert_eq!(house.admin.hook(&editor(), id).await.unwrap().flow_id, flow, "{id}");
    }
}

#[tokio::test]
async fn hooks_move_only_to_a_flow_that_hooks_run() {
    let house = House::new().await;
    let (queue, crm) = (house.queue("Sales").await, house.flow("CRM").await);
    let hook = house.hook(queue.id, crm.id, EventKind::Joined).await.id;
    let voice = FlowDraft { kind: FlowKind::Voice, ..flow_draft("IVR") };
    let voice = house.admin.create_flow(&editor(), voice).await.unwrap();
    for (flow, said) in [
        (NO_FLOW, "/flow_id: this flow does not exist"),
        (voice.id, "/flow_id: a hook runs flows of type service or default; this one is voice"),
    ] {
        let moved = house.admin.change_hooks(&editor(), &[hook], HookAct::Move(flow)).await;
        assert_eq!(problems(moved), [said]);
    }
}

#[tokio::test]
async fn at_most_500_are_changed_at_once_and_more_are_counted() {
    let house = House::new().await;
    let ids = |count: usize| (1..=count as i64).map(HookId).collect::<Vec<_>>();
    let most = house.admin.change_hooks(&editor(), &ids(AT_ONCE), HookAct::Enable).await.unwrap();
    assert_eq!((most.done, most.left.len()), (0, AT_ONCE));
    let said = ["/ids: at most 500 are changed at once; these are 501"];
    let more = ids(AT_ONCE + 1);
    assert_eq!(problems(house.admin.chosen_hooks(&editor(), &more).await), said);
    assert_eq!(problems(house.admin.change_hooks(&editor(), &more, HookAct::Enable).await), said);
    // One that is named twice is one.
    let twice = [ids(AT_ONCE), ids(AT_ONCE)].concat();
    house.admin.chosen_hooks(&editor(), &twice).await.unwrap();
    // What counts of copies is how many are made.
    let queues: Vec<_> = (1..=167).map(QueueId).collect();
    let said = ["/queues: at most 500 are changed at once; these are 501"];
    assert_eq!(problems(house.admin.plan_copies(&editor(), &ids(3), &queues).await), said);
}

#[tokio::test]
async fn queues_are_switched_and_deleted_together_with_their_hooks() {
    let house = House::new().await;
    let flow = house.flow("CRM").await;
    let (one, two) = (house.queue("One").await, house.queue("Two").await);
    let hook = house.hook(one.id, flow.id, EventKind::Joined).await.id;
    let change =
        async |ids: &[QueueId], act| house.admin.change_queues(&editor(), ids, act).await.unwrap();
    let gone = vec![(NO_QUEUE, Refusal::Gone)];
    let off = change(&[one.id, NO_QUEUE, two.id], QueueAct::Disable).await;
    assert_eq!(off, Outcome { done: 2, left: gone.clone() });
    let on = change(&[two.id], QueueAct::Enable).await;
    assert_eq!(on, Outcome { done: 1, left: vec![] });
    assert!(!house.admin.queue(&editor(), one.id).await.unwrap().enabled);
    assert!(house.admin.queue(&editor(), two.id).await.unwrap().enabled);
    assert_eq!(
        change(&[one.id, NO_QUEUE], QueueAct::Delete(Rest::Finish)).await,
        Outcome { done: 1, left: gone }
    );
    not_found(house.admin.queue(&editor(), one.id).await);
    not_found(house.admin.hook(&editor(), hook).await);
    house.admin.queue(&editor(), two.id).await.unwrap();
}

#[tokio::test]
async fn copying_hooks_is_planned_queue_by_queue_and_done_as_planned() {
    let house = House::new().await;
    let flow = house.flow("CRM").await;
    let from = house.queue("From").await;
    let joined = HookDraft {
        condition: "channel == 'call'".into(),
        ordered: false,
        max_hold_ms: 7_000,
        policy: Policy { retry_waits_ms: Some(vec![7]), ..Policy::default() },
        extras: Some(json!({"note": "kept"}).as_object().unwrap().clone()),
        ..hook_draft(flow.id, EventKind::Joined)
    };
    let joined = house.admin.create_hook(&editor(), from.id, joined).await.unwrap();
    let missed = house.hook(from.id, flow.id, EventKind::Missed).await;
    house.admin.set_hook_enabled(&editor(), missed.id, false).await.unwrap();
    let full = house.queue("Full").await;
    house.hook(full.id, flow.id, EventKind::Joined).await;
    let ivr = QueueDraft { kind: QueueType::OutboundIvr, ..queue_draft("IVR") };
    let ivr = house.admin.create_queue(&editor(), ivr).await.unwrap();

    let hooks = [joined.id, missed.id, NO_HOOK];
    let queues = [full.id, ivr.id, NO_QUEUE];
    let plan = house.admin.plan_copies(&editor(), &hooks, &queues).await.unwrap();
    let copy = |hook, queue, refusal| PlannedCopy { hook, queue, refusal };
    let expected = [
        copy(joined.id, full.id, Some(Refusal::Taken)),
        copy(missed.id, full.id, None),
        copy(joined.id, ivr.id, None),
        copy(missed.id, ivr.id, Some(Refusal::NotFired)),
    ];
    assert_eq!((plan.copies.as_slice(), plan.possible()), (expected.as_slice(), 2));

    let begin = CopiesBegin::AsTheyAre;
    let outcome = house.admin.copy_hooks(&editor(), &hooks, &queues, begin).await.unwrap();
    assert_eq!(outcome.done, 2);
    let mut left = outcome.left;
    left.sort_by_key(|((hook, queue), _)| (*hook, *queue));
    let mut named = vec![
        ((joined.id, full.id), Refusal::Taken),
        ((joined.id, NO_QUEUE), Refusal::QueueGone),
        ((missed.id, ivr.id), Refusal::NotFired),
        ((missed.id, NO_QUEUE), Refusal::QueueGone),
        ((NO_HOOK, full.id), Refusal::Gone),
        ((NO_HOOK, ivr.id), Refusal::Gone),
        ((NO_HOOK, NO_QUEUE), Refusal::Gone),
    ];
    named.sort_by_key(|((hook, queue), _)| (*hook, *queue));
    assert_eq!(left, named);

    let hooks_of = async |queue: QueueId| {
        let filter = HookFilter::of_queue(queue);
        let found = house.admin.hooks(&editor(), &filter, Paging::default()).await.unwrap();
        found.items.into_iter().map(|row| row.hook).collect::<Vec<_>>()
    };
    let copies = hooks_of(ivr.id).await;
    let made = &copies[0];
    assert_eq!((copies.len(), made.event, made.flow_id), (1, EventKind::Joined, flow.id));
    assert_eq!(made.condition, "channel == 'call'");
    assert_eq!((made.enabled, made.ordered, made.max_hold_ms), (true, false, 7_000));
    assert_eq!((&made.extras, &made.policy), (&joined.extras, &joined.policy));
    // The hook that is switched off is copied so.
    let copies = hooks_of(full.id).await;
    let made = copies.iter().find(|hook| hook.event == EventKind::Missed).unwrap();
    assert!(!made.enabled);
    // Again, nothing is left to be made.
    let again = house.admin.copy_hooks(&editor(), &hooks[..2], &queues[..2], begin).await.unwrap();
    assert_eq!((again.done, again.left.len()), (0, 4));
}

#[tokio::test]
async fn copies_may_begin_switched_off() {
    let house = House::new().await;
    let flow = house.flow("CRM").await;
    let (from, to) = (house.queue("From").await, house.queue("To").await);
    let hook = house.hook(from.id, flow.id, EventKind::Joined).await.id;
    let begin = CopiesBegin::Disabled;
    let outcome = house.admin.copy_hooks(&editor(), &[hook], &[to.id], begin).await.unwrap();
    assert_eq!(outcome, Outcome { done: 1, left: vec![] });
    let copy = house.admin.hooks_of(&editor(), to.id).await.unwrap();
    assert!(!is_on(&house, copy[0]).await && is_on(&house, hook).await);
}

#[tokio::test]
async fn a_queue_is_duplicated_with_variables_and_hooks_under_a_name_of_its_own() {
    let house = House::new().await;
    let flow = house.flow("CRM").await;
    let draft = QueueDraft {
        kind: QueueType::Predictive,
        description: "evenings".into(),
        ..queue_draft("Sales")
    };
    let variables = json!({"region": "Київ"}).as_object().unwrap().clone();
    let draft = QueueDraft { variables: Some(variables.clone()), ..draft };
    let queue = house.admin.create_queue(&editor(), draft).await.unwrap();
    let on = house.hook(queue.id, flow.id, EventKind::Joined).await.id;
    let off = house.hook(queue.id, flow.id, EventKind::Leaving).await.id;
    house.admin.set_hook_enabled(&editor(), off, false).await.unwrap();
    house.admin.pause_hook(&editor(), on).await.unwrap();

    let duplicate = async |name: &str, begin| {
        house.admin.duplicate_queue(&editor(), queue.id, name, begin).await
    };
    let same = duplicate(" Sales 2 ", CopiesBegin::AsTheyAre).await.unwrap();
    assert_eq!((same.name.as_str(), same.kind), ("Sales 2", QueueType::Predictive));
    assert_eq!((same.description.as_str(), same.variables), ("evenings", variables));
    let states = async |queue: QueueId| {
        let mut states = Vec::new();
        for id in house.admin.hooks_of(&editor(), queue).await.unwrap() {
            let hook = house.admin.hook(&editor(), id).await.unwrap();
            states.push((hook.event, hook.enabled, hook.paused));
        }
        states
    };
    let expected = [(EventKind::Joined, true, None), (EventKind::Leaving, false, None)];
    assert_eq!(states(same.id).await, expected);
    let quiet = duplicate("Sales 3", CopiesBegin::Disabled).await.unwrap();
    assert!(states(quiet.id).await.iter().all(|(_, enabled, _)| !enabled));
    assert_eq!(
        problems(duplicate("Sales", CopiesBegin::Disabled).await),
        ["/name: is in use already"]
    );
    assert_eq!(problems(duplicate(" ", CopiesBegin::Disabled).await), ["/name: is needed"]);
    let none = house.admin.duplicate_queue(&editor(), NO_QUEUE, "x", CopiesBegin::Disabled).await;
    assert_eq!(not_found(none), "there is no queue 9999");
}
