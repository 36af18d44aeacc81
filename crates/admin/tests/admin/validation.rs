//! What is wrong with an input, said at its place; all faults at once.

use crate::support::*;
use admin::changes::QueueChange;
use model::{
    JsonMap,
    catalog::{EventKind, QueueType},
    delivery::Rest,
    flow::{FlowDraft, FlowKind},
    hook::HookDraft,
    policy::Policy,
    queue::QueueDraft,
    user::{Role, Scope},
};
use serde_json::json;

fn variables(pairs: &[(&str, serde_json::Value)]) -> JsonMap {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn renamed(name: &str) -> QueueChange {
    QueueChange { name: Some(name.into()), ..QueueChange::default() }
}

#[tokio::test]
async fn a_queues_name_and_description_have_their_limits() {
    let house = House::new().await;
    let there = house.queue("there").await;
    for (name, description, expected) in [
        ("  \t", "", vec!["/name: is needed"]),
        (&"я".repeat(121), "", vec!["/name: has at most 120 characters"]),
        ("two\nlines", "", vec!["/name: holds a control character"]),
        (
            "",
            &"я".repeat(2_001),
            vec!["/name: is needed", "/description: has at most 2000 characters"],
        ),
    ] {
        let draft = QueueDraft { description: description.into(), ..queue_draft(name) };
        let made = house.admin.create_queue(&editor(), draft).await;
        assert_eq!(problems(made), expected, "{name:?}");
        let change = QueueChange { description: Some(description.into()), ..renamed(name) };
        let changed = house.admin.change_queue(&editor(), there.id, change).await;
        assert_eq!(problems(changed), expected, "{name:?}");
    }
    let most = QueueDraft { description: "я".repeat(2_000), ..queue_draft(&"я".repeat(120)) };
    house.admin.create_queue(&editor(), most).await.unwrap();
}

#[tokio::test]
async fn names_are_trimmed_before_they_are_kept() {
    let house = House::new().await;
    let draft = QueueDraft { description: " about \n".into(), ..queue_draft("  Sales ") };
    let made = house.admin.create_queue(&editor(), draft).await.unwrap();
    assert_eq!((made.name.as_str(), made.description.as_str()), ("Sales", "about"));
    let made = house.admin.create_flow(&editor(), flow_draft(" CRM ")).await.unwrap();
    assert_eq!(made.name, "CRM");
}

#[tokio::test]
async fn a_name_in_use_is_said_at_the_name() {
    let house = House::new().await;
    let queue = house.queue("Sales").await;
    house.queue("Support").await;
    house.flow("CRM").await;
    let taken = ["/name: is in use already"];
    let admin = &house.admin;
    assert_eq!(problems(admin.create_queue(&editor(), queue_draft("Sales ")).await), taken);
    let changed = admin.change_queue(&editor(), queue.id, renamed("Support")).await;
    assert_eq!(problems(changed), taken);
    assert_eq!(problems(admin.create_flow(&editor(), flow_draft("CRM")).await), taken);
}

#[tokio::test]
async fn a_queues_variables_have_names_that_templates_can_speak_of() {
    let house = House::new().await;
    let queue = house.queue("Sales").await;
    let rule = "a name has at least one character, and no $, { or }";
    let given = variables(&[
        ("", json!(1)),
        ("region", json!("Київ")),
        ("a/b~c$", json!(1)),
        ("${x}", json!(1)),
        ("tab\t", json!(1)),
    ]);
    let change = QueueChange { variables: Some(given), ..QueueChange::default() };
    let set = house.admin.change_queue(&editor(), queue.id, change).await;
    let places = ["/variables/", "/variables/a~1b~0c$", "/variables/${x}", "/variables/tab\t"];
    assert_eq!(problems(set), places.map(|place| format!("{place}: {rule}")));
}

#[tokio::test]
async fn a_queues_variables_together_have_at_most_64_kib() {
    let house = House::new().await;
    let queue = house.queue("Sales").await;
    let set = async |size: usize| {
        // The name and the quotation marks count as well.
        let given = variables(&[("a", json!("x".repeat(size - 3)))]);
        let change = QueueChange { variables: Some(given), ..QueueChange::default() };
        house.admin.change_queue(&editor(), queue.id, change).await
    };
    assert_eq!(problems(set(65_537).await), ["/variables: together have at most 64 KiB"]);
    assert_eq!(set(65_536).await.unwrap().variables.len(), 1);
}

#[tokio::test]
async fn all_faults_of_a_hook_are_said_at_once() {
    let house = House::new().await;
    let draft = QueueDraft { kind: QueueType::OutboundIvr, ..queue_draft("IVR") };
    let queue = house.admin.create_queue(&editor(), draft).await.unwrap();
    let draft = HookDraft {
        condition: "destination ==".into(),
        max_hold_ms: -1,
        policy: Policy { max_age_ms: Some(1), ..Policy::default() },
        ..hook_draft(NO_FLOW, EventKind::Answered)
    };
    let said = problems(house.admin.create_hook(&editor(), queue.id, draft).await);
    assert_eq!(said.len(), 5, "{said:?}");
    assert_eq!(
        said[0],
        "/event: this queue fires joined, offering, bridged, leaving, not answered"
    );
    assert_eq!(said[1], "/flow_id: this flow does not exist");
    assert!(said[2].starts_with("/condition: "), "{}", said[2]);
    assert_eq!(said[3], "/max_hold_ms: lies between 0 and 86400000 (a day)");
    assert_eq!(said[4], "/policy/max_age_ms: 1 is not between 1000 and 5184000000 ms");
}

#[tokio::test]
async fn a_hooks_condition_holds_no_nul() {
    let house = House::new().await;
    let (queue, flow) = (house.queue("Sales").await, house.flow("CRM").await);
    let hook = house.hook(queue.id, flow.id, EventKind::Joined).await;
    let said = ["/condition: a text that is kept does not hold the character U+0000"];
    // Within a text of the condition, and outside of any.
    for condition in ["destination == 'a\0'", "destination == 'a' \0"] {
        let draft =
            HookDraft { condition: condition.into(), ..hook_draft(flow.id, EventKind::Leaving) };
        let made = house.admin.create_hook(&editor(), queue.id, draft.clone()).await;
        assert_eq!(problems(made), said, "{condition:?}");
        let changed = house.admin.change_hook(&editor(), hook.id, draft.into()).await;
        assert_eq!(problems(changed), said, "{condition:?}");
    }
}

#[tokio::test]
async fn what_was_parked_is_released_at_a_rate_that_is_one() {
    let house = House::new().await;
    let (queue, flow) = (house.queue("Sales").await, house.flow("CRM").await);
    let hook = house.hook(queue.id, flow.id, EventKind::Joined).await;
    let said = ["/release_per_s: lies between 1 and 10000 deliveries a second"];
    for rate in [0, 10_001] {
        let resumed = house.admin.resume_hook(&editor(), hook.id, Some(rate)).await;
        assert_eq!(problems(resumed), said);
        let resumed = house.admin.resume_queue(&editor(), queue.id, Some(rate)).await;
        assert_eq!(problems(resumed), said);
    }
    house.admin.pause_queue(&editor(), queue.id).await.unwrap();
    let resumed = house.admin.resume_queue(&editor(), queue.id, Some(10_000)).await.unwrap();
    assert_eq!((resumed.paused, resumed.release_per_s), (false, Some(10_000)));
}

#[tokio::test]
async fn a_change_of_a_hook_is_checked_like_a_new_one() {
    let house = House::new().await;
    let (queue, flow) = (house.queue("Sales").await, house.flow("CRM").await);
    let hook = house.hook(queue.id, flow.id, EventKind::Joined).await;
    let draft = HookDraft { max_hold_ms: 86_400_001, ..hook_draft(NO_FLOW, EventKind::Answered) };
    let said = problems(house.admin.change_hook(&editor(), hook.id, draft.into()).await);
    let places: Vec<_> = said.iter().map(|one| one.split(':').next().unwrap()).collect();
    assert_eq!(places, ["/event", "/flow_id", "/max_hold_ms"]);
    let draft = HookDraft {
        condition: "  call_bill_sec > 10  ".into(),
        max_hold_ms: 86_400_000,
        ..hook_draft(flow.id, EventKind::Leaving)
    };
    let changed = house.admin.change_hook(&editor(), hook.id, draft.into()).await.unwrap();
    assert_eq!(
        (changed.condition.as_str(), changed.event),
        ("call_bill_sec > 10", EventKind::Leaving)
    );
}

#[tokio::test]
async fn a_hook_runs_flows_of_the_types_service_and_default_only() {
    let house = House::new().await;
    let queue = house.queue("Sales").await;
    for kind in FlowKind::ALL {
        let draft = FlowDraft { kind, ..flow_draft(kind.as_str()) };
        let flow = house.admin.create_flow(&editor(), draft).await.unwrap();
        let draft = hook_draft(flow.id, EventKind::Joined);
        let made = house.admin.create_hook(&editor(), queue.id, draft).await;
        if kind.fits_a_hook() {
            made.unwrap();
        } else {
            let said = "/flow_id: a hook runs flows of type service or default; this one is";
            assert_eq!(problems(made), [format!("{said} {kind}")]);
        }
    }
}

#[tokio::test]
async fn the_same_queue_event_and_flow_again_are_refused_in_the_panels_words() {
    let house = House::new().await;
    let (queue, flow) = (house.queue("Sales").await, house.flow("CRM").await);
    house.hook(queue.id, flow.id, EventKind::Joined).await;
    let other = house.hook(queue.id, flow.id, EventKind::Leaving).await;
    let draft = || hook_draft(flow.id, EventKind::Joined);
    let said = ["/flow_id: a hook of this queue runs this flow at this event already"];
    let made = house.admin.create_hook(&editor(), queue.id, draft()).await;
    assert_eq!(problems(made), said);
    let changed = house.admin.change_hook(&editor(), other.id, draft().into()).await;
    assert_eq!(problems(changed), said);
}

#[tokio::test]
async fn the_faults_of_a_flows_text_are_said_with_line_column_and_place() {
    let house = House::new().await;
    for (source, expected) in [
        ("{}", "/source: line 1, column 1: "),
        ("[\n  {\"log\": ", "/source: line 2, column "),
        ("[\n  {\"goto\": \"nowhere\"}\n]", "/source: line 2, column "),
    ] {
        let draft = FlowDraft { source: source.into(), ..flow_draft("f") };
        let said = problems(house.admin.create_flow(&editor(), draft).await);
        assert!(said[0].starts_with(expected), "{source}: {said:?}");
    }
    let draft = FlowDraft { source: "[{\"goto\": \"nowhere\"}]".into(), ..flow_draft("") };
    let said = problems(house.admin.create_flow(&editor(), draft).await);
    assert_eq!(said[0], "/name: is needed");
    assert!(said[1].contains("(/0") && said[1].contains("nowhere"), "{}", said[1]);
}

#[tokio::test]
async fn a_users_login_and_password_have_their_limits() {
    let house = House::new().await;
    let link = house.admin.new_setup_secret().await.unwrap().unwrap();
    let ok = "0123456789";
    for (login, password, expected) in [
        ("", ok, vec!["/login: is needed"]),
        ("two words", ok, vec!["/login: holds no spaces"]),
        (&"x".repeat(81), ok, vec!["/login: has at most 80 characters"]),
        ("ann", "012345678", vec!["/password: has 10 to 200 characters; this one has 9"]),
        ("ann", &"я".repeat(201), vec!["/password: has 10 to 200 characters; this one has 201"]),
        (" ", "", vec!["/login: is needed", "/password: has 10 to 200 characters; this one has 0"]),
    ] {
        let made =
            house.admin.create_user(&administrator(), login, Role::Viewer, password.into()).await;
        assert_eq!(problems(made), expected, "{login:?}");
        // The first administrator's are checked alike, and use nothing of the link up.
        let made = house.admin.set_up(&link, login, password.into()).await;
        assert_eq!(problems(made), expected, "{login:?}");
    }
    let changed = house.admin.set_user_password(&administrator(), NO_USER, "short".into()).await;
    assert_eq!(problems(changed), ["/password: has 10 to 200 characters; this one has 5"]);
    let made = house.admin.create_user(&administrator(), " ann ", Role::Viewer, ok.into()).await;
    assert_eq!(made.unwrap().login, "ann");
    let again = house.admin.create_user(&administrator(), "ANN", Role::Viewer, ok.into()).await;
    assert_eq!(problems(again), ["/login: is in use already"]);
}

#[tokio::test]
async fn a_token_needs_a_name_of_its_own_and_a_scope() {
    let house = House::new().await;
    let make = async |name: &str, scopes: &[Scope]| {
        house.admin.create_token(&administrator(), name, scopes).await.map(|made| made.token)
    };
    let needed = ["/name: is needed", "/scopes: at least one of ingest, manage, read"];
    assert_eq!(problems(make(" ", &[]).await), needed);
    let long = make(&"x".repeat(81), &[Scope::Read]).await;
    assert_eq!(problems(long), ["/name: has at most 80 characters"]);
    make("crm", &[Scope::Read]).await.unwrap();
    assert_eq!(problems(make("crm", &[Scope::Read]).await), ["/name: is in use already"]);
}

#[tokio::test]
async fn what_is_not_there_is_named_in_the_answer() {
    let house = House::new().await;
    let (admin, ed, ann) = (&house.admin, editor(), administrator());
    assert_eq!(not_found(admin.queue(&ed, NO_QUEUE).await), "there is no queue 9999");
    let change = renamed("q");
    assert_eq!(
        not_found(admin.change_queue(&ed, NO_QUEUE, change).await),
        "there is no queue 9999"
    );
    let draft = hook_draft(NO_FLOW, EventKind::Joined);
    assert_eq!(not_found(admin.create_hook(&ed, NO_QUEUE, draft).await), "there is no queue 9999");
    assert_eq!(
        not_found(admin.delete_hook(&ed, NO_HOOK, Rest::Finish).await),
        "there is no hook 9999"
    );
    assert_eq!(not_found(admin.flow(&ed, NO_FLOW, None).await), "there is no flow 9999");
    assert_eq!(not_found(admin.user(&ann, NO_USER).await), "there is no user 9999");
    assert_eq!(not_found(admin.delete_token(&ann, NO_TOKEN).await), "there is no token 9999");
}
