//! Why a delivery is where it is: its facts turned into a sentence with a next step. Made by the
//! server, so that the browser need not load these words.

use super::{
    cause::{Cause, Piece, Tone, headline, sentence, span},
    help,
    time::plural,
};
use model::{
    catalog::{EventKind, field},
    delivery::{DeliveryRow, DeliveryState, keeps_order},
    hook::{Hook, PauseReason},
    queue::Queue,
    retry::{attempts_allowed, wait_ms},
    time::Millis,
    trace::{Failure, FailureClass, Fault},
    warning::{Warning, WarningKind},
};

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

    fn link(self, words: impl Into<String>, path: impl Into<String>) -> Self {
        self.with(Piece::Link(words.into(), path.into()))
    }

    /// The whole as plain text, times in UTC.
    pub fn plain(&self) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Headline(part)
                | Piece::Text(part)
                | Piece::Code(part)
                | Piece::Link(part, _) => text.push_str(part),
                Piece::Due(at) => text.push_str(&format!("at {}", at.clock())),
                Piece::Clock(at) => text.push_str(&at.clock()),
            }
        }
        text
    }
}

/// Whose a delivery is, while that exists, and who reads of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Of<'a> {
    pub hook: Option<&'a Hook>,
    pub queue: Option<&'a Queue>,
    /// Whether the reader may change hooks.
    pub editor: bool,
}

impl Of<'_> {
    /// How many a second go out of what was parked when this was made, where it was.
    fn release(&self, row: &DeliveryRow) -> Option<u32> {
        let hook = self.hook.and_then(|hook| hook.release_per_s.zip(hook.resumed_at));
        let queue = self.queue.and_then(|queue| queue.release_per_s.zip(queue.resumed_at));
        let of_then = |(_, resumed): &(u32, Millis)| row.created_at < *resumed;
        hook.into_iter().chain(queue).filter(of_then).map(|(rate, _)| rate).min()
    }
}

/// Explains a delivery; nothing where there is nothing to explain. `now` decides whether later
/// deliveries of its call still wait for it.
pub fn explain(row: &DeliveryRow, of: Of<'_>, now: Millis) -> Option<Cause> {
    let hook = of.hook;
    let cause = match row.state {
        DeliveryState::Pending if row.attempts > 0 => {
            return Some(
                Cause::new(Tone::Quiet, "The next request's destination has no room for it.")
                    .text(" What was done before is kept; the flow goes on with the request when")
                    .text(" its turn comes: ")
                    .link("see the destinations", "/destinations")
                    .text("."),
            );
        }
        DeliveryState::Pending => {
            let cause = Cause::new(Tone::Quiet, "Accepted and not begun.");
            let cause = cause.text(" It starts as soon as ");
            let ordered = hook.is_none_or(|hook| hook.ordered);
            let in_order = keeps_order(ordered, row.test, row.parent);
            let cause = match row.call_attempt.filter(|_| in_order) {
                Some(call) => cause
                    .link("earlier events of its call", format!("/calls/{call}"))
                    .text(" are through and "),
                None => cause,
            };
            let cause = cause.link("its destination", "/destinations").text(" has room for it.");
            match of.release(row) {
                Some(rate) => cause.text(format!(
                    " It was parked, and what was goes out in order at {rate} a second."
                )),
                None => cause,
            }
        }
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
        DeliveryState::Retrying => retrying(row, hook, now),
        DeliveryState::Parked => parked(of),
        DeliveryState::Skipped => skipped(hook),
        DeliveryState::Delivered => {
            return row.warning.as_ref().map(|warning| {
                warn(Cause::new(Tone::Waiting, "Delivered, with a warning."), row, warning, of)
            });
        }
        DeliveryState::DeliveredWithErrors => with_errors(row),
        DeliveryState::Dead => dead(row, hook),
        DeliveryState::Cancelled => Cause::new(Tone::Quiet, "A person called it off."),
    };
    Some(match &row.warning {
        Some(warning) => warn(cause, row, warning, of),
        None => cause,
    })
}

fn retrying(row: &DeliveryRow, hook: Option<&Hook>, now: Millis) -> Cause {
    let Some(failure) = &row.failure else {
        return Cause::new(Tone::Waiting, "It is tried again.");
    };
    let mut cause = Cause::new(Tone::Waiting, headline(failure));
    let next = row.attempts + 1;
    // A hook that is gone is as any other for what it left behind.
    let policy = hook.map(|hook| hook.policy.clone()).unwrap_or_default();
    let allowed = attempts_allowed(failure, &policy);
    let of = if allowed >= next { format!(" of {allowed}") } else { String::new() };
    let attempt = format!(" Attempt {next}{of}");
    cause = match row.next_at {
        Some(at) if at <= now => cause
            .text(format!("{attempt} was due "))
            .with(Piece::Due(at))
            .text(", and waits for its turn."),
        Some(at) => cause.text(format!("{attempt} is due ")).with(Piece::Due(at)).text("."),
        None => cause.text(format!("{attempt} is due.")),
    };
    if let (Some(until), Some(_)) = (row.hold_until.filter(|until| *until > now), row.call_attempt)
    {
        cause = cause
            .text(" The call's later events wait for it until ")
            .with(Piece::Clock(until))
            .text(".");
    }
    advise(cause, row, failure)
}

