//! `SessionStore`.

use crate::support::*;

#[tokio::test]
async fn a_session_reads_back_until_it_ends() {
    on_every_backend(async |store| {
        let end = NOW.plus(HOUR);
        assert!(store.insert_session("k", &[0, 159, 146, 150], end).await.unwrap());
        let kept = Some((vec![0, 159, 146, 150], end));
        assert_eq!(store.session("k", NOW).await.unwrap(), kept);
        assert_eq!(store.session("k", end.plus(-1)).await.unwrap(), kept);
        assert_eq!(store.session("k", end).await.unwrap(), None);
        assert_eq!(store.session("other", NOW).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_new_session_never_takes_a_key_in_use() {
    on_every_backend(async |store| {
        let end = NOW.plus(HOUR);
        assert!(store.insert_session("k", b"first", end).await.unwrap());
        assert!(!store.insert_session("k", b"second", end.plus(1)).await.unwrap());
        assert_eq!(store.session("k", NOW).await.unwrap(), Some((b"first".to_vec(), end)));
    })
    .await;
}

#[tokio::test]
async fn putting_a_session_replaces_one_that_is_kept_and_revives_none() {
    on_every_backend(async |store| {
        store.put_session("k", b"none", NOW.plus(HOUR)).await.unwrap();
        assert_eq!(store.session("k", NOW).await.unwrap(), None);
        assert!(store.insert_session("k", b"first", NOW.plus(1)).await.unwrap());
        store.put_session("k", b"second", NOW.plus(HOUR)).await.unwrap();
        let kept = store.session("k", NOW.plus(2)).await.unwrap();
        assert_eq!(kept, Some((b"second".to_vec(), NOW.plus(HOUR))));
        store.delete_session("k").await.unwrap();
        store.put_session("k", b"third", NOW.plus(HOUR)).await.unwrap();
        assert_eq!(store.session("k", NOW).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_session_is_gone_and_may_be_deleted_again() {
    on_every_backend(async |store| {
        assert!(store.insert_session("k", b"", NOW.plus(HOUR)).await.unwrap());
        assert!(store.insert_session("other", b"", NOW.plus(HOUR)).await.unwrap());
        store.delete_session("k").await.unwrap();
        store.delete_session("k").await.unwrap();
        assert_eq!(store.session("k", NOW).await.unwrap(), None);
        assert!(store.session("other", NOW).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn sweeping_deletes_the_sessions_that_have_ended_and_counts_them() {
    on_every_backend(async |store| {
        for (key, end) in [("a", -1), ("b", 0), ("c", 1)] {
            assert!(store.insert_session(key, b"", NOW.plus(end)).await.unwrap());
        }
        assert_eq!(store.sweep_sessions(NOW).await.unwrap(), 2);
        assert_eq!(store.sweep_sessions(NOW).await.unwrap(), 0);
        assert!(store.session("c", NOW).await.unwrap().is_some());
        assert!(store.insert_session("a", b"", NOW.plus(5)).await.unwrap(), "its key is free");
    })
    .await;
}
