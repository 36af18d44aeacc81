//! The log as it happens, by server-sent events: what the API and the panel have in common.

use super::{Services, problem};
use admin::AdminError;
use axum::{
    http::{HeaderMap, HeaderName, header},
    response::{
        IntoResponse, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures::{Stream, StreamExt, stream};
use model::{delivery::DeliveryFilter, user::Actor};
use std::{convert::Infallible, future::Future, sync::Arc, time::Duration};
use storage::tail::{Tail, TailPlace};
use tokio::{
    sync::{OwnedSemaphorePermit, SemaphorePermit},
    time::{Instant, sleep},
};

/// How often the log is looked at while nothing happens.
const EVERY: Duration = Duration::from_millis(300);
/// How long, and for how many commits, a reader may go on without being told how far it came. Where
/// it comes back to must not be forgotten, however little of the log is for it.
const UNTOLD_FOR: Duration = Duration::from_secs(15);
const UNTOLD_MAX: i64 = 1_000;
/// Where a reader says how far it came.
const LAST: &str = "last-event-id";
/// Asks a proxy in front not to gather the events.
const NO_BUFFER: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Somebody who follows the log.
pub trait Reader: Send + 'static {
    /// Whether what runs is told as running. That a delivery begins to run is told in neither case.
    const RUNNING: bool;
    /// How many deliveries are told at once. Whoever lies further behind is told that they are lost.
    const MOST: usize;
    /// How long it rests after an answer.
    const REST: Duration;

    /// Who it is, looked up anew before each answer; nothing once it may not read any more.
    fn actor(&mut self, services: &Services) -> impl Future<Output = Option<Arc<Actor>>> + Send;

    /// What it is told before anything happens, at the place where it begins.
    fn welcome(at: TailPlace) -> Event;

    /// The events of an answer. One without rows says how far the reader came.
    fn told(answer: Tail) -> Vec<Event>;

    /// What keeps the connection open while nothing happens.
    fn alive() -> KeepAlive;
}

/// Where the reader says that it came to, if it does, by the header that browsers send when they
/// connect again.
pub fn last(headers: &HeaderMap) -> Option<TailPlace> {
    headers.get(LAST).and_then(|value| value.to_str().ok()).and_then(place)
}

/// The place of this text, if there is any. What is no place lies in no log: the reader is told so.
pub fn place(text: &str) -> Option<TailPlace> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.parse().unwrap_or(TailPlace::behind(i64::MAX)))
}

/// Room for one who follows the log, if there is any.
pub fn room(services: &Services) -> Option<OwnedSemaphorePermit> {
    services.followers.clone().try_acquire_owned().ok()
}

/// Follows the log from a place on, until the connection, the right to read or the server ends.
pub fn follow<R: Reader>(
    services: Services,
    reader: R,
    filter: DeliveryFilter,
    place: TailPlace,
    room: OwnedSemaphorePermit,
) -> impl IntoResponse {
    let mut stopping = services.stopping.clone();
    let stopped = async move { stopping.wait_for(|stop| *stop).await.map(drop).ok() };
    let (known, rest) = (Known::now(place), Duration::ZERO);
    let following = Following { services, reader, filter, place, known, rest, _room: room };
    let told = stream::iter([R::welcome(place)]).chain(events(following));
    // What waits for a reader would else hold up the end of the server.
    let told = told.map(Ok::<_, Infallible>).take_until(Box::pin(stopped));
    let answer = Sse::new(told).keep_alive(R::alive());
    ([(header::CACHE_CONTROL, "no-cache"), (NO_BUFFER, "no")], answer)
}

/// Answer by answer, each asked for when the one before has been taken by the connection: a reader
/// that is slow holds nothing but what it reads.
fn events<R: Reader>(following: Following<R>) -> impl Stream<Item = Event> {
    let next = |mut following: Following<R>| async {
        let answer = following.next().await?;
        Some((stream::iter(R::told(answer)), following))
    };
    stream::unfold(following, next).flatten()
}

/// How far a reader came.
struct Following<R> {
    services: Services,
    reader: R,
    filter: DeliveryFilter,
    place: TailPlace,
    known: Known,
    /// How long nothing is asked.
    rest: Duration,
    _room: OwnedSemaphorePermit,
}

/// How far a reader knows that it came, and since when.
struct Known {
    place: TailPlace,
    since: Instant,
}

impl Known {
    fn now(place: TailPlace) -> Self {
        Self { place, since: Instant::now() }
    }

    /// Whether it must be told that it came as far as that.
    fn is_outdated(&self, place: TailPlace) -> bool {
        let behind = place.from - self.place.from;
        place != self.place && (behind >= UNTOLD_MAX || self.since.elapsed() >= UNTOLD_FOR)
    }
}

impl<R: Reader> Following<R> {
    /// The next answer that tells anything; nothing when the reader may not read any more, or the
    /// log cannot be read.
    async fn next(&mut self) -> Option<Tail> {
        let told = self.look().await?;
        self.known = Known::now(self.place);
        Some(told)
    }

    async fn look(&mut self) -> Option<Tail> {
        loop {
            if !self.rest.is_zero() {
                sleep(self.rest).await;
            }
            let _turn = turn(&self.services, &self.filter).await;
            let actor = self.reader.actor(&self.services).await?;
            let admin = &self.services.admin;
            let told = admin.tail(&actor, &self.filter, self.place, R::RUNNING).await;
            match told.inspect_err(failed).ok()? {
                Tail::Lost(at) => {
                    (self.place, self.rest) = (at, R::REST);
                    return Some(Tail::Lost(at));
                }
                Tail::Rows { rows, .. } if rows.len() > R::MOST => {
                    let end = admin.tail_end(&actor).await.inspect_err(failed).ok()?;
                    (self.place, self.rest) = (end, R::REST);
                    return Some(Tail::Lost(end));
                }
                Tail::Rows { rows, next, more } => {
                    self.place = next;
                    let is_quiet = rows.is_empty();
                    self.rest = match more {
                        _ if !is_quiet => R::REST,
                        true => Duration::ZERO,
                        false => EVERY,
                    };
                    if !is_quiet || self.known.is_outdated(next) {
                        return Some(Tail::Rows { rows, next, more });
                    }
                }
            }
        }
    }
}

/// A turn at the log, where it is searched for a text: there are few connections to read by. Where more
/// happens than is searched in turn, those who wait are told in the end that they are lost.
async fn turn<'a>(services: &'a Services, filter: &DeliveryFilter) -> Option<SemaphorePermit<'a>> {
    if filter.text.trim().is_empty() {
        return None;
    }
    services.searching.acquire().await.ok()
}

fn failed(error: &AdminError) {
    if let AdminError::Storage(fault) = error {
        problem::log(fault);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_knows_how_far_it_came_though_nothing_is_for_it() {
        let known = Known::now(TailPlace::behind(7));
        let (next, far) = (TailPlace::behind(8), TailPlace::behind(7 + UNTOLD_MAX));
        assert!(!known.is_outdated(next));
        assert!(known.is_outdated(far), "it lies far behind");
        let long_ago = Instant::now().checked_sub(UNTOLD_FOR).expect("the machine runs for longer");
        let known = Known { since: long_ago, ..known };
        assert!(known.is_outdated(next), "it has not been told for long");
        assert!(!known.is_outdated(known.place), "there is nothing to tell");
    }
}
