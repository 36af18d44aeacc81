//! What is taken from an answer.

use crate::{
    Response,
    interpolate::too_much_text,
    limits::STEP_TEXT_MAX,
    path,
    pattern::Patterns,
    record::shown_value,
    variables::{Variables, size},
    xml,
};
use jiff::fmt::rfc2822;
use model::{
    flow::{
        FlowMode,
        path::Path,
        syntax::{HttpRequest, Parser},
        xpath::XPath,
    },
    trace::{Failure, FailureClass, Fault},
};
use serde_json::{Map, Value};

/// The status of an answer that has no body.
const NO_CONTENT: u16 = 204;

/// Sets the variables of `exportVariables`; values of JSON keep their types.
///
/// # Errors
/// When variables are to be set and the answer is not what they are looked for in or was not read to
/// its end, or they would become too large.
pub(super) fn export(
    arguments: &HttpRequest,
    mode: FlowMode,
    response: &Response,
    variables: &mut Variables<'_>,
    output: &mut Map<String, Value>,
    warnings: &mut Vec<String>,
) -> Result<(), Failure> {
    if arguments.export_variables.is_empty() {
        return Ok(());
    }
    // It says so, or nobody minds.
    let holds_nothing =
        response.body.is_empty() && (response.status == NO_CONTENT || mode == FlowMode::Lenient);
    let content_type = header(response, "content-type").unwrap_or_default();
    let parser = arguments.parser.unwrap_or(match Parser::parse(content_type) {
        Some(Parser::Xml) => Parser::Xml,
        // What a text holds is looked for only where the step says that it is one.
        _ => Parser::Json,
    });
    let found: Vec<Option<Value>> = match parser {
        _ if holds_nothing => vec![None; arguments.export_variables.len()],
        // Half a document is none.
        Parser::Json | Parser::Xml if response.cut => return Err(too_large(response)),
        Parser::Json => {
            let json: Value = serde_json::from_slice(&response.body)
                .map_err(|_| not("JSON", response, variables))?;
            let walk = path::Walk::new();
            let at = |path: &Path| {
                let found = walk.find(&json, &path.segments)?;
                // Copies are made before they are found to be too much for the variables.
                walk.spend(size(&found)).then(|| found.into_owned())
            };
            let each = arguments.export_variables.iter();
            let found = each.map(|(_, export)| export.json.as_ref().and_then(at)).collect();
            walk.finish()?;
            found
        }
        Parser::Xml => {
            let text = String::from_utf8_lossy(&response.body);
            let document = xml::read(&text).map_err(|_| not("XML", response, variables))?;
            let walk = xml::Walk::new();
            let mut room = Room(STEP_TEXT_MAX);
            let mut at = |path: &XPath| -> Result<Option<Value>, Failure> {
                let Some(found) = walk.find(&document, path) else { return Ok(None) };
                room.take(found.len())?;
                Ok(Some(Value::String(found)))
            };
            let mut found = Vec::with_capacity(arguments.export_variables.len());
            for (_, export) in &arguments.export_variables {
                found.push(export.xml.as_ref().map_or(Ok(None), &mut at)?);
            }
            walk.finish()?;
            found
        }
        Parser::Text => {
            let text = String::from_utf8_lossy(&response.body);
            let (mut patterns, mut room) = (Patterns::new(), Room(STEP_TEXT_MAX));
            let each = arguments.export_variables.iter();
            each.map(|(_, export)| matched(&text, &export.text, &mut patterns, &mut room))
                .collect::<Result<_, _>>()?
        }
    };
    for ((name, _), value) in arguments.export_variables.iter().zip(found) {
        let value = value.unwrap_or_else(|| {
            warnings.push(format!("the answer has nothing for `{name}`"));
            Value::String(String::new())
        });
        output.insert(name.clone(), shown_value(&value));
        variables.set(name, value)?;
    }
    Ok(())
}

/// How many bytes of text may still be taken out of an answer: copies are made before they are found
/// to be too much for the variables.
struct Room(usize);

impl Room {
    fn take(&mut self, bytes: usize) -> Result<(), Failure> {
        self.0 = self.0.checked_sub(bytes).ok_or_else(too_much_text)?;
        Ok(())
    }
}

/// The first group of a pattern in a text, or the whole match where it has no group.
fn matched(
    text: &str,
    pattern: &str,
    patterns: &mut Patterns,
    room: &mut Room,
) -> Result<Option<Value>, Failure> {
    let found = patterns.find(pattern, text)?;
    let found = found.and_then(|found| found.get(1).or_else(|| found.get(0)));
    let Some(found) = found else { return Ok(None) };
    room.take(found.len())?;
    Ok(Some(Value::String(found.as_str().to_owned())))
}

/// The answer is not what the variables are looked for in.
fn not(wanted: &str, response: &Response, variables: &Variables<'_>) -> Failure {
    let short = |text: &str| variables.quoted(text, 100);
    let given = header(response, "content-type");
    let content_type = short(given.unwrap_or("no Content-Type"));
    let what = match response.body.is_empty() {
        true => "empty".to_owned(),
        false => format!("not {wanted}"),
    };
    let detail = format!("`exportVariables` needs {wanted}, the answer is {what} ({content_type})");
    let fault = match response.body.is_empty() {
        true => Fault::Empty,
        false => Fault::NotJson { content_type: given.map(short) },
    };
    let fault = Some(Box::new(fault)).filter(|_| wanted == "JSON");
    Failure { fault, ..Failure::new(FailureClass::BadAnswer, detail) }
}

/// The body has more than is read.
pub(super) fn too_large(response: &Response) -> Failure {
    let limit = response.body.len() as u64;
    Failure {
        limit: Some(limit),
        status: Some(response.status),
        ..Failure::new(FailureClass::TooLarge, format!("the answer has more than {limit} bytes"))
    }
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
        retry_after_ms(&Response { status: 503, headers, ..Response::default() }, 784_111_767)
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
