//! The help pages about failures: what each class means, how to see it, what causes it, what to
//! do, and what Offhook does meanwhile. The server's alone.

use super::{
    cause::{class, span},
    time::plural,
};
use model::{
    policy::Policy,
    retry::{SCHEDULE_MS, attempts_allowed},
    trace::{Failure, FailureClass},
};

pub const TITLE: &str = "Why deliveries fail";
pub const ABOUT: &str = "Each delivery that failed names one of these causes. The log can be \
                         narrowed to them by the filter Cause.";
pub const MORE: &str = "More about this";
pub const MEANS: &str = "What it means";
pub const SEE: &str = "How to see it";
pub const CAUSES: &str = "Usual causes";
pub const DO: &str = "What to do";
pub const OFFHOOK: &str = "What Offhook does";
pub const IN_LOG: &str = "Deliveries with this cause";
pub const OTHERS: &str = "Other causes";

/// The name of the page about conditions that cannot be decided.
pub const CONDITION: &str = "condition";

/// The path of a page by its name: a failure class, or [`CONDITION`].
pub fn path(name: &str) -> String {
    format!("/help/failures/{name}")
}

/// A page.
pub struct Help {
    pub title: &'static str,
    pub means: &'static str,
    pub see: &'static str,
    pub causes: &'static [&'static str],
    pub todo: &'static [&'static str],
    pub offhook: String,
    /// The query of the log that shows such deliveries.
    pub log: String,
}

/// The names of all pages, in the order in which they are listed.
pub fn names() -> impl Iterator<Item = &'static str> {
    FailureClass::ALL.into_iter().map(FailureClass::as_str).chain([CONDITION])
}

/// The page of this name.
pub fn page(name: &str) -> Option<Help> {
    if name == CONDITION {
        return Some(condition());
    }
    name.parse().ok().map(of_class)
}

fn of_class(of: FailureClass) -> Help {
    let (means, see, causes, todo) = told(of);
    let log = format!("/deliveries?failure={of}");
    Help { title: class(of), means, see, causes, todo, offhook: retries(of), log }
}

type Told = (&'static str, &'static str, &'static [&'static str], &'static [&'static str]);

