//! Calendars.

use model::calendar::{CalendarAnswer, Weekday};

pub const TITLE: &str = "Calendars";
pub const SEARCH: &str = "Search calendars";
pub const NAME: &str = "Name";
pub const NOW: &str = "Now";
pub const ZONE: &str = "Time zone";
pub const ZONE_HINT: &str = "By its IANA name, such as Europe/Kyiv.";
pub const CHANGED: &str = "Changed";
pub const DESCRIPTION: &str = "Description";
pub const NEW: &str = "New calendar";
pub const CREATE: &str = "Make calendar";
pub const EMPTY: &str = "No calendars";
pub const EMPTY_ABOUT: &str = "A calendar says when it is working time. A flow asks it with the step \
    calendar.";
pub const HELP: &str = "How a flow asks a calendar";
pub const NONE: &str = "Nothing matches";
pub const NONE_ABOUT: &str = "No calendar is called so.";
pub const CLEAR: &str = "Show all";
pub const SETTINGS: &str = "Working time";
pub const SETTINGS_ABOUT: &str = "Write the hours of a day as 09:00-12:30, 13:00-18:00; a day that is \
    left empty is off. The last minute is the one before the end, and 24:00 is the end of the day.";
pub const VALID_FROM: &str = "Valid from";
pub const VALID_TO: &str = "Valid to, that day included";
pub const VALID_HINT: &str = "Empty: without end.";
pub const SAVE: &str = "Save";
pub const SAVED: &str = "Saved";
pub const EXCEPTIONS: &str = "Exceptions";
pub const EXCEPTIONS_ABOUT: &str = "Days that are not as their weekday. One of a single year goes \
    before one of every year.";
pub const NO_EXCEPTIONS: &str = "There are none.";
pub const DATE: &str = "Day";
pub const YEARLY: &str = "Every year";
pub const ONCE: &str = "once";
pub const EVERY_YEAR: &str = "every year";
pub const HOURS: &str = "Working time";
pub const HOURS_HINT: &str = "Empty: nobody works.";
pub const OFF: &str = "off";
pub const ADD_EXCEPTION: &str = "Add an exception";
pub const ADD: &str = "Add";
pub const ADDED: &str = "Added";
pub const REMOVE: &str = "Remove";
pub const REMOVED: &str = "Removed";
pub const DELETE: &str = "Delete calendar";
pub const DELETE_ABOUT: &str = "A flow that names it fails at that step.";
pub const VIEWER: &str = "An editor can change this.";
pub const GONE: &str = "This exception has gone meanwhile.";

/// A day of the week.
pub fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// What a calendar says of now.
pub fn answer(answer: &CalendarAnswer) -> String {
    match answer {
        CalendarAnswer::Open => "Open".into(),
        CalendarAnswer::Closed => "Closed".into(),
        CalendarAnswer::Expired => "Not valid".into(),
        CalendarAnswer::Exception(name) => name.clone(),
    }
}

/// The label of a button that removes an exception.
pub fn remove(name: &str) -> String {
    format!("Remove {name}")
}

pub fn made(name: &str) -> String {
    format!("The calendar {name} is made")
}

pub fn deleted(name: &str) -> String {
    format!("The calendar {name} is deleted")
}

/// How many there are.
pub fn total(count: u64) -> String {
    super::time::plural(count, "calendar", "calendars")
}
