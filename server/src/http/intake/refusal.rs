//! A post that is refused as a whole.

use crate::http::problem::ApiProblem;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use engine::EngineError;

/// Why a post is refused.
#[derive(Debug)]
pub struct Refusal {
    pub problem: ApiProblem,
    /// For a body of a kind that is not read, a header that says which are: by its name a program
    /// can tell whether the type or the encoding is meant (RFC 7694, section 3).
    reads: Option<(&'static str, &'static str)>,
}

impl Refusal {
    /// A body of a kind that is not read; `header` says which are.
    pub fn unread(detail: String, header: (&'static str, &'static str)) -> Self {
        let problem = ApiProblem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail);
        Self { problem, reads: Some(header) }
    }
}

impl From<ApiProblem> for Refusal {
    fn from(problem: ApiProblem) -> Self {
        Self { problem, reads: None }
    }
}

impl From<EngineError> for Refusal {
    fn from(error: EngineError) -> Self {
        ApiProblem::from(error).into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self.reads {
            Some(header) => ([header], self.problem).into_response(),
            None => self.problem.into_response(),
        }
    }
}