fn told(of: FailureClass) -> Told {
    match of {
        FailureClass::Dns => (
            "The host's name in the URL has no address: the name server does not know it, or gave no answer.",
            "On the machine that runs Offhook: getent hosts NAME, with the name from the sentence. It prints an address once all is well.",
            &[
                "The name is misspelt in the flow, or in the variable that fills it.",
                "The name exists only in your own network, and this machine asks another name server.",
                "The name server cannot be reached at the moment.",
            ],
            &[
                "Correct the URL in the flow and save; replay what has died meanwhile.",
                "Or have the name entered, or this machine's resolver set up (/etc/resolv.conf, /etc/hosts).",
            ],
        ),
        FailureClass::Connect => (
            "The name was resolved, but no connection came about, or it broke before the answer was whole.",
            "On the machine that runs Offhook: curl -v URL. \"Refused\" means that nothing listens at that port, a long silence that a firewall drops the packets.",
            &[
                "The receiver does not run, or listens at another port or address.",
                "A firewall lies in between.",
                "The receiver accepted the connection and broke it off, as a program does that crashes or is being restarted.",
            ],
            &[
                "Start the receiver, and compare its port with the URL in the flow.",
                "Have the way opened from this machine to that port.",
                "If it closed the connection: read its log at the time of the attempt.",
            ],
        ),
        FailureClass::Tls => (
            "The connection was made, but no secure one: the receiver's certificate does not hold, or it speaks no TLS. Nothing was sent.",
            "openssl s_client -connect HOST:443 -servername HOST shows the certificate, its names and its dates.",
            &[
                "The certificate has expired, or is not valid yet because a clock is wrong.",
                "It was issued for another name than the one in the URL.",
                "It is self-signed, or its issuer is not among those that this machine trusts, or the receiver leaves out the certificates in between.",
                "The URL says https, and the port speaks plain HTTP.",
            ],
            &[
                "Have the receiver's certificate renewed or its chain completed.",
                "Call the receiver by a name that stands in its certificate.",
                "For an authority of your own: add its certificate to this machine's trusted ones, and restart Offhook.",
            ],
        ),
        FailureClass::Timeout => (
            "The receiver gave no whole answer within the step's time limit. Whether it did what it was asked is not known.",
            "In the delivery, the failed step shows how long it waited. The receiver's own log shows whether the request arrived.",
            &[
                "The receiver does slow work before it answers.",
                "It is overloaded, or waits for something itself.",
                "The step's timeout is shorter than the receiver needs.",
            ],
            &[
                "Have the receiver answer first and work afterwards.",
                "Raise timeout in the step, in milliseconds; it is part of the attempt's own time limit.",
                "Let the receiver tell repeats apart by the header webhook-id: a request that is made again carries the same one.",
            ],
        ),
        FailureClass::ForbiddenTarget => (
            "The address is private, local or otherwise not public. Flows may call those only where the operator admits them, so that nobody can reach into your network through a flow. Nothing was sent.",
            "The sentence names the host. offhook config prints what is admitted now.",
            &[
                "The receiver stands in your own network, and has not been admitted.",
                "A public name resolves to a private address.",
                "A variable filled the URL with something else than was meant.",
            ],
            &[
                "If the target is right: start Offhook with OFFHOOK_ALLOW_TARGETS=HOST (names, networks such as 10.0.0.0/8, addresses, or host:port; several with commas), or set allow_targets in offhook.toml.",
                "Then replay what has died.",
            ],
        ),
        FailureClass::Status => (
            "The receiver answered, with a status that the step does not expect: in a strict flow anything but 2xx, unless the step says otherwise.",
            "The failed step in the delivery shows the request and the answer; the answer's body usually says what is wrong.",
            &[
                "400, 422: the request lacks something, or has it in another form.",
                "401, 403: the credentials are wrong or have expired.",
                "404, 405: the URL or the method is wrong.",
                "410: the receiver is gone for good.",
                "429: too many requests. 5xx: the receiver itself is at fault.",
            ],
            &[
                "4xx: correct the flow, and replay.",
                "429, 5xx: have the receiver mended; what is still retried arrives by itself.",
                "410: set another target, resume the hook, and replay what had been made for the old one.",
                "If the status is a good answer: let the step expect it.",
            ],
        ),
        FailureClass::TooLarge => (
            "The answer has more bytes than Offhook reads. A lenient flow goes on with what was read, \
             unless it looks for values in JSON or XML.",
            "The failed step names the limit. curl -s URL | wc -c tells how large the answer is.",
            &[
                "The receiver sends a whole list where one entry was meant.",
                "It answers with a file or a page of HTML.",
            ],
            &[
                "Ask for less: a filter, a page, only the fields that the flow uses.",
                "Check that the URL is that of the interface and not of a page for people.",
            ],
        ),
        FailureClass::BadAnswer => (
            "The answer came, and the step cannot read it: exportVariables takes values from JSON, and this is none.",
            "The failed step shows the answer and its Content-Type.",
            &[
                "The receiver answers with nothing, with text, or with a page of HTML, such as that of a login.",
                "It answers with JSON only when it is asked for it by a header.",
            ],
            &[
                "Send the header Accept: application/json in the step.",
                "Take exportVariables out of the step, if nothing of the answer is needed.",
                "Have the receiver answer with JSON.",
            ],
        ),
        FailureClass::Flow => (
            "The flow itself cannot go on: it names a step, a function or a variable that does not exist, or builds a URL or a header that is none.",
            "The sentence names the step and its place in the flow's JSON; the step's input in the delivery shows the values that it worked with.",
            &[
                "A goto names a tag that no step has.",
                "A placeholder stands where a whole URL is needed, and the event brought no value.",
                "A number is needed, and the variable holds text.",
            ],
            &[
                "Open the flow at the step that is named, mend it, and save.",
                "Replay: the new delivery runs the new version.",
            ],
        ),
        FailureClass::Missing => (
            "A step looks a key of the cache up, and the cache does not have it: nothing has stored it, or it has expired.",
            "The step's input in the delivery shows the key as it was filled from variables.",
            &[
                "The flow that stores the key has not run yet, or stores it under another name.",
                "The key has expired: its ttl is shorter than the time between the two flows.",
                "A placeholder in the key was empty.",
            ],
            &[
                "Give the step an onError for the class missing, if the flow can go on without the value.",
                "Give the step that stores it a longer ttl.",
            ],
        ),
        FailureClass::NotSetUp => (
            "A step needs something that this installation does not have: a mail server, a broker, a database that flows may ask, a key to sign with.",
            "The sentence names what is missing; nothing was sent.",
            &[
                "The flow was brought from another installation, where it is set up.",
                "It has not been set up yet, or was taken away.",
            ],
            &[
                "Set up what is missing, then replay.",
                "Or take the step out of the flow, or give it an onError for the class not_set_up.",
            ],
        ),
        FailureClass::TimedOut => (
            "The attempt as a whole took longer than it may, all its steps and waits together.",
            "The times beside the steps show which of them took long.",
            &[
                "Several slow requests follow each other.",
                "The flow waits (softSleep) for long.",
                "A loop makes many requests.",
            ],
            &[
                "Split the flow: one hook for what is urgent, another for the rest.",
                "Give each request a shorter timeout, so that a slow one fails early and alone.",
            ],
        ),
        FailureClass::Interrupted => (
            "Offhook was stopped while the attempt ran. Whether its last request arrived is not known.",
            "The server's log tells of the stop, at the time of the attempt.",
            &["Offhook was restarted or updated.", "The machine was stopped."],
            &[
                "Nothing: the attempt is made again after the start.",
                "Let the receiver tell repeats apart by the header webhook-id.",
            ],
        ),
    }
}

