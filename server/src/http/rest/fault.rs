//! Errors in the original's shape: `{"id","detail","status","code"}`.

use super::super::problem::log;
use admin::AdminError;
use axum::{
    Json,
    extract::OriginalUri,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use model::{problem::Problem, user::Denied};
use serde::Serialize;
use utoipa::ToSchema;

/// An error, in words for a person.
#[derive(Debug)]
pub struct Fault {
    id: &'static str,
    detail: String,
    status: StatusCode,
}

/// The error on the wire.
#[derive(Serialize, ToSchema)]
#[schema(as = WebitelError)]
pub struct Body {
    /// What kind of error it is, for programs.
    id: &'static str,
    /// What is wrong and where.
    detail: String,
    /// The HTTP status in words.
    status: &'static str,
    /// The HTTP status.
    code: u16,
}

impl Fault {
    /// An error of this kind.
    pub fn new(status: StatusCode, id: &'static str, detail: impl Into<String>) -> Self {
        Self { id, detail: detail.into(), status }
    }

    /// The error as it goes on the wire.
    pub fn body(self) -> Body {
        let Self { id, detail, status } = self;
        let phrase = status.canonical_reason().unwrap_or("Error");
        Body { id, detail, status: phrase, code: status.as_u16() }
    }

    /// Input with these faults, each of which names its member.
    pub fn invalid(problems: &[Problem]) -> Self {
        let told: Vec<_> = problems.iter().map(told).collect();
        Self::new(StatusCode::BAD_REQUEST, "request.invalid", told.join("; "))
    }

    /// The same where a use case names a member otherwise than the wire does: pairs of the
    /// beginning of a JSON pointer and what it is called here.
    pub fn naming(error: AdminError, names: &[(&str, &str)]) -> Self {
        let AdminError::Invalid(mut problems) = error else { return error.into() };
        for problem in &mut problems {
            let renamed = names.iter().find_map(|(from, to)| {
                let rest = problem.pointer.strip_prefix(from)?;
                (rest.is_empty() || rest.starts_with('/')).then(|| format!("{to}{rest}"))
            });
            if let Some(renamed) = renamed {
                problem.pointer = renamed;
            }
        }
        Self::invalid(&problems)
    }
}

/// A fault with the member's name, its parts joined by dots.
fn told(problem: &Problem) -> String {
    if problem.pointer.is_empty() {
        return problem.detail.clone();
    }
    let parts = problem.pointer.trim_start_matches('/').split('/');
    let member: Vec<_> = parts.map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
    format!("{}: {}", member.join("."), problem.detail)
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let status = self.status;
        let mut response = (status, Json(self.body())).into_response();
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Self {
        Self::new(StatusCode::FORBIDDEN, "access.denied", denied.to_string())
    }
}

impl From<AdminError> for Fault {
    fn from(error: AdminError) -> Self {
        let detail = error.to_string();
        match error {
            AdminError::Denied(denied) => denied.into(),
            AdminError::NotFound { .. } | AdminError::Forgotten { .. } => {
                Self::new(StatusCode::NOT_FOUND, "request.not_found", detail)
            }
            AdminError::Invalid(problems) => Self::invalid(&problems),
            AdminError::Conflict(_) => Self::new(StatusCode::CONFLICT, "request.conflict", detail),
            AdminError::SlowDown { .. } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "access.slow_down", detail)
            }
            AdminError::WrongPassword => {
                Self::new(StatusCode::UNAUTHORIZED, "access.password", detail)
            }
            AdminError::Unavailable(_) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "server.unavailable", detail)
            }
            AdminError::Storage(fault) => {
                log(&fault);
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "server.unavailable", detail)
            }
        }
    }
}

/// The answer to a path that there is not.
pub async fn no_such_route(OriginalUri(uri): OriginalUri) -> Fault {
    let detail = format!("there is no {}", uri.path());
    Fault::new(StatusCode::NOT_FOUND, "request.no_such_path", detail)
}

/// The answer of a node that leaves managing to others, in these words.
pub fn lacking(told: String) -> Fault {
    Fault::new(StatusCode::NOT_FOUND, "request.elsewhere", told)
}

/// The answer to a method that a path does not have.
pub async fn no_such_method(method: Method) -> Fault {
    let detail = format!("this path does not take {method}");
    Fault::new(StatusCode::METHOD_NOT_ALLOWED, "request.no_such_method", detail)
}
