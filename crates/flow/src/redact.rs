//! Hiding what must not be stored.

use crate::{interpolate::percent_encode, record};
pub(crate) use model::secret::HIDDEN;
use model::trace::{Body, Failure, Fault, StepRecord};
use serde_json::Value;
use std::mem;

/// Headers that are always hidden.
const SECRET_HEADERS: [&str; 6] = [
    "authorization",
    "cookie",
    "set-cookie",
    "proxy-authorization",
    "x-api-key",
    // That of our own tokens in the REST interface.
    "x-webitel-access",
];

/// How many characters a text has that is told by its looks; a shorter one stands in many by chance.
const DISTINCT_MIN: usize = 4;

/// Whether a text is long enough to be told by its looks.
pub(crate) fn is_distinct(text: &str) -> bool {
    text.chars().nth(DISTINCT_MIN - 1).is_some()
}

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

/// A URL without secrets, as a whole first: one may be a URL with a user and a password itself.
pub(crate) fn url_without(url: &str, secrets: &[String]) -> String {
    let mut shown = url.to_owned();
    Hiding::of(secrets).text(&mut shown);
    self::url(&shown)
}

/// Hides secrets wherever they stand in a record.
pub(crate) fn step(record: &mut StepRecord, secrets: &[String]) {
    if let Some(error) = &mut record.error {
        failure(error, secrets);
    }
    if secrets.is_empty() {
        return;
    }
    let hiding = Hiding::of(secrets);
    hiding.value(&mut record.input);
    hiding.value(&mut record.output);
    record.warnings.iter_mut().for_each(|warning| hiding.text(warning));
    if let Some(http) = &mut record.http {
        hiding.text(&mut http.url);
        hiding.body(&mut http.request_body);
        http.request_headers.iter_mut().for_each(|(_, value)| hiding.text(value));
        if let Some(answer) = &mut http.answer {
            hiding.body(&mut answer.body);
            answer.headers.iter_mut().for_each(|(_, value)| hiding.text(value));
        }
    }
}

/// Hides secrets in what a failure says, and cuts that then: nobody would know the beginning of one.
pub(crate) fn failure(failure: &mut Failure, secrets: &[String]) {
    if !secrets.is_empty() {
        Hiding::of(secrets).failure(failure);
    }
    record::cut(&mut failure.detail);
}

/// A text as a failure quotes it, at most so many characters of it: without secrets, and with control
/// characters written out.
pub(crate) fn quoted(text: &str, most: usize, secrets: &[String]) -> String {
    let mut shown = text.to_owned();
    Hiding::of(secrets).text(&mut shown);
    let mut quoted = String::new();
    for (place, character) in shown.chars().enumerate() {
        if place == most {
            quoted.push('…');
            break;
        }
        match character.is_control() {
            true => quoted.extend(character.escape_debug()),
            false => quoted.push(character),
        }
    }
    quoted
}

/// Whether one of these secrets stands in a text, and not by chance.
pub(crate) fn shows(text: &str, secrets: &[String]) -> bool {
    Hiding::of(secrets).tells(text)
}

/// What is hidden: secrets in all forms in which they may stand, the longest first.
struct Hiding {
    forms: Vec<String>,
}

impl Hiding {
    fn of(secrets: &[String]) -> Self {
        Self::with(secrets.iter().flat_map(|secret| forms(secret)).collect())
    }

    fn with(mut forms: Vec<String>) -> Self {
        // One that begins like another is to go as a whole.
        forms.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        forms.dedup();
        Self { forms }
    }

    /// Hides in a text, in one pass: what stands there for a secret is not looked through again.
    fn text(&self, text: &mut String) {
        let found: Vec<&str> =
            self.forms.iter().map(String::as_str).filter(|form| text.contains(form)).collect();
        if !found.is_empty() {
            let hidden = || [HIDDEN].into_iter().chain(found.iter().copied());
            let mut shown = String::with_capacity(text.len());
            let mut rest = text.as_str();
            while let Some(next) = rest.chars().next() {
                let behind = hidden().find_map(|form| rest.strip_prefix(form));
                match behind {
                    Some(_) => shown.push_str(HIDDEN),
                    None => shown.push(next),
                }
                rest = behind.unwrap_or(&rest[next.len_utf8()..]);
            }
            *text = shown;
        }
        if let Some(end) = record::cut_at(text) {
            self.end(text, end);
        }
    }

