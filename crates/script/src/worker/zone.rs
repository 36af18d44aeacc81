//! Time zones for `Date`: how far local time is ahead, and which instant a local time is.

use jiff::{
    Timestamp,
    tz::{Offset, TimeZone, TimeZoneDatabase},
};

/// The zones that are part of the program: the process may not open files.
pub struct Zones(TimeZoneDatabase);

/// One of them. Times are those of JavaScript: ms since 1970, NaN for none.
#[derive(Debug, Clone)]
pub struct Zone(TimeZone);

impl Zones {
    pub fn new() -> Self {
        Self(TimeZoneDatabase::bundled())
    }

    pub fn get(&self, name: &str) -> Option<Zone> {
        self.0.get(name).ok().map(Zone)
    }
}

impl Zone {
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// How far local time is ahead of UTC at an instant, in ms.
    pub fn ahead(&self, instant: f64) -> f64 {
        if instant.is_nan() {
            return f64::NAN;
        }
        f64::from(self.0.to_offset(timestamp(instant)).seconds()) * 1_000.0
    }

    /// The instant of a local time, which is given as if it were UTC. A time that a change of the
    /// clocks leaves out is taken by the offset before it, one that comes twice is the first.
    pub fn instant(&self, local: f64) -> f64 {
        if local.is_nan() {
            return f64::NAN;
        }
        let near = timestamp(local);
        let civil = Offset::UTC.to_datetime(near);
        #[expect(clippy::cast_precision_loss, reason = "a Timestamp's ms have less than 53 bits")]
        match self.0.to_ambiguous_timestamp(civil).compatible() {
            Ok(instant) => local + (instant.as_millisecond() - near.as_millisecond()) as f64,
            Err(_) => local - self.ahead(local),
        }
    }
}

/// The instant, or the end of what is known of zones that it lies beyond.
fn timestamp(ms: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
    let whole = ms.floor() as i64;
    let ends = if ms < 0.0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(whole).unwrap_or(ends)
}
