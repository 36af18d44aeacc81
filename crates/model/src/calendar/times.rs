//! Days and spans of time, as calendars have them and people write them.

use jiff::civil;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{fmt, str::FromStr};

/// A span of working time within a day. One over midnight is two, of two days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = WorkingSpan))]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// When it begins.
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = String, examples("09:00"), pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")
    )]
    pub from: TimeOfDay,
    /// When it ends: the first minute that is no more of it. `24:00` is the end of the day.
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = String, examples("18:00"), pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")
    )]
    pub to: TimeOfDay,
}

impl Span {
    pub(super) fn holds(self, time: TimeOfDay) -> bool {
        self.from <= time && time < self.to
    }
}

/// A time of day by the clock on the wall, as `HH:MM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay {
    /// Minutes since midnight, at most 1,440.
    pub(super) minutes: u16,
}

/// A day of the calendar, as `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub(super) civil::Date);

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

impl FromStr for TimeOfDay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("\"{text}\" is no time of day like 09:30");
        let (hours, minutes) = text.trim().split_once(':').ok_or_else(wrong)?;
        let number = |digits: &str| -> Option<u16> {
            let is_number =
                (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| is_number)
        };
        let hours = number(hours).ok_or_else(wrong)?;
        let minutes = number(minutes).filter(|_| minutes.len() == 2).ok_or_else(wrong)?;
        let all = hours * 60 + minutes;
        if minutes < 60 && all <= 24 * 60 { Ok(Self { minutes: all }) } else { Err(wrong()) }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let is_plain = text.len() == 10 && text.bytes().all(|b| b == b'-' || b.is_ascii_digit());
        let day = text.parse().ok().filter(|_| is_plain);
        day.map(Self).ok_or_else(|| format!("\"{text}\" is no day like 2027-01-31"))
    }
}

macro_rules! as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(D::Error::custom)
            }
        }
    };
}
as_text!(TimeOfDay);
as_text!(Day);

/// Reads spans as a person writes them: `09:00-12:30, 13:00-18:00`; nothing is none.
///
/// # Errors
/// Names the part that is no span.
pub fn spans(text: &str) -> Result<Vec<Span>, String> {
    let parts = text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty());
    let mut read = Vec::new();
    for part in parts {
        let ends = part.split_once(['-', '–']);
        let (from, to) =
            ends.ok_or_else(|| format!("\"{part}\" is no span of time like 09:00-18:00"))?;
        read.push(Span { from: from.parse()?, to: to.parse()? });
    }
    Ok(read)
}

/// Spans as [`spans`] reads them.
pub fn written(spans: &[Span]) -> String {
    let spans = spans.iter().map(|span| format!("{}-{}", span.from, span.to));
    spans.collect::<Vec<_>>().join(", ")
}