fn with_errors(row: &DeliveryRow) -> Cause {
    let Some(failure) = &row.failure else {
        return Cause::new(Tone::Waiting, "A step failed.").text(LENIENT);
    };
    let mut cause = Cause::new(Tone::Waiting, headline(failure));
    cause = cause.text(LENIENT);
    advise(cause, row, failure)
}

const LENIENT: &str =
    " The flow is lenient: the steps after it ran all the same, and nothing is tried again.";

fn dead(row: &DeliveryRow, hook: Option<&Hook>) -> Cause {
    let Some(failure) = &row.failure else {
        return Cause::new(Tone::Bad, "Given up.");
    };
    let cause = Cause::new(Tone::Bad, headline(failure));
    let cause = match (failure.class, row.attempts, age_that_ends_it(row, failure, hook)) {
        (FailureClass::Flow, ..) => cause.text(" A fault of the flow is not tried again."),
        (_, attempts, Some(age)) => cause.text(format!(
            " Given up after {}: at the next it would be older than {}, which its hook does not allow.",
            plural(attempts.into(), "attempt", "attempts"),
            span(age.unsigned_abs())
        )),
        (_, 0 | 1, _) => cause.text(" It is not tried again."),
        (_, attempts, _) => cause.text(format!(" Given up after {attempts} attempts.")),
    };
    advise(cause, row, failure)
}

/// The greatest age that the hook allows, in milliseconds, if that is why the delivery was given up,
/// as the hook stands now.
fn age_that_ends_it(row: &DeliveryRow, failure: &Failure, hook: Option<&Hook>) -> Option<i64> {
    // A test is tried once, however old it is.
    let policy = hook.filter(|_| !row.test).map(|hook| &hook.policy)?;
    let age = policy.max_age_ms?;
    // By how much its wait was moved is not known any more.
    let next = row.finished_at?.plus(wait_ms(failure, policy, row.attempts, 1.0)?);
    (next.0 - row.created_at.0 > age).then_some(age)
}

