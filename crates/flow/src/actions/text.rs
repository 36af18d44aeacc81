//! `string`: functions of a text.

pub mod native;

use super::{Next, Notes, Surroundings};
use crate::{
    World,
    interpolate::Filler,
    pattern::Patterns,
    record::{shown, shown_value},
    scripts::TEXT_METHOD,
    variables::{Variables, text_of},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use model::{
    flow::{expression, script::ScriptKind, syntax::TextFunction},
    trace::{Failure, FailureClass},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};
use std::sync::{Arc, LazyLock};

static METHOD: LazyLock<Arc<str>> = LazyLock::new(|| TEXT_METHOD.into());

pub(crate) async fn run<W: World>(
    arguments: &TextFunction,
    variables: &mut Variables<'_>,
    around: &Surroundings<'_, W>,
    notes: &mut Notes,
) -> Result<Next, Failure> {
    let mut filler = Filler::new(variables, &mut notes.warnings);
    let data = filler.text(&arguments.data);
    let function = filler.name(&arguments.function);
    let given = listed(filler.value(&arguments.arguments, false));
    filler.finish()?;
    notes.input = json!({"data": shown(&data), "fn": function});
    if let (Value::Object(input), false) = (&mut notes.input, given.is_empty()) {
        input.insert("args".to_owned(), given.iter().map(shown_value).collect());
    }
    let value = match own(&data, &function, &given, variables)? {
        Some(value) => value,
        None => match native::call(&data, &function, &given)? {
            Some(value) => value,
            None => {
                let bindings =
                    vec![("d", data.into()), ("f", function.into()), ("a", Value::Array(given))];
                around.run.script(ScriptKind::Body, &METHOD, bindings, variables).await?
            }
        },
    };
    notes.output(&arguments.variable, || shown_value(&value));
    variables.set(&arguments.variable, value)?;
    Ok(Next::On)
}

/// A list as it is; anything else as its one item, nothing for null.
pub(super) fn listed(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        other => vec![other],
    }
}

/// The functions that JavaScript has not, or that count otherwise than in JavaScript.
fn own(
    data: &str,
    function: &str,
    given: &[Value],
    variables: &Variables<'_>,
) -> Result<Option<Value>, Failure> {
    let first = given.first().map(text_of).unwrap_or_default();
    Ok(Some(match function {
        "reverse" => data.chars().rev().collect::<String>().into(),
        "length" => data.chars().count().into(),
        "charAt" => {
            let place = given.first().map_or(0.0, number).trunc();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a place that is no place of the text gives nothing"
            )]
            let found = (place >= 0.0).then(|| data.chars().nth(place as usize)).flatten();
            found.map(String::from).unwrap_or_default().into()
        }
        "base64" => match first.as_ref() {
            "encoder" => STANDARD.encode(data).into(),
            "decoder" => decoded(data)?.into(),
            other => {
                let other = variables.quoted(other, 40);
                let detail = format!("base64 is given encoder or decoder, not \"{other}\"");
                return Err(Failure::new(FailureClass::Flow, detail));
            }
        },
        "MD5" => hex::encode(<md5::Md5 as md5::Digest>::digest(data)).into(),
        "SHA-256" => hex::encode(Sha256::digest(data)).into(),
        "SHA-512" => hex::encode(Sha512::digest(data)).into(),
        "gomatch" => matched(data, &first)?.into(),
        _ => return Ok(None),
    }))
}

fn decoded(data: &str) -> Result<String, Failure> {
    let compact: String = data.split_whitespace().collect();
    let bytes = STANDARD.decode(compact).map_err(|error| {
        Failure::new(FailureClass::Flow, format!("the text is not base64: {error}"))
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The first match and its groups with commas between; nothing if there is none.
fn matched(data: &str, pattern: &str) -> Result<String, Failure> {
    let Some(found) = Patterns::new().find(pattern, data)? else { return Ok(String::new()) };
    let groups: Vec<_> =
        found.iter().map(|group| group.map_or("", |group| group.as_str())).collect();
    Ok(groups.join(","))
}

/// A value as JavaScript's `Number(…)` has it.
pub(super) fn number(value: &Value) -> f64 {
    match value {
        Value::Number(number) => number.as_f64().unwrap_or(f64::NAN),
        Value::Bool(value) => f64::from(u8::from(*value)),
        other => expression::Value::Text(text_of(other)).to_number(),
    }
}
