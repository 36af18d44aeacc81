//! What the installation keeps, and messages to others.

use super::{
    Argument, Description,
    Group::{Installation, Messages},
    Keys, Kind, Range,
};
use crate::flow::{
    check::TIMEOUT_MAX_MS,
    syntax::{EMAIL_TYPES, NOTES, SQL_DRIVERS},
};

/// Something that is named by its number or its name.
const NAMED: Kind = Kind::Object(&[
    Argument::new("name", Kind::Text, "Its name."),
    Argument::new("id", Kind::Text, "Its number, which wins where both are given."),
]);

const TEXTS: Kind = Kind::OneOrMany(&Kind::Filled);

pub(super) static ACTIONS: &[Description] = &[
    Description::new(
        "cache",
        Installation,
        "Keeps values for later runs",
        Kind::Object(&[
            Argument::new("type", Kind::Label, "Kept for the original; there is one store."),
            Argument::required(
                "action",
                Kind::OneOf { words: &["get", "set", "delete"], templates: false },
                "What is done.",
            ),
            Argument::new(
                "get",
                Kind::Map { keys: Keys::Variables, values: &Kind::Filled },
                "Variables and the keys that fill them.",
            ),
            Argument::new(
                "set",
                Kind::Object(&[
                    Argument::required(
                        "data",
                        Kind::Map { keys: Keys::Any, values: &Kind::Text },
                        "Keys and their values.",
                    ),
                    Argument::or(
                        "ttl",
                        Kind::Number(Range::new(0, 10 * 365 * 86_400, "s")),
                        "0",
                        "Seconds until they expire; 0 is never.",
                    ),
                ]),
                "What is kept.",
            ),
            Argument::new(
                "delete",
                Kind::Object(&[Argument::required("keys", TEXTS, "The keys.")]),
                "What is forgotten.",
            ),
        ]),
        r#"{"cache": {"action": "set", "set": {"data": {"seen:${destination}": "yes"}, "ttl": 3600}}}"#,
    )
    .outside()
    .help("All flows of the installation share the store. A key that is not there is an error of class `missing`."),
    Description::new(
        "list",
        Installation,
        "Runs steps if a number is in a list",
        Kind::Object(&[
            Argument::new("list", NAMED, "The list."),
            Argument::new("name", Kind::Text, "The list's name, in older flows."),
            Argument::new("id", Kind::Text, "The list's number, in older flows."),
            Argument::required("destination", Kind::Text, "The number."),
            Argument::required("actions", Kind::Body, "The steps, with tags of their own."),
        ]),
        r#"{
  "list": {
    "list": {"name": "VIP"},
    "destination": "${destination}",
    "actions": [
      {"set": {"vip": "true"}}
    ]
  }
}"#,
    ),
    Description::new(
        "listAdd",
        Installation,
        "Adds a number to a list",
        Kind::Object(&[
            Argument::required("list", NAMED, "The list."),
            Argument::required("destination", Kind::Filled, "The number."),
            Argument::new("description", Kind::Text, "What is noted with it."),
            Argument::new(
                "expireAt",
                Kind::Number(Range::from(0)),
                "When it leaves the list, in milliseconds since 1970; 0 is never.",
            ),
        ]),
        r#"{"listAdd": {"list": {"name": "VIP"}, "destination": "${destination}"}}"#,
    )
    .outside(),
    Description::new(
        "global",
        Installation,
        "Sets variables of the installation",
        Kind::Map {
            keys: Keys::Variables,
            values: &Kind::Object(&[
                Argument::required("value", Kind::Text, "The value."),
                Argument::or(
                    "encrypt",
                    Kind::Flag,
                    "false",
                    "Keeps it encrypted, and shows it nowhere.",
                ),
            ]),
        },
        r#"{"global": {"last_caller": {"value": "${destination}"}}}"#,
    )
    .outside()
    .help("$${name} reads them in any flow."),
    Description::new(
        "sql",
        Messages,
        "Asks a database",
        Kind::Object(&[
            Argument::required(
                "driver",
                Kind::OneOf { words: &SQL_DRIVERS, templates: false },
                "The kind of database.",
            ),
            Argument::required("dns", Kind::Filled, "Its address, with user and password."),
            Argument::required("query", Kind::Filled, "The statement. Values belong into `params`."),
            Argument::or("params", Kind::Value, "[]", "The values for its $1, $2 or ?."),
            Argument::or(
                "timeout",
                Kind::Number(Range::new(1, TIMEOUT_MAX_MS, "ms")),
                "1000",
                "The longest time, in milliseconds.",
            ),
        ]),
        r#"{
  "sql": {
    "driver": "postgres",
    "dns": "${secret.CRM_DATABASE}",
    "query": "SELECT name, vip FROM clients WHERE phone = $1",
    "params": ["${destination}"]
  }
}"#,
    )
    .outside()
    .secrets()
    .help("The columns of the first row become variables. Off unless the operator allows the target."),
    Description::new(
        "sendEmail",
        Messages,
        "Sends a mail",
        Kind::Object(&[
            Argument::required("to", TEXTS, "The addresses."),
            Argument::new("cc", TEXTS, "Addresses that get a copy."),
            Argument::new("from", Kind::Text, "The sender, where it is not the profile's."),
            Argument::new("replyToId", Kind::Text, "The id of the mail that this one answers."),
            Argument::or("subject", Kind::Text, r#""""#, "The subject."),
            Argument::or("message", Kind::Text, r#""""#, "The text."),
            Argument::or(
                "type",
                Kind::OneOf { words: &EMAIL_TYPES, templates: false },
                r#""text/html""#,
                "What the text is.",
            ),
            Argument::new("profile", NAMED, "The stored profile by which it goes out."),
            Argument::new("smtp", SMTP, "The server by which it goes out, where there is no profile."),
            Argument::new(
                "attachment",
                Kind::Object(&[Argument::new("files", Kind::List(&FILE), "The files.")]),
                "Files that go with it.",
            ),
            Argument::or("async", Kind::Flag, "false", "Kept for the original; has no effect."),
            Argument::or(
                "retryCount",
                Kind::Count(Range::new(0, 10, "")),
                "0",
                "How often it is tried again after an error.",
            ),
            Argument::new(
                "set",
                Kind::Object(&[
                    Argument::new("message_id", Kind::Variable, "The variable for the mail's id."),
                    Argument::new("id", Kind::Variable, "Kept for the original; has no effect."),
                    Argument::new("error", Kind::Variable, "The variable for an error, which is none of the step's then."),
                ]),
                "Variables for what came of it.",
            ),
        ]),
        r#"{
  "sendEmail": {
    "to": ["team@centre.example"],
    "subject": "${destination} gave up",
    "message": "After ${wait} s.",
    "type": "text/plain",
    "profile": {"name": "office"}
  }
}"#,
    )
    .outside()
    .secrets(),
    Description::new(
        "mq",
        Messages,
        "Publishes to RabbitMQ",
        Kind::Object(&[
            Argument::or("exchange", Kind::Text, r#""""#, "The exchange; empty for the default one."),
            Argument::required("topic", Kind::Filled, "The routing key."),
            Argument::or("body", Kind::Value, "{}", "What is published, as JSON. A text that is just one placeholder keeps its variable's type."),
            Argument::new("setErr", Kind::Variable, "The variable for an error, which is none of the step's then."),
        ]),
        r#"{"mq": {"exchange": "calls", "topic": "abandoned", "body": {"number": "${destination}"}}}"#,
    )
    .outside()
    .secrets()
    .help("The step is done when the broker has confirmed."),
    Description::new(
        "notification",
        Messages,
        "Shows a note to users of the panel",
        Kind::Object(&[
            Argument::required("userIds", Kind::Value, "The numbers of the users; a list, or one alone."),
            Argument::required("message", Kind::Filled, "What is shown."),
            Argument::or(
                "type",
                Kind::OneOf { words: &NOTES, templates: false },
                r#""info""#,
                "How it looks.",
            ),
            Argument::or(
                "timeout",
                Kind::Number(Range::new(0, 3_600, "s")),
                "5",
                "Seconds that it is shown; 0 until it is closed.",
            ),
        ]),
        r#"{"notification": {"userIds": [1], "message": "${member_name} is waiting", "type": "warning"}}"#,
    )
    .outside(),
];

const SMTP: Kind = Kind::Object(&[
    Argument::required("server", Kind::Filled, "The host."),
    Argument::or("port", Kind::Number(Range::new(1, 65_535, "")), "587", "The port."),
    Argument::or("tls", Kind::Flag, "true", "Whether the connection must be encrypted."),
    Argument::new(
        "auth",
        Kind::Object(&[
            Argument::new("user", Kind::Text, "The name."),
            Argument::new("password", Kind::Text, "The password."),
        ]),
        "Who is sending.",
    ),
    Argument::new(
        "authType",
        Kind::Label,
        "Kept for the original; a name and a password are used.",
    ),
]);

const FILE: Kind = Kind::Object(&[
    Argument::required("name", Kind::Filled, "The file's name."),
    Argument::or("type", Kind::Text, r#""text/plain""#, "Its media type."),
    Argument::required("content", Kind::Text, "What is in it, as text."),
]);
