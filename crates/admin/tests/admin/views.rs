//! Saved views: one's own, bounded, and addresses of their list.

use crate::support::*;
use model::{
    ids::ViewId,
    user::{Actor, Grant, Role},
    view::ViewList::{Deliveries, Hooks, Queues},
};

impl House {
    /// Somebody who can sign in.
    async fn person(&self, login: &str) -> Actor {
        let (operator, password) = (Actor::operator(), "long enough".to_owned());
        let made = self.admin.create_user(&operator, login, Role::Viewer, password).await.unwrap();
        Actor { name: made.login, grant: Grant::User(made.id, made.role) }
    }
}

#[tokio::test]
async fn a_view_is_saved_listed_replaced_and_deleted() {
    let house = House::new().await;
    let vera = house.person("vera").await;
    let admin = &house.admin;
    let query = "?type=task&page=3&search=&state=on";
    let made = admin.save_view(&vera, Queues, " Tasks ", query, false).await.unwrap();
    assert_eq!((made.name.as_str(), made.query.as_str()), ("Tasks", "state=on&type=task"));
    admin.save_view(&vera, Hooks, "Tasks", "event=missed", false).await.unwrap();
    assert_eq!(admin.views(&vera, Some(Queues)).await.unwrap(), std::slice::from_ref(&made));
    assert_eq!(admin.views(&vera, None).await.unwrap().len(), 2);

    let again = admin.save_view(&vera, Queues, "Tasks", "state=off", false).await;
    assert_eq!(problems(again), ["/name: is in use already"]);
    let again = admin.save_view(&vera, Queues, "Tasks", "state=off", true).await.unwrap();
    assert_eq!((again.id, again.query.as_str()), (made.id, "state=off"));

    admin.delete_view(&vera, made.id).await.unwrap();
    assert_eq!(admin.views(&vera, Some(Queues)).await.unwrap(), []);
    let gone = not_found(admin.delete_view(&vera, made.id).await);
    assert_eq!(gone, format!("there is no saved view {}", made.id));
}

#[tokio::test]
async fn nobody_sees_or_touches_the_views_of_somebody_else() {
    let house = House::new().await;
    let (vera, ed) = (house.person("vera").await, house.person("ed").await);
    let made = house.admin.save_view(&vera, Queues, "Mine", "state=on", false).await.unwrap();
    assert_eq!(house.admin.views(&ed, None).await.unwrap(), []);
    not_found(house.admin.delete_view(&ed, made.id).await);
    let own = house.admin.save_view(&ed, Queues, "Mine", "state=off", true).await.unwrap();
    assert_ne!(own.id, made.id);
    assert_eq!(house.admin.views(&vera, None).await.unwrap(), [made]);
}

#[tokio::test]
async fn only_an_address_of_the_list_is_saved() {
    let house = House::new().await;
    let vera = house.person("vera").await;
    let save = async |list, name: &str, query: &str| {
        house.admin.save_view(&vera, list, name, query, false).await
    };
    for (list, name, query, said) in [
        (Queues, "", "", "/name: is needed".to_owned()),
        (Queues, "n", "mode=strict", "/query: \"mode\" is no filter of the list queues".into()),
        (
            Deliveries,
            "n",
            &format!("search={}", "x".repeat(2_000)),
            "/query: the view's address has at most 2000 characters; take filters away".into(),
        ),
    ] {
        assert_eq!(problems(save(list, name, query).await), [said]);
    }
    let query = "state=retrying&from=2026-11-22T09:30&search=%d0%9A+<b>&state=dead";
    assert_eq!(
        save(Deliveries, "Late", query).await.unwrap().query,
        "from=2026-11-22T09%3A30&search=%D0%9A%20%3Cb%3E&state=dead&state=retrying"
    );
}

#[tokio::test]
async fn a_person_keeps_at_most_fifty_views() {
    let house = House::new().await;
    let vera = house.person("vera").await;
    for number in 0..50 {
        let name = format!("v{number}");
        house.admin.save_view(&vera, Queues, &name, "", false).await.unwrap();
    }
    let more = house.admin.save_view(&vera, Hooks, "one more", "", false).await;
    assert_eq!(conflict(more), "you have 50 saved views; delete one first");
    // Replacing is no more.
    house.admin.save_view(&vera, Queues, "v7", "state=on", true).await.unwrap();
    let other = house.person("ed").await;
    house.admin.save_view(&other, Queues, "v7", "", false).await.unwrap();
    not_found(house.admin.delete_view(&vera, ViewId(9_999)).await);
}
