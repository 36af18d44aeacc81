//! Hiding what must not be stored.

use crate::{interpolate::percent_encode, record};
pub(crate) use model::secret::HIDDEN;
use model::trace::{Body, Failure, StepRecord};
use serde_json::Value;

/// Headers that are always hidden.
const SECRET_HEADERS: [&str; 5] =
    ["authorization", "cookie", "set-cookie", "proxy-authorization", "x-api-key"];

/// Headers as they may be recorded: the values of secret ones, and of those that are named in any
/// letter case, are hidden.
pub(crate) fn headers(headers: &[(String, String)], named: &[String]) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let shown = if is_secret(name, named) { HIDDEN } else { value };
            (name.clone(), shown.to_owned())
        })
        .collect()
}

/// Whether a header's value is to be hidden.
pub(crate) fn is_secret(name: &str, named: &[String]) -> bool {
    let name = name.trim();
    SECRET_HEADERS.iter().any(|secret| name.eq_ignore_ascii_case(secret))
        || named.iter().any(|secret| name.eq_ignore_ascii_case(secret.trim()))
}

/// A URL as it may be recorded: without its user name and password.
pub(crate) fn url(url: &str) -> String {
    let Some(start) = url.find("://").map(|at| at + 3) else {
        // No URL that can be called, and so none whose parts are known.
        return if url.contains('@') { HIDDEN.to_owned() } else { url.to_owned() };
    };
    let end = url[start..].find(['/', '?', '#', '\\']).map_or(url.len(), |at| start + at);
    match url[start..end].rfind('@') {
        Some(at) => format!("{}{HIDDEN}{}", &url[..start], &url[start + at..]),
        None => url.to_owned(),
    }
}

/// Hides secrets wherever they stand in a record.
pub(crate) fn step(record: &mut StepRecord, secrets: &[String]) {
    if secrets.is_empty() {
        return;
    }
    let hide = |text: &mut String| hide(text, secrets);
    inside(&mut record.input, &hide);
    inside(&mut record.output, &hide);
    record.warnings.iter_mut().for_each(hide);
    if let Some(error) = &mut record.error {
        failure(error, secrets);
    }
    if let Some(http) = &mut record.http {
        hide(&mut http.url);
        body(&mut http.request_body, secrets);
        http.request_headers.iter_mut().for_each(|(_, value)| hide(value));
        if let Some(answer) = &mut http.answer {
            body(&mut answer.body, secrets);
            answer.headers.iter_mut().for_each(|(_, value)| hide(value));
        }
    }
}

/// Hides secrets in what a failure says.
pub(crate) fn failure(failure: &mut Failure, secrets: &[String]) {
    hide(&mut failure.detail, secrets);
    if let Some(host) = &mut failure.host {
        hide(host, secrets);
    }
}

fn hide(text: &mut String, secrets: &[String]) {
    for form in secrets.iter().flat_map(|secret| forms(secret)) {
        if text.contains(&form) {
            *text = text.replace(&form, HIDDEN);
        }
    }
    if let Some(end) = record::cut_at(text) {
        hide_end(text, end, secrets);
    }
}

/// A secret as it is, as it stands inside JSON, and as it stands in an address or a form.
fn forms(secret: &str) -> [String; 3] {
    let json = Value::from(secret).to_string();
    [secret.to_owned(), json[1..json.len() - 1].to_owned(), percent_encode(secret)]
}

/// Hides in a recorded body; where that was cut, the beginning of a secret at its end as well.
fn body(body: &mut Body, secrets: &[String]) {
    hide(&mut body.text, secrets);
    if body.cut_from.is_some() {
        // A character that was cut in two.
        body.text.truncate(body.text.trim_end_matches('\u{fffd}').len());
        let end = body.text.len();
        hide_end(&mut body.text, end, secrets);
    }
}

/// Hides the beginning of a secret whose rest was cut off at `end`.
fn hide_end(text: &mut String, end: usize, secrets: &[String]) {
    let begun = |form: &str| {
        let parts = form.char_indices().rev().map(|(at, _)| &form[..at]);
        parts.filter(|part| !part.is_empty()).find(|part| text[..end].ends_with(part)).map(str::len)
    };
    let longest = secrets.iter().flat_map(|secret| forms(secret)).filter_map(|form| begun(&form));
    if let Some(long) = longest.max() {
        text.replace_range(end - long..end, HIDDEN);
    }
}

fn inside(value: &mut Value, hide: &impl Fn(&mut String)) {
    match value {
        Value::String(text) => hide(text),
        Value::Array(items) => items.iter_mut().for_each(|item| inside(item, hide)),
        Value::Object(members) => members.values_mut().for_each(|value| inside(value, hide)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_headers_are_hidden_in_any_letter_case() {
        let pair = |name: &str| (name.to_owned(), "v".to_owned());
        let given = [pair("AUTHORIZATION"), pair("x-Api-Key"), pair("X-Token"), pair("Accept")];
        let shown = headers(&given, &["x-token".to_owned()]);
        let values: Vec<_> = shown.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, [HIDDEN, HIDDEN, HIDDEN, "v"]);
    }

    #[test]
    fn a_failure_says_no_secret() {
        let mut told = Failure {
            host: Some("k1.example".into()),
            ..Failure::new(model::trace::FailureClass::Dns, "no such host: k1.example")
        };
        failure(&mut told, &["k1".to_owned()]);
        assert_eq!(told.detail, "no such host: [redacted].example");
        assert_eq!(told.host.as_deref(), Some("[redacted].example"));
    }

    #[test]
    fn a_secret_is_hidden_in_whatever_form_it_stands() {
        let mut text = r#"{"key": "a\"b\nc"} a%22b%0Ac"#.to_owned();
        hide(&mut text, &["a\"b\nc".to_owned()]);
        assert_eq!(text, format!(r#"{{"key": "{HIDDEN}"}} {HIDDEN}"#));
    }

    #[test]
    fn no_beginning_of_a_secret_stands_where_a_text_was_cut() {
        let secrets = ["päss-word".to_owned()];
        let long = format!("{}päss-word", "x".repeat(crate::limits::RECORDED_TEXT_MAX - 6));
        let Value::String(mut text) = record::shown(&long) else { panic!() };
        hide(&mut text, &secrets);
        assert!(!text.contains("xp") && text.contains("[redacted]… (cut, "), "{text:.0}");
        let mut bytes = vec![b'x'; model::settings::RECORDED_BODY_MAX - 2];
        bytes.extend("päss-word".bytes());
        let mut recorded = Body::record(&bytes);
        body(&mut recorded, &secrets);
        assert!(recorded.text.ends_with("x[redacted]"));
        let mut whole = Body::record(b"that ends with p");
        body(&mut whole, &secrets);
        assert_eq!(whole.text, "that ends with p");
    }

    #[test]
    fn user_and_password_of_a_url_are_hidden() {
        assert_eq!(url("https://u:p@h:1/a@b"), "https://[redacted]@h:1/a@b");
        assert_eq!(url("https://u:p@x@h"), "https://[redacted]@h");
        assert_eq!(url("https://h/a@b?c=d@e"), "https://h/a@b?c=d@e");
        assert_eq!(url("nonsense"), "nonsense");
        assert_eq!(url("https:/u:p@h/"), HIDDEN);
    }
}
