//! `CacheStore`, `ListStore`, and the effects by which runs change what they keep.

use crate::{
    server,
    support::{Schema, *},
};
use model::{
    cache::CacheEntry,
    catalog::EventKind,
    delivery::DeliveryState,
    effect::Effect,
    ids::ListId,
    node::NodeRoles,
    number_list::{EntryQuery, ListDraft, ListEntry, NumberList},
    time::Millis,
};
use sqlx::{Connection, PgConnection};
use storage::{
    Storage, StorageError,
    journal::{Batch, KeptRun},
    nodes::{Incarnation, NewNode},
};

const NO_LIST: ListId = ListId(9_999);

fn keeps(key: &str, value: &str, expires_at: Option<Millis>) -> CacheEntry {
    CacheEntry { key: key.into(), value: value.into(), expires_at }
}

fn entry(number: &str, expires_at: Option<Millis>) -> ListEntry {
    let description = format!("about {number}");
    ListEntry { number: number.into(), description, expires_at, added_at: NOW }
}

async fn list(store: &dyn Storage, name: &str) -> NumberList {
    let draft = ListDraft { name: name.into(), description: "d".into() };
    store.create_number_list(&draft, NOW).await.unwrap()
}

async fn keys(store: &dyn Storage, prefix: &str, after: Option<&str>, limit: u32) -> Vec<String> {
    let found = store.cache_entries(prefix, after, limit, NOW).await.unwrap();
    found.into_iter().map(|entry| entry.key).collect()
}

async fn numbers(store: &dyn Storage, id: ListId, query: EntryQuery) -> Vec<String> {
    let found = store.list_entries(id, &query, NOW).await.unwrap();
    found.into_iter().map(|entry| entry.number).collect()
}

fn all() -> EntryQuery {
    EntryQuery { size: 100, ..EntryQuery::default() }
}

async fn effects(store: &dyn Storage, effects: Vec<Effect>) {
    store.commit(&Batch { effects, ..Batch::default() }).await.unwrap();
}

