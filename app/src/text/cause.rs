//! Why a delivery is where it is: its facts turned into a sentence with a next step.
//!
//! A sentence is made of [`Piece`]s, so that times in it can be shown as the reader's own.

use super::time::number;
use model::{
    delivery::{DeliveryRow, DeliveryState},
    hook::{Hook, PauseReason},
    retry::attempts_allowed,
    time::Millis,
    trace::{Failure, FailureClass},
};

/// A part of an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

/// How an explanation is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Good,
    Busy,
    Waiting,
    Bad,
    Quiet,
}

/// An explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    pub tone: Tone,
    pub pieces: Vec<Piece>,
}

impl Cause {
    fn new(tone: Tone, headline: impl Into<String>) -> Self {
        Self { tone, pieces: vec![Piece::Headline(headline.into())] }
    }

    fn text(mut self, text: impl Into<String>) -> Self {
        self.pieces.push(Piece::Text(text.into()));
        self
    }

    fn with(mut self, piece: Piece) -> Self {
        self.pieces.push(piece);
        self
    }

    /// The whole as plain text, times in UTC.
    pub fn plain(&self) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Headline(part) | Piece::Text(part) | Piece::Code(part) => {
                    text.push_str(part);
                }
                Piece::Due(at) => text.push_str(&format!("at {}", at.clock())),
                Piece::Clock(at) => text.push_str(&at.clock()),
            }
        }
        text
    }
}

/// Explains a delivery; nothing where there is nothing to explain. `hook` is the delivery's hook
/// while it exists; `holds` is whether later deliveries of its call still wait for it.
pub fn explain(row: &DeliveryRow, hook: Option<&Hook>, holds: bool) -> Option<Cause> {
    let cause = match row.state {
        DeliveryState::Pending => Cause::new(Tone::Quiet, "Accepted and not begun.")
            .text(" It starts as soon as earlier events of its call are through."),
        DeliveryState::Running => {
            Cause::new(Tone::Busy, format!("Attempt {} runs now.", row.attempts + 1))
        }
        DeliveryState::Waiting => {
            let cause = Cause::new(Tone::Waiting, "The flow waits.");
            match row.next_at {
                Some(at) => cause.text(" It goes on ").with(Piece::Due(at)).text("."),
                None => cause,
            }
        }
        DeliveryState::Retrying => retrying(row, holds),
        DeliveryState::Parked => parked(hook),
        DeliveryState::Skipped => skipped(hook),
        DeliveryState::Delivered => {
            return row.warning.as_ref().map(|warning| {
                Cause::new(Tone::Waiting, "Delivered, with a warning.")
                    .text(format!(" {}", sentence(warning)))
            });
        }
        DeliveryState::DeliveredWithErrors => {
            let what = row.failure.as_ref().map_or_else(|| "A step failed.".into(), headline);
            Cause::new(Tone::Waiting, what)
                .text(" The flow is lenient: the steps after it ran all the same, and nothing is tried again.")
        }
        DeliveryState::Dead => dead(row),
        DeliveryState::Cancelled => Cause::new(Tone::Quiet, "A person called it off."),
    };
    let warned = row.warning.as_ref().filter(|_| row.state != DeliveryState::Delivered);
    Some(match warned {
        Some(warning) => cause.text(format!(" {}", sentence(warning))),
        None => cause,
    })
}

fn retrying(row: &DeliveryRow, holds: bool) -> Cause {
    let Some(failure) = &row.failure else {
        return Cause::new(Tone::Waiting, "It is tried again.");
    };
    let mut cause = Cause::new(Tone::Waiting, headline(failure));
    if let Some(wait) = failure.retry_after_ms {
        cause = cause.text(format!(" Its Retry-After asks for {}.", span(wait)));
    }
    let next = row.attempts + 1;
    let allowed = attempts_allowed(failure);
    let of = if allowed >= next { format!(" of {allowed}") } else { String::new() };
    cause = cause.text(format!(" Attempt {next}{of} is due"));
    cause = match row.next_at {
        Some(at) => cause.text(" ").with(Piece::Due(at)).text("."),
        None => cause.text("."),
    };
    if let (Some(until), Some(_), true) = (row.hold_until, row.call_attempt, holds) {
        cause = cause
            .text(" The call's later events wait for it until ")
            .with(Piece::Clock(until))
            .text(".");
    }
    advise(cause, failure)
}

fn dead(row: &DeliveryRow) -> Cause {
    let Some(failure) = &row.failure else {
        return Cause::new(Tone::Bad, "Given up.");
    };
    let cause = Cause::new(Tone::Bad, headline(failure));
    let cause = match (failure.class, row.attempts) {
        (FailureClass::Flow, _) => {
            cause.text(" A fault of the flow is not tried again: mend the flow, then replay.")
        }
        (_, 0 | 1) => cause.text(" It is not tried again."),
        (_, attempts) => cause.text(format!(" Given up after {attempts} attempts.")),
    };
    advise(cause, failure)
}

