//! `ViewStore`.

use crate::support::*;
use model::{
    ids::{UserId, ViewId},
    user::Role,
    view::{SavedView, ViewList},
};
use storage::{Storage, StorageError};

async fn person(store: &dyn Storage, login: &str) -> UserId {
    store.create_user(login, Role::Viewer, "hash", NOW).await.unwrap().id
}

async fn save(store: &dyn Storage, user: UserId, name: &str) -> Option<SavedView> {
    let list = ViewList::Queues;
    store.create_view(user, list, name, "state=on", 5, NOW).await.unwrap()
}

#[tokio::test]
async fn a_persons_views_are_listed_by_name_of_one_list_or_of_all() {
    on_every_backend(async |store| {
        let (vera, ed) = (person(&*store, "vera").await, person(&*store, "ed").await);
        for list in ViewList::ALL {
            let made = store.create_view(vera, list, "all", "", 5, NOW).await.unwrap().unwrap();
            assert_eq!((made.list, made.name.as_str(), made.created_at), (list, "all", NOW));
            assert_eq!(store.views(vera, Some(list)).await.unwrap(), [made]);
        }
        save(&*store, vera, "Ємності").await.unwrap();
        let names = store.views(vera, Some(ViewList::Queues)).await.unwrap();
        let names: Vec<_> = names.iter().map(|view| view.name.as_str()).collect();
        assert_eq!(names, ["all", "Ємності"]);
        assert_eq!(store.views(vera, None).await.unwrap().len(), 5);
        assert_eq!(store.views(ed, None).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_name_is_used_once_a_person_and_list() {
    on_every_backend(async |store| {
        let (vera, ed) = (person(&*store, "vera").await, person(&*store, "ed").await);
        save(&*store, vera, "mine").await.unwrap();
        let again = store.create_view(vera, ViewList::Queues, "mine", "", 5, NOW).await;
        assert!(matches!(again, Err(StorageError::Taken { field: "name" })), "{again:?}");
        assert!(save(&*store, ed, "mine").await.is_some());
        let other = store.create_view(vera, ViewList::Flows, "mine", "", 5, NOW).await.unwrap();
        assert!(other.is_some());
    })
    .await;
}

#[tokio::test]
async fn so_many_views_are_kept_and_no_more() {
    on_every_backend(async |store| {
        let vera = person(&*store, "vera").await;
        for number in 0..5 {
            assert!(save(&*store, vera, &number.to_string()).await.is_some());
        }
        assert_eq!(save(&*store, vera, "one more").await, None);
        assert!(save(&*store, person(&*store, "ed").await, "first").await.is_some());
    })
    .await;
}

#[tokio::test]
async fn only_ones_own_view_is_replaced_or_deleted() {
    on_every_backend(async |store| {
        let (vera, ed) = (person(&*store, "vera").await, person(&*store, "ed").await);
        let made = save(&*store, vera, "mine").await.unwrap();
        let list = ViewList::Queues;
        assert_eq!(store.replace_view(ed, list, "mine", "state=off").await.unwrap(), None);
        let none = store.replace_view(vera, ViewList::Flows, "mine", "").await.unwrap();
        assert_eq!(none, None);
        let changed = store.replace_view(vera, list, "mine", "state=off").await.unwrap().unwrap();
        assert_eq!((changed.id, changed.query.as_str()), (made.id, "state=off"));

        assert_eq!(store.delete_view(ed, made.id).await.unwrap(), None);
        assert_eq!(store.delete_view(vera, ViewId(9_999)).await.unwrap(), None);
        assert_eq!(store.delete_view(vera, made.id).await.unwrap(), Some(changed));
        assert_eq!(store.views(vera, None).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn views_go_with_their_person() {
    on_every_backend(async |store| {
        store.create_user("ann", Role::Admin, "hash", NOW).await.unwrap();
        let vera = person(&*store, "vera").await;
        save(&*store, vera, "mine").await.unwrap();
        store.delete_user(vera).await.unwrap();
        assert_eq!(store.views(vera, None).await.unwrap(), []);
    })
    .await;
}
