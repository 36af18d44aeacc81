//! What the sender is told.

use super::item::Origin;
use crate::http::problem::ApiProblem;
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use engine::{Outcome, Receipt};
use model::{ids::EventId, problem::Problem};
use serde::Serialize;

/// What became of one event of a post.
pub struct Verdict {
    pub result: Result<Receipt, ApiProblem>,
    /// The line on which it stood, from 1, where lines are counted.
    pub line: Option<usize>,
}

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
    items: Vec<Entry>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Entry {
    Accepted(Accepted),
    Refused {
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<usize>,
        error: ApiProblem,
    },
}

/// The engine's outcome in the sender's terms.
pub fn result(outcome: Outcome, origin: Origin) -> Result<Receipt, ApiProblem> {
    match outcome {
        Outcome::Accepted(receipt) => Ok(receipt),
        Outcome::Conflict { id } => Err(conflict(id, origin)),
        Outcome::Invalid(problems) => {
            let problems = problems.into_iter().map(|problem| origin.sent(problem));
            Err(ApiProblem::invalid(problems.collect()))
        }
    }
}

/// The answer to a post of one event.
///
/// # Errors
/// When it was refused.
pub fn one(verdict: Verdict) -> Result<Response, ApiProblem> {
    let receipt = verdict.result?;
    Ok((StatusCode::ACCEPTED, Json(Accepted::from(receipt))).into_response())
}

/// The answer to a post of many events, which is an acceptance even where each was refused: a
/// sender has to read it anyway.
pub fn many(verdicts: Vec<Verdict>) -> Response {
    let mut answer = Many::default();
    for (place, Verdict { result, line }) in verdicts.into_iter().enumerate() {
        answer.items.push(match result {
            Ok(receipt) => {
                answer.accepted += usize::from(!receipt.duplicate);
                answer.duplicates += usize::from(receipt.duplicate);
                Entry::Accepted(receipt.into())
            }
            Err(problem) => {
                answer.rejected += 1;
                Entry::Refused { line, error: problem.within(place) }
            }
        });
    }
    (StatusCode::ACCEPTED, Json(answer)).into_response()
}

fn conflict(id: EventId, origin: Origin) -> ApiProblem {
    let detail = format!(
        "an event with this id and other content was accepted before, as {id}; \
         an id stands for one event"
    );
    let fault = Problem::new("/id", "is in use by another event of this queue");
    ApiProblem { errors: vec![origin.sent(fault)], ..ApiProblem::new(StatusCode::CONFLICT, detail) }
}
