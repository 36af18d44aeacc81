//! The methods of JavaScript's String that need no script engine.

use super::number;
use crate::{interpolate::too_much_text, limits::STEP_TEXT_MAX};
use model::{
    flow::expression::{self, is_space},
    trace::{Failure, FailureClass},
};
use serde_json::Value;
use std::borrow::Cow;

/// What each text of a list takes beside its letters, as JSON.
const PIECE: usize = 3;

/// What a method of JavaScript's String gives, as `string` calls it; nothing where it is left to a script
/// engine.
///
/// # Errors
/// When the text would become too long, or the method cannot be given this.
pub fn call(data: &str, method: &str, given: &[Value]) -> Result<Option<Value>, Failure> {
    // JavaScript counts UTF-16; below U+10000 that is the same as characters.
    let texts = given.iter().filter_map(Value::as_str);
    if given.iter().any(|one| one.is_array() || one.is_object())
        || texts.clone().any(is_pattern)
        || [data].into_iter().chain(texts).any(is_beyond)
    {
        return Ok(None);
    }
    let text = |place: usize| given.get(place).map(text_of);
    // Nothing is what was left out; null is 0, as any other value that is no number.
    let place = |at: usize, or: f64| match given.get(at) {
        None => or,
        Some(value) => Some(number(value)).filter(|n| !n.is_nan()).map_or(0.0, f64::trunc),
    };
    let length = || data.chars().count() as f64;
    Ok(Some(match (method, given.len()) {
        ("toUpperCase", _) => data.to_uppercase().into(),
        ("toLowerCase", _) => data.to_lowercase().into(),
        ("trim", _) => data.trim_matches(is_space).into(),
        ("trimStart", _) => data.trim_start_matches(is_space).into(),
        ("trimEnd", _) => data.trim_end_matches(is_space).into(),
        ("concat", _) => {
            let mut joined = data.to_owned();
            given.iter().for_each(|one| joined.push_str(&text_of(one)));
            bounded(joined.len())?;
            joined.into()
        }
        ("slice", _) => {
            let length = length();
            let from_end = |at: f64| if at < 0.0 { (length + at).max(0.0) } else { at.min(length) };
            between(data, from_end(place(0, 0.0)), from_end(place(1, length)))
        }
        ("substring", _) => {
            let length = length();
            let (from, to) =
                (place(0, 0.0).clamp(0.0, length), place(1, length).clamp(0.0, length));
            between(data, from.min(to), from.max(to))
        }
        ("substr", _) => {
            let length = length();
            let from = place(0, 0.0);
            let from = if from < 0.0 { (length + from).max(0.0) } else { from };
            between(data, from, from + place(1, length).max(0.0))
        }
        ("indexOf", 1..) => {
            let from = place(1, 0.0).clamp(0.0, length());
            index(data, &text(0).unwrap_or_default(), from)
        }
        ("lastIndexOf", 1) => {
            let found = data.rfind(text(0).unwrap_or_default().as_ref());
            found.map_or(-1, |at| data[..at].chars().count() as i64).into()
        }
        ("includes", 1..) => {
            let from = place(1, 0.0).clamp(0.0, length());
            (index(data, &text(0).unwrap_or_default(), from) != -1).into()
        }
        ("startsWith", 1) => data.starts_with(text(0).unwrap_or_default().as_ref()).into(),
        ("endsWith", 1) => data.ends_with(text(0).unwrap_or_default().as_ref()).into(),
        ("repeat", _) => {
            let count = place(0, 0.0);
            // As in QuickJS, also where the text is empty.
            if !(0.0..=f64::from(i32::MAX)).contains(&count) {
                let detail = "repeat is given a number from 0 to 2147483647";
                return Err(Failure::new(FailureClass::Flow, detail));
            }
            // A float that is too large for the type becomes its largest value.
            bounded(data.len().saturating_mul(count as usize))?;
            if data.is_empty() { "".into() } else { data.repeat(count as usize).into() }
        }
        ("padStart" | "padEnd", 1..) => {
            let fill = text(1).unwrap_or_else(|| " ".into());
            let missing = (place(0, 0.0) - length()).max(0.0);
            if fill.is_empty() || missing == 0.0 {
                return Ok(Some(data.into()));
            }
            bounded((missing.min(1e9) as usize).saturating_mul(4))?;
            let pad: String = fill.chars().cycle().take(missing as usize).collect();
            match method {
                "padStart" => format!("{pad}{data}").into(),
                _ => format!("{data}{pad}").into(),
            }
        }
        ("split", 1) => {
            let separator = text(0).unwrap_or_default();
            // A list of short texts takes many times what they have of text.
            bounded(data.len().saturating_add(data.matches(separator.as_ref()).count() * PIECE))?;
            match separator.is_empty() {
                true => data.chars().map(|c| Value::from(c.to_string())).collect(),
                false => data.split(separator.as_ref()).map(Value::from).collect(),
            }
        }
        ("split", 0) => Value::Array(vec![data.into()]),
        ("replace" | "replaceAll", 2) => {
            let (old, new) = (text(0).unwrap_or_default(), text(1).unwrap_or_default());
            // `$&` and the like stand for parts of what was found.
            if new.contains('$') {
                return Ok(None);
            }
            let most = if method == "replace" { 1 } else { data.matches(old.as_ref()).count() };
            bounded(data.len().saturating_add(most.saturating_mul(new.len())))?;
            data.replacen(old.as_ref(), &new, most).into()
        }
        _ => return Ok(None),
    }))
}

