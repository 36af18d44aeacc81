//! NDJSON: an event a line.

use super::{
    item::{Item, Origin},
    json, not_so_many, too_large,
};
use crate::http::problem::ApiProblem;
use model::settings::{BATCH_MAX, EVENT_BYTES_MAX};

/// Reads an event from each line that is not blank; one that is not JSON, or too large for an event,
/// costs the others nothing.
///
/// # Errors
/// When there is no event, or there are too many.
pub fn read(body: &[u8]) -> Result<Vec<Item>, ApiProblem> {
    let lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let lines = (1..).zip(lines).filter(|(_, line)| !line.is_empty());
    if !(1..=BATCH_MAX).contains(&lines.clone().take(BATCH_MAX + 1).count()) {
        return Err(not_so_many("the lines hold", 1));
    }
    let item = |(number, line): (usize, &[u8])| Item {
        event: match line.len() {
            ..=EVENT_BYTES_MAX => json::read(line).map_err(|error| error.of_line(number)),
            _ => Err(too_large()),
        },
        origin: Origin::Event,
        line: Some(number),
    };
    Ok(lines.map(item).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_line_is_an_event_and_blank_ones_are_none() {
        let items = read(b"\n{\"a\": 1}\r\n \t\n{\"b\": \n[2]").expect("lines");
        let lines: Vec<_> = items.iter().map(|item| item.line).collect();
        assert_eq!(lines, [Some(2), Some(4), Some(5)]);
        assert_eq!(items[0].event.as_ref().ok(), Some(&json!({"a": 1})));
        let refused = items[1].event.as_ref().expect_err("no JSON");
        assert_eq!(refused.status, 400);
        assert!(refused.detail.starts_with("line 4 is not JSON: "), "{}", refused.detail);
        assert_eq!(items[2].event.as_ref().ok(), Some(&json!([2])));
    }

    #[test]
    fn a_line_has_the_limit_of_one_event() {
        let line = |size: usize| format!("\"{}\"", "x".repeat(size - 2));
        let body = format!("{}\n{}", line(EVENT_BYTES_MAX), line(EVENT_BYTES_MAX + 1));
        let items = read(body.as_bytes()).expect("lines");
        assert!(items[0].event.is_ok());
        assert_eq!(items[1].event.as_ref().expect_err("too large").status, 413);
    }

    #[test]
    fn there_is_one_event_at_least_and_there_are_a_thousand_at_most() {
        let of = |count| read("{}\n".repeat(count).as_bytes());
        assert_eq!(of(0).expect_err("none").status, 422);
        assert_eq!(of(BATCH_MAX).expect("a thousand").len(), BATCH_MAX);
        assert_eq!(of(BATCH_MAX + 1).expect_err("too many").status, 422);
        assert_eq!(read(b"\n\r\n  ").expect_err("blank").status, 422);
    }
}
