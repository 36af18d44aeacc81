//! What has to do with time.

use super::{Argument, Description, Group::Time, Kind, Range};
use crate::settings::SLEEP_MAX_MS;

pub(super) static ACTIONS: &[Description] = &[
    Description {
        other_names: &["sleep"],
        ..Description::new(
            "softSleep",
            Time,
            "Waits",
            Kind::Number(Range::new(0, SLEEP_MAX_MS, "ms")),
            r#"{"softSleep": 500}"#,
        )
        .help("For some milliseconds, at most a day. A wait of more than 2 s holds no worker and survives a restart.")
    },
    Description::new(
        "timezone",
        Time,
        "Chooses the time zone",
        Kind::Object(&[
            Argument::new("name", Kind::Text, "Its name in the tz database."),
            Argument::new(
                "id",
                Kind::Text,
                "Its number in the original; known only there, so give the name.",
            ),
        ]),
        r#"{"timezone": {"name": "Europe/Kyiv"}}"#,
    )
    .help("Date helpers and LocalDate() use it from then on; before that it is UTC."),
    Description::new(
        "calendar",
        Time,
        "Asks whether it is working time",
        Kind::Object(&[
            Argument::new("name", Kind::Text, "The calendar's name."),
            Argument::new("id", Kind::Text, "The calendar's number."),
            Argument::required(
                "setVar",
                Kind::Variable,
                "The variable for the answer, \"true\" or \"false\".",
            ),
            Argument::or(
                "extended",
                Kind::Flag,
                "false",
                "Answers \"expire\" where the calendar is no longer valid, or the name of the exception that is today, in the place of \"false\".",
            ),
        ]),
        r#"{"calendar": {"name": "office", "setVar": "open"}}"#,
    ),
];
