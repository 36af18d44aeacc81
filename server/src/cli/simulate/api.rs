//! The public API, as a sender sees it.

use super::SimulateError;
use model::{catalog::QueueType, ids::QueueId};
use reqwest::{
    StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
};
use serde::Deserialize;
use std::{error::Error, time::Duration};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Queues asked for at once.
const PAGE: u32 = 100;

/// A client of one installation. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    http: reqwest::Client,
    /// Without a slash at its end.
    base: String,
}

/// What was answered to a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Kept, now or before.
    Accepted(Accepted),
    /// Not kept, and never will be; why.
    Refused { status: u16, reason: String },
    /// The token may not post.
    Unauthorised { reason: String },
    /// Perhaps kept, perhaps not; worth another try, after so long if the server said.
    Again { reason: String, after: Option<Duration> },
}

/// The answer to one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Accepted {
    pub deliveries: u64,
    pub skipped: u64,
    pub duplicate: bool,
}

#[derive(Deserialize)]
struct Queues {
    items: Vec<Queue>,
    #[serde(default)]
    next: bool,
}

/// A queue as the API lists it.
#[derive(Debug, Deserialize)]
pub struct Queue {
    pub id: QueueId,
    #[serde(rename = "type")]
    pub kind: QueueType,
    pub enabled: bool,
}

/// The parts of an `application/problem+json` that a person wants to read.
#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    title: String,
    #[serde(default)]
    detail: String,
}

impl Api {
    /// A client for this address and token.
    pub fn new(target: &str, token: &str) -> Result<Self, SimulateError> {
        let mut bearer =
            HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| SimulateError::Token)?;
        bearer.set_sensitive(true);
        let http = reqwest::Client::builder()
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
            .timeout(TIMEOUT)
            .no_proxy()
            .build()
            .map_err(SimulateError::Client)?;
        Ok(Self { http, base: target.trim_end_matches('/').to_owned() })
    }

    /// All queues. Nothing where the token may not read them.
    pub async fn queues(&self) -> Result<Option<Vec<Queue>>, SimulateError> {
        let mut all = Vec::new();
        for page in 1.. {
            let url = format!("{}/api/v1/queues?page={page}&size={PAGE}", self.base);
            let failed = |source| SimulateError::Unreachable { url: url.clone(), source };
            let answer = self.http.get(&url).send().await.map_err(failed)?;
            let status = answer.status();
            if status == StatusCode::FORBIDDEN {
                return Ok(None);
            }
            let body = answer.bytes().await.map_err(failed)?;
            if !status.is_success() {
                return Err(SimulateError::Queues { status: status.as_u16(), reason: said(&body) });
            }
            let queues: Queues = serde_json::from_slice(&body)
                .map_err(|source| SimulateError::NotOurs { url: url.clone(), source })?;
            all.extend(queues.items);
            if !queues.next {
                break;
            }
        }
        Ok(Some(all))
    }

    /// Posts one event, given as JSON.
    pub async fn post(&self, body: String) -> Answer {
        let request = self
            .http
            .post(format!("{}/api/v1/events", self.base))
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return Answer::Again { reason: root_cause(&error), after: None },
        };
        let status = answer.status();
        let after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let after = after.and_then(|text| text.parse().ok()).map(Duration::from_secs);
        let body = match answer.bytes().await {
            Ok(body) => body,
            Err(error) => return Answer::Again { reason: root_cause(&error), after },
        };
        read(status, &body, after)
    }
}

/// What a status and a body mean.
fn read(status: StatusCode, body: &[u8], after: Option<Duration>) -> Answer {
    let reason = || format!("{}: {}", status.as_u16(), said(body));
    match status {
        StatusCode::ACCEPTED => match serde_json::from_slice(body) {
            Ok(accepted) => Answer::Accepted(accepted),
            Err(error) => Answer::Refused {
                status: 202,
                reason: format!("the answer is not that of this API: {error}"),
            },
        },
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Answer::Unauthorised { reason: reason() }
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
            Answer::Again { reason: reason(), after }
        }
        _ if status.is_server_error() => Answer::Again { reason: reason(), after },
        _ => Answer::Refused { status: status.as_u16(), reason: reason() },
    }
}

/// What a body says went wrong.
fn said(body: &[u8]) -> String {
    match serde_json::from_slice::<Problem>(body) {
        Ok(Problem { detail, .. }) if !detail.is_empty() => detail,
        Ok(Problem { title, .. }) if !title.is_empty() => title,
        _ => String::from_utf8_lossy(body).chars().take(200).collect(),
    }
}

/// The last cause of an error, which names what happened: "Connection refused".
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    if error.is_timeout() { "no answer in time".to_owned() } else { cause.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overloaded_server_is_asked_again_and_a_refusal_is_not() {
        let body = br#"{"title":"Wrong","detail":"no such queue"}"#;
        let status = |code| StatusCode::from_u16(code).expect("a status");
        for code in [429, 500, 502, 503, 504] {
            assert!(matches!(read(status(code), body, None), Answer::Again { .. }), "{code}");
        }
        for code in [400, 404, 409, 413, 422] {
            let Answer::Refused { reason, .. } = read(status(code), body, None) else {
                panic!("{code} is a refusal");
            };
            assert_eq!(reason, format!("{code}: no such queue"));
        }
        assert!(matches!(read(status(401), body, None), Answer::Unauthorised { .. }));
    }

    #[test]
    fn an_acceptance_is_read() {
        let body = br#"{"id":"0190","deliveries":2,"skipped":1,"duplicate":false}"#;
        let accepted = Accepted { deliveries: 2, skipped: 1, duplicate: false };
        assert_eq!(read(StatusCode::ACCEPTED, body, None), Answer::Accepted(accepted));
    }
}
