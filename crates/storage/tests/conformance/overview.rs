//! `OverviewStore`.

use crate::support::*;
use model::{
    catalog::EventKind,
    delivery::DeliveryState,
    hook::PauseReason,
    latency::{Latencies, bucket},
    overview::Span,
    time::Millis,
    trace::{AttemptOutcome, Failure, FailureClass},
};
use storage::{Storage, journal::Completion, overview::Unended};

/// Accepts an event at this time, which reaches its receiver so many milliseconds later, and ends
/// then.
async fn end(store: &dyn Storage, of: &Wired, at: Millis, after: i64, state: DeliveryState) {
    let taken = of.accept(store, at, DeliveryState::Pending).await;
    let done = of.completion(&taken, state, at.plus(after));
    complete(store, vec![Completion { reached_after_ms: Some(after), ..done }]).await;
}

/// All that the span tells of how long events took.
async fn latencies(store: &dyn Storage, span: Span) -> Latencies {
    let mut all = Latencies::default();
    for spell in store.spells(span, NOW).await.unwrap() {
        all.merge(&spell.latencies);
    }
    all
}

/// One of each of these times, in milliseconds.
fn each<const N: usize>(ms: [i64; N]) -> Latencies {
    let mut all = Latencies::default();
    ms.into_iter().for_each(|ms| all.add(bucket(ms), 1));
    all
}

fn median(latencies: &Latencies) -> Option<f64> {
    latencies.quantile(0.5).map(f64::floor)
}

/// What happened, per point of the span in which something did: place, events, delivered, failed,
/// median latency.
async fn happened(store: &dyn Storage, span: Span) -> Vec<(usize, u64, u64, u64, Option<f64>)> {
    let spells = store.spells(span, NOW).await.unwrap();
    assert_eq!(spells.len(), span.points() as usize);
    let told = spells.iter().enumerate().map(|(place, spell)| {
        let is = spell.figures;
        (place, is.events, is.delivered, is.failed, median(&spell.latencies))
    });
    told.filter(|one| one.1 + one.2 + one.3 > 0).collect()
}

#[tokio::test]
async fn each_minute_tells_what_happened_and_how_long_it_took() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        end(&*store, &one, NOW, 5, DeliveryState::Delivered).await;
        end(&*store, &one, NOW.plus(1), 7, DeliveryState::Delivered).await;
        end(&*store, &one, NOW.plus(2), 900, DeliveryState::Dead).await;
        let before = NOW.plus(-59 * MINUTE);
        end(&*store, &one, before, 12, DeliveryState::Delivered).await;
        end(&*store, &one, NOW.plus(-HOUR), 3, DeliveryState::Delivered).await;
        let is = happened(&*store, Span::Hour).await;
        assert_eq!(is, [(0, 1, 1, 0, Some(12.0)), (59, 3, 2, 1, Some(7.0))]);
    })
    .await;
}

#[tokio::test]
async fn how_long_an_event_took_is_told_by_whichever_change_of_its_delivery_says_so() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let taken = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let of = |state, at, reached_after_ms| {
            let done = one.completion(&taken, state, NOW.plus(at));
            vec![Completion { reached_after_ms, ..done }]
        };
        complete(&*store, of(DeliveryState::Retrying, 40, Some(5))).await;
        assert_eq!(latencies(&*store, Span::Hour).await, each([5]));
        complete(&*store, of(DeliveryState::Delivered, 9_000, None)).await;
        assert_eq!(latencies(&*store, Span::Hour).await, each([5]));
    })
    .await;
}

#[tokio::test]
async fn tests_tell_nothing_of_the_time_that_events_take() {
    on_every_backend(async |store| {
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        let taken = one.accept(&*store, NOW, DeliveryState::Pending).await;
        let done = one.completion(&taken, DeliveryState::Delivered, NOW.plus(5));
        let test = Completion { test: true, reached_after_ms: Some(5), ..done };
        complete(&*store, vec![test]).await;
        assert_eq!(latencies(&*store, Span::Hour).await, each([]));
    })
    .await;
}

