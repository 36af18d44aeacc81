//! Values as JavaScript knows them, and its conversions between them.

use super::{EvalError, TEXT_MAX};
use serde_json::Number;
use std::{borrow::Cow, cmp::Ordering};

/// What an expression gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'v> {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    Text(Cow<'v, str>),
}

impl<'v> Value<'v> {
    /// The same value without copying its text.
    pub(super) fn borrowed(&self) -> Value<'_> {
        match self {
            Self::Undefined => Value::Undefined,
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(value) => Value::Number(*value),
            Self::Text(text) => Value::Text(Cow::Borrowed(text)),
        }
    }

    /// Whether a condition with this value holds.
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::Undefined | Self::Null => false,
            Self::Bool(value) => *value,
            Self::Number(value) => *value != 0.0 && !value.is_nan(),
            Self::Text(text) => !text.is_empty(),
        }
    }

    /// JavaScript's `Number(…)`.
    pub fn to_number(&self) -> f64 {
        match self {
            Self::Undefined => f64::NAN,
            Self::Null => 0.0,
            Self::Bool(value) => f64::from(u8::from(*value)),
            Self::Number(value) => *value,
            Self::Text(text) => text_to_number(text),
        }
    }

    /// JavaScript's `String(…)`.
    pub fn to_text(&self) -> Cow<'_, str> {
        match self {
            Self::Undefined => Cow::Borrowed("undefined"),
            Self::Null => Cow::Borrowed("null"),
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
            Self::Number(value) => Cow::Owned(number_to_text(*value)),
            Self::Text(text) => Cow::Borrowed(text),
        }
    }

    /// JavaScript's `===`.
    pub(super) fn is_same(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Self::Undefined, Value::Undefined) | (Self::Null, Value::Null) => true,
            (Self::Bool(left), Value::Bool(right)) => left == right,
            (Self::Number(left), Value::Number(right)) => left == right,
            (Self::Text(left), Value::Text(right)) => left == right,
            _ => false,
        }
    }

    /// JavaScript's `==`.
    pub(super) fn is_equal(&self, other: &Value<'_>) -> bool {
        let nothing = |value: &Value<'_>| matches!(value, Value::Undefined | Value::Null);
        match (nothing(self), nothing(other)) {
            (true, true) => true,
            (false, false) => match (self, other) {
                (Self::Text(left), Value::Text(right)) => left == right,
                _ => self.to_number() == other.to_number(),
            },
            _ => false,
        }
    }

    /// The order by which JavaScript's `<` and its like decide; nothing if one is not a number.
    pub(super) fn compare(&self, other: &Value<'_>) -> Option<Ordering> {
        match (self, other) {
            // JavaScript compares UTF-16, whose order differs from that of UTF-8.
            (Self::Text(left), Value::Text(right)) => {
                Some(left.encode_utf16().cmp(right.encode_utf16()))
            }
            _ => self.to_number().partial_cmp(&other.to_number()),
        }
    }

    /// JavaScript's `+`.
    pub(super) fn add(self, other: Self) -> Result<Self, EvalError> {
        if !matches!(self, Self::Text(_)) && !matches!(other, Self::Text(_)) {
            return Ok(Self::Number(self.to_number() + other.to_number()));
        }
        let right = other.to_text();
        let mut text = self.to_text().into_owned();
        if text.len() + right.len() > TEXT_MAX {
            return Err(EvalError::TextTooLong);
        }
        text.push_str(&right);
        Ok(Self::Text(Cow::Owned(text)))
    }
}

/// What JavaScript counts as white space.
pub fn is_space(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

/// StringToNumber of ECMA-262.
fn text_to_number(text: &str) -> f64 {
    let text = text.trim_matches(is_space);
    if text.is_empty() {
        return 0.0;
    }
    if let Some(value) = prefixed_integer(text) {
        return value;
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits == "Infinity" {
        return if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    // Rust also reads `inf`, `nan` and their like, which begin with a letter.
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return f64::NAN;
    }
    text.parse().unwrap_or(f64::NAN)
}

/// `0x1F`, `0o17`, `0b11`: not a number if digits are missing or wrong. Nothing for other texts.
pub(super) fn prefixed_integer(text: &str) -> Option<f64> {
    let (radix, digits) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &text[2..]),
        [b'0', b'o' | b'O', ..] => (8, &text[2..]),
        [b'0', b'b' | b'B', ..] => (2, &text[2..]),
        _ => return None,
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Some(f64::NAN);
    }
    let digits = digits.trim_start_matches('0');
    let bits = radix.trailing_zeros();
    // The first 64 bits decide; whether any bit after them is set matters only for rounding.
    let mut head: u64 = 0;
    let mut exponent: i32 = 0;
    let mut rest = false;
    for digit in digits.chars().filter_map(|c| c.to_digit(radix)) {
        for bit in (0..bits).rev() {
            let set = digit >> bit & 1;
            if head >> 63 == 0 {
                head = head << 1 | u64::from(set);
            } else {
                exponent = exponent.saturating_add(1);
                rest |= set == 1;
            }
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "rounding to the nearest is what is asked for")]
    let value = (head | u64::from(rest)) as f64;
    Some(value * 2f64.powi(exponent))
}

/// A number of JSON as text: as JavaScript's `String(…)` has it, but that whole ones keep all digits.
pub fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(value) if number.is_f64() => number_to_text(value),
        _ => number.to_string(),
    }
}

/// Number::toString of ECMA-262.
fn number_to_text(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs();
    if (1e-6..1e21).contains(&magnitude) {
        return evened(value, value.to_string());
    }
    // Rust writes `1.5e300` and `1e-7`; JavaScript puts a plus before a positive exponent.
    let text = evened(value, format!("{value:e}"));
    if magnitude < 1.0 { text } else { text.replacen('e', "e+", 1) }
}

/// The text of a number, of two as short and as near the one whose last digit is even; Rust writes the
/// greater.
fn evened(value: f64, text: String) -> String {
    let digits = text.find('e').unwrap_or(text.len());
    let is_last = |byte: &u8| (b'1'..=b'9').contains(byte);
    let Some(last) = text.as_bytes()[..digits].iter().rposition(is_last) else { return text };
    // Only at the end of the precision are two as short.
    if digits < 16 || text.as_bytes()[last].is_multiple_of(2) {
        return text;
    }
    let mut lower = text.clone();
    let even = char::from(text.as_bytes()[last] - 1);
    lower.replace_range(last..=last, even.encode_utf8(&mut [0; 4]));
    let significant = |text: &str| {
        let mantissa = text.split('e').next().unwrap_or_default();
        let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        digits.trim_start_matches('0').trim_end_matches('0').to_owned()
    };
    // More digits than a number has between two that are as near as each other.
    let exact = significant(&format!("{value:.60e}"));
    let is_between = exact.strip_suffix('5') == Some(significant(&lower).as_str());
    if is_between && lower.parse() == Ok(value) { lower } else { text }
}