    /// Hides the beginning of a secret whose rest was cut off at `end`.
    fn end(&self, text: &mut String, end: usize) {
        let begun = |form: &String| {
            let mut parts = form.char_indices().rev().map(|(at, _)| &form[..at]);
            parts.find(|part| !part.is_empty() && text[..end].ends_with(part)).map(str::len)
        };
        if let Some(long) = self.forms.iter().filter_map(begun).max() {
            text.replace_range(end - long..end, HIDDEN);
        }
    }

    /// Hides in a recorded body; where that was cut, the beginning of a secret at its end as well.
    fn body(&self, body: &mut Body) {
        self.text(&mut body.text);
        if body.cut_from.is_some() {
            // A character that was cut in two.
            body.text.truncate(body.text.trim_end_matches('\u{fffd}').len());
            let end = body.text.len();
            self.end(&mut body.text, end);
        }
    }

    fn failure(&self, failure: &mut Failure) {
        if let Some(host) = &mut failure.host {
            let shown = self.host(host);
            if shown != *host {
                failure.detail = failure.detail.replace(host.as_str(), &shown);
                *host = shown;
            }
        }
        self.text(&mut failure.detail);
        match failure.fault.as_deref_mut() {
            Some(Fault::NotJson { content_type: Some(given) }) => self.text(given),
            Some(Fault::CertificateForOthers { names }) => {
                names.iter_mut().for_each(|name| *name = self.host(name));
            }
            _ => {}
        }
    }

    /// The name of a host as it may be shown. It is written in small letters, whatever was given.
    fn host(&self, host: &str) -> String {
        // A short word that is given otherwise stands in many names by chance.
        let lower = self.forms.iter().map(|form| form.to_ascii_lowercase());
        let lower = lower.filter(|form| is_distinct(form) && !self.forms.contains(form));
        let mut shown = host.to_owned();
        Self::with(lower.chain(self.forms.iter().cloned()).collect()).text(&mut shown);
        shown
    }