/// What JavaScript's `String(…)` makes of a value that is no list and no object.
fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or(f64::NAN);
            Cow::Owned(expression::Value::Number(number).to_text().into_owned())
        }
        Value::Null => Cow::Borrowed("null"),
        other => crate::variables::text_of(other),
    }
}

/// Whether an argument stands for a pattern, `/a+/g`, and not for a text like `//` or `/api/users`.
fn is_pattern(text: &str) -> bool {
    let parts = text.strip_prefix('/').and_then(|inside| inside.rsplit_once('/'));
    parts.is_some_and(|(pattern, flags)| {
        !pattern.is_empty() && flags.bytes().all(|byte| b"dgimsuvy".contains(&byte))
    })
}

fn is_beyond(text: &str) -> bool {
    text.bytes().any(|byte| byte >= 0xF0)
}

/// The characters from one place up to another.
fn between(data: &str, from: f64, to: f64) -> Value {
    let (from, to) = (from as usize, to as usize);
    data.chars().skip(from).take(to.saturating_sub(from)).collect::<String>().into()
}

/// Where a text stands first from a place on, or -1.
fn index(data: &str, wanted: &str, from: f64) -> Value {
    let from = from as usize;
    let start = data.char_indices().nth(from).map_or(data.len(), |(at, _)| at);
    let found = data[start..].find(wanted);
    found.map_or(-1, |at| (from + data[start..start + at].chars().count()) as i64).into()
}

fn bounded(bytes: usize) -> Result<(), Failure> {
    if bytes <= STEP_TEXT_MAX { Ok(()) } else { Err(too_much_text()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn given(data: &str, method: &str, arguments: Value) -> Value {
        let Value::Array(arguments) = arguments else { panic!() };
        call(data, method, &arguments).unwrap().unwrap_or_else(|| panic!("{method} is not native"))
    }

    #[test]
    fn methods_do_what_javascript_does() {
        for (data, method, arguments, expected) in [
            ("straße", "toUpperCase", json!([]), json!("STRASSE")),
            ("\u{feff} a\u{a0}\n", "trim", json!([]), json!("a")),
            ("abcdef", "slice", json!([1, -1]), json!("bcde")),
            ("abcdef", "slice", json!([-2]), json!("ef")),
            ("abcdef", "slice", json!([4, 2]), json!("")),
            ("abcdef", "slice", json!([1, null]), json!("")),
            ("abcdef", "substring", json!([2, null]), json!("ab")),
            ("null 1.5", "indexOf", json!([null, true]), json!(-1)),
            ("a null", "replace", json!([null, 1e21]), json!("a 1e+21")),
            ("abcdef", "substring", json!([4, 1]), json!("bcd")),
            ("abcdef", "substring", json!(["-1", "x"]), json!("")),
            ("abcdef", "substr", json!([-3, 2]), json!("de")),
            ("äbcäb", "indexOf", json!(["äb", 1]), json!(3)),
            ("abc", "indexOf", json!(["", 9]), json!(3)),
            ("äbcäb", "lastIndexOf", json!(["b"]), json!(4)),
            ("abc", "indexOf", json!(["x"]), json!(-1)),
            ("abc", "includes", json!(["bc"]), json!(true)),
            ("abc", "startsWith", json!(["b"]), json!(false)),
            ("abc", "endsWith", json!(["c"]), json!(true)),
            ("7", "padStart", json!([3, "0"]), json!("007")),
            ("7", "padEnd", json!([4, "ab"]), json!("7aba")),
            ("ab", "repeat", json!(["2"]), json!("abab")),
            ("a,b,", "split", json!([","]), json!(["a", "b", ""])),
            ("ab", "split", json!([""]), json!(["a", "b"])),
            ("a-b-c", "replace", json!(["-", "+"]), json!("a+b-c")),
            ("a-b-c", "replaceAll", json!(["-", ""]), json!("abc")),
            ("ab", "replaceAll", json!(["", "."]), json!(".a.b.")),
            ("a", "concat", json!([1, true, "b"]), json!("a1trueb")),
        ] {
            assert_eq!(
                given(data, method, arguments.clone()),
                expected,
                "{data}.{method}{arguments}"
            );
        }
    }

    #[test]
    fn patterns_wide_characters_and_other_methods_are_left_to_a_script_engine() {
        for (data, method, arguments) in [
            ("a", "replace", json!(["/a/g", "b"])),
            ("a", "replace", json!(["a", "$&$&"])),
            ("😀", "slice", json!([0, 1])),
            ("a", "normalize", json!([])),
            ("a", "concat", json!([["b"]])),
            ("a", "split", json!([",", 2])),
        ] {
            let Value::Array(arguments) = arguments else { panic!() };
            assert_eq!(call(data, method, &arguments), Ok(None), "{data}.{method}");
        }
    }

    #[test]
    fn what_would_be_too_long_is_an_error() {
        for (method, arguments) in [
            ("repeat", vec![json!(1e9)]),
            ("repeat", vec![json!(-1)]),
            ("padStart", vec![json!(1e12), json!("x")]),
            ("replaceAll", vec![json!("a"), json!("b".repeat(1 << 20))]),
        ] {
            assert!(call(&"a".repeat(100), method, &arguments).is_err(), "{method}");
        }
        for separator in ["", ","] {
            let split = |long: usize| call(&",".repeat(long), "split", &[json!(separator)]);
            assert!(split(1 << 10).is_ok() && split(STEP_TEXT_MAX / 3).is_err(), "{separator:?}");
        }
    }
}
