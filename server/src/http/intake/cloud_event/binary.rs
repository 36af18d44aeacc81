//! Binary mode: the attributes are headers, the data is the body (HTTP protocol binding, 3.1).

use super::{Attributes, item};
use crate::http::{
    intake::{
        item::{Item, Origin},
        json::{self, NotJson},
    },
    problem::ApiProblem,
};
use axum::http::{HeaderMap, HeaderValue};
use model::JsonMap;
use percent_encoding::percent_decode;
use serde_json::Value;

/// What stands before an attribute's name in a header's.
const PREFIX: &str = "ce-";

/// Reads a CloudEvent from headers and body.
///
/// # Errors
/// When the body is not JSON.
pub fn binary(headers: &HeaderMap, body: &[u8]) -> Result<Item, ApiProblem> {
    let data = match body.trim_ascii() {
        [] => Value::Null,
        text => json::read(text).map_err(NotJson::of_body)?,
    };
    let mut given = JsonMap::new();
    let mut faults = Vec::new();
    for header in headers.keys() {
        let Some(name) = header.as_str().strip_prefix(PREFIX) else { continue };
        let mut values = headers.get_all(header).iter();
        let value = match (values.next(), values.next()) {
            _ if name == "datacontenttype" => Err("is told by Content-Type, not by this header"),
            (Some(value), None) => attribute(value),
            _ => Err("is given more than once"),
        };
        match value {
            Ok(value) => {
                given.insert(name.to_owned(), value);
            }
            Err(wrong) => faults.push((name, wrong)),
        }
    }
    let mut attributes = Attributes::new(given, Origin::Binary);
    for (name, wrong) in faults {
        attributes.fault(name, wrong);
    }
    Ok(item(attributes, data))
}

/// An attribute's value: a quoted text is taken out of its quotes, then percent-encoding is
/// undone, once (3.1.3.2).
fn attribute(value: &HeaderValue) -> Result<Value, &'static str> {
    let text = unquoted(value.as_bytes());
    let decoded = percent_decode(&text).decode_utf8();
    decoded.map(|text| Value::from(text.as_ref())).map_err(|_| "is not UTF-8, percent-encoded")
}

/// The text within a quoted-string (RFC 9110, 5.6.4); anything else as it is.
fn unquoted(value: &[u8]) -> Vec<u8> {
    let inner = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    inner.and_then(unescaped).unwrap_or_else(|| value.to_owned())
}

fn unescaped(inner: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => text.push(bytes.next()?),
            // It ends here already, so what stands around it is not one quoted text.
            b'"' => return None,
            other => text.push(other),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &[u8]) -> Result<Value, &'static str> {
        attribute(&HeaderValue::from_bytes(value).expect("a header's value"))
    }

    #[test]
    fn a_header_is_percent_decoded_once() {
        assert_eq!(read(b"Euro%20%E2%82%AC%20%f0%9f%98%80"), Ok("Euro \u{20ac} \u{1f600}".into()));
        assert_eq!(read(b"100%2525"), Ok("100%25".into()));
        assert_eq!(read(b"%41%2D7"), Ok("A-7".into()));
        assert_eq!(read(b"100%"), Ok("100%".into()));
        assert_eq!(read(b"%zz"), Ok("%zz".into()));
    }

    #[test]
    fn what_is_not_utf_8_is_refused() {
        for bad in [&b"%C0%A0"[..], b"%ff", b"\xe9"] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
        assert_eq!(read("Łódź".as_bytes()), Ok("Łódź".into()));
    }

    #[test]
    fn a_quoted_text_is_taken_out_of_its_quotes_first() {
        assert_eq!(read(br#""a \"b\" c""#), Ok(r#"a "b" c"#.into()));
        assert_eq!(read(br#""a%20b""#), Ok("a b".into()));
        assert_eq!(read(br#""""#), Ok("".into()));
        for whole in [r#"""#, r#""a"#, r#""a" and "b""#, r#""a\""#] {
            assert_eq!(read(whole.as_bytes()), Ok(whole.into()), "{whole}");
        }
    }
}
