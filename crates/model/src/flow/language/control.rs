//! What decides which steps run, and how often.

use super::{Argument, Description, Group::Control, Kind, Range};

pub(super) static ACTIONS: &[Description] = &[
    Description::new(
        "if",
        Control,
        "Decides between two ways",
        Kind::Object(&[
            Argument::required("expression", Kind::Expression, "Runs `then` if its value is truthy in the sense of JavaScript, else `else`."),
            Argument::new("then", Kind::Steps, "The steps of the one way."),
            Argument::new("else", Kind::Steps, "The steps of the other way."),
        ]),
        r#"{
  "if": {
    "expression": "${cc_result} === 'abandoned'",
    "then": [
      {"log": "the caller gave up"}
    ],
    "else": []
  }
}"#,
    )
    .help("In the expression ${name} stands for the variable's text as a value; it is never read as code. An error in the expression runs neither way."),
    Description::new(
        "switch",
        Control,
        "Decides by a value",
        Kind::Object(&[
            Argument::required("variable", Kind::Text, "The text to decide by."),
            Argument::required("case", Kind::Cases, "Texts and their steps; `default` for all other texts."),
        ]),
        r#"{
  "switch": {
    "variable": "${cc_result}",
    "case": {
      "success": [
        {"log": "well done"}
      ],
      "default": []
    }
  }
}"#,
    )
    .help("A case fits if it is exactly the text. Where none fits and there is no `default`, the flow goes on."),
    Description::new(
        "while",
        Control,
        "Repeats steps while a condition holds",
        Kind::Object(&[
            Argument::required("condition", Kind::Expression, "Looked at after each pass."),
            Argument::new("do", Kind::Steps, "The steps to repeat."),
            Argument::or("maxSteps", Kind::Number(Range::from(1)), "1000", "The most passes."),
        ]),
        r#"{
  "while": {
    "condition": "${tries} !== '111'",
    "maxSteps": 10,
    "do": [
      {"set": {"tries": "${tries}1"}}
    ]
  }
}"#,
    )
    .help("The first pass asks no condition."),
    Description::new(
        "forEach",
        Control,
        "Runs steps for each item of a list",
        Kind::Object(&[
            Argument::required("list", Kind::Value, "A list, or ${name} of a variable that holds one as JSON."),
            Argument::or("as", Kind::Variable, r#""item""#, "The variable that holds each item in turn."),
            Argument::new("do", Kind::Steps, "The steps to run."),
        ]),
        r#"{
  "forEach": {
    "list": "${order.lines}",
    "as": "line",
    "do": [
      {"log": "${line.article}: ${line.count}"}
    ]
  }
}"#,
    )
    .help("In the order of the list, at most 10,000 items. An item keeps its type."),
    Description::new("goto", Control, "Goes on at a tag", Kind::Filled, r#"{"goto": "report"}"#)
        .help("The tag may be anywhere in the same scope: the flow, a function's body, a list's body. At most 1,000 jumps in one run of a scope; after that the flow goes on behind the goto, with a warning."),
    Description::new(
        "function",
        Control,
        "Names steps to run them later",
        Kind::Object(&[
            Argument::required("name", Kind::Plain, "The name that `execute` calls."),
            Argument::new("actions", Kind::Body, "The steps, with tags of their own."),
        ]),
        r#"{
  "function": {
    "name": "report",
    "actions": [
      {"log": "reporting"}
    ]
  }
}"#,
    )
    .help("Functions are declared when the flow is loaded, wherever they stand. A `break` in one ends the flow."),
    Description::new(
        "execute",
        Control,
        "Runs a function",
        Kind::Object(&[
            Argument::required("name", Kind::Filled, "The function's name."),
            Argument::or("async", Kind::Flag, "false", "Runs it as a run of its own, with a copy of the variables, and goes on at once."),
        ]),
        r#"{"execute": {"name": "report"}}"#,
    )
    .help("At most 64 functions inside one another."),
    Description::new(
        "schema",
        Control,
        "Runs another flow",
        Kind::Object(&[
            Argument::required("id", Kind::Text, "The flow's number."),
            Argument::or("async", Kind::Flag, "false", "Runs it as a run of its own, with a copy of the variables, and goes on at once."),
        ]),
        r#"{"schema": {"id": 12}}"#,
    )
    .help("It works on the same variables; its tags and functions are its own. A `break` in it ends the flow that called it, too. At most 16 flows inside one another; a flow that is running already cannot be called."),
    Description::new("break", Control, "Ends the flow", Kind::Anything, r#"{"break": ""}"#)
        .help("From any depth. Beside another action `\"break\": true` ends the flow after it."),
    Description::new("start", Control, "Marks the beginning; does nothing", Kind::Anything, r#"{"start": ""}"#),
    Description::new("trigger", Control, "Declares what starts the flow; does nothing", Kind::Anything, r#"{"trigger": {}}"#),
];
