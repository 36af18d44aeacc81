//! Laying a text out anew for people, with nothing in it changed but its white space.

use std::borrow::Cow;

/// What one level is indented by.
const INDENT: &str = "  ";

/// A JSON text with a line for each value, indented. Keys stay in their order, also one that is there
/// twice, and numbers as they are written: `1.10`, or more digits than any type of number holds. Text
/// may lose escapes that it does not need.
///
/// As it is where it would have more than `size_max` bytes: what is accepted must not become too large
/// by being laid out. What is not JSON is laid out somehow, and stays as wrong as it is.
pub fn laid_out(source: &str, size_max: usize) -> Cow<'_, str> {
    match lay_out(source, size_max) {
        Some(text) => Cow::Owned(text),
        None => Cow::Borrowed(source),
    }
}

fn lay_out(source: &str, size_max: usize) -> Option<String> {
    let bytes = source.as_bytes();
    let mut text = String::with_capacity(source.len().min(size_max));
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        let end = end_of_token(bytes, at);
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {}
            b'{' | b'[' => {
                text.push(char::from(byte));
                let next = after_space(bytes, end);
                if matches!(bytes.get(next), Some(b'}' | b']')) {
                    text.push_str(&source[next..=next]);
                    at = next + 1;
                    continue;
                }
                depth += 1;
                new_line(&mut text, depth, size_max)?;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut text, depth, size_max)?;
                text.push(char::from(byte));
            }
            b',' => {
                text.push(',');
                new_line(&mut text, depth, size_max)?;
            }
            b':' => text.push_str(": "),
            b'"' => text.push_str(&rewritten(&source[at..end])),
            _ => text.push_str(&source[at..end]),
        }
        at = end;
    }
    (text.len() <= size_max).then_some(text)
}

/// Nothing where the text is too long by now.
fn new_line(text: &mut String, depth: usize, size_max: usize) -> Option<()> {
    text.push('\n');
    text.extend(std::iter::repeat_n(INDENT, depth));
    (text.len() <= size_max).then_some(())
}

/// A text with its quotes, without escapes that it does not need.
fn rewritten(quoted: &str) -> Cow<'_, str> {
    if !quoted.contains('\\') {
        return Cow::Borrowed(quoted);
    }
    let text = serde_json::from_str::<String>(quoted);
    text.and_then(|text| serde_json::to_string(&text)).map_or(Cow::Borrowed(quoted), Cow::Owned)
}

fn after_space(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| is_space(byte)).count()
}

fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The byte after what begins here: a sign, a text, or a word or number.
fn end_of_token(bytes: &[u8], start: usize) -> usize {
    let rest = &bytes[start..];
    match rest[0] {
        b'"' => {
            let mut at = 1;
            while let Some(byte) = rest.get(at) {
                match byte {
                    b'"' => return start + at + 1,
                    b'\\' => at += 2,
                    _ => at += 1,
                }
            }
            bytes.len()
        }
        b'{' | b'}' | b'[' | b']' | b',' | b':' => start + 1,
        _ if is_space(&rest[0]) => after_space(bytes, start),
        _ => {
            let is_part = |byte: &&u8| {
                !is_space(byte) && !matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b':' | b'"')
            };
            start + rest.iter().take_while(is_part).count()
        }
    }
}
