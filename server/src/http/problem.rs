//! Errors of the API, as `application/problem+json` (RFC 9457).

use admin::AdminError;
use axum::{
    Json,
    extract::OriginalUri,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use engine::EngineError;
use model::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;

/// How soon a sender may try again that was turned away for the moment, in seconds.
const RETRY_AFTER_S: u16 = 1;

/// An error of the API.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProblemDetails)]
pub struct ApiProblem {
    /// The HTTP status.
    pub status: u16,
    /// The status in words.
    pub title: &'static str,
    /// What is wrong here, in words for a person.
    pub detail: String,
    /// Each fault, by JSON pointer into the body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Problem>,
    /// Each parameter of the query that is wrong.
    #[serde(skip_serializing_if = "<[ParameterFault]>::is_empty")]
    #[schema(value_type = Vec<ParameterFault>, required = false)]
    pub parameters: Box<[ParameterFault]>,
    /// How soon it is worth trying again, in seconds, where that is known; a header says it.
    #[serde(skip)]
    pub retry_after_s: Option<u16>,
}

/// A parameter of the query that is unknown, malformed or given twice.
#[derive(Debug, Serialize, ToSchema)]
pub struct ParameterFault {
    /// The parameter's name.
    pub name: String,
    /// What is wrong and what is allowed.
    pub detail: String,
}

impl ApiProblem {
    /// A problem without single faults.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status: status.as_u16(),
            title: status.canonical_reason().unwrap_or("Error"),
            detail: detail.into(),
            errors: Vec::new(),
            parameters: Box::default(),
            retry_after_s: None,
        }
    }

    /// A body with these faults.
    pub fn invalid(errors: Vec<Problem>) -> Self {
        let detail = match errors.as_slice() {
            [one] => one.to_string(),
            many => format!("{} faults; see errors", many.len()),
        };
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail) }
    }

    /// A query with these faults.
    pub fn parameters(parameters: Vec<ParameterFault>) -> Self {
        let told = parameters.iter().map(|fault| format!("{} {}", fault.name, fault.detail));
        let detail = told.collect::<Vec<_>>().join("; ");
        let parameters = parameters.into();
        Self { parameters, ..Self::new(StatusCode::BAD_REQUEST, detail) }
    }

    /// The same of an item of an array: its faults are pointed at from the array.
    pub fn within(mut self, place: usize) -> Self {
        for error in &mut self.errors {
            error.pointer = format!("/{place}{}", error.pointer);
        }
        self
    }
}

impl IntoResponse for ApiProblem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let retry_after_s = self.retry_after_s;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, retry_after_s.unwrap_or(RETRY_AFTER_S).into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<EngineError> for ApiProblem {
    fn from(error: EngineError) -> Self {
        let status = match &error {
            EngineError::Denied(_) => StatusCode::FORBIDDEN,
            EngineError::NotFound { .. } => StatusCode::NOT_FOUND,
            EngineError::Conflict(_) => StatusCode::CONFLICT,
            EngineError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            EngineError::Unavailable(_) | EngineError::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
            EngineError::Storage(fault) => {
                log(fault);
                StatusCode::SERVICE_UNAVAILABLE
            }
        };
        match error {
            EngineError::Invalid(problems) => Self::invalid(problems),
            EngineError::Busy(busy) => {
                let retry_after_s = Some(busy.retry_after_s());
                Self { retry_after_s, ..Self::new(status, EngineError::Busy(busy).to_string()) }
            }
            other => Self::new(status, other.to_string()),
        }
    }
}

impl From<AdminError> for ApiProblem {
    fn from(error: AdminError) -> Self {
        let status = match &error {
            AdminError::Denied(_) => StatusCode::FORBIDDEN,
            AdminError::NotFound { .. } | AdminError::Forgotten { .. } => StatusCode::NOT_FOUND,
            AdminError::Conflict(_) => StatusCode::CONFLICT,
            AdminError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            AdminError::SlowDown { .. } => StatusCode::TOO_MANY_REQUESTS,
            AdminError::WrongPassword => StatusCode::UNAUTHORIZED,
            AdminError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            AdminError::Storage(fault) => {
                log(fault);
                StatusCode::SERVICE_UNAVAILABLE
            }
        };
        match error {
            AdminError::Invalid(problems) => Self::invalid(problems),
            other => Self::new(status, other.to_string()),
        }
    }
}

/// The whole chain of causes, for the operator; the client is told only that it failed.
pub fn log(fault: &storage::StorageError) {
    let cause = std::error::Error::source(fault).map(ToString::to_string).unwrap_or_default();
    tracing::error!(error = %fault, cause, "a request failed on the database");
}

/// The answer to a path that the API does not have, as it was asked for.
pub async fn no_such_route(OriginalUri(uri): OriginalUri) -> ApiProblem {
    ApiProblem::new(StatusCode::NOT_FOUND, format!("there is no {}", uri.path()))
}

/// The answer to a method that a path does not have.
pub async fn no_such_method(method: axum::http::Method) -> ApiProblem {
    let detail = format!("this path does not take {method}");
    ApiProblem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}
