//! How the installation fares.

use crate::{destinations::view, support::*};
use model::{
    live::{BreakerState, Live},
    node::NodeState,
    overview::{Point, Span},
};

#[tokio::test]
async fn an_installation_in_which_nothing_happened_says_so() {
    let house = House::new().await;
    for span in Span::ALL {
        let told = house.admin.overview(&viewer(), span).await.unwrap();
        assert_eq!(told.points, vec![Point::default(); span.points() as usize]);
        assert_eq!((told.whole, told.live, told.retrying), (Point::default(), Live::default(), 0));
        assert!(told.troubled.is_empty());
        assert!(told.from < told.to);
    }
}

#[tokio::test]
async fn what_the_engine_tells_goes_before_what_the_database_holds() {
    let house = House::new().await;
    let live = Live {
        backlog: 12,
        oldest_at: Some(now()),
        destinations: vec![view("crm.example", BreakerState::HalfOpen, 12)],
        refuses: Some("the disk is full".into()),
    };
    *house.running.1.lock().unwrap() = Some(live.clone());
    assert_eq!(house.admin.overview(&viewer(), Span::Hour).await.unwrap().live, live);
    assert_eq!(house.admin.nodes(&viewer()).await.unwrap()[0].refuses, live.refuses);
}

#[tokio::test]
async fn a_process_that_is_alone_is_the_only_node() {
    let house = House::new().await;
    let nodes = house.admin.nodes(&viewer()).await.unwrap();
    let [node] = &nodes[..] else { panic!("{nodes:?}") };
    assert!(node.here && node.state == NodeState::Alive && node.since <= node.seen_at);
    assert_eq!((node.shards, node.running, node.events_per_s), (None, 0, Some(0.0)));
}
