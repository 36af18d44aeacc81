//! What went wrong, in a sentence, in a few words, in a word. The whole explanation of a delivery,
//! with its next step, is made by the server (`explain`).
//!
//! An explanation is made of [`Piece`]s, so that times in it can be shown as the reader's own.

use super::time::number;
use model::{
    time::Millis,
    trace::{Failure, FailureClass, Fault},
};
use serde::{Deserialize, Serialize};

/// A part of an explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// The cause itself, shown in the state's colour.
    Headline(String),
    Text(String),
    /// Something to be typed or looked up as it stands.
    Code(String),
    /// A moment to come, shown as the time that is left.
    Due(Millis),
    /// A time of day.
    Clock(Millis),
    /// A way on: words, and the path that they lead to.
    Link(String, String),
}

/// How an explanation is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    Good,
    Busy,
    Waiting,
    Bad,
    Quiet,
}

/// An explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    pub tone: Tone,
    pub pieces: Vec<Piece>,
}

/// What went wrong, as one sentence.
pub fn headline(failure: &Failure) -> String {
    let host = failure.host.as_deref().unwrap_or("The receiver");
    match failure.class {
        FailureClass::Dns => match &failure.host {
            Some(host) => format!("The name {host} did not resolve."),
            None => "The receiver's name did not resolve.".into(),
        },
        FailureClass::Connect => match connection(failure) {
            Some(Fault::Refused) => format!("{host} refused the connection."),
            Some(Fault::Closed) => {
                format!("{host} closed the connection before it answered.")
            }
            Some(Fault::NoFiles) => {
                format!("Offhook may open no more files, and so could not connect to {host}.")
            }
            _ => format!("{host} could not be reached: {}", sentence(&failure.detail)),
        },
        FailureClass::Tls => match failure.fault.as_deref() {
            Some(Fault::CertificateExpired { until }) => {
                format!("The TLS certificate of {host} has expired{}.", on(*until))
            }
            Some(Fault::CertificateNotYetValid { from }) => {
                format!("The TLS certificate of {host} is not valid yet{}.", only_from(*from))
            }
            Some(Fault::CertificateForOthers { names }) if !names.is_empty() => format!(
                "The TLS certificate of {host} is not for this name, but for {}.",
                names.join(", ")
            ),
            Some(Fault::CertificateForOthers { .. }) => {
                format!("The TLS certificate of {host} is not for this name.")
            }
            Some(Fault::CertificateUnknownIssuer) => format!(
                "The TLS certificate of {host} is self-signed, or its issuer is not known here."
            ),
            Some(Fault::CertificateRevoked) => {
                format!("The TLS certificate of {host} has been revoked.")
            }
            Some(Fault::NotTls) => format!("{host} does not speak TLS at this port."),
            _ => format!("No secure connection to {host}: {}", sentence(&failure.detail)),
        },
        FailureClass::Timeout => match failure.limit {
            Some(ms) => format!("{host} gave no whole answer within {} ms.", number(ms)),
            None => format!("{host} gave no whole answer in time."),
        },
        FailureClass::ForbiddenTarget => format!("{host} is not an address that may be called."),
        FailureClass::Status => match failure.status {
            Some(status @ 200..=299) => {
                format!("{host} answered {}, which the step does not expect.", status_words(status))
            }
            Some(status) => match failure.retry_after_ms {
                Some(wait) => {
                    format!("{host} answered {} and asks for {}.", status_words(status), span(wait))
                }
                None => format!("{host} answered {}.", status_words(status)),
            },
            None => format!("{host} answered with a status that the step does not expect."),
        },
        FailureClass::TooLarge => match failure.limit {
            Some(bytes) => format!("{host} sent an answer of more than {}.", size(bytes)),
            None => format!("{host} sent too large an answer."),
        },
        FailureClass::BadAnswer => match failure.fault.as_deref() {
            Some(Fault::Empty) => {
                format!("The answer of {host} is empty, where the step needs JSON.")
            }
            Some(Fault::NotJson { content_type }) => {
                let kind = content_type.as_deref().map(|kind| format!(" ({kind})"));
                let kind = kind.unwrap_or_default();
                format!("The answer of {host} is not JSON{kind}, and the step needs JSON.")
            }
            _ => format!(
                "{host} sent an answer that the step cannot read: {}",
                sentence(&failure.detail)
            ),
        },
        FailureClass::Flow => match failure.step.as_deref().filter(|path| !path.is_empty()) {
            Some(path) => {
                format!("The flow is at fault at {}: {}", place(path), sentence(&failure.detail))
            }
            None => format!("The flow is at fault: {}", sentence(&failure.detail)),
        },
        FailureClass::Missing => {
            format!("What the flow looks up is not there: {}", sentence(&failure.detail))
        }
        FailureClass::NotSetUp => {
            format!("Something that the flow needs is missing: {}", sentence(&failure.detail))
        }
        FailureClass::TimedOut => match failure.limit {
            Some(ms) => format!("The attempt was ended after its time limit of {}.", span(ms)),
            None => "The attempt was ended at its time limit.".into(),
        },
        FailureClass::Interrupted => "Offhook stopped while the attempt ran.".into(),
    }
}

