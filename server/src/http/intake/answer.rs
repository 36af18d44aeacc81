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
use utoipa::ToSchema;

/// What became of one event of a post.
pub struct Verdict {
    pub result: Result<Receipt, ApiProblem>,
    /// The line on which it stood, from 1, where lines are counted.
    pub line: Option<usize>,
}

/// The answer to an accepted event.
#[derive(Serialize, ToSchema)]
pub struct Accepted {
    /// The id under which the event is kept.
    pub id: EventId,
    /// How many hooks it fires.
    pub deliveries: u32,
    /// How many hooks it would fire were their conditions true.
    pub skipped: u32,
    /// Whether it had been accepted before, under the same id of the sender.
    pub duplicate: bool,
}

impl From<Receipt> for Accepted {
    fn from(receipt: Receipt) -> Self {
        let Receipt { id, deliveries, skipped, duplicate } = receipt;
        Self { id, deliveries, skipped, duplicate }
    }
}

/// The answer to many events.
#[derive(Serialize, Default, ToSchema)]
pub struct Many {
    /// How many are new.
    pub accepted: usize,
    /// How many had been accepted before.
    pub duplicates: usize,
    /// How many were refused.
    pub rejected: usize,
    /// In the order of the post.
    pub items: Vec<Entry>,
}

/// What became of one of many events.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum Entry {
    Accepted(Accepted),
    Refused {
        /// The line on which it stood, from 1, where lines are counted.
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
