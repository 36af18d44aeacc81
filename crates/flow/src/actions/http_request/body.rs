//! The body of a request, by its Content-Type.

use crate::{interpolate::percent_encode, variables::text_of};
use serde_json::Value;

/// What a body is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Form,
    /// XML and other text: a text as it is.
    Text,
}

/// The body of a request. Adds the Content-Type of JSON when the headers have none.
pub(super) fn encode(data: Value, headers: &mut Vec<(String, String)>) -> Vec<u8> {
    let given = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let format = match given {
        Some((_, content_type)) => format_of(content_type),
        None => {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
            Format::Json
        }
    };
    match (format, data) {
        (Format::Text | Format::Form, Value::String(text)) => text.into_bytes(),
        (Format::Form, Value::Object(members)) => form(&members).into_bytes(),
        (_, data) => data.to_string().into_bytes(),
    }
}

fn format_of(content_type: &str) -> Format {
    let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media.as_str() {
        "application/x-www-form-urlencoded" => Format::Form,
        "application/xml" => Format::Text,
        media if media.starts_with("text/") || media.ends_with("+xml") => Format::Text,
        _ => Format::Json,
    }
}

/// Names and values; a list gives its name once for each item, an object stands as JSON.
fn form(members: &serde_json::Map<String, Value>) -> String {
    let mut text = String::new();
    let mut pair = |name: &str, value: &Value| {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(&percent_encode(name));
        text.push('=');
        text.push_str(&percent_encode(&text_of(value)));
    };
    for (name, value) in members {
        match value {
            Value::Array(items) => items.iter().for_each(|item| pair(name, item)),
            value => pair(name, value),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(data: Value, content_type: &str) -> String {
        let mut headers = vec![("CONTENT-type".to_owned(), content_type.to_owned())];
        let body = String::from_utf8(encode(data, &mut headers)).unwrap();
        assert_eq!(headers.len(), 1);
        body
    }

    #[test]
    fn json_is_the_default_and_is_escaped() {
        let mut headers = Vec::new();
        let body = encode(json!({"a": "\"\n"}), &mut headers);
        assert_eq!(body, br#"{"a":"\"\n"}"#);
        assert_eq!(headers[0].1, "application/json");
        assert_eq!(self::body(json!("x"), "application/vnd.api+json"), "\"x\"");
    }

    #[test]
    fn a_form_is_made_of_an_object_or_taken_as_text() {
        let form = "application/x-www-form-URLENCODED; charset=utf-8";
        let data = json!({"a b": "x&y=é", "n": 1, "l": [1, "z"], "o": {"k": 1}, "e": null});
        assert_eq!(body(data, form), "a%20b=x%26y%3D%C3%A9&n=1&l=1&l=z&o=%7B%22k%22%3A1%7D&e=");
        assert_eq!(body(json!("a=1&b=2"), form), "a=1&b=2");
    }

    #[test]
    fn xml_and_text_are_sent_as_they_are() {
        for content_type in ["text/xml", "application/XML", "application/soap+xml", "text/plain"] {
            assert_eq!(body(json!("<a>\"</a>"), content_type), "<a>\"</a>");
        }
        assert_eq!(body(json!({"a": 1}), "text/plain"), r#"{"a":1}"#);
    }
}