/// What went wrong, in a few words for a row of the log.
pub fn short(failure: &Failure) -> String {
    match failure.class {
        FailureClass::Dns => "name did not resolve".into(),
        FailureClass::Connect => match connection(failure) {
            Some(Fault::Refused) => "connection refused".into(),
            Some(Fault::Closed) => "connection closed".into(),
            Some(Fault::NoFiles) => "no files left to connect".into(),
            _ => "no connection".into(),
        },
        FailureClass::Tls => match failure.fault.as_deref() {
            Some(Fault::CertificateExpired { .. }) => "certificate expired".into(),
            Some(Fault::CertificateNotYetValid { .. }) => "certificate not valid yet".into(),
            Some(Fault::CertificateForOthers { .. }) => "certificate for another name".into(),
            Some(Fault::CertificateUnknownIssuer) => "certificate not trusted".into(),
            Some(Fault::CertificateRevoked) => "certificate revoked".into(),
            Some(Fault::NotTls) => "no TLS at this port".into(),
            _ => "no secure connection".into(),
        },
        FailureClass::Timeout => match failure.limit {
            Some(ms) => format!("no answer in {} ms", number(ms)),
            None => "no answer in time".into(),
        },
        FailureClass::ForbiddenTarget => "target not allowed".into(),
        FailureClass::Status => match failure.status {
            Some(status @ 200..=299) => format!("unexpected {status}"),
            Some(status) => status_words(status),
            None => "unexpected status".into(),
        },
        FailureClass::TooLarge => "answer too large".into(),
        FailureClass::BadAnswer => match failure.fault.as_deref() {
            Some(Fault::Empty) => "empty answer".into(),
            Some(Fault::NotJson { .. }) => "answer not JSON".into(),
            _ => "unreadable answer".into(),
        },
        FailureClass::Flow => "fault in the flow".into(),
        FailureClass::Missing => "not found in the cache".into(),
        FailureClass::NotSetUp => "not set up here".into(),
        FailureClass::TimedOut => "attempt took too long".into(),
        FailureClass::Interrupted => "interrupted".into(),
    }
}

/// What a failure of the connection was. Those written down by earlier versions say it in their
/// detail only.
fn connection(failure: &Failure) -> Option<Fault> {
    let detail = failure.detail.to_lowercase();
    failure.fault.as_deref().cloned().or_else(|| {
        if detail.contains("refused") {
            Some(Fault::Refused)
        } else if detail.contains("reset") || detail.contains("closed") {
            Some(Fault::Closed)
        } else {
            None
        }
    })
}

/// `2026-11-22 09:30 UTC`.
fn minute(at: Millis) -> String {
    format!("{} UTC", at.exact().get(..16).unwrap_or_default())
}

fn on(at: Option<Millis>) -> String {
    at.map(|at| format!(" on {}", minute(at))).unwrap_or_default()
}

fn only_from(at: Option<Millis>) -> String {
    at.map(|at| format!(", only from {} on", minute(at))).unwrap_or_default()
}

/// A step's place as a person counts, and as the flow's source has it: `step 3 › then › step 1
/// (/2/if/then/0)`.
fn place(path: &str) -> String {
    let parts = path.split('/').filter(|part| !part.is_empty());
    let words: Vec<_> = parts
        .map(|part| match part.parse::<u32>() {
            Ok(index) => format!("step {}", index.saturating_add(1)),
            Err(_) => part.to_owned(),
        })
        .collect();
    format!("{} ({path})", words.join(" › "))
}

