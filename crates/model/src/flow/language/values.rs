//! What works on variables.

use super::{Argument, Description, Group::Values, Keys, Kind};

pub(super) static ACTIONS: &[Description] = &[
    Description::new(
        "set",
        Values,
        "Gives variables a value",
        Kind::Map { keys: Keys::Variables, values: &Kind::Value },
        r#"{"set": {"greeting": "Hello ${member_name}"}}"#,
    )
    .help("Values are stored as text. All are made before any is assigned."),
    Description::new(
        "unSet",
        Values,
        "Clears variables",
        Kind::OneOrMany(&Kind::Filled),
        r#"{"unSet": ["greeting"]}"#,
    ),
    Description::new(
        "log",
        Values,
        "Writes a line into the trace",
        Kind::Text,
        r#"{"log": "stored as ${crm_id}"}"#,
    ),
    Description::new(
        "string",
        Values,
        "Works on a text",
        Kind::Object(&[
            Argument::or("data", Kind::Text, r#""""#, "The text."),
            Argument::required("fn", Kind::Filled, "What is done: reverse, charAt, base64, MD5, SHA-256, SHA-512, length, gomatch, or a method of JavaScript's String such as toUpperCase, slice or replace."),
            Argument::or("args", Kind::Value, "[]", "What the function is given; a list, or one alone. A text like /a+/gi is a pattern."),
            Argument::required("setVar", Kind::Variable, "The variable for what comes out."),
        ]),
        r#"{"string": {"data": "${destination}", "fn": "replace", "args": ["+", "00"], "setVar": "number"}}"#,
    )
    .help("base64 is given encoder or decoder. gomatch is given a pattern in RE2 syntax, and gives the whole match and its groups with commas between. split gives a list. Lengths and places count characters in length and charAt, UTF-16 in JavaScript's own methods."),
    Description::new(
        "math",
        Values,
        "Calculates, or picks at random",
        Kind::Object(&[
            Argument::or("fn", Kind::Filled, r#""random""#, "random picks one of `data`; all else is a function or a constant of JavaScript's Math."),
            Argument::or("data", Kind::Value, "[]", "What the function is given; a list, or one alone."),
            Argument::required("setVar", Kind::Variable, "The variable for what comes out."),
        ]),
        r#"{"math": {"fn": "max", "data": ["${wait}", 30], "setVar": "wait"}}"#,
    )
    .help("What is not a number is stored as an empty text."),
    Description::new(
        "js",
        Values,
        "Runs JavaScript",
        Kind::Object(&[
            Argument::required("data", Kind::Script, "Statements that return a value."),
            Argument::required("setVar", Kind::Variable, "The variable for what is returned."),
        ]),
        r#"{"js": {"data": "return ${name}.split(' ').length", "setVar": "words"}}"#,
    )
    .help("${name} is the variable's text as a value; it is never read as code. LocalDate() is the time in the flow's time zone. A script has 1 s of computing time and 64 MiB, no network and no files, and nothing of it stays for the next."),
    Description::new("dump", Values, "Writes all variables into the trace", Kind::Anything, r#"{"dump": {}}"#),
];
