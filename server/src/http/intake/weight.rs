//! What a body weighs once it has been read: the text of numbers and of what is empty is a small part of
//! what they take in memory.

use super::shape::Shape;

/// What a value takes beside its text, in bytes, with what a list or an object has in reserve.
const VALUE: usize = 256;
/// What data of a CloudEvent stands behind that is in base64.
const NAME: &[u8] = b"data_base64";

/// How many bytes a body takes when it has been read, at most and in all.
pub fn weight(shape: Shape, body: &[u8]) -> usize {
    let values = match shape {
        // Data in base64 does not show what it holds: a value takes two bytes at least.
        Shape::Structured | Shape::Batched if has_base64(body) => body.len() / 2,
        _ => body.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count(),
    };
    body.len() + values * VALUE
}

/// Whether there may be data in base64, by the name of its member, in which a letter may be escaped.
fn has_base64(body: &[u8]) -> bool {
    body.windows(NAME.len()).any(|part| part == NAME) || body.windows(2).any(|two| two == b"\\u")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_value_weighs_more_than_it_takes() {
        let member = size_of::<(String, Value)>() + 2 * size_of::<usize>();
        assert!(member < VALUE);
        let numbers = json!({"event": "joined", "variables": {"a": vec![0; 1_000]}}).to_string();
        let weighed = weight(Shape::Json, numbers.as_bytes());
        assert!(weighed > 1_000 * size_of::<Value>() + numbers.len(), "{weighed}");
        assert_eq!(weight(Shape::Batched, numbers.as_bytes()), weighed);
        for hidden in [r#"[{"data_base64": ""#, r#"[{"d\u0061ta_base64": ""#] {
            let hidden = hidden.to_owned() + &"W1tb".repeat(500);
            assert!(weight(Shape::Batched, hidden.as_bytes()) > 1_000 * VALUE);
        }
    }

    #[test]
    fn a_text_weighs_as_much_as_it_is_long() {
        let text = json!({"event": "joined", "variables": {"x": "x".repeat(100_000)}}).to_string();
        assert!((text.len()..text.len() + 2_000).contains(&weight(Shape::Json, text.as_bytes())));
    }
}