fn parked(of: Of<'_>) -> Cause {
    let (hook, paused) = (of.hook, of.hook.and_then(|hook| hook.paused));
    if let Some(queue) = of.queue.filter(|queue| queue.paused && paused.is_none()) {
        return Cause::new(Tone::Quiet, "Its queue is paused.")
            .text(" The delivery is kept, and runs when it goes on: ")
            .link("see the queue", format!("/queues/{}", queue.id))
            .text(".");
    }
    let cause = Cause::new(
        Tone::Quiet,
        match paused {
            Some(PauseReason::Gone) => {
                "The hook was paused because its receiver answered 410 Gone."
            }
            Some(PauseReason::Person) => "Somebody paused the hook.",
            None => "The destination that its flow calls takes nothing for now.",
        },
    );
    let cause = cause.text(" The delivery is kept, and runs when it goes on");
    match (hook, paused) {
        (Some(hook), Some(_)) => {
            cause.text(": ").link("resume it", format!("/queues/{}/hooks", hook.queue_id)).text(".")
        }
        (_, None) => cause.text(": ").link("see the destinations", "/destinations").text("."),
        (None, Some(_)) => cause.text("."),
    }
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

/// Adds what the condition asked for and did not get.
fn warn(cause: Cause, row: &DeliveryRow, warning: &Warning, of: Of<'_>) -> Cause {
    let cause = cause
        .text(format!(" {} The flow ran all the same.", undecided(warning, row.event)))
        .text(match warning.kind {
            WarningKind::NoField | WarningKind::NoMember => {
                " Correct the name in the condition, or have the sender give it."
            }
            _ => " Correct the condition.",
        });
    let cause = match of.hook.filter(|_| of.editor) {
        Some(hook) => {
            let path = format!("/queues/{}/hooks/{}", hook.queue_id, hook.id);
            cause.text(" ").link("Open the hook", path).text(".")
        }
        None => cause,
    };
    cause.text(" ").link(help::MORE, help::path(help::CONDITION)).text(".")
}

/// What a condition asked for that it did not get, as a sentence.
pub fn undecided(warning: &Warning, event: EventKind) -> String {
    let Some(name) = &warning.field else {
        return format!("The condition could not be decided: {}", sentence(&warning.detail));
    };
    if warning.kind == WarningKind::NoMember {
        return format!("The condition asks for the member `{name}`, which is not there.");
    }
    let known = field(name).is_some();
    let others: Vec<_> = EventKind::ALL
        .into_iter()
        .filter(|other| other.carries(name))
        .map(EventKind::as_str)
        .collect();
    match (known, event.carries(name)) {
        (true, true) => format!(
            "The condition names the field `{name}`, which this {event} event came without."
        ),
        (true, false) => format!(
            "The condition names the field `{name}`, which a {event} event does not carry; it \
             comes with {}.",
            others.join(", ")
        ),
        (false, _) => format!(
            "The condition names `{name}`, which this {event} event does not carry: it is no \
             documented field, and neither the queue nor the sender gave a variable of this name."
        ),
    }
}

/// Adds what a person can do about a failure, and where more is said.
fn advise(cause: Cause, row: &DeliveryRow, failure: &Failure) -> Cause {
    let cause = next_step(cause, row, failure);
    cause.text(" ").link(help::MORE, help::path(failure.class.as_str())).text(".")
}

fn next_step(cause: Cause, row: &DeliveryRow, failure: &Failure) -> Cause {
    let flow = |cause: Cause| match row.flow_name.is_empty() {
        true => cause.text("the flow"),
        false => cause.link("the flow", format!("/flows/{}", row.flow_id)),
    };
    match failure.class {
        FailureClass::Dns => flow(cause.text(" Check the address in "))
            .text(", and that this machine's name server knows it."),
        FailureClass::Connect => match failure.fault.as_deref() {
            Some(Fault::Closed) => cause.text(
                " Look into the receiver's log: it accepted the connection and broke it off.",
            ),
            Some(Fault::NoFiles) => cause.text(
                " Let the server open more files: LimitNOFILE of its service, or `ulimit -n`.",
            ),
            _ => cause
                .text(" Check that the receiver runs and that its port can be reached from here."),
        },
        FailureClass::Tls => match failure.fault.as_deref() {
            Some(Fault::CertificateExpired { .. }) => {
                cause.text(" Whoever runs the receiver has to renew it.")
            }
            Some(Fault::CertificateNotYetValid { .. }) => {
                cause.text(" Check the clock of this machine, then the receiver's certificate.")
            }
            Some(Fault::CertificateForOthers { .. }) => {
                flow(cause.text(" Call the receiver by a name of its certificate in "))
                    .text(", or have one issued for this name.")
            }
            Some(Fault::CertificateUnknownIssuer) => cause.text(
                " Have the receiver send its whole chain, or add the issuer to this machine's \
                 trusted certificates.",
            ),
            Some(Fault::NotTls) => {
                flow(cause.text(" Put http:// or the right port into ")).text(".")
            }
            _ => cause.text(" Check the receiver's certificate, and the name in the URL."),
        },
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
        FailureClass::Status => flow_status(cause, row, failure),
        FailureClass::TooLarge => {
            cause.text(" Ask the receiver for less: a filter, a page, only the fields needed.")
        }
        FailureClass::BadAnswer => {
            flow(cause.text(
                " Look at the answer below: mend the receiver, or take exportVariables out of ",
            ))
            .text(".")
        }
        FailureClass::Flow => flow(cause.text(" Mend ")).text(", then replay."),
        FailureClass::Missing => flow(cause.text(
            " A later attempt finds it if something has stored it by then. Give the step an onError in ",
        ))
        .text(", if the flow can do without."),
        FailureClass::NotSetUp => {
            flow(cause.text(" Set it up, or take the step out of ")).text(", then replay.")
        }
        FailureClass::TimedOut => {
            flow(cause.text(" Give the requests a shorter timeout or take waits out of "))
                .text("; the steps below show what took long.")
        }
        FailureClass::Interrupted => cause.text(
            " Nothing needs to be done: a request that is made again carries the same webhook-id.",
        ),
    }
}

fn flow_status(cause: Cause, row: &DeliveryRow, failure: &Failure) -> Cause {
    match failure.status {
        Some(401 | 403) => {
            cause.text(" The receiver does not accept the credentials that the flow sends.")
        }
        Some(404 | 405) => cause.text(" Check the URL and the method in the flow."),
        Some(410) => cause.text(" The receiver is gone for good: the flow needs another target."),
        Some(400 | 422) => {
            cause.text(" The receiver's answer, below, usually says what it misses.")
        }
        Some(300..=399) => {
            cause.text(" Redirects are not followed: put the final address into the flow.")
        }
        Some(408 | 425 | 429) => {
            cause.text(" The receiver wants fewer requests; wait, or have its limit raised.")
        }
        Some(500..) => {
            let cause = cause.text(" The fault is the receiver's: its log says more.");
            match row.state.is_final() {
                true => cause.text(" Replay when it works again."),
                false => cause,
            }
        }
        _ => cause.text(" Look at the answer below, or let the step expect this status."),
    }
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
