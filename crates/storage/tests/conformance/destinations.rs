//! `DestinationStore`.

use crate::support::*;
use model::destination::{DestinationKey, DestinationLimits, DestinationSettings, Forced, Rate};

fn key(host: &str) -> DestinationKey {
    DestinationKey::new("https", host, 443)
}

fn limits() -> DestinationLimits {
    DestinationLimits {
        concurrency: Some(3),
        rate_per_s: Rate::of_per_second(2.5),
        failure_percent: Some(20),
        min_calls: Some(5),
        open_ms: Some(9_000),
    }
}

#[tokio::test]
async fn what_is_set_reads_back_and_the_engine_gets_it() {
    on_every_backend(async |store| {
        let (crm, bot) = (key("crm.example"), key("bot.example"));
        assert_eq!(store.destinations().await.unwrap(), []);
        let set = store.set_destination_limits(&crm, &limits(), NOW).await.unwrap();
        let expected = DestinationSettings {
            key: crm.clone(),
            limits: limits(),
            forced: None,
            drained_at: None,
            updated_at: NOW,
        };
        assert_eq!(set, expected);
        assert_eq!(store.destination(&crm).await.unwrap(), Some(set.clone()));
        assert_eq!(store.destination(&bot).await.unwrap(), None);

        let other = store.force_destination(&bot, Some(Forced::Closed), NOW).await.unwrap();
        assert_eq!(other.limits, DestinationLimits::default());
        let all = [other, set];
        assert_eq!(store.destinations().await.unwrap(), all);
        assert_eq!(store.configuration().await.unwrap().destinations, all);
    })
    .await;
}

#[tokio::test]
async fn limits_and_force_leave_each_other_alone() {
    on_every_backend(async |store| {
        let crm = key("crm.example");
        store.force_destination(&crm, Some(Forced::Open), NOW).await.unwrap();
        store.set_destination_limits(&crm, &limits(), NOW).await.unwrap();
        let later = NOW.plus(MINUTE);
        let free = DestinationLimits::default();
        let set = store.set_destination_limits(&crm, &free, later).await.unwrap();
        assert_eq!((set.limits, set.forced, set.updated_at), (free, Some(Forced::Open), later));
        store.set_destination_limits(&crm, &limits(), later).await.unwrap();
        let left = store.force_destination(&crm, None, later).await.unwrap();
        assert_eq!((left.limits, left.forced), (limits(), None));
    })
    .await;
}

#[tokio::test]
async fn draining_opens_the_way_and_keeps_what_else_is_set() {
    on_every_backend(async |store| {
        let crm = key("crm.example");
        assert_eq!(store.drain_destination(&crm, NOW).await.unwrap().drained_at, Some(NOW));
        store.set_destination_limits(&crm, &limits(), NOW).await.unwrap();
        store.force_destination(&crm, Some(Forced::Open), NOW).await.unwrap();
        let later = NOW.plus(MINUTE);
        let drained = store.drain_destination(&crm, later).await.unwrap();
        let is = (drained.limits, drained.forced, drained.drained_at);
        assert_eq!(is, (limits(), None, Some(later)));
        store.force_destination(&crm, Some(Forced::Closed), NOW).await.unwrap();
        let drained = store.drain_destination(&crm, later).await.unwrap();
        assert_eq!(drained.forced, Some(Forced::Closed));
    })
    .await;
}

#[tokio::test]
async fn a_reset_destination_is_as_any() {
    on_every_backend(async |store| {
        let crm = key("crm.example");
        let set = store.set_destination_limits(&crm, &limits(), NOW).await.unwrap();
        assert_eq!(store.reset_destination(&key("bot.example")).await.unwrap(), None);
        assert_eq!(store.reset_destination(&crm).await.unwrap(), Some(set));
        assert_eq!(store.destination(&crm).await.unwrap(), None);
        assert_eq!(store.reset_destination(&crm).await.unwrap(), None);

        // What a person has stopped stays so.
        store.set_destination_limits(&crm, &limits(), NOW).await.unwrap();
        let stopped = store.force_destination(&crm, Some(Forced::Open), NOW).await.unwrap();
        let free = DestinationSettings { limits: DestinationLimits::default(), ..stopped };
        assert_eq!(store.reset_destination(&crm).await.unwrap(), Some(free.clone()));
        assert_eq!(store.destinations().await.unwrap(), [free]);
    })
    .await;
}
