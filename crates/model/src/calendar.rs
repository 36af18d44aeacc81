//! Calendars: when it is working time. What they say of a moment is worked out here, and nowhere
//! else.

mod times;

pub use times::{Day, Span, TimeOfDay, spans, written};

use crate::{cache::has_nul, ids::CalendarId, problem::Problem, time::Millis, user::word};
use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The most characters of a calendar's or an exception's name, and of its description.
pub const NAME_MAX: usize = 128;
pub const DESCRIPTION_MAX: usize = 1_000;
/// The most spans of working time of a day.
pub const SPANS_MAX: usize = 10;
/// The most exceptions of a calendar.
pub const EXCEPTIONS_MAX: usize = 1_000;

/// What a calendar says of a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CalendarAnswer {
    Open,
    Closed,
    /// The calendar is not valid at this time.
    Expired,
    /// The name of the exception that is today, at a time when by it nobody works.
    Exception(String),
}

/// A calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Calendar {
    pub id: CalendarId,
    /// What flows may name it by.
    #[cfg_attr(feature = "openapi", schema(examples("Office"), max_length = 128))]
    pub name: String,
    #[cfg_attr(feature = "openapi", schema(examples("The first floor"), max_length = 1000))]
    pub description: String,
    /// The time zone that its days and hours are in, by its IANA name.
    #[cfg_attr(feature = "openapi", schema(examples("Europe/Kyiv"), max_length = 128))]
    pub time_zone: String,
    /// The first day on which it is valid; nothing for every day before.
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = Option<String>, format = Date, examples("2026-01-01"))
    )]
    pub valid_from: Option<Day>,
    /// The last day on which it is valid; nothing for every day after.
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = Option<String>, format = Date, examples("2027-12-31"))
    )]
    pub valid_to: Option<Day>,
    pub hours: Week,
    /// Days that are not as their weekday.
    #[cfg_attr(feature = "openapi", schema(max_items = 1000))]
    pub exceptions: Vec<Exception>,
    pub created_at: Millis,
    pub updated_at: Millis,
}

/// What a person says of a calendar.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CalendarDraft {
    /// What flows may name it by; no two calendars have the same.
    #[cfg_attr(feature = "openapi", schema(examples("Office"), min_length = 1, max_length = 128))]
    pub name: String,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(examples("The first floor"), max_length = 1000))]
    pub description: String,
    /// The time zone that its days and hours are in, by its IANA name.
    #[cfg_attr(feature = "openapi", schema(examples("Europe/Kyiv"), max_length = 128))]
    pub time_zone: String,
    /// The first day on which it is valid; nothing for every day before.
    #[serde(default)]
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = Option<String>, format = Date, examples("2026-01-01"))
    )]
    pub valid_from: Option<Day>,
    /// The last day on which it is valid; nothing for every day after.
    #[serde(default)]
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = Option<String>, format = Date, examples("2027-12-31"))
    )]
    pub valid_to: Option<Day>,
    #[serde(default)]
    pub hours: Week,
    /// Days that are not as their weekday.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 1000))]
    pub exceptions: Vec<Exception>,
}

/// The working time of each day of the week; a day without any is off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = WorkingWeek))]
#[serde(deny_unknown_fields, default)]
pub struct Week {
    #[cfg_attr(feature = "openapi", schema(max_items = 10))]
    pub monday: Vec<Span>,
    #[cfg_attr(feature = "openapi", schema(max_items = 10))]
    pub tuesday: Vec<Span>,
    #[cfg_attr(feature = "openapi", schema(max_items = 10))]
    pub wednesday: Vec<Span>,
    #[cfg_attr(feature = "openapi", schema(max_items = 10))]
    pub thursday: Vec<Span>,
    #[cfg_attr(feature = "openapi", schema(max_items = 10))]
    pub friday: Vec<Span>,
    #[cfg_attr(feature = "openapi", schema(max_items = 10))]
    pub saturday: Vec<Span>,
    #[cfg_attr(feature = "openapi", schema(max_items = 10))]
    pub sunday: Vec<Span>,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// The word in the database and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }
}

word!(Weekday, "weekday");

impl Week {
    /// The working time of a day.
    pub fn of(&self, day: Weekday) -> &[Span] {
        match day {
            Weekday::Monday => &self.monday,
            Weekday::Tuesday => &self.tuesday,
            Weekday::Wednesday => &self.wednesday,
            Weekday::Thursday => &self.thursday,
            Weekday::Friday => &self.friday,
            Weekday::Saturday => &self.saturday,
            Weekday::Sunday => &self.sunday,
        }
    }

    /// The same, to be set.
    pub fn of_mut(&mut self, day: Weekday) -> &mut Vec<Span> {
        match day {
            Weekday::Monday => &mut self.monday,
            Weekday::Tuesday => &mut self.tuesday,
            Weekday::Wednesday => &mut self.wednesday,
            Weekday::Thursday => &mut self.thursday,
            Weekday::Friday => &mut self.friday,
            Weekday::Saturday => &mut self.saturday,
            Weekday::Sunday => &mut self.sunday,
        }
    }
}

