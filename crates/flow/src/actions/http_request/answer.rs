//! What is taken from an answer.

use crate::{Response, path, record::shown_value, variables::Variables};
use jiff::fmt::rfc2822;
use model::{
    flow::syntax::HttpRequest,
    trace::{Failure, FailureClass, Fault},
};
use serde_json::{Map, Value};

/// Sets the variables of `exportVariables`; values keep their JSON types.
///
/// # Errors
/// When variables are to be set and the answer is not JSON, or they would become too large.
pub(super) fn export(
    arguments: &HttpRequest,
    response: &Response,
    variables: &mut Variables,
    output: &mut Map<String, Value>,
    warnings: &mut Vec<String>,
) -> Result<(), Failure> {
    if arguments.export_variables.is_empty() {
        return Ok(());
    }
    let json: Value = serde_json::from_slice(&response.body).map_err(|_| {
        let short = |text: &str| text.chars().take(100).collect::<String>();
        let given = header(response, "content-type");
        let content_type = short(given.unwrap_or("no Content-Type"));
        let what = if response.body.is_empty() { "empty" } else { "not JSON" };
        let detail = format!("`exportVariables` needs JSON, the answer is {what} ({content_type})");
        let fault = match response.body.is_empty() {
            true => Fault::Empty,
            false => Fault::NotJson { content_type: given.map(short) },
        };
        Failure { fault: Some(Box::new(fault)), ..Failure::new(FailureClass::BadAnswer, detail) }
    })?;
    for (name, path) in &arguments.export_variables {
        let value = match path::find(&json, &path.segments) {
            Some(value) => value.into_owned(),
            None => {
                warnings.push(format!("the answer has nothing for `{name}`"));
                Value::String(String::new())
            }
        };
        output.insert(name.clone(), shown_value(&value));
        variables.set(name, value)?;
    }
    Ok(())
}

fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    let found = response.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// What Retry-After asks for, in milliseconds: seconds, or a date (RFC 9110, 10.2.3).
pub fn retry_after_ms(response: &Response, now: i64) -> Option<u64> {
    let value = header(response, "retry-after")?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(value.parse::<u64>().unwrap_or(u64::MAX).saturating_mul(1_000));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    let wait = u64::try_from(date.as_second().saturating_sub(now)).unwrap_or(0);
    Some(wait.saturating_mul(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(value: &str) -> Option<u64> {
        let headers = vec![("Retry-AFTER".to_owned(), value.to_owned())];
        retry_after_ms(&Response { status: 503, headers, body: Vec::new() }, 784_111_767)
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(after("120"), Some(120_000));
        assert_eq!(after("0"), Some(0));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:37 GMT"), Some(10_000));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:00 GMT"), Some(0));
        assert_eq!(after("99999999999999999999999"), Some(u64::MAX));
        assert_eq!(after("soon"), None);
        assert_eq!(after("-1"), None);
    }
}
