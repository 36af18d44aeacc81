//! `FlowStore`.

use crate::support::*;
use model::{
    catalog::EventKind,
    delivery::DeliveryState,
    flow::{FlowDraft, FlowFilter, FlowKind, FlowMode, FlowVersion},
    page::Paging,
};
use storage::{
    Storage, StorageError,
    journal::{Batch, Completion, KeptRun, RunChange},
};

async fn names(store: &dyn Storage, filter: &FlowFilter, paging: Paging) -> (Vec<String>, u64) {
    let page = store.flows(filter, paging).await.unwrap();
    (page.items.into_iter().map(|row| row.name).collect(), page.total)
}

/// A draft whose text tells one version from another.
fn draft(name: &str, source: &str) -> FlowDraft {
    FlowDraft { source: source.into(), ..flow_draft(name) }
}

#[tokio::test]
async fn a_flow_reads_back_with_its_first_version() {
    on_every_backend(async |store| {
        let draft = FlowDraft {
            name: "Картка в CRM".into(),
            kind: FlowKind::Default,
            description: "відкриває картку".into(),
            mode: FlowMode::Lenient,
            source: "[\n  {\"log\": \"привіт\"}\n]".into(),
            extras: Some(object([("debug", true.into())])),
        };
        let made = store.create_flow(&draft, "olena", NOW).await.unwrap();
        assert_eq!((made.name.as_str(), made.kind), ("Картка в CRM", FlowKind::Default));
        assert_eq!((made.description.as_str(), made.current), ("відкриває картку", 1));
        assert_eq!(Some(&made.extras), draft.extras.as_ref());
        assert_eq!((made.created_at, made.updated_at), (NOW, NOW));
        let version = FlowVersion {
            number: 1,
            mode: FlowMode::Lenient,
            source: draft.source,
            saved_at: NOW,
            saved_by: "olena".into(),
        };
        assert_eq!(made.version, version);
        assert_eq!(store.flow(made.id, None).await.unwrap(), Some(made.clone()));
        assert_eq!(store.flow_versions(made.id).await.unwrap(), std::slice::from_ref(&version));
        assert_eq!(store.flow_version(made.id, 1).await.unwrap(), Some(version));
    })
    .await;
}

