//! The log as it happens, by server-sent events.

use super::{
    super::{
        Services,
        auth::{self, Bearer},
        problem::{self, ApiProblem},
    },
    examples,
    filter::StreamParameters,
    parameters::Parameters,
    refusals::{BadParameters, Refusals},
};
use admin::AdminError;
use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{
        IntoResponse, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures::{Stream, StreamExt, stream};
use model::delivery::{DeliveryFilter, DeliveryRow};
use std::{convert::Infallible, time::Duration};
use storage::tail::{Tail, TailPlace};
use tokio::{sync::OwnedSemaphorePermit, time::sleep};

/// How often the log is looked at while nothing happens.
const EVERY: Duration = Duration::from_millis(300);
/// How often a word without meaning keeps the connection open while nothing happens.
const ALIVE: Duration = Duration::from_secs(15);
/// When who finds no room may ask again, in seconds.
const ROOM_AFTER_S: u16 = 10;
/// Where a reader says how far it came.
const LAST: &str = "last-event-id";

/// Follows the log
///
/// Server-sent events that go on until the connection or the right to read ends. Each `delivery` is
/// a delivery that the filter leaves, as it stands now: when it is made, and when it has changed.
/// Its id is a place in the log: a reader that connects again with the last one in the header
/// Last-Event-ID, as browsers do, misses nothing and is told nothing twice; of changes that follow
/// each other closely only the last is told. An event `lost` says that the place lies too far back
/// (50,000 commits, or 8,192 that were not read): what happened until now stands in the list. That
/// a delivery runs is not told. Without Last-Event-ID it begins with what happens next. As many
/// follow the log at once as the setting followers_max says; more are answered with 503. Needs a
/// token of scope read or manage.
#[utoipa::path(
    get,
    path = "/deliveries/stream",
    operation_id = "followDeliveries",
    tag = "deliveries",
    params(
        StreamParameters,
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event"),
    ),
    responses(
        (status = 200, description = "The log as it happens", content_type = "text/event-stream",
            body = String, example = json!(examples::followed())),
        BadParameters,
        Refusals,
    )
)]
pub async fn follow(
    State(services): State<Services>,
    Bearer(actor): Bearer,
    headers: HeaderMap,
    given: Parameters,
) -> Result<impl IntoResponse, ApiProblem> {
    let filter = StreamParameters::read(given)?;
    let end = services.admin.tail_end(&actor).await?;
    let room = services.followers.clone().try_acquire_owned().map_err(|_| full())?;
    let last = headers.get(LAST).and_then(|value| value.to_str().ok());
    let place = match last.map(str::trim).filter(|last| !last.is_empty()) {
        // What is no place lies in no log: the reader is told so.
        Some(last) => last.parse().unwrap_or(TailPlace::behind(i64::MAX)),
        None => end,
    };
    let token = headers.get(header::AUTHORIZATION).cloned();
    let reader = Reader { services, token, filter, place, _room: room };
    let answer = Sse::new(events(reader)).keep_alive(KeepAlive::new().interval(ALIVE));
    Ok(([(header::CACHE_CONTROL, "no-cache"), (NO_BUFFER, "no")], answer))
}

/// As many follow the log as may.
fn full() -> ApiProblem {
    let detail = "as many follow the log as the setting followers_max allows; \
                  the list of deliveries tells the same, asked again and again";
    let problem = ApiProblem::new(StatusCode::SERVICE_UNAVAILABLE, detail);
    ApiProblem { retry_after_s: Some(ROOM_AFTER_S), ..problem }
}

/// Asks a proxy in front not to gather the events.
const NO_BUFFER: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Answer by answer, each asked for when the one before has been taken by the connection: a reader
/// that is slow holds nothing but what it reads.
fn events(reader: Reader) -> impl Stream<Item = Result<Event, Infallible>> {
    let next = |mut reader: Reader| async {
        let told = reader.next().await?;
        Some((stream::iter(told.into_iter().map(Ok)), reader))
    };
    stream::unfold(reader, next).flatten()
}

/// Somebody who follows the log.
struct Reader {
    services: Services,
    /// The header that shows the token: it is looked at again before each answer.
    token: Option<HeaderValue>,
    filter: DeliveryFilter,
    place: TailPlace,
    _room: OwnedSemaphorePermit,
}

impl Reader {
    /// The next events; nothing when the reader may not read any more, or the log cannot be read.
    async fn next(&mut self) -> Option<Vec<Event>> {
        loop {
            let actor = auth::bearer(&self.services, self.token.as_ref()).await.ok()?;
            let told = self.services.admin.tail(&actor, &self.filter, self.place).await;
            match told.inspect_err(failed).ok()? {
                Tail::Lost(at) => {
                    self.place = at;
                    let lost = Event::default().event("lost").id(at.to_string());
                    return Some(vec![lost.data("")]);
                }
                Tail::Rows { rows, next, more } => {
                    self.place = next;
                    if !rows.is_empty() {
                        return Some(rows.iter().map(|(row, place)| event(row, *place)).collect());
                    }
                    if !more {
                        sleep(EVERY).await;
                    }
                }
            }
        }
    }
}

fn event(row: &DeliveryRow, place: TailPlace) -> Event {
    let event = Event::default().event("delivery").id(place.to_string());
    let data = serde_json::to_string(row).unwrap_or_default();
    event.data(data)
}

fn failed(error: &AdminError) {
    if let AdminError::Storage(fault) = error {
        problem::log(fault);
    }
}
