//! JSON that a person typed.

use crate::error::AppError;
use model::{JsonMap, flow::json, problem::Problem};
use serde_json::Value;

/// Reads a JSON object from a text field; an empty one is an empty object. A fault is told with
/// its line.
pub fn object(field: &str, text: &str) -> Result<JsonMap, AppError> {
    if text.trim().is_empty() {
        return Ok(JsonMap::new());
    }
    let document = json::read(text, model::settings::DEPTH_MAX)
        .map_err(|fault| at(field, text, fault.offset, &fault.message))?;
    if let Some(fault) = document.repeated.first() {
        return Err(at(field, text, fault.offset, &fault.message));
    }
    match document.root.to_value() {
        Value::Object(map) => Ok(map),
        _ => Err(AppError::field(field, "is a JSON object: it begins with { and ends with }")),
    }
}

fn at(field: &str, text: &str, offset: usize, message: &str) -> AppError {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    AppError::Invalid(vec![Problem::new(format!("/{field}"), format!("line {line}: {message}"))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_with_its_line() {
        let error = object("variables", "{\n  \"a\": 1,\n  \"b\" 2\n}").unwrap_err();
        let AppError::Invalid(problems) = error else { panic!("{error}") };
        assert_eq!(problems[0].field(), "variables");
        assert!(problems[0].detail.starts_with("line 3: "), "{}", problems[0].detail);
        assert!(object("variables", " ").unwrap().is_empty());
        assert!(object("variables", "[]").is_err());
    }
}