/// A day that is not as its weekday: a holiday, or a day on which people work at other hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = CalendarException))]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// What an extended `calendar` step gives on that day.
    #[cfg_attr(
        feature = "openapi",
        schema(examples("New Year"), min_length = 1, max_length = 128)
    )]
    pub name: String,
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = String, format = Date, examples("2027-01-01"))
    )]
    pub date: Day,
    /// Whether it is on this day of every year.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(examples(true)))]
    pub yearly: bool,
    /// The working time of that day; none where nobody works.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(max_items = 10))]
    pub hours: Vec<Span>,
}

/// The IANA names of the time zones that are known, for a person to choose from.
pub fn time_zones() -> Vec<String> {
    jiff::tz::db().available().map(|name| name.to_string()).collect()
}

impl CalendarDraft {
    /// What is wrong with it, by JSON pointer.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut wrong = |at: String, why: String| problems.push(Problem::new(at, why));
        if TimeZone::get(self.time_zone.trim()).is_err() {
            let why = format!("is no time zone like Europe/Kyiv: \"{}\"", self.time_zone);
            wrong("/time_zone".into(), why);
        }
        if let (Some(from), Some(to)) = (self.valid_from, self.valid_to)
            && to < from
        {
            wrong("/valid_to".into(), "lies before the first day".into());
        }
        for day in Weekday::ALL {
            if let Some(why) = faulty(self.hours.of(day)) {
                wrong(format!("/hours/{day}"), why);
            }
        }
        if self.exceptions.len() > EXCEPTIONS_MAX {
            wrong("/exceptions".into(), format!("are at most {EXCEPTIONS_MAX}"));
        }
        for (place, exception) in self.exceptions.iter().enumerate() {
            let letters = exception.name.trim().chars().count();
            if letters == 0 {
                wrong(format!("/exceptions/{place}/name"), "is needed".into());
            } else if letters > NAME_MAX {
                let why = format!("has at most {NAME_MAX} characters");
                wrong(format!("/exceptions/{place}/name"), why);
            } else if let Some(why) = has_nul(&exception.name) {
                wrong(format!("/exceptions/{place}/name"), why);
            }
            if let Some(why) = faulty(&exception.hours) {
                wrong(format!("/exceptions/{place}/hours"), why);
            }
            let same = |other: &Exception| {
                other.date == exception.date && other.yearly == exception.yearly
            };
            if self.exceptions[..place].iter().any(same) {
                let why = format!("is a second exception on {}", exception.date);
                wrong(format!("/exceptions/{place}/date"), why);
            }
        }
        problems
    }
}

/// What is wrong with the spans of a day.
fn faulty(spans: &[Span]) -> Option<String> {
    if spans.len() > SPANS_MAX {
        return Some(format!("are at most {SPANS_MAX} spans"));
    }
    let turned = spans.iter().find(|span| span.to <= span.from)?;
    Some(format!(
        "{}-{} ends before it begins; one over midnight is two, of two days",
        turned.from, turned.to
    ))
}

impl Calendar {
    /// As a person would say it.
    pub fn draft(&self) -> CalendarDraft {
        CalendarDraft {
            name: self.name.clone(),
            description: self.description.clone(),
            time_zone: self.time_zone.clone(),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            hours: self.hours.clone(),
            exceptions: self.exceptions.clone(),
        }
    }

    /// What the calendar says of a moment.
    pub fn at(&self, now: Millis) -> CalendarAnswer {
        self.says(Timestamp::from_millisecond(now.0).unwrap_or(Timestamp::UNIX_EPOCH))
    }

    /// The same. One whose time zone is not known any more is not valid.
    pub fn says(&self, now: Timestamp) -> CalendarAnswer {
        match TimeZone::get(&self.time_zone) {
            Ok(zone) => self.says_by_clock(zone.to_datetime(now)),
            Err(_) => CalendarAnswer::Expired,
        }
    }

    /// What it says when the clocks of its zone show this. An exception of this very day goes
    /// before one of every year, and either before the hours of the weekday.
    fn says_by_clock(&self, at: civil::DateTime) -> CalendarAnswer {
        let today = Day(at.date());
        let early = self.valid_from.is_some_and(|first| today < first);
        if early || self.valid_to.is_some_and(|last| today > last) {
            return CalendarAnswer::Expired;
        }
        let minutes = i32::from(at.hour()) * 60 + i32::from(at.minute());
        let time = TimeOfDay { minutes: u16::try_from(minutes).unwrap_or_default() };
        let works = |spans: &[Span]| spans.iter().any(|span| span.holds(time));
        let once = |one: &&Exception| !one.yearly && one.date == today;
        let yearly = |one: &&Exception| {
            let (month, day) = (one.date.0.month(), one.date.0.day());
            one.yearly && (month, day) == (at.month(), at.day())
        };
        let exception = self.exceptions.iter().find(once);
        if let Some(exception) = exception.or_else(|| self.exceptions.iter().find(yearly)) {
            return match works(&exception.hours) {
                true => CalendarAnswer::Open,
                false => CalendarAnswer::Exception(exception.name.clone()),
            };
        }
        let day = Weekday::ALL[usize::from(at.weekday().to_monday_zero_offset().unsigned_abs())];
        match works(self.hours.of(day)) {
            true => CalendarAnswer::Open,
            false => CalendarAnswer::Closed,
        }
    }
}

#[cfg(test)]
mod tests;
