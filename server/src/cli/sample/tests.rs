use super::{content::SampleHook, *};
use admin::NothingRuns;
use model::{
    catalog::QueueType,
    flow::{FlowMode, check, syntax::Step},
};
use std::{collections::HashSet, sync::Arc};
use storage::sqlite::SqliteStorage;

#[test]
fn there_is_a_queue_of_every_type_and_every_hook_is_fired() {
    for kind in QueueType::ALL {
        assert_eq!(QUEUES.iter().filter(|queue| queue.kind == kind).count(), 1, "{kind}");
    }
    for queue in QUEUES {
        let mut seen = HashSet::new();
        for (event, flow, _) in queue.hooks {
            assert!(event.fired_by(queue.kind), "{} fires no {event}", queue.name);
            assert!(FLOWS.iter().any(|known| known.name == *flow), "no flow {flow}");
            assert!(seen.insert((*event, *flow)), "{} has {event} and {flow} twice", queue.name);
        }
        serde_json::from_str::<JsonMap>(queue.variables).expect("an object");
    }
}

#[test]
fn every_flow_is_used_and_can_be_saved_without_a_warning() {
    assert_eq!(FLOWS.len(), 8);
    assert!(FLOWS.iter().any(|flow| flow.mode == FlowMode::Lenient));
    let hooks: Vec<&SampleHook> = QUEUES.iter().flat_map(|queue| queue.hooks).collect();
    for flow in FLOWS {
        let hooked = hooks.iter().any(|(_, name, _)| *name == flow.name);
        let catches = FLOWS.iter().any(|one| one.failure_flow == Some(flow.name));
        assert!(hooked || catches, "{} is idle", flow.name);
        let source = flow.source.replace("RECEIVER", "127.0.0.1:3100");
        let checked = check::check(&source);
        assert_eq!(checked.problems, [], "{}", flow.name);
        assert!(checked.steps.is_some_and(|steps: Vec<Step>| !steps.is_empty()));
    }
}

#[test]
fn the_receiver_stays_on_this_machine() {
    assert!(loopback("127.0.0.1:3100").is_ok());
    assert!(loopback("localhost:3100").is_ok());
    assert!(loopback("[::1]:3100").is_ok());
    assert!(loopback("0.0.0.0:3100").is_err());
    assert!(loopback("192.168.1.5:3100").is_err());
    assert!(loopback("3100").is_err());
}

#[tokio::test]
async fn loading_it_twice_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("sample.db").display());
    let storage = Arc::new(SqliteStorage::open(&url).await.expect("a database"));
    storage.migrate().await.expect("tables");
    let admin = Admin::new(storage.clone(), Arc::new(NothingRuns));
    let receiver = "127.0.0.1:3100".parse().expect("an address");

    let made = load(receiver, &admin, &*storage).await.expect("a load").expect("nothing there");
    let hooks = QUEUES.iter().map(|queue| queue.hooks.len()).sum();
    assert_eq!(made, Made { queues: 8, flows: 8, hooks });
    let again = load(receiver, &admin, &*storage).await.expect("a load");
    assert_eq!(again, Err("127.0.0.1:3100".to_owned()));

    let queues = admin.queues(&Actor::operator(), &QueueFilter::default(), ALL).await;
    assert_eq!(queues.expect("queues").total, 8);
    let lists = admin.number_lists(&Actor::operator(), "", ALL).await.expect("lists");
    assert!(lists.total == 2 && lists.items.iter().all(|list| list.numbers > 10), "{lists:?}");
    let calendars = admin.calendars(&Actor::operator(), "", ALL).await.expect("calendars");
    assert_eq!(calendars.total, 1);
}
