//! The log as it happens, for the pages that show it.

use super::{
    super::{
        Services,
        follow::{self, Reader},
        session,
    },
    visitor,
};
use app::{
    api::{Visitor, deliveries::followed},
    error::AppError,
};
use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive},
    },
};
use model::{delivery::DeliveryRow, user::Actor};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use storage::tail::{Tail, TailPlace};
use tower_sessions::Session;

/// How often a page hears something, so that it notices when it is cut off. It waits for some 20 s
/// (`SILENT` in `app/src/pages/deliveries/follow.rs`).
const ALIVE: Duration = Duration::from_secs(8);
/// When a browser connects again that was cut off.
const AGAIN: Duration = Duration::from_secs(1);
/// How long a session that was found is trusted without another look.
const TRUSTED: Duration = Duration::from_secs(2);

/// Tells a page what happens in its log: the filters of its address, and as `since` the place that
/// came with its rows. A browser that connects again says itself where it was.
///
/// The data of each event are deliveries as they stand now, or `null` where more has happened than
/// is told: the page reads its rows again then. What a delivery's changes may take it out of
/// (states, kinds of failure) is not among the filters; the page shows what fits.
pub async fn follow(
    State(services): State<Services>,
    Extension(Visitor(found)): Extension<Visitor>,
    session: Session,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, StatusCode> {
    let actor = found.map_err(refused)?.ok_or(StatusCode::UNAUTHORIZED)?;
    let (filter, since) = followed(query.as_deref().unwrap_or_default());
    let end = services.admin.follow(&actor, &filter).await;
    let end = end.map_err(|error| refused(error.into()))?;
    let room = follow::room(&services).ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
    let place = follow::last(&headers).or_else(|| follow::place(&since)).unwrap_or(end);
    let page = Page { session, actor: Arc::new(actor), found: Instant::now() };
    Ok(follow::follow(services, page, filter, place, room).into_response())
}

fn refused(error: AppError) -> StatusCode {
    match error {
        AppError::Denied(_) => StatusCode::FORBIDDEN,
        AppError::Invalid(_) => StatusCode::BAD_REQUEST,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// A page that follows the log.
struct Page {
    session: Session,
    actor: Arc<Actor>,
    /// When the session was looked at last.
    found: Instant,
}

impl Reader for Page {
    const RUNNING: bool = true;
    // Fewer than an answer of the log may have.
    const MOST: usize = 150;
    const REST: Duration = Duration::from_millis(300);

    async fn actor(&mut self, services: &Services) -> Option<Arc<Actor>> {
        if self.found.elapsed() >= TRUSTED {
            let session = session::anew(services, &self.session);
            self.actor = Arc::new(visitor(services, &session).await.ok()??);
            self.found = Instant::now();
        }
        Some(self.actor.clone())
    }

    // A page that hears nothing at once does not rely on it.
    fn welcome(at: TailPlace) -> Event {
        told(&[]).id(at.to_string()).retry(AGAIN)
    }

    fn told(answer: Tail) -> Vec<Event> {
        let (event, at) = match answer {
            Tail::Lost(at) => (Event::default().data("null"), at),
            Tail::Rows { rows, next, .. } => {
                let rows: Vec<_> = rows.into_iter().map(|(row, _)| row).collect();
                (told(&rows), next)
            }
        };
        vec![event.id(at.to_string())]
    }

    fn alive() -> KeepAlive {
        KeepAlive::new().interval(ALIVE).event(told(&[]))
    }
}

fn told(rows: &[DeliveryRow]) -> Event {
    Event::default().data(serde_json::to_string(rows).unwrap_or_default())
}
