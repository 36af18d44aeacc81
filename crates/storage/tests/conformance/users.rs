//! `UserStore`.

use crate::support::*;
use model::{
    ids::UserId,
    user::{Role, User},
};
use std::sync::Arc;
use storage::{Account, Storage, StorageError};

const NOBODY: UserId = UserId(9_999);

async fn make(store: &Arc<dyn Storage>, login: &str, role: Role) -> User {
    store.create_user(login, role, &format!("hash of {login}"), NOW).await.unwrap()
}

async fn logins(store: &dyn Storage, search: &str) -> Vec<String> {
    store.users(search).await.unwrap().into_iter().map(|user| user.login).collect()
}

#[tokio::test]
async fn a_user_is_found_by_id_and_with_the_hash_by_login() {
    on_every_backend(async |store| {
        for (login, role) in [("vera", Role::Viewer), ("ed", Role::Editor), ("ann", Role::Admin)] {
            let made = make(&store, login, role).await;
            assert_eq!((made.login.as_str(), made.role), (login, role));
            assert_eq!((made.created_at, made.last_seen_at), (NOW, None));
            assert_eq!(store.user(made.id).await.unwrap(), Some(made.clone()));
            let found = store.user_by_login(login).await.unwrap();
            let (password_hash, sessions_since) = (format!("hash of {login}"), NOW);
            assert_eq!(found, Some(Account { user: made, password_hash, sessions_since }));
        }
        assert_eq!(store.user(NOBODY).await.unwrap(), None);
        assert_eq!(store.user_by_login("nobody").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_login_is_one_whatever_its_case() {
    on_every_backend(async |store| {
        let made = make(&store, "Olena", Role::Viewer).await;
        let found = store.user_by_login("oLENA").await.unwrap();
        assert_eq!(found.map(|account| account.user.id), Some(made.id));
        let again = store.create_user("OLENA", Role::Admin, "h", NOW).await;
        assert!(matches!(again, Err(StorageError::Taken { field: "login" })), "{again:?}");
        assert_eq!(logins(&*store, "").await, ["Olena"]);
    })
    .await;
}

#[tokio::test]
async fn users_are_found_by_a_part_of_the_login_in_any_case_and_alphabet() {
    on_every_backend(async |store| {
        for login in ["olena", "Ole", "Марта"] {
            make(&store, login, Role::Viewer).await;
        }
        assert_eq!(logins(&*store, "").await, ["Ole", "olena", "Марта"]);
        assert_eq!(logins(&*store, " OLE ").await, ["Ole", "olena"]);
        assert_eq!(logins(&*store, "_").await, [""; 0]);
        assert_eq!(logins(&*store, "МАРТ").await, ["Марта"]);
    })
    .await;
}

#[tokio::test]
async fn role_password_and_last_sight_of_a_user_change_each_alone() {
    on_every_backend(async |store| {
        make(&store, "ann", Role::Admin).await;
        let made = make(&store, "vera", Role::Viewer).await;
        let raised = store.set_user_role(made.id, Role::Editor).await.unwrap().unwrap();
        assert_eq!(raised, User { role: Role::Editor, ..made.clone() });
        let changed = store.set_user_password(made.id, "new hash", NOW.plus(2)).await.unwrap();
        assert_eq!(changed, Some((raised.clone(), NOW.plus(2))));
        // The clock has been set back.
        let again = store.set_user_password(made.id, "new hash", NOW).await.unwrap();
        assert_eq!(again, Some((raised.clone(), NOW.plus(3))));
        store.touch_user(made.id, NOW.plus(3)).await.unwrap();
        let seen = User { last_seen_at: Some(NOW.plus(3)), ..raised };
        let found = store.user_by_login("vera").await.unwrap().unwrap();
        assert_eq!((found.user, found.password_hash.as_str()), (seen.clone(), "new hash"));
        assert_eq!(store.delete_user(made.id).await.unwrap(), Some(seen));
        assert_eq!(store.user(made.id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_changed_password_ends_the_sessions_and_links_of_its_user_alone() {
    on_every_backend(async |store| {
        let (ann, bob) =
            (make(&store, "ann", Role::Admin).await, make(&store, "bob", Role::Viewer).await);
        for (user, hash) in [(&ann, "a"), (&bob, "b")] {
            store.put_sign_in_link(user.id, hash, NOW.plus(HOUR)).await.unwrap();
            let found = store.user_of_session(user.id, NOW).await.unwrap();
            assert_eq!(found.as_ref(), Some(user));
        }
        store.set_user_password(bob.id, "new hash", NOW.plus(1)).await.unwrap();
        assert_eq!(store.user_of_session(bob.id, NOW).await.unwrap(), None);
        assert_eq!(store.user_of_session(bob.id, NOW.plus(1)).await.unwrap(), Some(bob));
        assert_eq!(store.use_sign_in_link("b", NOW).await.unwrap(), None);
        let others = store.user_of_session(ann.id, NOW).await.unwrap();
        assert_eq!(others, Some(ann.clone()));
        assert_eq!(store.use_sign_in_link("a", NOW).await.unwrap(), Some((ann, NOW)));
        assert_eq!(store.user_of_session(NOBODY, NOW).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_session_from_before_its_user_was_made_is_not_theirs() {
    on_every_backend(async |store| {
        store.put_setup_link("link", NOW.plus(HOUR)).await.unwrap();
        let ann = store.use_setup_link("link", "ann", "h", NOW).await.unwrap().unwrap();
        for user in [ann, make(&store, "bob", Role::Viewer).await] {
            assert_eq!(store.user_of_session(user.id, NOW.plus(-1)).await.unwrap(), None);
            assert_eq!(store.user_of_session(user.id, NOW).await.unwrap(), Some(user));
        }
    })
    .await;
}

#[tokio::test]
async fn changing_a_user_who_is_not_there_answers_nothing() {
    on_every_backend(async |store| {
        for admin in [false, true] {
            if admin {
                make(&store, "ann", Role::Admin).await;
            }
            assert_eq!(store.set_user_role(NOBODY, Role::Viewer).await.unwrap(), None);
            assert_eq!(store.set_user_password(NOBODY, "h", NOW).await.unwrap(), None);
            store.touch_user(NOBODY, NOW).await.unwrap();
            assert_eq!(store.delete_user(NOBODY).await.unwrap(), None);
        }
    })
    .await;
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    on_every_backend(async |store| {
        let ann = make(&store, "ann", Role::Admin).await;
        let bob = make(&store, "bob", Role::Admin).await;
        store.delete_user(bob.id).await.unwrap().unwrap();
        let deleted = store.delete_user(ann.id).await;
        assert!(matches!(deleted, Err(StorageError::LastAdmin)), "{deleted:?}");
        for role in [Role::Viewer, Role::Editor] {
            let lowered = store.set_user_role(ann.id, role).await;
            assert!(matches!(lowered, Err(StorageError::LastAdmin)), "{lowered:?}");
        }
        assert_eq!(store.user(ann.id).await.unwrap(), Some(ann.clone()));
        let cid = make(&store, "cid", Role::Viewer).await;
        store.set_user_role(cid.id, Role::Admin).await.unwrap().unwrap();
        store.set_user_role(ann.id, Role::Viewer).await.unwrap().unwrap();
        store.delete_user(ann.id).await.unwrap().unwrap();
        assert!(store.has_admin().await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn others_may_go_while_there_is_no_administrator_yet() {
    on_every_backend(async |store| {
        let vera = make(&store, "vera", Role::Viewer).await;
        store.set_user_role(vera.id, Role::Editor).await.unwrap().unwrap();
        store.delete_user(vera.id).await.unwrap().unwrap();
    })
    .await;
}

#[tokio::test]
async fn only_an_administrator_counts_as_one() {
    on_every_backend(async |store| {
        assert!(!store.has_admin().await.unwrap());
        make(&store, "ed", Role::Editor).await;
        assert!(!store.has_admin().await.unwrap());
        make(&store, "ann", Role::Admin).await;
        assert!(store.has_admin().await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_setup_link_makes_the_first_administrator_once() {
    on_every_backend(async |store| {
        store.put_setup_link("link", NOW.plus(HOUR)).await.unwrap();
        assert!(store.setup_link_is_open("link", NOW).await.unwrap());
        assert_eq!(store.use_setup_link("other", "ann", "h", NOW).await.unwrap(), None);
        let made = store.use_setup_link("link", "ann", "h", NOW).await.unwrap().unwrap();
        assert_eq!((made.login.as_str(), made.role), ("ann", Role::Admin));
        let found = store.user_by_login("ann").await.unwrap().unwrap();
        assert_eq!((found.user, found.password_hash.as_str()), (made, "h"));
        assert!(!store.setup_link_is_open("link", NOW).await.unwrap());
        assert_eq!(store.use_setup_link("link", "bob", "h", NOW).await.unwrap(), None);
        assert_eq!(logins(&*store, "").await, ["ann"]);
    })
    .await;
}

#[tokio::test]
async fn a_setup_link_ends_at_its_time() {
    on_every_backend(async |store| {
        store.put_setup_link("link", NOW).await.unwrap();
        assert!(store.setup_link_is_open("link", NOW.plus(-1)).await.unwrap());
        assert!(!store.setup_link_is_open("link", NOW).await.unwrap());
        assert_eq!(store.use_setup_link("link", "ann", "h", NOW).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_newer_setup_link_replaces_the_earlier_one() {
    on_every_backend(async |store| {
        store.put_setup_link("first", NOW.plus(HOUR)).await.unwrap();
        store.put_setup_link("second", NOW.plus(HOUR)).await.unwrap();
        assert!(!store.setup_link_is_open("first", NOW).await.unwrap());
        assert!(store.setup_link_is_open("second", NOW).await.unwrap());
        store.put_setup_link("second", NOW.plus(2 * HOUR)).await.unwrap();
        assert!(store.setup_link_is_open("second", NOW.plus(HOUR)).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_setup_link_is_dead_once_an_administrator_exists() {
    on_every_backend(async |store| {
        store.put_setup_link("link", NOW.plus(HOUR)).await.unwrap();
        make(&store, "ed", Role::Editor).await;
        assert!(store.setup_link_is_open("link", NOW).await.unwrap());
        make(&store, "ann", Role::Admin).await;
        assert!(!store.setup_link_is_open("link", NOW).await.unwrap());
        assert_eq!(store.use_setup_link("link", "bob", "h", NOW).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_setup_link_outlives_a_login_that_is_in_use() {
    on_every_backend(async |store| {
        make(&store, "ed", Role::Editor).await;
        store.put_setup_link("link", NOW.plus(HOUR)).await.unwrap();
        let used = store.use_setup_link("link", "ed", "h", NOW).await;
        assert!(matches!(used, Err(StorageError::Taken { field: "login" })), "{used:?}");
        assert!(store.setup_link_is_open("link", NOW).await.unwrap());
        assert!(store.use_setup_link("link", "ann", "h", NOW).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn of_many_who_use_a_setup_link_at_once_one_becomes_administrator() {
    on_every_backend(async |store| {
        store.put_setup_link("link", NOW.plus(HOUR)).await.unwrap();
        let mut racers = tokio::task::JoinSet::new();
        for number in 0..8 {
            let store = store.clone();
            racers.spawn(async move {
                store.use_setup_link("link", &format!("u{number}"), "h", NOW).await.unwrap()
            });
        }
        let made = racers.join_all().await.into_iter().flatten().count();
        assert_eq!((made, logins(&*store, "").await.len()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_link_is_used_once_by_its_user_before_it_ends() {
    on_every_backend(async |store| {
        let (ann, bob) =
            (make(&store, "ann", Role::Admin).await, make(&store, "bob", Role::Viewer).await);
        for (user, hash, end) in [(&ann, "a", HOUR), (&bob, "b", HOUR), (&bob, "late", 0)] {
            store.put_sign_in_link(user.id, hash, NOW.plus(end)).await.unwrap();
        }
        assert_eq!(store.use_sign_in_link("late", NOW).await.unwrap(), None);
        assert_eq!(store.use_sign_in_link("other", NOW).await.unwrap(), None);
        assert_eq!(store.use_sign_in_link("b", NOW).await.unwrap(), Some((bob, NOW)));
        assert_eq!(store.use_sign_in_link("b", NOW).await.unwrap(), None);
        assert_eq!(store.use_sign_in_link("a", NOW).await.unwrap(), Some((ann, NOW)));
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_link_goes_with_its_user() {
    on_every_backend(async |store| {
        let bob = make(&store, "bob", Role::Viewer).await;
        store.put_sign_in_link(bob.id, "b", NOW.plus(HOUR)).await.unwrap();
        store.delete_user(bob.id).await.unwrap();
        assert_eq!(store.use_sign_in_link("b", NOW).await.unwrap(), None);
        assert!(store.put_sign_in_link(bob.id, "b", NOW.plus(HOUR)).await.is_err());
    })
    .await;
}
