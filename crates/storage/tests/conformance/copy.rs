//! Copying from one database to another, in every direction.

use crate::{support::*, vault};
use model::{
    cache::CacheEntry,
    calendar::CalendarDraft,
    catalog::EventKind,
    delivery::{DeliveryDetail, DeliveryFilter, DeliveryState},
    ids::{DeliveryId, FlowId},
    number_list::{ListDraft, ListEntry},
    page::{Cursor, Paging},
    replay::{AtStep, ReplayFilter},
    trace::{AttemptOutcome, Failure, FailureClass},
    user::{Role, Scope},
};
use std::sync::Arc;
use storage::{
    Storage,
    copy::{CopyError, TABLES, check_ended, copy},
    journal::{
        Batch, Beginning, Completion, EventReceipt, KeptRun, KeptSteps, NewDelivery, RunChange,
    },
    key::Key,
};

/// Something of everything; the deliveries.
async fn fill(store: &dyn Storage) -> Vec<DeliveryId> {
    let one = wired(store, "Sales", EventKind::Joined).await;
    store.create_user("olena", Role::Admin, "hash", NOW).await.unwrap();
    store.create_token("t", &[Scope::Read], "hint", "h", NOW).await.unwrap();
    store.insert_session("key", &[0, 255, 7], NOW.plus(HOUR)).await.unwrap();
    store.put_fact("sample", "знову").await.unwrap();
    let list = ListDraft { name: "VIP".into(), description: "first".into() };
    let list = store.create_number_list(&list, NOW).await.unwrap().id;
    let number = ListEntry {
        number: "+380".into(),
        description: "знову".into(),
        expires_at: Some(NOW.plus(HOUR)),
        added_at: NOW,
    };
    store.put_list_entries(list, &[number]).await.unwrap();
    let calendar = CalendarDraft {
        name: "Office".into(),
        time_zone: "UTC".into(),
        ..CalendarDraft::default()
    };
    store.create_calendar(&calendar, NOW).await.unwrap();
    let kept = CacheEntry { key: "k".into(), value: "знову".into(), expires_at: None };
    store.put_cache_entry(&kept).await.unwrap();
    let key = Key::random();
    store.put_variable(&vault::variable("region", "Київ")).await.unwrap();
    store.put_secret(None, &vault::secret(&key, "CRM", "s3cret")).await.unwrap();
    store.put_mail_profile(None, &vault::profile(&key, "office", Some("p"))).await.unwrap();
    let events: Vec<_> =
        (0..1_500).map(|number| one.sent(NOW.plus(number), &format!("s-{number}"), 1)).collect();
    let ids = events.iter().map(|new| new.deliveries[0].id).collect();
    commit(store, events).await;
    let failed = one.accept(store, NOW, DeliveryState::Pending).await;
    let failure = Some(Failure::new(FailureClass::Dns, "no such host"));
    let done = Completion {
        attempt: Some(attempt(1, AttemptOutcome::Failed, failure.clone())),
        failure,
        run: RunChange::Keep(KeptRun {
            uncounted: 2,
            checkpoint: Some("{}".into()),
            called: [(FlowId(7), 3)].into(),
            logged_bytes: 2,
            logged_by: Some(1),
        }),
        kept_steps: KeptSteps { steps: Vec::new(), left_out: 3 },
        ..one.completion(&failed, DeliveryState::Dead, NOW)
    };
    complete(store, vec![done]).await;
    replay_from_a_step(store, &one, &failed).await;
    let (filter, overlay) = (DeliveryFilter::default(), Overlay::default());
    store.create_replay(&filter, &overlay, Some(5), "olena", NOW).await.unwrap();
    ids
}

/// A replay of this delivery that begins at a step.
async fn replay_from_a_step(store: &dyn Storage, one: &Wired, of: &Accepted) {
    let open = store.open_delivery(of.id).await.unwrap().unwrap();
    let replay = NewDelivery {
        id: DeliveryId(uuid_at(NOW.plus(7_777))),
        replay_of: Some(of.id),
        ..one.delivery(&open.event)
    };
    let at = AtStep { step: "s2".into(), visit: 1 };
    let beginnings = vec![(replay.id, Beginning { at, run: KeptRun::default() })];
    let batch = Batch { replays: vec![replay], beginnings, ..Batch::default() };
    store.commit(&batch).await.unwrap();
}

async fn detail(store: &dyn Storage, id: DeliveryId) -> DeliveryDetail {
    store.delivery(id, &Overlay::default()).await.unwrap().unwrap()
}

