//! Points in time: epoch milliseconds, written as RFC 3339 in UTC.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(examples(1_795_339_800_120_i64)))]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// This many milliseconds later (earlier, if negative), held within the range of `i64`.
    pub fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// The start of the minute, which numbers the per-minute counters.
    pub fn minute(self) -> i64 {
        self.0.div_euclid(60_000)
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// `2026-11-22 09:30:00.120 UTC`, for a person.
    pub fn exact(self) -> String {
        let text = self.to_string();
        text.replace('T', " ").replace('Z', " UTC")
    }

    /// `09:30:00.120`, the time of day in UTC.
    pub fn clock(self) -> String {
        let text = self.to_string();
        text.split('T').nth(1).unwrap_or_default().trim_end_matches('Z').to_owned()
    }
}

/// RFC 3339 in UTC, always with milliseconds: `2026-11-22T09:30:00.120Z`.
impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.timestamp())
    }
}

impl FromStr for Millis {
    type Err = jiff::Error;

    /// Reads RFC 3339 with any offset.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<Timestamp>().map(|at| Self(at.as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_back_as_it_was_written() {
        let at: Millis = "2026-11-22T11:30:00.12+02:00".parse().expect("a time");
        assert_eq!(at.to_string(), "2026-11-22T09:30:00.120Z");
        assert_eq!(at.exact(), "2026-11-22 09:30:00.120 UTC");
        assert_eq!(at.clock(), "09:30:00.120");
    }
}
