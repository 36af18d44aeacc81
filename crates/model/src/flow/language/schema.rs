//! The language as a JSON Schema (draft 2020-12), written from the descriptions.

use super::{Argument, Description, Keys, Kind, META, Runs, actions};
use serde_json::{Map, Value, json};

/// What validates a flow: a list of steps. It admits what the check admits, except for what no
/// schema can say: tags, functions, and what stands inside texts.
pub fn flow_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A flow of Offhook",
        "$ref": "#/$defs/steps",
        "$defs": {
            "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}},
            "step": {
                "type": "object",
                "properties": properties(),
                "additionalProperties": false,
                "oneOf": actions().map(one_of).collect::<Vec<_>>(),
            },
        },
    })
}

/// Everything that may stand in a step.
fn properties() -> Map<String, Value> {
    let mut properties = Map::new();
    for key in META {
        // `break` left empty is the action.
        let own = if key.name == "tag" { or_left_out(key) } else { argument(key) };
        properties.insert(key.name.to_owned(), own);
    }
    for action in actions() {
        for name in [&action.name].into_iter().chain(action.other_names) {
            // `break` and `retry` mean something else beside an action.
            let own = described(action);
            let value = match properties.remove(*name) {
                Some(beside) => json!({"anyOf": [own, beside]}),
                None => own,
            };
            properties.insert((*name).to_owned(), value);
        }
    }
    properties
}

/// The step has this action and no other.
fn one_of(action: &'static Description) -> Value {
    let names: Vec<_> = [&action.name].into_iter().chain(action.other_names).collect();
    let others: Vec<_> = actions()
        .filter(|other| other.name != action.name && super::meta(other.name).is_none())
        .flat_map(|other| [&other.name].into_iter().chain(other.other_names))
        .map(|name| json!({"required": [name]}))
        .collect();
    let has = match names.as_slice() {
        [name] => json!({"required": [name]}),
        names => {
            json!({"oneOf": names.iter().map(|name| json!({"required": [name]})).collect::<Vec<_>>()})
        }
    };
    json!({"allOf": [has, {"not": {"anyOf": others}}]})
}

fn described(action: &Description) -> Value {
    let mut schema = match action.runs {
        Runs::Here => kind(&action.value),
        Runs::NeedsCore => json!({}),
    };
    if let Value::Object(schema) = &mut schema {
        schema.insert("title".to_owned(), action.summary.into());
        if !action.help.is_empty() {
            schema.insert("description".to_owned(), action.help.into());
        }
        if action.runs == Runs::Here && !action.example.is_empty() {
            let step: Option<Value> = serde_json::from_str(action.example).ok();
            let example = step.and_then(|step| step.get(action.name).cloned());
            schema.insert("examples".to_owned(), example.into_iter().collect());
        }
    }
    schema
}

fn argument(argument: &Argument) -> Value {
    let mut schema = kind(&argument.kind);
    if let Value::Object(schema) = &mut schema {
        schema.insert("description".to_owned(), argument.help.into());
        let default = argument.default.and_then(|text| serde_json::from_str(text).ok());
        if let Some(default) = default {
            schema.insert("default".to_owned(), default);
        }
    }
    schema
}

fn kind(of: &Kind) -> Value {
    match of {
        Kind::Plain | Kind::Filled | Kind::Tag | Kind::Expression | Kind::Script => {
            json!({"type": "string", "minLength": 1})
        }
        Kind::Label | Kind::Path => json!({"type": "string"}),
        Kind::Variable => json!({"type": "string", "minLength": 1, "pattern": "^[^{}]+$"}),
        Kind::Text => json!({"type": ["string", "number", "boolean"]}),
        Kind::Url => {
            json!({"type": "string", "minLength": 1, "examples": ["https://crm.example/"]})
        }
        Kind::Number(range) => {
            let mut number = json!({"type": "integer", "minimum": range.min});
            bound(&mut number, range.max);
            json!({"anyOf": [number, {"type": "string", "minLength": 1}]})
        }
        Kind::Count(range) => {
            let mut number = json!({"type": "integer", "minimum": range.min});
            bound(&mut number, range.max);
            number
        }
        Kind::Decimal { min, max } => json!({"type": "number", "minimum": min, "maximum": max}),
        Kind::Flag => json!({"enum": [true, false, "true", "false"]}),
        Kind::OneOf { words, templates } => {
            let pattern: Vec<_> = words.iter().map(|word| any_case(word)).collect();
            let mut choices = vec![
                json!({"enum": words}),
                json!({"type": "string", "pattern": format!("^\\s*({})\\s*$", pattern.join("|"))}),
            ];
            if *templates {
                choices.push(json!({"type": "string", "pattern": r"\$\{"}));
            }
            json!({"anyOf": choices})
        }
        Kind::Value | Kind::Anything => json!({}),
        Kind::Map { keys, values } => {
            let mut schema = json!({"type": "object", "additionalProperties": kind(values)});
            let pattern = match keys {
                Keys::Variables => "^[^{}]+$",
                Keys::Headers => "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
                Keys::Any => return schema,
            };
            if let Value::Object(schema) = &mut schema {
                schema.insert("propertyNames".to_owned(), json!({"pattern": pattern}));
            }
            schema
        }
        Kind::List(item) => json!({"type": "array", "items": kind(item)}),
        Kind::OneOrMany(item) => {
            json!({"anyOf": [{"type": "array", "items": kind(item)}, kind(item)]})
        }
        Kind::Steps | Kind::Body => json!({"$ref": "#/$defs/steps"}),
        Kind::Cases => {
            json!({"type": "object", "additionalProperties": {"$ref": "#/$defs/steps"}})
        }
        Kind::Statuses => {
            json!({"type": ["string", "integer"], "examples": ["2xx", 200, "2xx,404"]})
        }
        Kind::FailureClass => {
            json!({"type": "string", "examples": crate::flow::syntax::FailureFilter::words().collect::<Vec<_>>()})
        }
        Kind::Object(arguments) => object(arguments),
        Kind::Either(kinds) => json!({"anyOf": kinds.iter().map(kind).collect::<Vec<_>>()}),
    }
}

/// An argument that is not needed: null stands for a missing one, and so does an empty text where it
/// could mean nothing else.
fn or_left_out(of: &Argument) -> Value {
    let mut choices = vec![argument(of), json!({"type": "null"})];
    if !of.kind.may_be_empty() {
        choices.push(json!({"type": "string", "pattern": "^\\s*$"}));
    }
    json!({"anyOf": choices})
}

/// Unknown arguments are let pass with a warning.
fn object(arguments: &[Argument]) -> Value {
    let mut properties = Map::new();
    for one in arguments {
        let own = match one.required {
            true => argument(one),
            false => or_left_out(one),
        };
        properties.insert(one.name.to_owned(), own);
    }
    let required: Vec<_> =
        arguments.iter().filter(|one| one.required).map(|one| one.name).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn bound(number: &mut Value, max: u64) {
    if let (Value::Object(number), true) = (number, max < u64::MAX) {
        number.insert("maximum".to_owned(), max.into());
    }
}

/// A pattern for a word in any letter case.
fn any_case(word: &str) -> String {
    word.chars()
        .map(|c| match c {
            c if c.is_ascii_alphabetic() => {
                format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase())
            }
            c if c.is_ascii_digit() => c.to_string(),
            c => format!("\\{c}"),
        })
        .collect()
}
