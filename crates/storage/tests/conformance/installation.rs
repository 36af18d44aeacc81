//! `InstallationStore`, and opening.

use crate::{
    server::Made,
    support::{Schema, *},
};
use model::page::Cursor;
use sqlx::{Connection, PgConnection};
use std::time::Duration;
use storage::StorageError;

/// As many pages as read at once on PostgreSQL.
const PAGES: i64 = 8;

#[tokio::test]
async fn a_new_database_is_brought_up_to_date_once() {
    on_every_bare_database(async |database| {
        let store = database.open_unmigrated().await;
        let names = store.migrate().await.unwrap();
        assert!(!names.is_empty(), "the pending migrations are named");
        assert!(store.migrate().await.unwrap().is_empty());
        let other = database.open_unmigrated().await;
        assert!(other.migrate().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_database_that_is_not_up_to_date_does_not_answer() {
    on_every_bare_database(async |database| {
        let store = database.open_unmigrated().await;
        assert!(matches!(store.ping().await, Err(StorageError::Database(_))));
        store.migrate().await.unwrap();
        store.ping().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_room_where_a_database_lies_is_told_of_one_in_a_file() {
    on_every_database(async |database| {
        let free = database.open().await.free_bytes();
        assert_eq!(free.is_some(), storage::file_of(&database.url).is_some());
        assert_ne!(free, Some(0));
    })
    .await;
}

#[tokio::test]
async fn postgresql_answers_while_every_page_waits_for_it() {
    let made = Made::new(Schema::UpToDate).await;
    let store = storage::open(&made.url()).await.unwrap();
    let mut holder = PgConnection::connect(&made.url()).await.unwrap();
    let mut held = holder.begin().await.unwrap();
    let lock = sqlx::query("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE");
    lock.execute(&mut *held).await.unwrap();
    let pages: Vec<_> = (0..PAGES)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { log(&*store, stretch(Cursor::Newest, 1)).await })
        })
        .collect();
    let mut looking = PgConnection::connect(&made.url()).await.unwrap();
    loop {
        let waiting: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .fetch_one(&mut looking)
        .await
        .unwrap();
        if waiting >= PAGES {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    store.ping().await.unwrap();
    held.rollback().await.unwrap();
    for page in pages {
        assert!(page.await.unwrap().items.is_empty());
    }
}

#[tokio::test]
async fn a_fact_is_what_was_put_last_under_its_name() {
    on_every_backend(async |store| {
        assert_eq!(store.fact("sample").await.unwrap(), None);
        store.put_fact("sample", "loaded").await.unwrap();
        store.put_fact("other", "").await.unwrap();
        assert_eq!(store.fact("sample").await.unwrap().as_deref(), Some("loaded"));
        store.put_fact("sample", "знову").await.unwrap();
        assert_eq!(store.fact("sample").await.unwrap().as_deref(), Some("знову"));
        assert_eq!(store.fact("other").await.unwrap().as_deref(), Some(""));
    })
    .await;
}

#[tokio::test]
async fn an_address_of_no_backend_is_refused_and_named() {
    for url in ["", "offhook.db", "mysql://localhost/offhook"] {
        match storage::open(url).await {
            Err(StorageError::Address { url: named, .. }) => assert_eq!(named, url),
            Err(other) => panic!("{url}: {other}"),
            Ok(_) => panic!("{url} has been opened"),
        }
    }
}

#[tokio::test]
async fn the_folder_of_an_sqlite_file_is_made() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("made/here/offhook.db");
    let store = storage::open(&format!("sqlite:{}", file.display())).await.unwrap();
    store.migrate().await.unwrap();
    assert!(file.exists());
}

#[tokio::test]
async fn an_sqlite_file_that_cannot_be_made_is_refused_with_its_address() {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let url = format!("sqlite:{}", folder.path().join("file/offhook.db").display());
    match storage::open(&url).await {
        Err(StorageError::Address { url: named, .. }) => assert_eq!(named, url),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("{url} has been opened"),
    }
}
