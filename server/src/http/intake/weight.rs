//! What a body weighs once it has been read: the text of numbers and of what is empty is a small part of
//! what they take in memory.

use super::shape::Shape;

/// What a value takes beside its text, in bytes, with what a list or an object has in reserve.
const VALUE: usize = 256;

/// How many bytes a body takes when it has been read, at most and in all.
pub fn weight(shape: Shape, body: &[u8]) -> usize {
    let values = match shape {
        // Data in base64 does not show what it holds: a value takes two bytes at least.
        Shape::Structured | Shape::Batched => body.len() / 2,
        Shape::Json | Shape::Lines | Shape::Binary => {
            body.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count()
        }
    };
    body.len() + values * VALUE
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
        assert!(weight(Shape::Batched, numbers.as_bytes()) >= weighed);
    }

    #[test]
    fn a_text_weighs_as_much_as_it_is_long() {
        let text = json!({"event": "joined", "variables": {"x": "x".repeat(100_000)}}).to_string();
        assert!((text.len()..text.len() + 2_000).contains(&weight(Shape::Json, text.as_bytes())));
    }
}
