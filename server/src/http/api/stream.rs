//! The log as it happens, for programs.

use super::{
    super::{
        Services,
        auth::{self, Bearer},
        follow::{self, Reader},
        problem::ApiProblem,
    },
    deliveries::about_parameters,
    examples,
    filter::FilterParameters,
    parameters::Parameters,
    refusals::{BadParameters, Refusals},
};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{
        IntoResponse,
        sse::{Event, KeepAlive},
    },
};
use model::{
    delivery::{DeliveryFilter, DeliveryRow},
    user::Actor,
};
use std::{sync::Arc, time::Duration};
use storage::tail::{Tail, TailPlace};

/// How often a word without meaning keeps the connection open while nothing happens.
const ALIVE: Duration = Duration::from_secs(15);
/// What a reader is told whose place is not remembered.
const LOST: &str = r#"{"detail": "the place lies too far back: read the list of deliveries"}"#;
/// When who finds no room may ask again, in seconds.
const ROOM_AFTER_S: u16 = 10;

/// Follows the log
///
/// Server-sent events that go on until the connection, the right to read or the server ends. Each
/// `delivery` is a delivery that the filter leaves, as it stands now: when it is made, and when it
/// has changed. The filter is that of the list, and refused where the list refuses it. One with text
/// tells of a delivery once the text stands in it, and of each change from then on; one with `to` tells
/// of what was made before that, though it changes later, and stays open where that lies in the past.
/// Its id is a place in the log: a reader that connects again with the last one in the
/// header Last-Event-ID, as browsers do, misses nothing and is told nothing twice; of changes that
/// follow each other closely only the last is told. An event `lost` says that the place lies too far
/// back (50,000 commits, or 8,192 that were not read): what happened until now stands in the list.
/// At the beginning, and now and then while nothing is for the reader, an id comes alone: it is the
/// place to come back to. That a delivery runs is not told. Without Last-Event-ID it begins with what
/// happens next. As many follow the log at once as the setting followers_max says; more are answered
/// with 503. Needs a token of scope read or manage.
#[utoipa::path(
    get,
    path = "/deliveries/stream",
    operation_id = "followDeliveries",
    tag = "deliveries",
    params(
        FilterParameters,
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
    mut given: Parameters,
) -> Result<impl IntoResponse, ApiProblem> {
    let filter = DeliveryFilter::from(FilterParameters::read(&mut given));
    given.end()?;
    let end = services.admin.follow(&actor, &filter).await.map_err(about_parameters)?;
    let room = follow::room(&services).ok_or_else(full)?;
    let place = follow::last(&headers).unwrap_or(end);
    let token = headers.get(header::AUTHORIZATION).cloned();
    Ok(follow::follow(services, Program { token }, filter, place, room))
}

/// As many follow the log as may.
fn full() -> ApiProblem {
    let detail = "as many follow the log as the setting followers_max allows; \
                  the list of deliveries tells the same, asked again and again";
    let problem = ApiProblem::new(StatusCode::SERVICE_UNAVAILABLE, detail);
    ApiProblem { retry_after_s: Some(ROOM_AFTER_S), ..problem }
}

/// A program that follows the log.
struct Program {
    /// The header that shows the token.
    token: Option<HeaderValue>,
}

impl Reader for Program {
    const RUNNING: bool = false;
    const MOST: usize = usize::MAX;
    const REST: Duration = Duration::ZERO;

    async fn actor(&mut self, services: &Services) -> Option<Arc<Actor>> {
        auth::bearer(services, self.token.as_ref()).await.ok()
    }

    fn welcome(at: TailPlace) -> Event {
        place(at)
    }

    fn told(answer: Tail) -> Vec<Event> {
        match answer {
            // Without data no reader would hear of it.
            Tail::Lost(at) => vec![place(at).event("lost").data(LOST)],
            Tail::Rows { rows, next, .. } if rows.is_empty() => vec![place(next)],
            Tail::Rows { rows, .. } => rows.iter().map(|(row, at)| delivery(row, *at)).collect(),
        }
    }

    fn alive() -> KeepAlive {
        KeepAlive::new().interval(ALIVE)
    }
}

/// How far the reader came. Without data it is no event, but the place to come back to.
fn place(at: TailPlace) -> Event {
    Event::default().id(at.to_string())
}

fn delivery(row: &DeliveryRow, at: TailPlace) -> Event {
    let data = serde_json::to_string(row).unwrap_or_default();
    place(at).event("delivery").data(data)
}
