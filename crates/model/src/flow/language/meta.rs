//! The keys that may stand beside an action.

use super::{Argument, Kind, Range};

/// What to do about an error: the word, or where to go on.
const REACTION: Kind = Kind::Either(&[
    Kind::OneOf { words: &["fail", "continue"], templates: false },
    Kind::Object(&[Argument::required("goto", Kind::Tag, "The tag to go on at.")]),
]);

const CLASSES: Kind = Kind::OneOrMany(&Kind::FailureClass);

/// All of them.
pub static META: &[Argument] = &[
    Argument::new(
        "_id",
        Kind::Plain,
        "The step's own id, which stays when the step moves. Every step gets one when the flow is saved.",
    ),
    Argument::new("name", Kind::Label, "A name for people, shown in the trace."),
    Argument::new("tag", Kind::Plain, "A name that `goto` jumps to."),
    Argument::new("disabled", Kind::Flag, "Passes the step over, with all that is inside it."),
    Argument::new("break", Kind::Flag, "Ends the flow after this step."),
    Argument::new(
        "limit",
        Kind::Object(&[
            Argument::required(
                "max",
                Kind::Count(Range::new(0, u32::MAX as u64, "")),
                "How often the step runs in one attempt.",
            ),
            Argument::new(
                "failover",
                Kind::Plain,
                "The tag to go on at after that. A tag that is nowhere ends the flow; without one the limit has no effect.",
            ),
        ]),
        "How often the step may run, and where the flow goes on after that.",
    ),
    Argument::new(
        "onError",
        Kind::Either(&[
            Kind::OneOf { words: &["fail", "continue"], templates: false },
            Kind::Object(&[Argument::required("goto", Kind::Tag, "The tag to go on at.")]),
            Kind::List(&Kind::Object(&[
                Argument::new(
                    "on",
                    CLASSES,
                    "The failures that this is for; all if it is missing.",
                ),
                Argument::required("do", REACTION, "\"fail\", \"continue\" or {\"goto\": tag}."),
            ])),
        ]),
        "What an error of the step does: \"fail\" ends the attempt, \"continue\" goes on behind the step, {\"goto\": tag} goes on there; or a list of such rules by failure, of which the first that fits decides. After a caught error ${error.class}, ${error.message} and ${error.step} say what it was.",
    ),
    Argument::new(
        "retry",
        Kind::Object(&[
            Argument::new("on", CLASSES, "The failures to try again after; all if it is missing."),
            Argument::or(
                "attempts",
                Kind::Count(Range::new(1, 20, "")),
                "3",
                "How often the step is tried in all.",
            ),
            Argument::or(
                "delay_ms",
                Kind::Count(Range::new(0, 60_000, "ms")),
                "500",
                "The wait before the second try, in milliseconds.",
            ),
            Argument::or(
                "factor",
                Kind::Decimal { min: 1, max: 10 },
                "2",
                "What each wait is multiplied by for the next.",
            ),
            Argument::or(
                "max_delay_ms",
                Kind::Count(Range::new(0, 60_000, "ms")),
                "10000",
                "The longest wait, in milliseconds.",
            ),
            Argument::or(
                "jitter",
                Kind::Decimal { min: 0, max: 1 },
                "0.2",
                "How far a wait is moved by chance, as a share of it.",
            ),
        ]),
        "Tries the step again within the attempt. Each try is in the trace; all carry the same `webhook-id`.",
    ),
    Argument::new(
        "trace",
        Kind::Object(&[Argument::new(
            "name",
            Kind::Label,
            "The same as `name` beside the action.",
        )]),
        "The original's way to name a step.",
    ),
    Argument::new("async", Kind::Flag, "Kept for the original; has no effect."),
];
