//! The link at which the first administrator is made.

use crate::support::*;
use model::user::{Actor, Role};

const PASSWORD: &str = "correct horse battery";

#[tokio::test]
async fn the_link_makes_the_first_administrator_once_who_can_then_sign_in() {
    let house = House::new().await;
    let admin = &house.admin;
    assert!(!admin.is_set_up().await.unwrap());
    let link = admin.new_setup_secret().await.unwrap().unwrap();
    assert!(admin.setup_link_is_open(&link).await.unwrap());
    assert!(!admin.setup_link_is_open("guessed").await.unwrap());
    let made = admin.set_up(&link, " ann ", PASSWORD.into()).await.unwrap();
    assert_eq!((made.login.as_str(), made.role), ("ann", Role::Admin));
    assert!(admin.is_set_up().await.unwrap());
    assert!(!admin.setup_link_is_open(&link).await.unwrap());
    let said = conflict(admin.set_up(&link, "bob", PASSWORD.into()).await);
    assert!(said.starts_with("this link has been used, is older than a day, or was"), "{said}");
    let slow = admin::SignIn::default();
    assert_eq!(admin.sign_in(&slow, "ann", PASSWORD.into()).await.unwrap().user.id, made.id);
}

#[tokio::test]
async fn a_newer_link_replaces_the_earlier_one() {
    let house = House::new().await;
    let first = house.admin.new_setup_secret().await.unwrap().unwrap();
    let second = house.admin.new_setup_secret().await.unwrap().unwrap();
    assert_ne!(first, second);
    assert!(!house.admin.setup_link_is_open(&first).await.unwrap());
    conflict(house.admin.set_up(&first, "ann", PASSWORD.into()).await);
    house.admin.set_up(&second, "ann", PASSWORD.into()).await.unwrap();
}

#[tokio::test]
async fn there_is_no_link_once_an_administrator_exists_however_made() {
    let house = House::new().await;
    let admin = &house.admin;
    let link = admin.new_setup_secret().await.unwrap().unwrap();
    let operator = Actor::operator();
    admin.create_user(&operator, "vera", Role::Viewer, PASSWORD.into()).await.unwrap();
    assert!(admin.setup_link_is_open(&link).await.unwrap());
    admin.create_user(&operator, "ann", Role::Admin, PASSWORD.into()).await.unwrap();
    assert!(!admin.setup_link_is_open(&link).await.unwrap());
    conflict(admin.set_up(&link, "bob", PASSWORD.into()).await);
    assert_eq!(admin.new_setup_secret().await.unwrap(), None);
}

#[tokio::test]
async fn a_refused_input_does_not_use_the_link_up() {
    let house = House::new().await;
    let link = house.admin.new_setup_secret().await.unwrap().unwrap();
    problems(house.admin.set_up(&link, "ann", "short".into()).await);
    house.admin.set_up(&link, "ann", PASSWORD.into()).await.unwrap();
}

#[tokio::test]
async fn neither_the_link_nor_the_password_is_kept() {
    let house = House::new().await;
    let link = house.admin.new_setup_secret().await.unwrap().unwrap();
    let open = house.kept();
    house.admin.set_up(&link, "ann", PASSWORD.into()).await.unwrap();
    for (file, bytes) in open.into_iter().chain(house.kept()) {
        for secret in [link.as_str(), PASSWORD] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret:?} stands in {}", file.display());
        }
    }
    let hash = house.storage.user_by_login("ann").await.unwrap().unwrap().password_hash;
    assert!(hash.starts_with("$argon2id$"), "{hash}");
}