/// Runs the test with every backend as the source and as the target.
async fn on_every_pair(test: impl AsyncFn(Arc<dyn Storage>, Arc<dyn Storage>)) {
    for (source, make_source) in BACKENDS {
        for (target, make_target) in BACKENDS {
            println!("from {source} to {target}");
            let from = make_source(Schema::UpToDate).await;
            let to = make_target(Schema::UpToDate).await;
            test(from.open().await, to.open().await).await;
        }
    }
}

#[tokio::test]
async fn everything_is_copied_and_goes_on_there() {
    on_every_database(async |database| {
        let from = database.open().await;
        let ids = fill(&*from).await;
        let gone = from.create_user("gone", Role::Viewer, "hash", NOW).await.unwrap();
        from.delete_user(gone.id).await.unwrap();
        on_every_database(async |target| {
            let to = target.open().await;
            let mut told = Vec::new();
            copy(&*from, &*to, "there", &mut |step| told.push(step)).await.unwrap();
            assert!(told.iter().any(|step| step.table == "events" && step.done == 1_501));
            for table in TABLES {
                assert_eq!(to.count(table).await.unwrap(), from.count(table).await.unwrap());
            }
            assert_eq!(detail(&*to, ids[7]).await, detail(&*from, ids[7]).await);
            let (here, there) = (stretch(Cursor::Newest, 200), stretch(Cursor::Newest, 200));
            assert_eq!(log(&*to, here).await, log(&*from, there).await);
            let (all, first) = (ReplayFilter::default(), Paging::default());
            let (here, there) = (to.replays(&all, first).await, from.replays(&all, first).await);
            assert_eq!(here.unwrap(), there.unwrap());

            // What is new is numbered behind what was copied or has gone, and a sender's id is known.
            let new = to.create_user("new", Role::Viewer, "hash", NOW).await.unwrap();
            assert!(new.id > gone.id, "{:?}", new.id);
            let newest = log(&*to, stretch(Cursor::Newest, 1)).await.items[0].seq;
            let two = wired(&*to, "Care", EventKind::Joined).await;
            assert!(two.accept(&*to, NOW, DeliveryState::Pending).await.seq > newest);
            let queue = model::ids::QueueId(1);
            let mut again = two.sent(NOW, "s-3", 1);
            Arc::get_mut(&mut again.event).unwrap().queue_id = queue;
            let receipts = commit(&*to, vec![again]).await.events;
            assert!(matches!(receipts[0], EventReceipt::Duplicate { .. }), "{receipts:?}");
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_copy_that_was_ended_goes_on_where_it_stopped() {
    on_every_pair(async |from, to| {
        fill(&*from).await;
        to.put_fact(storage::copy::COPYING, "there").await.unwrap();
        for table in TABLES {
            let rows = from.rows(table, &[], 100).await.unwrap();
            to.put_rows(table, &rows).await.unwrap();
        }
        let other = copy(&*from, &*to, "elsewhere", &mut |_| {}).await;
        assert!(matches!(other, Err(CopyError::NotEmpty { .. })), "{other:?}");
        let ended = check_ended(&*to).await;
        assert!(
            matches!(&ended, Err(CopyError::NotEnded { from }) if from == "there"),
            "{ended:?}"
        );
        copy(&*from, &*to, "there", &mut |_| {}).await.unwrap();
        check_ended(&*to).await.unwrap();
        for table in TABLES {
            assert_eq!(to.count(table).await.unwrap(), from.count(table).await.unwrap());
        }
        // It is a database as any other now.
        let again = copy(&*from, &*to, "there", &mut |_| {}).await;
        assert!(matches!(again, Err(CopyError::NotEmpty { .. })), "{again:?}");
    })
    .await;
}

#[tokio::test]
async fn nothing_is_not_copied() {
    on_every_pair(async |from, to| {
        let copied = copy(&*from, &*to, "there", &mut |_| {}).await;
        assert!(matches!(copied, Err(CopyError::Nothing)), "{copied:?}");
        check_ended(&*to).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_copy_that_is_not_as_the_original_is_found_out() {
    on_every_pair(async |from, to| {
        fill(&*from).await;
        to.put_fact(storage::copy::COPYING, "there").await.unwrap();
        let tokens = TABLES.iter().find(|table| table.name == "tokens").unwrap();
        let mut rows = from.rows(tokens, &[], 1).await.unwrap();
        rows[0][3] = storage::copy::Cell::Text(Some("another hint".into()));
        to.put_rows(tokens, &rows).await.unwrap();
        match copy(&*from, &*to, "there", &mut |_| {}).await {
            Err(CopyError::Differs { table, here: 1, there: 1 }) => assert_eq!(table, "tokens"),
            other => panic!("{other:?}"),
        }
    })
    .await;
}