#[tokio::test]
async fn a_flow_that_is_not_there_is_nothing() {
    on_every_backend(async |store| {
        let made = store.create_flow(&flow_draft("a"), "olena", NOW).await.unwrap();
        assert_eq!(store.flow(made.id, Some(2)).await.unwrap(), None);
        assert_eq!(store.flow_version(made.id, 2).await.unwrap(), None);
        assert_eq!(store.flow(NO_FLOW, None).await.unwrap(), None);
        assert_eq!(store.flow_version(NO_FLOW, 1).await.unwrap(), None);
        assert!(store.flow_versions(NO_FLOW).await.unwrap().is_empty());
        let saved = store.save_flow(NO_FLOW, 1, &flow_draft("b"), "olena", NOW).await.unwrap();
        assert_eq!(saved, None);
        assert_eq!(store.delete_flow(NO_FLOW).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn every_save_is_a_new_version_and_the_earlier_ones_stay_as_they_were() {
    on_every_backend(async |store| {
        let made = store.create_flow(&draft("CRM", "[1]"), "olena", NOW).await.unwrap();
        let changed = FlowDraft {
            name: "CRM 2".into(),
            kind: FlowKind::Default,
            description: "new words".into(),
            mode: FlowMode::Lenient,
            source: "[2]".into(),
            extras: None,
        };
        let second = store.save_flow(made.id, 1, &changed, "ivan", NOW.plus(5)).await.unwrap();
        let second = second.unwrap();
        assert_eq!((second.name.as_str(), second.kind), ("CRM 2", FlowKind::Default));
        assert_eq!((second.description.as_str(), second.current), ("new words", 2));
        assert_eq!((second.created_at, second.updated_at), (NOW, NOW.plus(5)));
        assert_eq!((second.version.number, second.version.mode), (2, FlowMode::Lenient));
        assert_eq!((second.version.source.as_str(), &*second.version.saved_by), ("[2]", "ivan"));
        // The same text again is a version as well.
        store.save_flow(made.id, 2, &changed, "ivan", NOW.plus(6)).await.unwrap().unwrap();
        let versions = store.flow_versions(made.id).await.unwrap();
        assert_eq!(versions.iter().map(|one| one.number).collect::<Vec<_>>(), [3, 2, 1]);
        assert_eq!(versions[1], second.version);
        assert_eq!(versions[2], made.version);
        let first = store.flow(made.id, Some(1)).await.unwrap().unwrap();
        assert_eq!((first.current, &first.version), (3, &made.version));
        assert_eq!(store.flow_version(made.id, 1).await.unwrap(), Some(made.version));
        assert_eq!(store.flow(made.id, None).await.unwrap().unwrap().version.number, 3);
    })
    .await;
}

#[tokio::test]
async fn a_save_on_top_of_an_old_version_is_refused_and_names_the_newest() {
    on_every_backend(async |store| {
        let made = store.create_flow(&draft("CRM", "[1]"), "olena", NOW).await.unwrap();
        store.save_flow(made.id, 1, &draft("CRM", "[2]"), "olena", NOW).await.unwrap();
        for base in [0, 1, 3] {
            let saved = store.save_flow(made.id, base, &draft("CRM", "[x]"), "ivan", NOW).await;
            assert!(matches!(saved, Err(StorageError::Stale { newest: 2 })), "{base}: {saved:?}");
        }
        assert_eq!(store.flow(made.id, None).await.unwrap().unwrap().version.source, "[2]");
        assert_eq!(store.flow_versions(made.id).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn of_many_who_save_on_top_of_one_version_one_succeeds() {
    on_every_backend(async |store| {
        let made = store.create_flow(&draft("CRM", "[1]"), "olena", NOW).await.unwrap();
        let mut savers = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (store, id) = (store.clone(), made.id);
            savers.spawn(async move {
                store.save_flow(id, 1, &draft("CRM", "[2]"), "ivan", NOW).await.is_ok()
            });
        }
        let saved = savers.join_all().await.into_iter().filter(|saved| *saved).count();
        assert_eq!((saved, store.flow_versions(made.id).await.unwrap().len()), (1, 2));
    })
    .await;
}

#[tokio::test]
async fn two_flows_cannot_have_one_name() {
    on_every_backend(async |store| {
        store.create_flow(&flow_draft("CRM"), "olena", NOW).await.unwrap();
        let other = store.create_flow(&flow_draft("SMS"), "olena", NOW).await.unwrap();
        let made = store.create_flow(&flow_draft("CRM"), "olena", NOW).await;
        assert!(matches!(made, Err(StorageError::Taken { field: "name" })), "{made:?}");
        let saved = store.save_flow(other.id, 1, &flow_draft("CRM"), "olena", NOW).await;
        assert!(matches!(saved, Err(StorageError::Taken { field: "name" })), "{saved:?}");
        assert_eq!(store.flow(other.id, None).await.unwrap(), Some(other), "nothing of it stays");
    })
    .await;
}

#[tokio::test]
async fn a_deleted_flow_goes_with_its_versions() {
    on_every_backend(async |store| {
        let made = store.create_flow(&draft("CRM", "[1]"), "olena", NOW).await.unwrap();
        let second = store.save_flow(made.id, 1, &draft("CRM", "[2]"), "olena", NOW).await.unwrap();
        assert_eq!(store.delete_flow(made.id).await.unwrap(), second);
        assert_eq!(store.flow(made.id, None).await.unwrap(), None);
        assert!(store.flow_versions(made.id).await.unwrap().is_empty());
        let again = store.create_flow(&draft("CRM", "[3]"), "olena", NOW).await.unwrap();
        assert_ne!(again.id, made.id, "a number is not given twice");
    })
    .await;
}

#[tokio::test]
async fn a_flow_that_hooks_run_cannot_be_deleted_and_the_hooks_are_named() {
    on_every_backend(async |store| {
        let one = wired(&*store, "CRM", EventKind::Joined).await;
        let leaving = hook_draft(one.flow.id, EventKind::Leaving);
        let second = store.create_hook(one.queue.id, &leaving, NOW).await.unwrap();
        wired(&*store, "other", EventKind::Joined).await;
        match store.delete_flow(one.flow.id).await {
            Err(StorageError::InUse { hooks, deliveries: 0, .. }) => {
                assert_eq!(hooks, [one.hook.clone(), second.clone()]);
            }
            other => panic!("{other:?}"),
        }
        assert!(store.flow(one.flow.id, None).await.unwrap().is_some());
        store.delete_hook(one.hook.id).await.unwrap();
        store.delete_hook(second.id).await.unwrap();
        assert!(store.delete_flow(one.flow.id).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn a_flow_that_unfinished_deliveries_run_cannot_be_deleted_and_they_are_counted() {
    on_every_backend(async |store| {
        for state in DeliveryState::ALL {
            let one = wired(&*store, state.as_str(), EventKind::Joined).await;
            let event = one.new_event(NOW);
            let accepted = accept(&*store, event).await;
            one.accept(&*store, NOW, DeliveryState::Skipped).await;
            complete(&*store, vec![one.completion(&accepted, state, NOW)]).await;
            store.delete_hook(one.hook.id).await.unwrap();
            let deleted = store.delete_flow(one.flow.id).await;
            if state.is_final() {
                assert!(matches!(deleted, Ok(Some(_))), "{state}: {deleted:?}");
                continue;
            }
            match deleted {
                Err(StorageError::InUse { hooks, deliveries: 1, .. }) => assert!(hooks.is_empty()),
                other => panic!("{state}: {other:?}"),
            }
            let done = one.completion(&accepted, DeliveryState::Cancelled, NOW);
            let batch = Batch { completions: vec![done], ..Batch::default() };
            store.commit(&batch).await.unwrap();
            assert!(store.delete_flow(one.flow.id).await.unwrap().is_some(), "{state}");
        }
    })
    .await;
}

#[tokio::test]
async fn flows_are_found_by_a_part_of_the_name_in_any_case_and_alphabet_or_by_the_whole_id() {
    on_every_backend(async |store| {
        let crm = store.create_flow(&flow_draft("CRM card"), "olena", NOW).await.unwrap();
        store.create_flow(&flow_draft("Картка КЛІЄНТА"), "olena", NOW).await.unwrap();
        for (search, expected) in [
            ("", &["CRM card", "Картка КЛІЄНТА"][..]),
            ("crm", &["CRM card"]),
            (" клієнт ", &["Картка КЛІЄНТА"]),
            ("КАРТ", &["Картка КЛІЄНТА"]),
            (&crm.id.to_string(), &["CRM card"]),
            ("%", &[]),
        ] {
            let filter = FlowFilter { search: search.into(), ..FlowFilter::default() };
            let found = names(&*store, &filter, Paging::default()).await;
            assert_eq!(found.0, expected, "{search:?}");
            assert_eq!(found.1, expected.len() as u64);
        }
    })
    .await;
}

#[tokio::test]
async fn flows_are_narrowed_by_type_by_mode_and_to_those_that_hooks_may_run() {
    on_every_backend(async |store| {
        for kind in FlowKind::ALL {
            let draft = FlowDraft { kind, ..flow_draft(kind.as_str()) };
            store.create_flow(&draft, "olena", NOW).await.unwrap();
        }
        let lenient = FlowDraft { mode: FlowMode::Lenient, ..flow_draft("turned") };
        let turned = store.create_flow(&flow_draft("turned"), "olena", NOW).await.unwrap();
        store.save_flow(turned.id, 1, &lenient, "olena", NOW).await.unwrap();
        let all = FlowFilter::default();
        for (filter, expected) in [
            (FlowFilter { kinds: vec![FlowKind::Voice], ..all.clone() }, &["voice"][..]),
            (FlowFilter { kinds: vec![FlowKind::Service], ..all.clone() }, &["service", "turned"]),
            (FlowFilter { mode: Some(FlowMode::Lenient), ..all.clone() }, &["turned"]),
            (FlowFilter { for_hooks: true, ..all.clone() }, &["default", "service", "turned"]),
            (
                FlowFilter { for_hooks: true, mode: Some(FlowMode::Strict), ..all.clone() },
                &["default", "service"],
            ),
        ] {
            assert_eq!(names(&*store, &filter, Paging::default()).await.0, expected, "{filter:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn flows_are_sorted_by_name_last_save_or_id_both_ways_and_paged() {
    on_every_backend(async |store| {
        let mut ids = Vec::new();
        for name in ["beta", "Alpha", "gamma"] {
            ids.push(store.create_flow(&flow_draft(name), "olena", NOW).await.unwrap().id);
        }
        store.save_flow(ids[0], 1, &flow_draft("beta"), "ivan", NOW.plus(2)).await.unwrap();
        store.save_flow(ids[2], 1, &flow_draft("gamma"), "ivan", NOW.plus(1)).await.unwrap();
        for (order, expected) in [
            ("", ["Alpha", "beta", "gamma"]),
            ("-name", ["gamma", "beta", "Alpha"]),
            ("updated", ["Alpha", "gamma", "beta"]),
            ("-updated", ["beta", "gamma", "Alpha"]),
            ("id", ["beta", "Alpha", "gamma"]),
            ("-id", ["gamma", "Alpha", "beta"]),
        ] {
            let filter = FlowFilter { sort: sort(order), ..FlowFilter::default() };
            assert_eq!(names(&*store, &filter, Paging::default()).await.0, expected, "{order:?}");
        }
        let all = FlowFilter::default();
        assert_eq!(names(&*store, &all, page(2, 2)).await, (vec!["gamma".into()], 3));
        assert_eq!(names(&*store, &all, page(3, 2)).await, (vec![], 3));
    })
    .await;
}

#[tokio::test]
async fn a_row_of_the_list_shows_the_newest_version_and_counts_hooks() {
    on_every_backend(async |store| {
        let one = wired(&*store, "CRM", EventKind::Joined).await;
        let lenient = FlowDraft { mode: FlowMode::Lenient, ..flow_draft("CRM") };
        store.save_flow(one.flow.id, 1, &lenient, "ivan", NOW.plus(9)).await.unwrap();
        let page = store.flows(&FlowFilter::default(), Paging::default()).await.unwrap();
        let row = &page.items[0];
        assert_eq!((row.id, row.kind, row.mode), (one.flow.id, one.flow.kind, FlowMode::Lenient));
        assert_eq!((row.current, row.hooks, row.updated_at), (2, 1, NOW.plus(9)));
        assert_eq!(row.saved_by, "ivan");
    })
    .await;
}

#[tokio::test]
async fn a_flow_that_a_run_at_rest_has_called_cannot_be_deleted() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Calls", EventKind::Joined).await;
        let called = store.create_flow(&flow_draft("Called"), "olena", NOW).await.unwrap();
        let other = store.create_flow(&flow_draft("Other"), "olena", NOW).await.unwrap();
        let accepted = accept(&*store, one.new_event(NOW)).await;
        let run = KeptRun { called: [(called.id, 1)].into(), ..KeptRun::default() };
        let waits = Completion {
            run: RunChange::Keep(run),
            ..one.completion(&accepted, DeliveryState::Waiting, NOW)
        };
        complete(&*store, vec![waits]).await;
        let refused = store.delete_flow(called.id).await;
        assert!(matches!(refused, Err(StorageError::InUse { deliveries: 1, .. })), "{refused:?}");
        assert!(store.delete_flow(other.id).await.unwrap().is_some());
        let done = Completion {
            run: RunChange::Forget,
            ..one.completion(&accepted, DeliveryState::Delivered, NOW)
        };
        complete(&*store, vec![done]).await;
        assert!(store.delete_flow(called.id).await.unwrap().is_some());
    })
    .await;
}
