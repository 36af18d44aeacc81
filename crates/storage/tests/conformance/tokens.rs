//! `TokenStore`.

use crate::support::*;
use model::{ids::TokenId, user::Scope};
use storage::{Storage, StorageError};

async fn names(store: &dyn Storage, search: &str) -> Vec<String> {
    store.tokens(search).await.unwrap().into_iter().map(|token| token.name).collect()
}

#[tokio::test]
async fn a_token_is_found_by_the_hash_of_its_secret() {
    on_every_backend(async |store| {
        let scopes = [Scope::Ingest, Scope::Read];
        let made = store.create_token("dialler", &scopes, "oh_abc123", "h1", NOW).await.unwrap();
        assert_eq!((made.name.as_str(), made.hint.as_str()), ("dialler", "oh_abc123"));
        assert_eq!(made.scopes, scopes);
        assert_eq!((made.created_at, made.last_used_at), (NOW, None));
        assert_eq!(store.token_by_hash("h1").await.unwrap(), Some(made));
        assert_eq!(store.token_by_hash("h2").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn every_set_of_scopes_reads_back() {
    on_every_backend(async |store| {
        for (number, scopes) in
            [&Scope::ALL[..], &[Scope::Ingest], &[Scope::Manage], &[Scope::Read]].iter().enumerate()
        {
            let name = format!("t{number}");
            store.create_token(&name, scopes, "", &name, NOW).await.unwrap();
            assert_eq!(store.token_by_hash(&name).await.unwrap().unwrap().scopes, *scopes);
        }
    })
    .await;
}

#[tokio::test]
async fn two_tokens_cannot_have_one_name() {
    on_every_backend(async |store| {
        store.create_token("crm", &[Scope::Read], "", "h1", NOW).await.unwrap();
        let again = store.create_token("crm", &[Scope::Read], "", "h2", NOW).await;
        assert!(matches!(again, Err(StorageError::Taken { field: "name" })), "{again:?}");
        assert_eq!(store.token_by_hash("h2").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn tokens_are_found_by_a_part_of_the_name_in_any_case_and_alphabet() {
    on_every_backend(async |store| {
        for name in ["CRM prod", "crm test", "Дзвінки"] {
            store.create_token(name, &[Scope::Read], "", name, NOW).await.unwrap();
        }
        assert_eq!(names(&*store, "").await.len(), 3);
        assert_eq!(names(&*store, " cRm ").await, ["CRM prod", "crm test"]);
        assert_eq!(names(&*store, "%").await, [""; 0]);
        assert_eq!(names(&*store, "дЗВ").await, ["Дзвінки"]);
    })
    .await;
}

#[tokio::test]
async fn the_last_use_of_a_token_is_kept() {
    on_every_backend(async |store| {
        let made = store.create_token("crm", &[Scope::Read], "", "h", NOW).await.unwrap();
        store.touch_token(made.id, NOW.plus(7)).await.unwrap();
        store.touch_token(TokenId(9_999), NOW).await.unwrap();
        let used = store.token_by_hash("h").await.unwrap().unwrap();
        assert_eq!(used.last_used_at, Some(NOW.plus(7)));
    })
    .await;
}

#[tokio::test]
async fn a_deleted_token_is_found_no_more() {
    on_every_backend(async |store| {
        let made = store.create_token("crm", &[Scope::Read], "", "h", NOW).await.unwrap();
        assert_eq!(store.delete_token(made.id).await.unwrap(), Some(made.clone()));
        assert_eq!(store.delete_token(made.id).await.unwrap(), None);
        assert_eq!(store.token_by_hash("h").await.unwrap(), None);
        store.create_token("crm", &[Scope::Read], "", "h", NOW).await.unwrap();
    })
    .await;
}
