//! Destinations as they stand, with what is set for them.

use crate::support::*;
use model::{
    destination::{
        DEFAULT_CONCURRENCY, DestinationAct, DestinationFilter, DestinationKey, DestinationLimits,
        DestinationRow, Forced, Rate,
    },
    live::{BreakerState, DestinationView, Live},
};

fn key(host: &str) -> DestinationKey {
    DestinationKey::new("https", host, 443)
}

/// A destination that the engine tells of.
pub fn view(host: &str, state: BreakerState, waiting: u64) -> DestinationView {
    DestinationView {
        key: key(host),
        state,
        forced: None,
        running: 1,
        waiting,
        limit: 64,
        rate_per_s: None,
        slowed: false,
        failures: 0,
        last_failure: None,
        opens_until: None,
        drain_seconds: None,
    }
}

fn hosts(rows: &[DestinationRow]) -> Vec<&str> {
    rows.iter().map(|row| row.now.key.as_str()).collect()
}

async fn list(house: &House, filter: DestinationFilter) -> Vec<DestinationRow> {
    house.admin.destinations(&viewer(), &filter).await.unwrap()
}

#[tokio::test]
async fn what_the_engine_tells_and_what_is_set_are_one_list_the_troubled_first() {
    let house = House::new().await;
    assert_eq!(list(&house, DestinationFilter::default()).await, []);
    *house.running.1.lock().unwrap() = Some(Live {
        destinations: vec![
            view("b.example", BreakerState::Closed, 0),
            view("a.example", BreakerState::Closed, 7),
            view("z.example", BreakerState::Open, 3),
        ],
        ..Live::default()
    });
    let limits = DestinationLimits {
        concurrency: Some(2),
        rate_per_s: Rate::of_per_second(0.5),
        ..DestinationLimits::default()
    };
    house.admin.limit_destination(&editor(), &key("c.example"), limits).await.unwrap();
    let all = list(&house, DestinationFilter::default()).await;
    let expected = [
        "https://z.example:443",
        "https://a.example:443",
        "https://b.example:443",
        "https://c.example:443",
    ];
    assert_eq!(hosts(&all), expected);
    let quiet = &all[3];
    assert_eq!((quiet.now.limit, quiet.now.rate_per_s, quiet.limits), (2, Some(0.5), limits));
    assert!(quiet.updated_at.is_some());

    let some = |search: &str, states: &[BreakerState], set| DestinationFilter {
        search: search.into(),
        states: states.to_vec(),
        set,
    };
    assert_eq!(hosts(&list(&house, some("C.EX", &[], None)).await), expected[3..]);
    assert_eq!(hosts(&list(&house, some("", &[BreakerState::Open], None)).await), expected[..1]);
    assert_eq!(hosts(&list(&house, some("", &[], Some(true))).await), expected[3..]);
    assert_eq!(hosts(&list(&house, some("", &[], Some(false))).await), expected[..3]);
}

#[tokio::test]
async fn an_editor_opens_closes_releases_and_drains_it() {
    let house = House::new().await;
    let crm = key("crm.example");
    let steer = async |act| house.admin.steer_destination(&editor(), &crm, act).await.unwrap();
    assert_eq!(steer(DestinationAct::Open).await.forced, Some(Forced::Open));
    let row = house.admin.destination(&viewer(), &crm).await.unwrap();
    assert_eq!((row.now.state, row.now.forced), (BreakerState::Open, Some(Forced::Open)));
    assert_eq!(steer(DestinationAct::Close).await.forced, Some(Forced::Closed));
    assert_eq!(steer(DestinationAct::Release).await.forced, None);
    assert!(steer(DestinationAct::Drain).await.drained_at.is_some());
}

#[tokio::test]
async fn what_was_set_a_moment_ago_shows_before_the_engine_knows_it() {
    let house = House::new().await;
    let crm = key("crm.example");
    *house.running.1.lock().unwrap() = Some(Live {
        destinations: vec![view("crm.example", BreakerState::HalfOpen, 3)],
        ..Live::default()
    });
    let limits = DestinationLimits { concurrency: Some(2), ..DestinationLimits::default() };
    house.admin.limit_destination(&editor(), &crm, limits).await.unwrap();
    let now = async || house.admin.destination(&viewer(), &crm).await.unwrap().now;
    let is = now().await;
    assert_eq!((is.state, is.limit, is.waiting), (BreakerState::HalfOpen, 2, 3));
    house.admin.steer_destination(&editor(), &crm, DestinationAct::Open).await.unwrap();
    assert_eq!((now().await.state, now().await.forced), (BreakerState::Open, Some(Forced::Open)));
}

#[tokio::test]
async fn limits_that_cannot_be_are_refused_and_a_reset_destination_is_as_any() {
    let house = House::new().await;
    let crm = key("crm.example");
    let wrong = DestinationLimits { concurrency: Some(0), ..DestinationLimits::default() };
    let told = problems(house.admin.limit_destination(&editor(), &crm, wrong).await);
    assert!(told[0].starts_with("/concurrency"), "{told:?}");
    let wrong = DestinationLimits { min_calls: Some(65), ..DestinationLimits::default() };
    let told = problems(house.admin.limit_destination(&editor(), &crm, wrong).await);
    assert_eq!(told, ["/min_calls: is between 1 and 64, the newest requests that a breaker knows"]);
    let reset = async || house.admin.reset_destination(&editor(), &crm).await;
    assert!(not_found(reset().await).contains("https://crm.example:443"));
    let right = DestinationLimits { concurrency: Some(5), ..DestinationLimits::default() };
    house.admin.limit_destination(&editor(), &crm, right).await.unwrap();
    reset().await.unwrap();
    let row = house.admin.destination(&viewer(), &crm).await.unwrap();
    assert_eq!((row.now.limit, row.updated_at), (DEFAULT_CONCURRENCY, None));
}
