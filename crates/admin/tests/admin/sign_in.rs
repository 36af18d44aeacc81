//! Signing in, by password and by link.

use crate::support::*;
use admin::{AdminError, SignIn};
use argon2::{Argon2, password_hash::PasswordHasher};
use model::user::{Actor, Grant, Role, User};

const RIGHT: &str = "correct horse battery";
const USED: &str = "this link has been used, or is older than a day";

async fn olena(house: &House) -> User {
    let operator = Actor::operator();
    house.admin.create_user(&operator, "olena", Role::Editor, RIGHT.into()).await.unwrap()
}

#[tokio::test]
async fn the_right_password_signs_in_whatever_the_logins_case_and_is_noted() {
    let house = House::new().await;
    let user = olena(&house).await;
    let slow = SignIn::default();
    for login in ["olena", "OLENA", " Olena "] {
        let found = house.admin.sign_in(&slow, login, RIGHT.into()).await.unwrap();
        assert_eq!(found.user.id, user.id);
    }
    let seen = house.storage.user(user.id).await.unwrap().unwrap().last_seen_at.unwrap();
    assert!(seen >= user.created_at);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_login_are_answered_alike() {
    let house = House::new().await;
    olena(&house).await;
    let slow = SignIn::default();
    for login in ["olena", "nobody"] {
        let refused = house.admin.sign_in(&slow, login, "wrong password".into()).await;
        let error = refused.unwrap_err();
        assert!(matches!(error, AdminError::WrongPassword), "{login}: {error:?}");
        assert_eq!(error.to_string(), "the login or the password is wrong");
    }
}

#[tokio::test]
async fn the_right_password_forgets_the_wrong_ones_before_it() {
    let house = House::new().await;
    olena(&house).await;
    let slow = SignIn::default();
    for _ in 0..3 {
        for _ in 0..2 {
            let refused = house.admin.sign_in(&slow, "olena", "wrong password".into()).await;
            assert!(matches!(refused, Err(AdminError::WrongPassword)), "{refused:?}");
        }
        house.admin.sign_in(&slow, "olena", RIGHT.into()).await.unwrap();
    }
}

#[tokio::test]
async fn a_password_longer_than_any_may_be_is_wrong_even_where_it_would_fit() {
    let house = House::new().await;
    let long = "x".repeat(201);
    let hash = Argon2::default().hash_password(long.as_bytes()).unwrap().to_string();
    house.storage.create_user("olena", Role::Editor, &hash, now()).await.unwrap();
    let slow = SignIn::default();
    assert!(slow_down(&house, &slow, "olena", &long).await >= 3);
}

/// Tries a wrong password in a row until one is told to wait; how many were tried before.
async fn slow_down(house: &House, slow: &SignIn, login: &str, password: &str) -> u32 {
    for tried in 0..20 {
        match house.admin.sign_in(slow, login, password.into()).await {
            Err(AdminError::WrongPassword) => {}
            Err(AdminError::SlowDown { seconds }) => {
                assert!((1..=60).contains(&seconds), "{seconds} s");
                return tried;
            }
            other => panic!("{other:?}"),
        }
    }
    panic!("nobody was told to wait");
}

#[tokio::test]
async fn wrong_passwords_in_a_row_make_the_next_try_wait_even_the_right_one() {
    let house = House::new().await;
    olena(&house).await;
    // On a machine that stands still the wait may be over; then it is a longer one's turn.
    let slow = SignIn::default();
    for _ in 0..5 {
        slow_down(&house, &slow, "olena", "wrong password").await;
        match house.admin.sign_in(&slow, "olena", RIGHT.into()).await {
            Err(AdminError::SlowDown { .. }) => return,
            other => drop(other.unwrap()),
        }
    }
    panic!("the right password never waits");
}

#[tokio::test]
async fn at_least_three_passwords_may_be_tried_and_other_logins_do_not_wait() {
    let house = House::new().await;
    olena(&house).await;
    let slow = SignIn::default();
    assert!(slow_down(&house, &slow, "nobody", "wrong password").await >= 3);
    house.admin.sign_in(&slow, "olena", RIGHT.into()).await.unwrap();
}

#[tokio::test]
async fn spellings_of_a_login_wait_together() {
    let house = House::new().await;
    let slow = SignIn::default();
    let spellings = (0..20u32).map(|bits| {
        let spelt = "olena".chars().enumerate().map(|(at, letter)| {
            if bits >> at & 1 == 1 { letter.to_ascii_uppercase() } else { letter }
        });
        spelt.collect::<String>()
    });
    for login in spellings {
        match house.admin.sign_in(&slow, &login, "wrong password".into()).await {
            Err(AdminError::WrongPassword) => {}
            Err(AdminError::SlowDown { .. }) => return,
            other => panic!("{other:?}"),
        }
    }
    panic!("nobody was told to wait");
}

#[tokio::test]
async fn wrong_passwords_at_once_do_not_slip_past_the_wait() {
    let house = House::new().await;
    let slow = std::sync::Arc::new(SignIn::default());
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (admin, slow) = (house.admin.clone(), slow.clone());
        tries.spawn(async move { admin.sign_in(&slow, "nobody", "wrong password".into()).await });
    }
    let answers = tries.join_all().await;
    let waits = |answer: &&Result<_, _>| matches!(answer, Err(AdminError::SlowDown { .. }));
    assert!(answers.iter().any(|answer| waits(&answer)), "all were tried");
}