#[tokio::test]
async fn two_nodes_that_set_and_forget_the_same_keys_never_wait_for_each_other() {
    let made = server::Made::new(Schema::UpToDate).await;
    let here = storage::open(&made.url()).await.unwrap();
    let there = storage::open(&made.url()).await.unwrap();
    let change = |key: usize, sets: bool| match sets {
        true => Effect::Cache(keeps(&format!("key {key}"), "1", None)),
        false => Effect::Forget(format!("key {key}")),
    };
    for round in 0..100 {
        // What one sets the other forgets, and they name the keys the other way round.
        let one = (0..8).map(|key| change(key, (key + round) % 2 == 0)).collect();
        let other = (0..8).rev().map(|key| change(key, (key + round) % 2 == 1)).collect();
        tokio::join!(effects(&*here, one), effects(&*there, other));
    }
    drop((here, there));
    let mut connection = PgConnection::connect(&made.url()).await.unwrap();
    server::alone(&mut connection, 0).await;
    let circles: i64 = sqlx::query_scalar(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(circles, 0, "a commit is tried again, so it shows only here");
}

#[tokio::test]
async fn the_cache_gives_what_was_kept_last_until_it_expires() {
    on_every_backend(async |store| {
        assert_eq!(store.cached("a", NOW).await.unwrap(), None);
        store.put_cache_entry(&keeps("a", "1", None)).await.unwrap();
        let ends = Some(NOW.plus(5));
        store.put_cache_entry(&keeps("a", "2", ends)).await.unwrap();
        assert_eq!(store.cached("a", NOW.plus(4)).await.unwrap().as_deref(), Some("2"));
        assert_eq!(store.cache_entry("a", NOW).await.unwrap(), Some(keeps("a", "2", ends)));
        assert_eq!(store.cached("a", NOW.plus(5)).await.unwrap(), None);
        assert_eq!(store.cache_entry("a", NOW.plus(5)).await.unwrap(), None);
        assert_eq!(store.forget_cache_entry("a", NOW).await.unwrap(), Some(keeps("a", "2", ends)));
        assert_eq!(store.forget_cache_entry("a", NOW).await.unwrap(), None);
        store.put_cache_entry(&keeps("a", "3", ends)).await.unwrap();
        assert_eq!(store.forget_cache_entry("a", NOW.plus(5)).await.unwrap(), None, "expired");
    })
    .await;
}

#[tokio::test]
async fn keys_of_the_cache_are_listed_by_what_they_begin_with() {
    on_every_backend(async |store| {
        for key in ["b:2", "a", "b:1", "b", "b:10", "c", "B:1", "b_1", "щ:1"] {
            store.put_cache_entry(&keeps(key, "v", None)).await.unwrap();
        }
        store.put_cache_entry(&keeps("b:0", "gone", Some(NOW))).await.unwrap();
        assert_eq!(keys(&*store, "b:", None, 9).await, ["b:1", "b:10", "b:2"]);
        assert_eq!(keys(&*store, "b:", Some("b:1"), 1).await, ["b:10"]);
        assert_eq!(keys(&*store, "щ", None, 9).await, ["щ:1"]);
        assert_eq!(keys(&*store, "", None, 3).await, ["B:1", "a", "b"]);
    })
    .await;
}

#[tokio::test]
async fn what_runs_change_is_written_with_them_and_the_later_change_counts() {
    on_every_backend(async |store| {
        let one = list(&*store, "VIP").await;
        store.put_cache_entry(&keeps("old", "1", None)).await.unwrap();
        let add =
            |number: &str, ends| Effect::AddToList { list: one.id, entry: entry(number, ends) };
        let gone = Effect::AddToList { list: NO_LIST, entry: entry("3", None) };
        effects(
            &*store,
            vec![
                Effect::Cache(keeps("a", "1", None)),
                Effect::Cache(keeps("b", "1", Some(NOW.plus(1)))),
                Effect::Forget("old".into()),
                Effect::Cache(keeps("a", "2", None)),
                Effect::Forget("b".into()),
                Effect::Cache(keeps("b", "2", None)),
                Effect::Cache(keeps("c", "1", None)),
                Effect::Forget("c".into()),
                add("1", Some(NOW.plus(1))),
                add("2", None),
                gone,
                add("1", None),
            ],
        )
        .await;
        assert_eq!(keys(&*store, "", None, 9).await, ["a", "b"]);
        assert_eq!(store.cached("a", NOW).await.unwrap().as_deref(), Some("2"));
        let kept = store.cache_entry("b", NOW).await.unwrap();
        assert_eq!(kept, Some(keeps("b", "2", None)));
        let there = store.list_entries(one.id, &all(), NOW).await.unwrap();
        assert_eq!(there, [entry("1", None), entry("2", None)]);
        assert_eq!(numbers(&*store, NO_LIST, all()).await, [""; 0]);
        let many = (0..1_300).map(|number| add(&format!("9{number:05}"), None)).collect();
        effects(&*store, many).await;
        assert_eq!(store.number_list(one.id).await.unwrap().unwrap().numbers, 1_302);
    })
    .await;
}

#[tokio::test]
async fn a_node_that_was_fenced_changes_nothing() {
    on_every_backend(async |store| {
        if !store.is_shared() {
            return;
        }
        let wired = wired(&*store, "Sales", EventKind::Joined).await;
        let accepted = wired.accept(&*store, NOW, DeliveryState::Pending).await;
        let nothing = || Batch { under: Some(Incarnation(4_711)), ..Batch::default() };
        let runs = || vec![(accepted.seq, KeptRun::default())];
        let effects = vec![Effect::Cache(keeps("a", "1", None))];
        let completions = vec![wired.completion(&accepted, DeliveryState::Delivered, NOW)];
        for batch in [
            Batch { runs: runs(), ..nothing() },
            Batch { runs: runs(), effects: effects.clone(), ..nothing() },
            Batch { completions, effects, ..nothing() },
        ] {
            let refused = store.commit(&batch).await;
            assert!(matches!(refused, Err(StorageError::Fenced)), "{refused:?}");
        }
        assert_eq!(store.kept_run(accepted.seq).await.unwrap(), None);
        assert_eq!(store.cached("a", NOW).await.unwrap(), None);
        let node = NewNode { name: "one".into(), place: "here".into(), roles: NodeRoles::ALL };
        let here = store.register(&node).await.unwrap();
        let batch = Batch { under: Some(here), runs: runs(), ..Batch::default() };
        store.commit(&batch).await.unwrap();
        assert_eq!(store.kept_run(accepted.seq).await.unwrap(), Some(KeptRun::default()));
    })
    .await;
}

#[tokio::test]
async fn a_list_is_named_once_and_changing_it_raises_the_revision() {
    on_every_backend(async |store| {
        let before = store.revision().await.unwrap();
        let made = list(&*store, "VIP").await;
        assert_eq!((made.name.as_str(), made.numbers, made.created_at), ("VIP", 0, NOW));
        let draft = |name: &str| ListDraft { name: name.into(), description: "other".into() };
        let again = store.create_number_list(&draft("VIP"), NOW).await;
        assert!(matches!(again, Err(StorageError::Taken { field: "name" })), "{again:?}");
        let other = list(&*store, "Друзі").await;
        let taken = store.update_number_list(other.id, &draft("VIP"), NOW).await;
        assert!(matches!(taken, Err(StorageError::Taken { field: "name" })), "{taken:?}");
        let changed = store.update_number_list(made.id, &draft("Best"), NOW.plus(1)).await;
        let changed = changed.unwrap().unwrap();
        assert_eq!((changed.name.as_str(), changed.updated_at), ("Best", NOW.plus(1)));
        assert_eq!(store.number_list(made.id).await.unwrap(), Some(changed));
        assert_eq!(store.update_number_list(NO_LIST, &draft("x"), NOW).await.unwrap(), None);
        let names = async |search: &str, number, size| {
            let found = store.number_lists(search, page(number, size)).await.unwrap();
            (found.items.into_iter().map(|one| one.name).collect::<Vec<_>>(), found.total)
        };
        assert_eq!(names("", 1, 1).await, (vec!["Best".into()], 2));
        assert_eq!(names("", 2, 1).await, (vec!["Друзі".into()], 2));
        assert_eq!(names("ДРУ", 1, 9).await, (vec!["Друзі".into()], 1));
        let mut set_up = store.configuration().await.unwrap().lists;
        set_up.sort();
        assert_eq!(set_up, [(made.id, "Best".into()), (other.id, "Друзі".into())]);
        assert_eq!(
            store.delete_number_list(made.id).await.unwrap().map(|one| one.id),
            Some(made.id)
        );
        assert_eq!(store.delete_number_list(made.id).await.unwrap(), None);
        assert_eq!(store.revision().await.unwrap(), before + 4);
    })
    .await;
}

#[tokio::test]
async fn numbers_are_listed_until_they_expire_or_are_taken_out() {
    on_every_backend(async |store| {
        let (one, two) = (list(&*store, "VIP").await, list(&*store, "Spam").await);
        let ends = Some(NOW.plus(5));
        let put = [entry("+381", ends), entry("+380", None), entry("0", Some(NOW))];
        assert!(store.put_list_entries(one.id, &put).await.unwrap());
        assert!(!store.put_list_entries(NO_LIST, &put).await.unwrap());
        let listed = async |id, number: &str, at| store.is_listed(id, number, at).await.unwrap();
        assert!(listed(one.id, "+381", NOW.plus(4)).await);
        assert!(!listed(one.id, "+381", NOW.plus(5)).await);
        assert!(listed(one.id, "+380", NOW.plus(HOUR)).await);
        assert!(!listed(two.id, "+380", NOW).await && !listed(one.id, "380", NOW).await);
        assert_eq!(numbers(&*store, one.id, all()).await, ["+380", "+381"]);
        let narrow = EntryQuery { prefix: "+3".into(), after: Some("+380".into()), size: 9 };
        assert_eq!(numbers(&*store, one.id, narrow).await, ["+381"]);
        assert_eq!(numbers(&*store, one.id, EntryQuery { size: 1, ..all() }).await, ["+380"]);
        let again = ListEntry { description: "new".into(), ..entry("+381", None) };
        store.put_list_entries(one.id, std::slice::from_ref(&again)).await.unwrap();
        let there = store.list_entries(one.id, &all(), NOW).await.unwrap();
        assert_eq!(there, [entry("+380", None), again]);
        let out = store.delete_list_entry(one.id, "+380").await.unwrap();
        assert_eq!(out, Some(entry("+380", None)));
        assert_eq!(store.delete_list_entry(one.id, "+380").await.unwrap(), None);
        assert!(!listed(one.id, "+380", NOW).await);
    })
    .await;
}

#[tokio::test]
async fn a_list_goes_with_all_its_numbers_and_leaves_the_others() {
    on_every_backend(async |store| {
        let (one, two) = (list(&*store, "VIP").await, list(&*store, "Spam").await);
        let many: Vec<_> = (0..5_003).map(|number| entry(&format!("{number}"), None)).collect();
        store.put_list_entries(one.id, &many).await.unwrap();
        store.put_list_entries(two.id, &many[..3]).await.unwrap();
        let gone = store.delete_number_list(one.id).await.unwrap().unwrap();
        assert_eq!((gone.name.as_str(), gone.numbers), ("VIP", 5_003));
        assert!(!store.is_listed(one.id, "7", NOW).await.unwrap());
        assert_eq!(numbers(&*store, one.id, all()).await, [""; 0]);
        assert_eq!(numbers(&*store, two.id, all()).await, ["0", "1", "2"]);
        assert!(list(&*store, "VIP").await.id > two.id, "a number is not given twice");
    })
    .await;
}

#[tokio::test]
async fn what_has_expired_is_swept_in_bounded_steps() {
    on_every_backend(async |store| {
        let one = list(&*store, "VIP").await;
        let ends = |place: i64| Some(NOW.plus(place));
        for place in 0..5 {
            store.put_cache_entry(&keeps(&format!("k{place}"), "v", ends(place))).await.unwrap();
        }
        store.put_cache_entry(&keeps("for good", "v", None)).await.unwrap();
        let put: Vec<_> = (0..5).map(|place| entry(&format!("{place}"), ends(place))).collect();
        store.put_list_entries(one.id, &put).await.unwrap();
        assert_eq!(store.sweep_kept(2, NOW.plus(3)).await.unwrap(), 4);
        assert_eq!(store.sweep_kept(9, NOW.plus(3)).await.unwrap(), 4);
        assert_eq!(store.sweep_kept(9, NOW.plus(3)).await.unwrap(), 0);
        assert_eq!(keys(&*store, "", None, 9).await, ["for good", "k4"]);
        assert_eq!(numbers(&*store, one.id, all()).await, ["4"]);
        assert_eq!(store.number_list(one.id).await.unwrap().unwrap().numbers, 1);
    })
    .await;
}
