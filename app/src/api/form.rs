//! How a form is answered, with JavaScript and without.
//!
//! A server function that a form posts to answers `Result<Reply, AppError>` by way of
//! [`answer`]. With JavaScript the reply goes to the form, which shows the problems at their
//! fields, or goes where the reply says. Without it the browser is sent on (to where the form
//! leads, or back to it), and what there is to say waits in the session for the next page.

use crate::error::AppError;
use model::problem::Problem;
use serde::{Deserialize, Serialize};

/// What a form is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    Done(Done),
    Refused(AppError),
}

/// A form did what it should.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The path to go to; none: stay.
    pub to: Option<String>,
    /// What is said about it.
    pub said: Option<String>,
    /// Whether the page must be loaded anew, because somebody else is signed in.
    pub anew: bool,
    /// Whether what the page shows is no more, so that it is not to be loaded again before it is
    /// left.
    pub gone: bool,
}

impl Done {
    /// Nothing but done: the person stays where they are.
    pub fn here() -> Self {
        Self::default()
    }

    /// Goes to a path of the panel.
    pub fn to(path: impl Into<String>) -> Self {
        Self { to: Some(path.into()), ..Self::default() }
    }

    /// Says this in a toast.
    pub fn saying(self, text: impl Into<String>) -> Self {
        Self { said: Some(text.into()), ..self }
    }

    /// What the page shows is no more.
    pub fn gone(self) -> Self {
        Self { gone: true, ..self }
    }

    /// Loads the page anew.
    pub fn anew(self) -> Self {
        Self { anew: true, ..self }
    }
}

/// What a form posted without JavaScript leaves for the next page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    pub toast: Option<Toast>,
    pub form: Option<Refused>,
}

/// A line at the foot of the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Toast {
    pub text: String,
    pub bad: bool,
}

/// A form that was refused, with what had been typed into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The URL that the form posts to.
    pub action: String,
    pub problems: Vec<Problem>,
    pub typed: Vec<(String, String)>,
}

/// Whether a path leads to a page of the panel and nowhere else.
pub fn is_own_path(path: &str) -> bool {
    let local = path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\");
    local && path.is_ascii() && !path.contains(|c: char| c.is_control() || c == ' ' || c == '\\')
}

/// What was typed into these fields, by the names of the variables that hold it.
#[macro_export]
macro_rules! typed {
    ($($name:ident),* $(,)?) => {
        vec![$((stringify!($name).to_owned(), $name.to_string())),*]
    };
}

#[cfg(feature = "ssr")]
pub use ssr::{FLASH_KEY, answer, answer_in_toast, answer_unread, base, rate, session, word};

#[cfg(feature = "ssr")]
mod ssr {
    use super::{Done, Flash, Refused, Reply, Toast, is_own_path};
    use crate::{
        api::{self, session::USER_KEY},
        error::AppError,
    };
    use axum::{
        Json,
        response::{IntoResponse, Redirect, Response},
    };
    use http::{StatusCode, Uri, header, request::Parts};
    use leptos::prelude::*;
    use model::{hook::RELEASE_MAX_PER_S, time::Millis};
    use std::{fmt::Display, future::Future, str::FromStr};
    use tower_sessions::{Expiry, Session, cookie::time::Duration, session::Error};

    /// Where in the session the flash is kept.
    pub const FLASH_KEY: &str = "flash";
    /// The page to go to when nothing says where a form stood. Not `/`, which only leads on.
    const FALLBACK: &str = "/queues";
    /// The forms that people who are not signed in may post.
    const PUBLIC: &str = "/api/panel/session/";
    /// How many characters of each field are kept for a visitor who is not signed in.
    const STRANGER_CHARS: usize = 200;
    /// How long they are kept.
    const STRANGER_STAYS: Duration = Duration::minutes(10);

    /// The session of this request.
    pub fn session() -> Result<Session, AppError> {
        api::parts()?.extensions.get::<Session>().cloned().ok_or(AppError::Unavailable)
    }

    /// Reads a field that holds one word of a closed list, or an id.
    pub fn word<T: FromStr>(field: &str, text: &str) -> Result<T, AppError>
    where
        T::Err: Display,
    {
        let text = text.trim();
        if text.is_empty() {
            return Err(AppError::field(field, crate::text::form::CHOOSE_ONE));
        }
        text.parse().map_err(|error: T::Err| AppError::field(field, error.to_string()))
    }

    /// Reads when what a form shows had last been changed.
    pub fn base(text: &str) -> Result<Millis, AppError> {
        text.parse().map_err(|_| AppError::Conflict(crate::text::form::NO_BASE.into()))
    }

