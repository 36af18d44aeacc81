//! The date helpers of expressions: `&hour()`, `&wday(2-6)`, `&time_of_day(9:00-18:00)`.

use super::Value;
use jiff::civil::DateTime;
use std::borrow::Cow;

/// A date helper, read. Without ranges it gives a part of the time as it is now; with ranges,
/// whether the time lies in one of them, both ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateHelper {
    Part(DatePart, Vec<(i64, i64)>),
    /// Seconds of the day. A range whose end comes before its beginning goes over midnight.
    TimeOfDay(Vec<(i64, i64)>),
    DateTime(Vec<(DateTime, DateTime)>),
}

/// A part of a date that is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatePart {
    Year,
    /// Of the year, from 1.
    Yday,
    /// From 1.
    Mon,
    Mday,
    /// Of ISO 8601.
    Week,
    /// Of the month, from 1; weeks begin on Monday.
    Mweek,
    /// Sunday is 1.
    Wday,
    Hour,
    Minute,
    MinuteOfDay,
}

const PARTS: [(&str, DatePart); 10] = [
    ("year", DatePart::Year),
    ("yday", DatePart::Yday),
    ("mon", DatePart::Mon),
    ("mday", DatePart::Mday),
    ("week", DatePart::Week),
    ("mweek", DatePart::Mweek),
    ("wday", DatePart::Wday),
    ("hour", DatePart::Hour),
    ("minute", DatePart::Minute),
    ("minute_of_day", DatePart::MinuteOfDay),
];

impl DateHelper {
    /// Reads a helper at the beginning of a text, and how long it is; nothing if none begins there.
    ///
    /// # Errors
    /// What is wrong with its argument.
    pub fn read(text: &str) -> Option<Result<(Self, usize), String>> {
        let inside = text.strip_prefix('&')?;
        let length = inside.find(|c: char| !c.is_ascii_alphabetic() && c != '_')?;
        let name = &inside[..length];
        let known = matches!(name, "time_of_day" | "date_time");
        let part = PARTS.iter().find(|(known, _)| *known == name).map(|(_, part)| *part);
        let rest = inside[length..].strip_prefix('(').filter(|_| known || part.is_some())?;
        let Some(argument) = rest.split_once(')').map(|(argument, _)| argument) else {
            return Some(Err(format!("&{name}( has no closing `)`")));
        };
        let argument_of_text = argument.trim().trim_matches(['\'', '"']);
        let ranges = argument_of_text.split(',').map(str::trim).filter(|range| !range.is_empty());
        let read = match part {
            Some(part) => ranges.map(numbers).collect::<Option<_>>().map(|r| Self::Part(part, r)),
            None if name == "time_of_day" => {
                ranges.map(times).collect::<Option<_>>().map(Self::TimeOfDay)
            }
            None => ranges.map(moments).collect::<Option<_>>().map(Self::DateTime),
        };
        let example = match name {
            "time_of_day" => "&time_of_day(9:00-18:00)".to_owned(),
            "date_time" => "&date_time(2026-12-24 14:00~2026-12-27)".to_owned(),
            _ => format!("&{name}(2-6,8)"),
        };
        Some(read.map(|helper| (helper, 1 + length + 1 + argument.len() + 1)).ok_or_else(|| {
            format!("&{name}({argument}) cannot be read; write &{name}() or {example}")
        }))
    }

    /// What it gives at a time.
    pub fn at(&self, now: DateTime) -> Value<'static> {
        match self {
            Self::Part(part, ranges) => {
                let value = part.of(now);
                match ranges.is_empty() {
                    #[expect(clippy::cast_precision_loss, reason = "a small number")]
                    true => Value::Number(value as f64),
                    false => Value::Bool(
                        ranges
                            .iter()
                            .any(|(from, to)| (from.min(to)..=to.max(from)).contains(&&value)),
                    ),
                }
            }
            Self::TimeOfDay(ranges) if ranges.is_empty() => {
                text(format!("{:02}:{:02}", now.hour(), now.minute()))
            }
            Self::TimeOfDay(ranges) => {
                let second = i64::from(now.hour()) * 3_600
                    + i64::from(now.minute()) * 60
                    + i64::from(now.second());
                Value::Bool(ranges.iter().any(|(from, to)| match from <= to {
                    true => (from..=to).contains(&&second),
                    false => second >= *from || second <= *to,
                }))
            }
            Self::DateTime(ranges) if ranges.is_empty() => {
                text(now.strftime("%Y-%m-%d %H:%M:%S").to_string())
            }
            Self::DateTime(ranges) => {
                Value::Bool(ranges.iter().any(|(from, to)| (from..=to).contains(&&now)))
            }
        }
    }
}