    /// Hides in a value; in numbers and keys only what does not stand there by chance.
    fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(members) => {
                members.values_mut().for_each(|value| self.value(value));
                if members.keys().any(|key| self.tells(key)) {
                    *members = mem::take(members)
                        .into_iter()
                        .map(|(key, value)| (self.told(key), value))
                        .collect();
                }
            }
            Value::Number(number) => {
                let number = number.to_string();
                if self.tells(&number) {
                    *value = self.told(number).into();
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Whether something that is hidden stands in a text, and not by chance.
    fn tells(&self, text: &str) -> bool {
        self.forms.iter().any(|form| is_distinct(form) && text.contains(form.as_str()))
    }

    /// The text as it may be shown.
    fn told(&self, mut text: String) -> String {
        if self.tells(&text) {
            self.text(&mut text);
        }
        text
    }
}

/// A secret as it is, as it stands inside JSON, and as it stands in an address or a form.
fn forms(secret: &str) -> [String; 3] {
    let json = Value::from(secret).to_string();
    [secret.to_owned(), json[1..json.len() - 1].to_owned(), percent_encode(secret)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn hiding<const N: usize>(secrets: [&str; N]) -> Hiding {
        Hiding::of(&secrets.map(str::to_owned))
    }

    #[test]
    fn secret_headers_are_hidden_in_any_letter_case() {
        let pair = |name: &str| (name.to_owned(), "v".to_owned());
        let given = [pair("AUTHORIZATION"), pair("x-Api-Key"), pair("X-Token"), pair("Accept")];
        assert!(is_secret("X-Webitel-Access", &[]));
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
    fn a_host_shows_no_secret_in_small_letters() {
        let names = vec!["kx-1a.other".to_owned()];
        let fault = Some(Box::new(Fault::CertificateForOthers { names }));
        let detail = "the name kx-1a.example does not resolve: no KX-1a";
        let mut told = Failure {
            host: Some("kx-1a.example".into()),
            fault,
            ..Failure::new(model::trace::FailureClass::Dns, detail)
        };
        failure(&mut told, &["KX-1a".to_owned()]);
        assert_eq!(told.host.as_deref(), Some("[redacted].example"));
        assert_eq!(told.detail, "the name [redacted].example does not resolve: no [redacted]");
        let names = vec!["[redacted].other".to_owned()];
        assert_eq!(told.fault.as_deref(), Some(&Fault::CertificateForOthers { names }));
    }

    #[test]
    fn what_is_quoted_is_cut_when_its_secrets_are_hidden() {
        let secrets = ["it's \"mine\"".to_owned()];
        assert_eq!(quoted("key it's \"mine\"", 6, &secrets), "key [r…");
        assert_eq!(quoted("a\n'b' \\ é\u{7}", 40, &secrets), "a\\n'b' \\ é\\u{7}");
        assert_eq!(quoted("four", 4, &secrets), "four");
    }

    #[test]
    fn a_long_failure_is_cut_once_and_when_its_secrets_are_hidden() {
        let long = "x".repeat(crate::limits::RECORDED_TEXT_MAX - 2);
        let detail = format!("{long}k1-and-more{long}");
        let mut told = Failure::new(model::trace::FailureClass::Flow, detail);
        failure(&mut told, &["k1-and-more".to_owned()]);
        assert!(told.detail.len() < crate::limits::RECORDED_TEXT_MAX + 64);
        assert!(!told.detail.contains("k1"), "{}", &told.detail[long.len()..]);
        let once = told.clone();
        failure(&mut told, &[]);
        assert_eq!(told, once);
    }

    #[test]
    fn a_secret_is_hidden_in_whatever_form_it_stands() {
        let mut text = r#"{"key": "a\"b\nc"} a%22b%0Ac"#.to_owned();
        hiding(["a\"b\nc"]).text(&mut text);
        assert_eq!(text, format!(r#"{{"key": "{HIDDEN}"}} {HIDDEN}"#));
    }

    #[test]
    fn what_stands_for_a_secret_is_not_hidden_again() {
        let hiding = hiding(["e", "red", "redder"]);
        let mut text = "redder, red, e!".to_owned();
        hiding.text(&mut text);
        assert_eq!(text, format!("{HIDDEN}, {HIDDEN}, {HIDDEN}!"));
        let once = text.clone();
        hiding.text(&mut text);
        assert_eq!(text, once);
    }

    #[test]
    fn keys_and_numbers_show_no_secret_but_for_what_stands_there_by_chance() {
        let hiding = hiding(["4711", "1.25", "7"]);
        let mut value =
            json!({"a:4711": 4711, "77": 77, "list": [38_047_115, 1.25, -7, true, null]});
        hiding.value(&mut value);
        let shown = json!({
            "a:[redacted]": HIDDEN, "77": 77, "list": ["380[redacted]5", HIDDEN, -7, true, null]
        });
        assert_eq!(value, shown);
        assert_eq!(["a:4711", "77"].map(|key| hiding.tells(key)), [true, false]);
    }

    #[test]
    fn no_beginning_of_a_secret_stands_where_a_text_was_cut() {
        let hiding = hiding(["päss-word"]);
        let long = format!("{}päss-word", "x".repeat(crate::limits::RECORDED_TEXT_MAX - 6));
        let Value::String(mut text) = record::shown(&long) else { panic!() };
        hiding.text(&mut text);
        assert!(!text.contains("xp") && text.contains("[redacted]… (cut, "), "{text:.0}");
        let mut bytes = vec![b'x'; model::settings::RECORDED_BODY_MAX - 2];
        bytes.extend("päss-word".bytes());
        let mut recorded = Body::record(&bytes);
        hiding.body(&mut recorded);
        assert!(recorded.text.ends_with("x[redacted]"));
        let mut whole = Body::record(b"that ends with p");
        hiding.body(&mut whole);
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