    /// Reads a rate a second; empty is as fast as possible.
    pub fn rate(field: &str, text: &str) -> Result<Option<u32>, AppError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let rate = text.parse().ok().filter(|rate| (1..=RELEASE_MAX_PER_S).contains(rate));
        let range = || AppError::field(field, crate::text::hooks::RELEASE_RANGE);
        Ok(Some(rate.ok_or_else(range)?))
    }

    /// Answers a form. `typed` is what comes back into its fields when it is refused without
    /// JavaScript; leave passwords out.
    pub async fn answer(
        typed: Vec<(String, String)>,
        work: impl Future<Output = Result<Done, AppError>>,
    ) -> Result<Reply, AppError> {
        let parts = api::parts()?;
        // What a stranger sends is neither looked at nor kept, save where one signs in.
        let known = match api::actor().await {
            Err(error) if !parts.uri.path().starts_with(PUBLIC) => Err(error),
            _ => Ok(()),
        };
        let outcome = match known {
            Ok(()) => work.await,
            Err(error) => Err(error),
        };
        if !wants_page(&parts) {
            return Ok(match outcome {
                Ok(done) => Reply::Done(done),
                Err(error) => Reply::Refused(error),
            });
        }
        let referer = referer(&parts);
        let back = referer.clone().unwrap_or_else(|| FALLBACK.into());
        let mut flash = Flash::default();
        let (to, reply) = match outcome {
            Ok(done) => {
                flash.toast = done.said.clone().map(|text| Toast { text, bad: false });
                (done.to.clone().unwrap_or(back), Reply::Done(done))
            }
            Err(AppError::SignedOut) => {
                (api::session::sign_in_path(&back), Reply::Refused(AppError::SignedOut))
            }
            // Without a referer nobody knows the page that has the form: the next one tells.
            Err(error) if referer.is_none() => {
                flash.toast = Some(Toast { text: error.to_string(), bad: true });
                (back, Reply::Refused(error))
            }
            Err(error) => {
                let problems = match &error {
                    AppError::Invalid(problems) => problems.clone(),
                    other => vec![model::problem::Problem::new("", other.to_string())],
                };
                let action = parts.uri.path().to_owned();
                flash.form = Some(Refused { action, problems, typed });
                (back, Reply::Refused(error))
            }
        };
        if flash != Flash::default()
            && let Err(error) = keep(&session()?, flash).await
        {
            tracing::warn!(%error, "the outcome of a form could not be kept");
        }
        go(if is_own_path(&to) { &to } else { FALLBACK });
        Ok(reply)
    }

    /// As [`answer`], for a form on a page that the server draws: what is wrong is told in a toast.
    pub async fn answer_in_toast(
        work: impl Future<Output = Result<Done, AppError>>,
    ) -> Result<Reply, AppError> {
        let parts = api::parts()?;
        let outcome = match api::actor().await {
            Ok(_) => work.await,
            Err(error) => Err(error),
        };
        if !wants_page(&parts) || matches!(outcome, Err(AppError::SignedOut)) {
            return answer(Vec::new(), async { outcome }).await;
        }
        let back = referer(&parts).unwrap_or_else(|| FALLBACK.into());
        let (to, toast, reply) = match outcome {
            Ok(done) => {
                let toast = done.said.clone().map(|text| Toast { text, bad: false });
                (done.to.clone().unwrap_or(back), toast, Reply::Done(done))
            }
            Err(error) => {
                let toast = Toast { text: error.to_string(), bad: true };
                (back, Some(toast), Reply::Refused(error))
            }
        };
        if toast.is_some()
            && let Err(error) = keep(&session()?, Flash { toast, form: None }).await
        {
            tracing::warn!(%error, "the outcome of a form could not be kept");
        }
        go(if is_own_path(&to) { &to } else { FALLBACK });
        Ok(reply)
    }

    /// Answers a form that was too large to be read. Nobody knows what had been typed, and a script of
    /// the page is told by an error, whatever the server function would answer.
    pub async fn answer_unread(parts: &Parts, error: AppError) -> Response {
        if !wants_page(parts) {
            let status = match &error {
                AppError::Invalid(_) => StatusCode::PAYLOAD_TOO_LARGE,
                error => {
                    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
                }
            };
            return (status, Json(error)).into_response();
        }
        let back = referer(parts).filter(|path| is_own_path(path));
        let back = back.unwrap_or_else(|| FALLBACK.into());
        if error == AppError::SignedOut {
            return Redirect::to(&api::session::sign_in_path(&back)).into_response();
        }
        if let Some(session) = parts.extensions.get::<Session>() {
            let toast = Some(Toast { text: error.to_string(), bad: true });
            if let Err(error) = keep(session, Flash { toast, form: None }).await {
                tracing::warn!(%error, "the outcome of a form could not be kept");
            }
        }
        Redirect::to(&back).into_response()
    }

    /// Leaves the flash in the session. Of a stranger little is kept, and not for long, since
    /// anybody can post such forms.
    async fn keep(session: &Session, mut flash: Flash) -> Result<(), Error> {
        if session.get_value(USER_KEY).await?.is_none() {
            for (_, value) in flash.form.iter_mut().flat_map(|form| &mut form.typed) {
                if let Some((end, _)) = value.char_indices().nth(STRANGER_CHARS) {
                    value.truncate(end);
                }
            }
            session.set_expiry(Some(Expiry::OnInactivity(STRANGER_STAYS)));
        }
        session.insert(FLASH_KEY, flash).await
    }

    /// Sends the browser on with a real status.
    fn go(path: &str) {
        leptos_axum::redirect(path);
        if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
            response.set_status(StatusCode::SEE_OTHER);
        }
    }

    /// Whether a browser posted the form itself.
    fn wants_page(parts: &Parts) -> bool {
        let accept = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        accept.is_some_and(|accept| accept.contains("text/html"))
    }

    /// The page that the form stood on: path and query only, whatever the host.
    fn referer(parts: &Parts) -> Option<String> {
        let referer = parts.headers.get(header::REFERER)?.to_str().ok()?;
        let uri: Uri = referer.parse().ok()?;
        Some(uri.path_and_query()?.as_str().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::is_own_path;

    #[test]
    fn only_paths_of_the_panel_are_gone_to() {
        for good in ["/", "/queues", "/queues/1/hooks?search=%D0%B0&sort=-event"] {
            assert!(is_own_path(good), "{good}");
        }
        for bad in [
            "",
            "queues",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nb",
            "/a b",
        ] {
            assert!(!is_own_path(bad), "{bad}");
        }
    }
}
