//! Copying from one database to another, in every direction.

use crate::{
    server::Made,
    support::{Schema, *},
    vault,
};
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
use sqlx::{Connection, PgConnection};
use std::sync::Arc;
use storage::{
    Storage,
    copy::{COPYING, Cell, CopyError, Step, TABLES, Table, check_ended, copy},
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

fn table(name: &str) -> &'static Table {
    TABLES.iter().find(|table| table.name == name).unwrap()
}

/// Values in the cache, of so many bytes.
async fn put_values(store: &dyn Storage, sizes: &[usize]) {
    for (number, size) in sizes.iter().enumerate() {
        let (key, value) = (format!("k{number}"), "x".repeat(*size));
        let row = vec![Cell::Text(Some(key)), Cell::Text(Some(value)), Cell::Number(None)];
        store.put_rows(table("cache"), &[row]).await.unwrap();
    }
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
        to.put_fact(COPYING, "there").await.unwrap();
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
        to.put_fact(COPYING, "there").await.unwrap();
        let mut rows = from.rows(table("tokens"), &[], 1).await.unwrap();
        rows[0][3] = Cell::Text(Some("another hint".into()));
        to.put_rows(table("tokens"), &rows).await.unwrap();
        match copy(&*from, &*to, "there", &mut |_| {}).await {
            Err(CopyError::Differs { table, here: 1, there: 1 }) => assert_eq!(table, "tokens"),
            other => panic!("{other:?}"),
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_heavy_is_copied_in_parts_of_at_most_8_mib() {
    on_every_pair(async |from, to| {
        const MIB: usize = 1 << 20;
        // The fourth alone is heavier.
        put_values(&*from, &[3 * MIB, 3 * MIB, 3 * MIB, 9 * MIB, 5, 5]).await;
        let mut done = Vec::new();
        let mut tell = |step: Step| {
            if step.table == "cache" && !step.comparing {
                done.push(step.done);
            }
        };
        copy(&*from, &*to, "there", &mut tell).await.unwrap();
        assert_eq!(done, [0, 2, 3, 4, 6]);
        assert_eq!(to.count(table("cache")).await.unwrap(), 6);
    })
    .await;
}

#[tokio::test]
async fn a_copy_that_cannot_go_on_says_in_which_table() {
    on_every_pair(async |from, to| {
        from.create_token("t", &[Scope::Read], "hint", "h", NOW).await.unwrap();
        to.put_fact(COPYING, "there").await.unwrap();
        // Another one of the same name.
        let mut rows = from.rows(table("tokens"), &[], 1).await.unwrap();
        rows[0][0] = Cell::Number(Some(0));
        to.put_rows(table("tokens"), &rows).await.unwrap();
        let ended = copy(&*from, &*to, "there", &mut |_| {}).await;
        assert!(matches!(ended, Err(CopyError::Table { table: "tokens", .. })), "{ended:?}");
        assert!(ended.unwrap_err().to_string().contains("tokens"));
    })
    .await;
}

/// Lets only those read and write the cache whose statements may take any time.
const ANY_TIME: &str = "
    CREATE FUNCTION has_any_time() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('statement_timeout') <> '0' THEN
            RAISE 'asked with a statement_timeout of %', current_setting('statement_timeout');
        END IF;
        RETURN TRUE;
    END $$;
    ALTER TABLE cache RENAME TO whole_cache;
    CREATE VIEW cache AS SELECT key, value, expires_at FROM whole_cache WHERE has_any_time()
        WITH CHECK OPTION";

#[tokio::test]
async fn on_postgresql_a_copy_may_take_the_time_that_it_needs() {
    let (from, to) = (Made::new(Schema::UpToDate).await, Made::new(Schema::UpToDate).await);
    for made in [&from, &to] {
        let mut connection = PgConnection::connect(&made.url()).await.unwrap();
        sqlx::raw_sql(ANY_TIME).execute(&mut connection).await.unwrap();
    }
    let from = storage::open(&from.url()).await.unwrap();
    let to = storage::open(&to.url()).await.unwrap();
    put_values(&*from, &[1]).await;
    copy(&*from, &*to, "there", &mut |_| {}).await.unwrap();
    assert_eq!(to.count(table("cache")).await.unwrap(), 1);
}
