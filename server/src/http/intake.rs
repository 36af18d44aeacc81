//! `POST /api/v1/events`: one event, or up to 1,000.

use super::{Services, auth::Bearer, problem::ApiProblem};
use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Request, State, rejection::BytesRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use engine::{Outcome, Receipt};
use model::{
    ids::EventId,
    problem::Problem,
    settings::{BATCH_BYTES_MAX, BATCH_MAX, DEPTH_MAX, EVENT_BYTES_MAX},
};
use serde::Serialize;
use serde_json::Value;

/// The answer to an accepted event.
#[derive(Serialize)]
struct Accepted {
    id: EventId,
    deliveries: u32,
    skipped: u32,
    duplicate: bool,
}

impl From<Receipt> for Accepted {
    fn from(receipt: Receipt) -> Self {
        let Receipt { id, deliveries, skipped, duplicate } = receipt;
        Self { id, deliveries, skipped, duplicate }
    }
}

/// The answer to many events.
#[derive(Serialize, Default)]
struct Many {
    accepted: usize,
    duplicates: usize,
    rejected: usize,
    /// In the order of the post.
    items: Vec<Item>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Item {
    Accepted(Accepted),
    Refused { error: ApiProblem },
}

/// Takes one event or an array of them.
pub async fn post_events(
    State(services): State<Services>,
    bearer: Bearer,
    request: Request,
) -> Result<Response, ApiProblem> {
    // A token without the scope learns so before its body is looked at.
    let Bearer(actor) = bearer;
    actor.require(model::user::Permission::Ingest).map_err(engine::EngineError::from)?;
    let body = Bytes::from_request(request, &services).await.map_err(unreadable)?;
    match parse(&body)? {
        Value::Array(bodies) => {
            if bodies.is_empty() || bodies.len() > BATCH_MAX {
                let detail = format!("an array holds 1 to {BATCH_MAX} events");
                return Err(ApiProblem::invalid(vec![Problem::new("", detail)]));
            }
            let outcomes = services.engine.accept(&actor, bodies, body.len()).await?;
            Ok((StatusCode::ACCEPTED, Json(many(outcomes))).into_response())
        }
        one => {
            if body.len() > EVENT_BYTES_MAX {
                return Err(too_large());
            }
            match services.engine.accept(&actor, vec![one], body.len()).await?.pop() {
                Some(Outcome::Accepted(receipt)) => {
                    Ok((StatusCode::ACCEPTED, Json(Accepted::from(receipt))).into_response())
                }
                Some(Outcome::Conflict { id }) => Err(conflict(id)),
                Some(Outcome::Invalid(problems)) => Err(ApiProblem::invalid(problems)),
                None => Err(ApiProblem::invalid(Vec::new())),
            }
        }
    }
}

fn many(outcomes: Vec<Outcome>) -> Many {
    let mut answer = Many::default();
    for (place, outcome) in outcomes.into_iter().enumerate() {
        let item = match outcome {
            Outcome::Accepted(receipt) => {
                answer.accepted += usize::from(!receipt.duplicate);
                answer.duplicates += usize::from(receipt.duplicate);
                Item::Accepted(receipt.into())
            }
            Outcome::Conflict { id } => {
                answer.rejected += 1;
                Item::Refused { error: conflict(id).within(place) }
            }
            Outcome::Invalid(problems) => {
                answer.rejected += 1;
                Item::Refused { error: ApiProblem::invalid(problems).within(place) }
            }
        };
        answer.items.push(item);
    }
    answer
}

fn parse(body: &[u8]) -> Result<Value, ApiProblem> {
    serde_json::from_slice(body).map_err(|error| {
        let detail = error.to_string();
        if detail.starts_with("recursion limit") {
            let detail = format!("nests more than {DEPTH_MAX} levels deep");
            return ApiProblem::invalid(vec![Problem::new("", detail)]);
        }
        ApiProblem::new(StatusCode::BAD_REQUEST, format!("the body is not JSON: {detail}"))
    })
}

fn conflict(id: EventId) -> ApiProblem {
    let detail = format!(
        "an event with this id and other content was accepted before, as {id}; \
         an id stands for one event"
    );
    ApiProblem {
        errors: vec![Problem::new("/id", "is in use by another event of this queue")],
        ..ApiProblem::new(StatusCode::CONFLICT, detail)
    }
}

fn too_large() -> ApiProblem {
    let detail = format!(
        "one event has at most {} KiB, many together {} KiB",
        EVENT_BYTES_MAX >> 10,
        BATCH_BYTES_MAX >> 10
    );
    ApiProblem::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
}

fn unreadable(rejection: BytesRejection) -> ApiProblem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        status => ApiProblem::new(status, rejection.body_text()),
    }
}
