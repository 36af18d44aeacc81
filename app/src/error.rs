//! Why the panel could not do what was asked: one type for every server function and every page.

use crate::text;
use leptos::server_fn::{codec::JsonEncoding, error::FromServerFnError, error::ServerFnErrorErr};
use model::problem::Problem;
use serde::{Deserialize, Serialize};

/// Why the panel could not do what was asked. `Display` is what a person reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum AppError {
    /// The person's role does not allow it.
    #[error("{0}")]
    Denied(String),
    /// Nobody is signed in (any more).
    #[error("{}", text::error::SIGNED_OUT)]
    SignedOut,
    /// There is no such thing (any more).
    #[error("{}", text::error::no_such(.what, .id))]
    NotFound { what: String, id: String },
    /// The input has these faults; each names its field.
    #[error("{}", text::error::problems(.0))]
    Invalid(Vec<Problem>),
    /// It does not go with how things stand.
    #[error("{0}")]
    Conflict(String),
    /// Too many wrong passwords, or too many who sign in at once.
    #[error("{}", text::error::slow_down(*.seconds))]
    SlowDown { seconds: u64 },
    /// The database or the server cannot be used at the moment.
    #[error("{}", text::error::UNAVAILABLE)]
    Unavailable,
}

impl AppError {
    /// A fault of one field of a form.
    pub fn field(name: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Problem::new(format!("/{name}"), detail)])
    }

    /// The same, with the faults of one field told at another, as the form calls it.
    pub fn at(self, field: &str, other: &str) -> Self {
        let told = |problem: Problem| match problem.field() == field {
            true => Problem::new(format!("/{other}"), problem.detail),
            false => problem,
        };
        match self {
            Self::Invalid(problems) => Self::Invalid(problems.into_iter().map(told).collect()),
            error => error,
        }
    }

    /// There is no such thing.
    pub fn no(what: &str, id: impl ToString) -> Self {
        Self::NotFound { what: what.into(), id: id.to_string() }
    }

    /// The status of a page that shows this error.
    pub fn status(&self) -> u16 {
        match self {
            Self::Denied(_) => 403,
            Self::SignedOut => 401,
            Self::NotFound { .. } => 404,
            Self::Invalid(_) => 422,
            Self::Conflict(_) => 409,
            Self::SlowDown { .. } => 429,
            Self::Unavailable => 503,
        }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(detail) | ServerFnErrorErr::MissingArg(detail) => {
                Self::Invalid(vec![Problem::new("", detail)])
            }
            other => {
                leptos::logging::warn!("a server function failed: {other}");
                Self::Unavailable
            }
        }
    }
}

impl From<model::user::Denied> for AppError {
    fn from(denied: model::user::Denied) -> Self {
        Self::Denied(denied.to_string())
    }
}

#[cfg(feature = "ssr")]
mod from_server {
    use super::{AppError, text};
    use admin::AdminError;
    use engine::EngineError;
    use model::problem::Problem;

    impl From<AdminError> for AppError {
        fn from(error: AdminError) -> Self {
            match error {
                AdminError::Denied(denied) => denied.into(),
                AdminError::NotFound { what, id } | AdminError::Forgotten { what, id, .. } => {
                    Self::no(what, id)
                }
                AdminError::Invalid(problems) => Self::Invalid(problems),
                AdminError::Conflict(detail) => Self::Conflict(detail),
                AdminError::SlowDown { seconds } => Self::SlowDown { seconds },
                AdminError::WrongPassword => {
                    Self::Invalid(vec![Problem::new("", text::session::WRONG_PASSWORD)])
                }
                AdminError::Unavailable(_) | AdminError::Storage(_) => unavailable(&error),
            }
        }
    }

    impl From<EngineError> for AppError {
        fn from(error: EngineError) -> Self {
            match error {
                EngineError::Denied(denied) => denied.into(),
                EngineError::NotFound { what, id } => Self::no(what, id),
                EngineError::Invalid(problems) => Self::Invalid(problems),
                EngineError::Conflict(detail) => Self::Conflict(detail),
                EngineError::Unavailable(_) | EngineError::Busy(_) | EngineError::Storage(_) => {
                    unavailable(&error)
                }
            }
        }
    }

    /// Logs the whole chain, of which a person is only told that it does not work now.
    fn unavailable(error: &(dyn std::error::Error + 'static)) -> AppError {
        let chain: Vec<_> = std::iter::successors(Some(error), |error| error.source())
            .map(ToString::to_string)
            .collect();
        tracing::error!(error = chain.join(": "), "the panel cannot answer");
        AppError::Unavailable
    }
}
