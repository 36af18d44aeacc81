//! Spans of time as people write them: `5s`, `2m`, `1h 30m`, `7d`.

/// The units, in milliseconds, longest first.
const UNITS: [(&str, i64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Why a text is no span of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadDuration {
    /// The part that was not understood.
    pub part: String,
}

impl std::fmt::Display for BadDuration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} is no span of time; write it like 30s, 2m, 1h 30m or 7d", self.part)
    }
}

impl std::error::Error for BadDuration {}

/// Reads a span of time, in milliseconds: whole numbers, each with `ms`, `s`, `m`, `h` or `d`. A
/// lone number is of seconds.
pub fn parse(text: &str) -> Result<i64, BadDuration> {
    let bad = || BadDuration { part: text.trim().to_owned() };
    let mut rest = text.trim();
    if let Ok(seconds) = rest.parse::<u32>() {
        return Ok(i64::from(seconds) * 1_000);
    }
    let mut sum: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(bad)?;
        let (number, after) = rest.split_at(digits);
        let after = after.trim_start();
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, next) = after.split_at(letters);
        let unit = unit.to_ascii_lowercase();
        let (_, ms) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(bad)?;
        let number: i64 = number.parse().map_err(|_| bad())?;
        sum = number.checked_mul(*ms).and_then(|ms| sum.checked_add(ms)).ok_or_else(bad)?;
        rest = next.trim_start();
    }
    if text.trim().is_empty() { Err(bad()) } else { Ok(sum) }
}

/// Reads spans of time between commas; an empty text has none.
pub fn parse_list(text: &str) -> Result<Vec<i64>, BadDuration> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    text.split(',').map(parse).collect()
}

/// Writes a span of time so that [`parse`] reads it back.
pub fn write(ms: i64) -> String {
    let mut left = ms.max(0);
    let mut parts = Vec::new();
    for (name, unit) in UNITS {
        if left >= unit {
            parts.push(format!("{}{name}", left / unit));
            left %= unit;
        }
    }
    if parts.is_empty() { "0s".into() } else { parts.join(" ") }
}

/// Writes spans of time so that [`parse_list`] reads them back.
pub fn write_list(ms: &[i64]) -> String {
    ms.iter().map(|one| write(*one)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        for (text, ms) in [
            ("5s", 5_000),
            (" 30 s ", 30_000),
            ("2M", 120_000),
            ("1h 30m", 5_400_000),
            ("1h30m", 5_400_000),
            ("7d", 604_800_000),
            ("250ms", 250),
            ("90", 90_000),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Ok(ms), "{text}");
        }
        for text in ["", "s", "-5s", "5 parsecs", "1.5h", "5s 3", "99999999999999999999s", "5s,"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for (ms, text) in
            [(0, "0s"), (1_500, "1s 500ms"), (5_400_000, "1h 30m"), (86_400_000, "1d")]
        {
            assert_eq!(write(ms), text);
            assert_eq!(parse(text), Ok(ms));
        }
        let waits = [5_000, 30_000, 120_000];
        assert_eq!(write_list(&waits), "5s, 30s, 2m");
        assert_eq!(parse_list(&write_list(&waits)).unwrap(), waits);
        assert_eq!(parse_list("  ").unwrap(), Vec::<i64>::new());
        assert_eq!(parse_list("5s, soon").unwrap_err().part, "soon");
    }
}