/// The name of a failure class, for a filter.
pub fn class(class: FailureClass) -> &'static str {
    match class {
        FailureClass::Dns => "Name not resolved",
        FailureClass::Connect => "No connection",
        FailureClass::Tls => "TLS failed",
        FailureClass::Timeout => "No answer in time",
        FailureClass::ForbiddenTarget => "Target not allowed",
        FailureClass::Status => "Unexpected status",
        FailureClass::TooLarge => "Answer too large",
        FailureClass::BadAnswer => "Unreadable answer",
        FailureClass::Flow => "Fault in the flow",
        FailureClass::Missing => "Not found in the cache",
        FailureClass::NotSetUp => "Not set up here",
        FailureClass::TimedOut => "Attempt too long",
        FailureClass::Interrupted => "Interrupted",
    }
}

/// `503 Service Unavailable`, or the number alone where it has no usual name.
pub fn status_words(status: u16) -> String {
    let name = match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        418 => "I'm a teapot",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        423 => "Locked",
        425 => "Too Early",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        507 => "Insufficient Storage",
        _ => return status.to_string(),
    };
    format!("{status} {name}")
}

/// A span of milliseconds in its largest whole unit: `60 s`, `10 min`, `2 h`, `1,500 ms`.
pub fn span(ms: u64) -> String {
    const MINUTE: u64 = 60_000;
    const HOUR: u64 = 60 * MINUTE;
    match ms {
        ms if ms >= 2 * HOUR && ms.is_multiple_of(HOUR) => format!("{} h", ms / HOUR),
        ms if ms >= 2 * MINUTE && ms.is_multiple_of(MINUTE) => format!("{} min", ms / MINUTE),
        ms if ms >= 1_000 && ms.is_multiple_of(1_000) => format!("{} s", number(ms / 1_000)),
        ms => format!("{} ms", number(ms)),
    }
}

/// A number of bytes in its largest whole unit.
pub fn size(bytes: u64) -> String {
    const KIB: u64 = 1 << 10;
    const MIB: u64 = 1 << 20;
    match bytes {
        bytes if bytes >= MIB && bytes.is_multiple_of(MIB) => format!("{} MiB", bytes / MIB),
        bytes if bytes >= 10 * MIB => format!("{} MiB", bytes / MIB),
        bytes if bytes >= KIB && (bytes.is_multiple_of(KIB) || bytes >= 10 * KIB) => {
            format!("{} KiB", number(bytes / KIB))
        }
        bytes => format!("{} bytes", number(bytes)),
    }
}

/// The text with a capital at its start and a full stop at its end.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let mut said: String = match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => return String::new(),
    };
    if !said.ends_with(['.', '!', '?']) {
        said.push('.');
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(span(1_500), "1,500 ms");
        assert_eq!(span(60_000), "60 s");
        assert_eq!(span(600_000), "10 min");
        assert_eq!(span(86_400_000), "24 h");
        assert_eq!(size(1 << 20), "1 MiB");
        assert_eq!(size(500), "500 bytes");
    }

    #[test]
    fn each_fault_of_a_certificate_has_its_sentence() {
        let said = |fault| {
            let mut failure = Failure::new(FailureClass::Tls, "invalid peer certificate");
            failure.host = Some("crm.example".into());
            failure.fault = Some(Box::new(fault));
            headline(&failure)
        };
        let at = Some(Millis(1_795_339_800_000));
        for (fault, expected) in [
            (
                Fault::CertificateExpired { until: at },
                "The TLS certificate of crm.example has expired on 2026-11-22 09:30 UTC.",
            ),
            (
                Fault::CertificateNotYetValid { from: at },
                "The TLS certificate of crm.example is not valid yet, only from 2026-11-22 09:30 \
                 UTC on.",
            ),
            (
                Fault::CertificateForOthers { names: vec!["a.example".into(), "b.example".into()] },
                "The TLS certificate of crm.example is not for this name, but for a.example, \
                 b.example.",
            ),
            (Fault::NotTls, "crm.example does not speak TLS at this port."),
        ] {
            assert_eq!(said(fault), expected);
        }
    }

    #[test]
    fn what_earlier_versions_wrote_down_is_understood() {
        let failure = Failure::new(FailureClass::Connect, "connection refused");
        assert_eq!(short(&failure), "connection refused");
        assert_eq!(headline(&failure), "The receiver refused the connection.");
    }

    #[test]
    fn what_is_no_fault_of_the_receiver_is_not_said_to_be_one() {
        let fault = Some(Box::new(Fault::NoFiles));
        let host = Some("crm.example".into());
        let failure = Failure { fault, host, ..Failure::new(FailureClass::Connect, "too many") };
        let said = "Offhook may open no more files, and so could not connect to crm.example.";
        assert_eq!(headline(&failure), said);
    }
}