fn text(text: String) -> Value<'static> {
    Value::Text(Cow::Owned(text))
}

impl DatePart {
    fn of(self, now: DateTime) -> i64 {
        let week_of_month = || {
            let before = now.date().first_of_month().weekday().to_monday_zero_offset();
            (i64::from(now.day()) - 1 + i64::from(before)) / 7 + 1
        };
        match self {
            Self::Year => now.year().into(),
            Self::Yday => now.day_of_year().into(),
            Self::Mon => now.month().into(),
            Self::Mday => now.day().into(),
            Self::Week => now.date().iso_week_date().week().into(),
            Self::Mweek => week_of_month(),
            Self::Wday => now.weekday().to_sunday_one_offset().into(),
            Self::Hour => now.hour().into(),
            Self::Minute => now.minute().into(),
            Self::MinuteOfDay => i64::from(now.hour()) * 60 + i64::from(now.minute()),
        }
    }
}

/// `5` or `2-6`.
fn numbers(range: &str) -> Option<(i64, i64)> {
    let (from, to) = range.split_once('-').unwrap_or((range, range));
    Some((from.trim().parse().ok()?, to.trim().parse().ok()?))
}

/// `9:00-18:00`, in seconds of the day.
fn times(range: &str) -> Option<(i64, i64)> {
    let (from, to) = range.split_once('-')?;
    Some((time(from)?, time(to)?))
}

/// `9`, `9:30` or `9:30:15`.
fn time(text: &str) -> Option<i64> {
    let mut parts = text.trim().split(':').map(|part| part.trim().parse::<i64>().ok());
    let mut next = |max: i64, or: Option<i64>| match parts.next() {
        Some(part) => part.filter(|part| (0..=max).contains(part)),
        None => or,
    };
    let second = next(24, None)? * 3_600 + next(59, Some(0))? * 60 + next(59, Some(0))?;
    (parts.next().is_none() && second <= 86_400).then_some(second)
}

/// `2026-12-24 14:00~2026-12-27`.
fn moments(range: &str) -> Option<(DateTime, DateTime)> {
    let (from, to) = range.split_once('~')?;
    Some((from.trim().parse().ok()?, to.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Wednesday.
    fn given(text: &str) -> String {
        let (helper, length) = DateHelper::read(text).unwrap().unwrap();
        assert_eq!(length, text.len());
        let now: DateTime = "2026-12-30 09:05:30".parse().unwrap();
        helper.at(now).to_text().into_owned()
    }

    #[test]
    fn without_an_argument_a_helper_gives_a_part_of_the_time() {
        let all = [
            ("&year()", "2026"),
            ("&yday()", "364"),
            ("&mon()", "12"),
            ("&mday( )", "30"),
            ("&week()", "53"),
            ("&mweek()", "5"),
            ("&wday()", "4"),
            ("&hour()", "9"),
            ("&minute()", "5"),
            ("&minute_of_day()", "545"),
            ("&time_of_day()", "09:05"),
            ("&date_time()", "2026-12-30 09:05:30"),
        ];
        for (text, expected) in all {
            assert_eq!(given(text), expected, "{text}");
        }
    }

    #[test]
    fn with_an_argument_a_helper_says_whether_the_time_is_in_it() {
        for text in [
            "&wday(2-6)",
            "&hour(1,9)",
            "&hour(17-8)",
            "&mon(12-12)",
            "&time_of_day(9:00-18:00)",
            "&time_of_day(1:00-2:00, 9:05:30-9:06)",
            "&time_of_day(22:00-9:30)",
            "&date_time(2026-12-24~2026-12-31 00:00)",
            "&date_time('2026-12-30 09:05:30~2026-12-30 09:05:30')",
        ] {
            assert_eq!(given(text), "true", "{text}");
        }
        for text in [
            "&wday(1,7)",
            "&time_of_day(9:06-9:00)",
            "&time_of_day(10-24)",
            "&date_time(2026-12-24~2026-12-30)",
        ] {
            assert_eq!(given(text), "false", "{text}");
        }
    }

    #[test]
    fn what_is_no_helper_is_none_and_a_bad_argument_is_told() {
        for text in ["& hour()", "&&", "&hours()", "&hour", "&", "&time_of_day"] {
            assert!(DateHelper::read(text).is_none(), "{text}");
        }
        for text in
            ["&hour(a)", "&hour(", "&time_of_day(9:00)", "&time_of_day(25-26)", "&date_time(x~y)"]
        {
            assert!(DateHelper::read(text).unwrap().is_err(), "{text}");
        }
    }
}
