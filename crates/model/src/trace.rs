//! What an attempt did, step by step, and why it failed.

use crate::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{fmt, str::FromStr};

/// One run of a delivery's flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    pub started_at: Millis,
    /// Microseconds.
    pub duration_us: u64,
    pub outcome: AttemptOutcome,
    /// Why it failed.
    pub failure: Option<Failure>,
    pub steps: Vec<StepRecord>,
    /// Steps that were run but not recorded, because the trace was full.
    #[serde(default)]
    pub steps_dropped: u64,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// Every step did what it should.
    Completed,
    /// A lenient flow went to its end, and some step had an error.
    CompletedWithErrors,
    /// A step failed, or the time limit was reached.
    Failed,
    /// It came to a wait, and goes on as another attempt after it.
    Waiting,
    /// It came to a request for which there was no room at its destination, and goes on with it as
    /// another attempt when there is.
    Held,
}

impl AttemptOutcome {
    pub const ALL: [Self; 5] =
        [Self::Completed, Self::CompletedWithErrors, Self::Failed, Self::Waiting, Self::Held];

    /// The word in the database and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::CompletedWithErrors => "completed_with_errors",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
            Self::Held => "held",
        }
    }
}

crate::user::word!(AttemptOutcome, "outcome");

/// The name of a step within a run: its `_id`, after the number of its flow and a dot where that was
/// called by another, since those of two flows may be the same.
pub fn step_in_run(flow: Option<i64>, id: &str) -> String {
    match flow {
        Some(flow) => format!("{flow}.{id}"),
        None => id.to_owned(),
    }
}

/// One step as it ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StepRecord {
    /// The number of the step's flow, where that was called by another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<i64>,
    /// The step's stable `_id`.
    pub id: String,
    /// A JSON pointer into the flow's array of steps: `/2/if/then/0`.
    pub path: String,
    /// The action's name: `httpRequest`, `set`, …
    pub action: String,
    /// The step's own name, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How often this step has been reached in this run, from 1.
    pub visit: u32,
    /// Microseconds from the attempt's start.
    pub at_us: u64,
    pub duration_us: u64,
    /// The arguments after interpolation.
    pub input: Value,
    /// What came of it: variables set, the branch taken, the line logged.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub output: Value,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<Exchange>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// A request and its answer, redacted and cut to size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Exchange {
    pub method: String,
    pub url: String,
    pub request_headers: Vec<(String, String)>,
    pub request_body: Body,
    /// Nothing when no answer came.
    pub answer: Option<Answer>,
}

/// What the receiver answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Body,
}

/// A recorded body: text, at most 64 KiB of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Body {
    pub text: String,
    /// The whole size in bytes, where the text was cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_from: Option<u64>,
}

impl Body {
    /// Records bytes as text (invalid UTF-8 replaced), cut at 64 KiB.
    pub fn record(bytes: &[u8]) -> Self {
        let kept = &bytes[..bytes.len().min(crate::settings::RECORDED_BODY_MAX)];
        Self {
            text: String::from_utf8_lossy(kept).into_owned(),
            cut_from: (kept.len() < bytes.len()).then_some(bytes.len() as u64),
        }
    }
}

/// Why a step, and with it an attempt, failed: a class to filter and retry by, and the facts from
/// which the panel makes its sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Failure {
    pub class: FailureClass,
    /// What exactly was wrong, in technical words.
    pub detail: String,
    /// The step's path, once it is known which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The host that was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The status that was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What the answer's Retry-After asks for, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The limit that was reached: milliseconds, or bytes for a size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// What it was within its class, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Box<Fault>>,
}

/// What a failure was within its class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// Nothing listens at the port, or a firewall says no.
    Refused,
    /// The connection was closed before the answer was whole.
    Closed,
    /// No way leads to the host.
    Unreachable,
    /// This program may open no more files: no fault of the receiver.
    NoFiles,
    /// The certificate was valid until then.
    CertificateExpired { until: Option<Millis> },
    /// The certificate is valid from then on.
    CertificateNotYetValid { from: Option<Millis> },
    /// The certificate is for these names, and not for the one that was called.
    CertificateForOthers { names: Vec<String> },
    /// The certificate is its own issuer's, or that of an issuer whom this machine does not know.
    CertificateUnknownIssuer,
    /// The certificate has been revoked.
    CertificateRevoked,
    /// What listens at the port does not speak TLS.
    NotTls,
    /// The answer is empty, where JSON is needed.
    Empty,
    /// The answer is not JSON, where JSON is needed; its Content-Type.
    NotJson { content_type: Option<String> },
}

impl Failure {
    /// A failure with its class and detail only.
    pub fn new(class: FailureClass, detail: impl Into<String>) -> Self {
        Self {
            class,
            detail: detail.into(),
            step: None,
            host: None,
            status: None,
            retry_after_ms: None,
            limit: None,
            fault: None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class, self.detail)
    }
}

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// The host's name does not resolve.
    Dns,
    /// No connection: refused, unreachable, reset.
    Connect,
    /// The TLS handshake failed.
    Tls,
    /// No whole answer within the request's time limit.
    Timeout,
    /// The address is not one that may be called.
    ForbiddenTarget,
    /// The answer has a status that the step does not expect.
    Status,
    /// The answer is larger than the cap.
    TooLarge,
    /// The answer is not what the step can read.
    BadAnswer,
    /// The flow itself is at fault: unknown tag, bad expression, bad URL.
    Flow,
    /// What the step looks up is not there: a key of the cache.
    Missing,
    /// The step needs something that is not set up in this installation.
    NotSetUp,
    /// The attempt's own time limit was reached.
    TimedOut,
    /// The program stopped while the attempt ran.
    Interrupted,
}

impl FailureClass {
    pub const ALL: [Self; 13] = [
        Self::Dns,
        Self::Connect,
        Self::Tls,
        Self::Timeout,
        Self::ForbiddenTarget,
        Self::Status,
        Self::TooLarge,
        Self::BadAnswer,
        Self::Flow,
        Self::Missing,
        Self::NotSetUp,
        Self::TimedOut,
        Self::Interrupted,
    ];

    /// The word in the database and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::ForbiddenTarget => "forbidden_target",
            Self::Status => "status",
            Self::TooLarge => "too_large",
            Self::BadAnswer => "bad_answer",
            Self::Flow => "flow",
            Self::Missing => "missing",
            Self::NotSetUp => "not_set_up",
            Self::TimedOut => "timed_out",
            Self::Interrupted => "interrupted",
        }
    }
}

crate::user::word!(FailureClass, "failure class");