#[tokio::test]
async fn a_week_is_the_same_before_and_after_its_hours_are_added_up() {
    on_every_backend(async |store| {
        let (one, two) = (
            wired(&*store, "Sales", EventKind::Joined).await,
            wired(&*store, "Help", EventKind::Leaving).await,
        );
        for hours in [0, 1, 2, 23, 24, 100, 167, 168] {
            let at = NOW.plus(-hours * HOUR);
            end(&*store, &one, at, 5, DeliveryState::Delivered).await;
            end(&*store, &two, at.plus(MINUTE), 5, DeliveryState::Dead).await;
        }
        for span in [Span::Day, Span::Week] {
            let before = happened(&*store, span).await;
            let troubled = store.troubled_hooks(span, NOW, 9).await.unwrap();
            let last = span.points() as usize - 1;
            assert!(before.contains(&(last - 2, 2, 1, 1, Some(5.0))), "{before:?}");
            // At whatever moment, and however often.
            store.roll_up(NOW.plus(-30 * HOUR)).await.unwrap();
            assert_eq!(happened(&*store, span).await, before);
            for _ in 0..2 {
                store.roll_up(NOW).await.unwrap();
                assert_eq!(happened(&*store, span).await, before);
                assert_eq!(store.troubled_hooks(span, NOW, 9).await.unwrap(), troubled);
            }
        }
        // What comes late for the last hour that was added up still counts.
        end(&*store, &one, NOW.plus(-HOUR), 5, DeliveryState::Delivered).await;
        store.roll_up(NOW).await.unwrap();
        assert!(happened(&*store, Span::Day).await.contains(&(22, 3, 2, 1, Some(5.0))));
    })
    .await;
}

#[tokio::test]
async fn the_hooks_that_failed_most_come_first_and_say_why() {
    on_every_backend(async |store| {
        let (few, many, none, gone, late) = (
            wired(&*store, "Few", EventKind::Joined).await,
            wired(&*store, "Many", EventKind::Leaving).await,
            wired(&*store, "None", EventKind::Joined).await,
            wired(&*store, "Gone", EventKind::Joined).await,
            wired(&*store, "Late", EventKind::Missed).await,
        );
        store.set_hook_paused(gone.hook.id, Some(PauseReason::Gone)).await.unwrap();
        end(&*store, &none, NOW, 5, DeliveryState::Delivered).await;
        end(&*store, &few, NOW, 5, DeliveryState::Dead).await;
        for _ in 0..2 {
            let taken = late.accept(&*store, NOW, DeliveryState::Pending).await;
            let again = late.completion(&taken, DeliveryState::Retrying, NOW);
            let tried = Some(attempt(1, AttemptOutcome::Failed, None));
            complete(&*store, vec![Completion { attempt: tried, ..again }]).await;
        }
        end(&*store, &many, NOW, 5, DeliveryState::DeliveredWithErrors).await;
        let taken = many.accept(&*store, NOW, DeliveryState::Pending).await;
        let failure = Failure::new(FailureClass::Dns, "no such host");
        let done = many.completion(&taken, DeliveryState::Dead, NOW.plus(9));
        let tried = Some(attempt(1, AttemptOutcome::Failed, Some(failure.clone())));
        let failed = Completion { attempt: tried, failure: Some(failure.clone()), ..done };
        complete(&*store, vec![failed]).await;
        end(&*store, &many, NOW.plus(10), 5, DeliveryState::Delivered).await;

        let found = store.troubled_hooks(Span::Hour, NOW, 9).await.unwrap();
        let named: Vec<_> = found
            .iter()
            .map(|one| (one.queue_name.as_str(), one.figures.failed, one.retrying, one.paused))
            .collect();
        let told = [
            ("Gone", 0, 0, Some(PauseReason::Gone)),
            ("Many", 2, 0, None),
            ("Late", 0, 2, None),
            ("Few", 1, 0, None),
        ];
        assert_eq!(named, told);
        let last = found[1].last.as_ref().unwrap();
        let is = (last.id, last.at, last.failure.clone());
        assert_eq!(is, (taken.id, NOW.plus(9), Some(failure)));
        assert_eq!((&found[0].last, &found[2].last), (&None, &None));
        assert_eq!(store.troubled_hooks(Span::Hour, NOW, 1).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_has_not_ended_is_counted_with_its_oldest() {
    on_every_backend(async |store| {
        assert_eq!(store.unended().await.unwrap(), Unended::default());
        let one = wired(&*store, "Sales", EventKind::Joined).await;
        end(&*store, &one, NOW.plus(-HOUR), 5, DeliveryState::Delivered).await;
        end(&*store, &one, NOW.plus(-HOUR), 5, DeliveryState::Dead).await;
        let retried = one.accept(&*store, NOW, DeliveryState::Pending).await;
        one.accept(&*store, NOW.plus(MINUTE), DeliveryState::Pending).await;
        let again = one.completion(&retried, DeliveryState::Retrying, NOW.plus(1));
        complete(&*store, vec![again]).await;
        let is = Unended { deliveries: 2, retrying: 1, oldest_at: Some(NOW) };
        assert_eq!(store.unended().await.unwrap(), is);
    })
    .await;
}
