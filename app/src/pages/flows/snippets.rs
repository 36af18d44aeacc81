//! Steps to begin with, and where in a text a new step goes.

/// A step to insert.
pub struct Snippet {
    pub action: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// The step as JSON, indented by two spaces.
    pub json: &'static str,
}

/// One for each action.
pub const SNIPPETS: [Snippet; 12] = [
    Snippet {
        action: "httpRequest",
        about: "Call an address",
        json: r#"{
  "httpRequest": {
    "url": "https://crm.example/calls/${attempt_id}",
    "method": "POST",
    "headers": {"Content-Type": "application/json"},
    "data": {"event": "${event}", "caller": "${destination}"},
    "timeout": 3000,
    "exportVariables": {"crm_id": "data.id"}
  }
}"#,
    },
    Snippet {
        action: "set",
        about: "Give variables a value",
        json: r#"{"set": {"greeting": "Hello ${member_name}"}}"#,
    },
    Snippet { action: "unSet", about: "Clear variables", json: r#"{"unSet": ["greeting"]}"# },
    Snippet {
        action: "if",
        about: "Decide between two ways",
        json: r#"{
  "if": {
    "expression": "${cc_result} === 'abandoned'",
    "then": [
      {"log": "the caller gave up"}
    ],
    "else": []
  }
}"#,
    },
    Snippet {
        action: "switch",
        about: "Decide by a value",
        json: r#"{
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
    },
    Snippet {
        action: "while",
        about: "Repeat while it holds",
        json: r#"{
  "while": {
    "condition": "${tries} < 3",
    "maxSteps": 10,
    "do": [
      {"set": {"tries": "${tries}1"}}
    ]
  }
}"#,
    },
    Snippet { action: "goto", about: "Go on at a tag", json: r#"{"goto": "report"}"# },
    Snippet {
        action: "function",
        about: "Name steps to run them later",
        json: r#"{
  "function": {
    "name": "report",
    "actions": [
      {"log": "reporting"}
    ]
  }
}"#,
    },
    Snippet {
        action: "execute",
        about: "Run named steps",
        json: r#"{"execute": {"name": "report"}}"#,
    },
    Snippet {
        action: "log",
        about: "Write a line into the trace",
        json: r#"{"log": "stored as ${crm_id}"}"#,
    },
    Snippet { action: "softSleep", about: "Wait, at most a day", json: r#"{"softSleep": 500}"# },
    Snippet { action: "break", about: "End the flow", json: r#"{"break": ""}"# },
];

/// Where a step goes that is inserted at a place: the byte, and the text to put there. That is the
/// next place directly inside an array of objects; in an empty text, an array is begun.
pub fn insertion(text: &str, at: usize, step: &str) -> (usize, String) {
    if text.trim().is_empty() {
        return (0, format!("[\n  {}\n]", step.replace('\n', "\n  ")));
    }
    let (at, depth) = place(text, at);
    let indent = format!("\n{}", "  ".repeat(depth));
    let step = step.replace('\n', &indent);
    let before = text[..at].trim_end();
    let after = text[at..].trim_start();
    let mut piece = String::new();
    if !before.ends_with(['[', ',']) && !before.is_empty() {
        piece.push(',');
    }
    piece.push_str(&indent);
    piece.push_str(&step);
    if after.starts_with('{') {
        piece.push(',');
    } else if after.starts_with(']') {
        piece.push('\n');
        piece.push_str(&"  ".repeat(depth.saturating_sub(1)));
    }
    (text[..at].trim_end().len(), piece)
}

/// The first byte from `at` on that lies directly inside an array, and how deep that is; without
/// one, the end of the text.
fn place(text: &str, at: usize) -> (usize, usize) {
    let mut open = Vec::new();
    let (mut quoted, mut escaped) = (false, false);
    let mut last_closed = text.len();
    for (index, c) in text.char_indices() {
        if index >= at && !quoted && open.last() == Some(&'[') && c != ',' {
            return (index, open.len());
        }
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' | '{' => open.push(c),
            ']' | '}' => {
                if open.len() == 1 {
                    last_closed = index;
                }
                open.pop();
            }
            _ => {}
        }
    }
    (last_closed, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::flow::check::check;

    fn with(text: &str, at: usize, step: &str) -> String {
        let (at, piece) = insertion(text, at, step);
        let gap = text[at..].len() - text[at..].trim_start().len();
        let rest = if text[at + gap..].starts_with(']') { &text[at + gap..] } else { &text[at..] };
        format!("{}{piece}{rest}", &text[..at])
    }

    #[test]
    fn every_snippet_is_a_step_without_fault() {
        for snippet in &SNIPPETS {
            // These two need what they name.
            let source = match snippet.action {
                "goto" => format!("[{}, {{\"log\": \"x\", \"tag\": \"report\"}}]", snippet.json),
                "execute" => format!(
                    "[{{\"function\": {{\"name\": \"report\", \"actions\": []}}}}, {}]",
                    snippet.json
                ),
                _ => format!("[{}]", snippet.json),
            };
            let errors: Vec<_> =
                check(&source).problems.into_iter().filter(|problem| problem.is_error()).collect();
            assert_eq!(errors, [], "{}", snippet.action);
        }
    }

    #[test]
    fn a_step_goes_into_the_array_around_the_caret() {
        let step = r#"{"log": "n"}"#;
        for (text, at) in [
            ("", 0),
            ("[]", 1),
            ("[\n]", 2),
            ("[\n  {\"log\": \"a\"}\n]", 10),
            ("[\n  {\"log\": \"a\"},\n  {\"log\": \"b\"}\n]", 4),
            ("[\n  {\"log\": \"a\"},\n  {\"log\": \"]\"}\n]", 27),
            ("[{\"if\": {\"expression\": \"1 == 1\", \"then\": [ ]}}]", 41),
            ("[{\"log\": \"a\"}]", 500),
        ] {
            let made = with(text, at, step);
            assert!(serde_json::from_str::<serde_json::Value>(&made).is_ok(), "{text} -> {made}");
        }
    }
}