fn parked(hook: Option<&Hook>) -> Cause {
    let cause = Cause::new(
        Tone::Quiet,
        match hook.and_then(|hook| hook.paused) {
            Some(PauseReason::Gone) => {
                "The hook was paused because its receiver answered 410 Gone."
            }
            Some(PauseReason::Person) => "Somebody paused the hook.",
            None => "The hook was paused.",
        },
    );
    cause.text(" The delivery is kept, and runs when the hook goes on.")
}

fn skipped(hook: Option<&Hook>) -> Cause {
    let cause = Cause::new(Tone::Quiet, "The hook's condition was false, so the flow did not run.");
    match hook.map(|hook| hook.condition.trim()).filter(|text| !text.is_empty()) {
        Some(condition) => {
            cause.text(" The condition is now: ").with(Piece::Code(condition.to_owned()))
        }
        None => cause,
    }
}

/// Adds what a person can do about a failure.
fn advise(cause: Cause, failure: &Failure) -> Cause {
    match failure.class {
        FailureClass::Dns => cause
            .text(" Check the address in the flow, and that this machine's name server knows it."),
        FailureClass::Connect => {
            cause.text(" Check that the receiver runs and that its port can be reached from here.")
        }
        FailureClass::Tls => {
            cause.text(" Check the receiver's certificate, and the name in the URL.")
        }
        FailureClass::Timeout => cause
            .text(" Make the receiver answer sooner, or give the step a longer ")
            .with(Piece::Code("timeout".into()))
            .text("."),
        FailureClass::ForbiddenTarget => {
            let target = failure.host.clone().unwrap_or_else(|| "HOST".into());
            cause
                .text(" Private and local addresses are refused unless the operator admits them: start Offhook with ")
                .with(Piece::Code(format!("OFFHOOK_ALLOW_TARGETS={target}")))
                .text(", then replay.")
        }
        FailureClass::Status => match failure.status {
            Some(401 | 403) => {
                cause.text(" The receiver does not accept the credentials that the flow sends.")
            }
            Some(404 | 405) => cause.text(" Check the URL and the method in the flow."),
            Some(410) => cause.text(" The hook has been paused."),
            Some(400 | 422) => {
                cause.text(" The receiver's answer, below, usually says what it misses.")
            }
            Some(300..=399) => {
                cause.text(" Redirects are not followed: put the final address into the flow.")
            }
            _ => cause,
        },
        FailureClass::Interrupted => {
            cause.text(" A request that is made again carries the same webhook-id.")
        }
        FailureClass::TooLarge
        | FailureClass::BadAnswer
        | FailureClass::Flow
        | FailureClass::TimedOut => cause,
    }
}

/// What went wrong, as one sentence.
pub fn headline(failure: &Failure) -> String {
    let host = failure.host.as_deref().unwrap_or("The receiver");
    match failure.class {
        FailureClass::Dns => match &failure.host {
            Some(host) => format!("The name {host} did not resolve."),
            None => "The receiver's name did not resolve.".into(),
        },
        FailureClass::Connect => {
            let detail = failure.detail.to_lowercase();
            if detail.contains("refused") {
                format!("{host} refused the connection.")
            } else if detail.contains("reset") || detail.contains("closed") {
                format!("{host} closed the connection before it answered.")
            } else {
                format!("{host} could not be reached: {}", sentence(&failure.detail))
            }
        }
        FailureClass::Tls => {
            format!("No secure connection to {host}: {}", sentence(&failure.detail))
        }
        FailureClass::Timeout => match failure.limit {
            Some(ms) => format!("{host} gave no whole answer within {} ms.", number(ms)),
            None => format!("{host} gave no whole answer in time."),
        },
        FailureClass::ForbiddenTarget => format!("{host} is not an address that may be called."),
        FailureClass::Status => match failure.status {
            Some(status @ 200..=299) => {
                format!("{host} answered {}, which the step does not expect.", status_words(status))
            }
            Some(status) => format!("{host} answered {}.", status_words(status)),
            None => format!("{host} answered with a status that the step does not expect."),
        },
        FailureClass::TooLarge => match failure.limit {
            Some(bytes) => format!("{host} sent an answer of more than {}.", size(bytes)),
            None => format!("{host} sent too large an answer."),
        },
        FailureClass::BadAnswer => {
            format!(
                "{host} sent an answer that the step cannot read: {}",
                sentence(&failure.detail)
            )
        }
        FailureClass::Flow => match failure.step.as_deref().filter(|path| !path.is_empty()) {
            Some(path) => {
                format!("Step {path} of the flow is at fault: {}", sentence(&failure.detail))
            }
            None => format!("The flow is at fault: {}", sentence(&failure.detail)),
        },
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
        FailureClass::Connect => {
            if failure.detail.to_lowercase().contains("refused") {
                "connection refused".into()
            } else {
                "no connection".into()
            }
        }
        FailureClass::Tls => "no secure connection".into(),
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
        FailureClass::BadAnswer => "unreadable answer".into(),
        FailureClass::Flow => "fault in the flow".into(),
        FailureClass::TimedOut => "attempt took too long".into(),
        FailureClass::Interrupted => "interrupted".into(),
    }
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
fn sentence(text: &str) -> String {
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
#[path = "cause_tests.rs"]
mod tests;
