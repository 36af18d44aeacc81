//! Users: the last administrator, oneself.

use crate::support::*;
use model::user::{Actor, Grant, Role, User};

async fn make(house: &House, login: &str, role: Role) -> User {
    let password = "correct horse".to_owned();
    house.admin.create_user(&Actor::operator(), login, role, password).await.unwrap()
}

#[tokio::test]
async fn the_last_administrator_can_be_neither_deleted_nor_lowered() {
    let house = House::new().await;
    let ann = make(&house, "ann", Role::Admin).await;
    let operator = Actor::operator();
    let said = "this is the last administrator; make another one first";
    assert_eq!(conflict(house.admin.delete_user(&operator, ann.id).await), said);
    let lowered = house.admin.set_user_role(&operator, ann.id, Role::Viewer).await;
    assert_eq!(conflict(lowered), said);
    make(&house, "bob", Role::Admin).await;
    house.admin.set_user_role(&operator, ann.id, Role::Viewer).await.unwrap();
    house.admin.delete_user(&operator, ann.id).await.unwrap();
}

#[tokio::test]
async fn nobody_deletes_themselves() {
    let house = House::new().await;
    let (ann, bob) =
        (make(&house, "ann", Role::Admin).await, make(&house, "bob", Role::Admin).await);
    let own = Actor { name: "ann".into(), grant: Grant::User(ann.id, ann.role) };
    let deleted = house.admin.delete_user(&own, ann.id).await;
    assert_eq!(conflict(deleted), "you cannot delete yourself");
    assert_eq!(house.admin.delete_user(&own, bob.id).await.unwrap().login, "bob");
}

#[tokio::test]
async fn users_are_listed_and_found_without_their_passwords() {
    let house = House::new().await;
    let ann = make(&house, "ann", Role::Admin).await;
    let vera = make(&house, "vera", Role::Viewer).await;
    let asks = administrator();
    assert_eq!(house.admin.users(&asks, "").await.unwrap(), [ann, vera.clone()]);
    let found = house.admin.users(&asks, "VER").await.unwrap();
    assert_eq!(found.iter().map(|user| user.id).collect::<Vec<_>>(), [vera.id]);
    assert_eq!(house.admin.user(&asks, vera.id).await.unwrap(), vera);
}