#[tokio::test]
async fn a_link_signs_its_user_in_once() {
    let house = House::new().await;
    let user = olena(&house).await;
    let operator = Actor::operator();
    let link = house.admin.new_sign_in_secret(&operator, " OLENA ").await.unwrap();
    assert_eq!(conflict(house.admin.sign_in_by_link("guessed").await), USED);
    assert_eq!(house.admin.sign_in_by_link(&link).await.unwrap().user.id, user.id);
    assert_eq!(conflict(house.admin.sign_in_by_link(&link).await), USED);
    let refused = house.admin.new_sign_in_secret(&operator, "nobody").await;
    assert_eq!(not_found(refused), "there is no user nobody");
}

#[tokio::test]
async fn a_deleted_users_link_signs_nobody_in() {
    let house = House::new().await;
    let user = olena(&house).await;
    let operator = Actor::operator();
    let link = house.admin.new_sign_in_secret(&operator, "olena").await.unwrap();
    house.admin.delete_user(&operator, user.id).await.unwrap();
    assert_eq!(conflict(house.admin.sign_in_by_link(&link).await), USED);
}

#[tokio::test]
async fn a_session_speaks_for_its_user_with_the_role_of_now_while_there_is_one() {
    let house = House::new().await;
    let user = olena(&house).await;
    let operator = Actor::operator();
    let password = RIGHT.to_owned();
    house.admin.create_user(&operator, "ann", Role::Admin, password).await.unwrap();
    for role in Role::ALL {
        house.admin.set_user_role(&operator, user.id, role).await.unwrap();
        let actor = house.admin.actor_of(user.id, user.created_at).await.unwrap().unwrap();
        assert_eq!(actor, Actor { name: "olena".into(), grant: Grant::User(user.id, role) });
    }
    house.admin.delete_user(&operator, user.id).await.unwrap();
    assert_eq!(house.admin.actor_of(user.id, user.created_at).await.unwrap(), None);
}

#[tokio::test]
async fn a_changed_password_ends_what_began_with_the_old_one() {
    let house = House::new().await;
    let user = olena(&house).await;
    let operator = Actor::operator();
    let link = house.admin.new_sign_in_secret(&operator, "olena").await.unwrap();
    assert!(house.admin.actor_of(user.id, user.created_at).await.unwrap().is_some());
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    house.admin.set_user_password(&operator, user.id, "another password".into()).await.unwrap();
    assert_eq!(house.admin.actor_of(user.id, user.created_at).await.unwrap(), None);
    let used = house.admin.sign_in_by_link(&link).await;
    assert!(matches!(used, Err(AdminError::Conflict(_))), "{used:?}");
}