/// What is tried again, and when.
fn retries(of: FailureClass) -> String {
    let allowed = |failure: &Failure| attempts_allowed(failure, &Policy::default()) as usize;
    let plain = Failure::new(of, "");
    let after = |attempts: usize| {
        let waits: Vec<_> = SCHEDULE_MS
            .iter()
            .take(attempts - 1)
            .map(|ms| span(u64::try_from(*ms).unwrap_or(0)))
            .collect();
        match waits.as_slice() {
            [] => "It is not tried again: it would fail in the same way.".to_owned(),
            waits => format!(
                "It is tried {} in all, the next times after {}; each wait varies by a fifth.",
                plural(attempts as u64, "time", "times"),
                waits.join(", ")
            ),
        }
    };
    let retried = match of {
        FailureClass::Status => {
            let of_status = |status| Failure { status: Some(status), ..plain.clone() };
            format!(
                "408, 425, 429 and 5xx: {} Other statuses: {} A Retry-After is honoured up to \
                 24 h. 410 of what the hook runs now pauses it, and the delivery is kept.",
                after(allowed(&of_status(503))).replacen("It is", "it is", 1),
                after(allowed(&of_status(404))).replacen("It is", "it is", 1),
            )
        }
        _ => after(allowed(&plain)),
    };
    if of == FailureClass::Flow {
        return retried;
    }
    format!(
        "{retried} That is so unless the hook says otherwise. Later events of the same call wait \
         for it as long as the hook allows. Then the delivery is dead, and can be replayed. A \
         lenient flow goes on with the next step instead."
    )
}

fn condition() -> Help {
    Help {
        title: "Undecided condition",
        means: "The hook's condition could not be answered with true or false for this event. The \
                flow ran all the same, so that no event is lost by a slip of the pen.",
        see: "The delivery's sentence names what was missing. Its tabs Event and Variables show \
              what the event carried; the page Events lists the fields of each event.",
        causes: &[
            "The name of a field or variable is misspelt.",
            "The field exists, but comes with other events.",
            "The queue or the sender gives the variable only sometimes.",
            "Text is compared with a number.",
        ],
        todo: &[
            "Open the hook and correct the condition.",
            "Give the queue the variable with a usual value; what a sender gives goes before it.",
        ],
        offhook: "The delivery runs as if the condition were true, and is marked. Nothing is \
                  tried again because of it."
            .into(),
        log: "/deliveries?warned=only".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_page_that_says_what_is_done_about_it() {
        for name in names() {
            let help = page(name).unwrap();
            assert!(!help.causes.is_empty() && !help.todo.is_empty(), "{name}");
            assert!(help.offhook.ends_with('.') && help.means.ends_with('.'), "{name}");
        }
        assert!(page("nonsense").is_none());
    }

    #[test]
    fn retries_are_told_as_the_engine_makes_them() {
        let dns = retries(FailureClass::Dns);
        assert!(
            dns.starts_with("It is tried 8 times in all, the next times after 5 s, 30 s, 2 min")
        );
        assert!(retries(FailureClass::BadAnswer).starts_with("It is tried 4 times"));
        assert!(retries(FailureClass::Flow).starts_with("It is not tried again"));
    }
}
