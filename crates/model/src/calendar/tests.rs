use super::*;
use CalendarAnswer::{Closed, Exception as Named, Expired, Open};

/// A calendar in Kyiv, open from nine to one and from two to six on weekdays.
fn office() -> Calendar {
    let day = spans("9:00-13:00, 14:00-18:00").unwrap();
    let mut hours = Week::default();
    for weekday in &Weekday::ALL[..5] {
        *hours.of_mut(*weekday) = day.clone();
    }
    Calendar {
        id: CalendarId(1),
        name: "Office".into(),
        description: String::new(),
        time_zone: "Europe/Kyiv".into(),
        valid_from: None,
        valid_to: None,
        hours,
        exceptions: Vec::new(),
        created_at: Millis(0),
        updated_at: Millis(0),
    }
}

fn exception(name: &str, date: &str, yearly: bool, hours: &str) -> Exception {
    Exception {
        name: name.into(),
        date: date.parse().unwrap(),
        yearly,
        hours: spans(hours).unwrap(),
    }
}

fn says(calendar: &Calendar, at: &str) -> CalendarAnswer {
    calendar.says(at.parse().unwrap())
}

#[test]
fn it_is_open_from_the_first_minute_to_before_the_last_in_its_own_zone() {
    let office = office();
    // A Monday, two hours ahead of UTC.
    for (at, answer) in [
        ("2026-11-30T06:59:59Z", Closed),
        ("2026-11-30T07:00:00Z", Open),
        ("2026-11-30T10:59:59Z", Open),
        ("2026-11-30T11:00:00Z", Closed),
        ("2026-11-30T12:00:00Z", Open),
        ("2026-11-30T15:59:59.999Z", Open),
        ("2026-11-30T16:00:00Z", Closed),
        ("2026-11-29T10:00:00Z", Closed),
        ("2026-07-06T06:00:00Z", Open),
    ] {
        assert_eq!(says(&office, at), answer, "{at}");
    }
}

#[test]
fn midnight_belongs_to_the_day_that_begins() {
    let mut office = office();
    office.hours.saturday = spans("22:00-24:00").unwrap();
    office.hours.sunday = spans("00:00-02:00").unwrap();
    for (at, answer) in [
        ("2026-11-28T19:59:59Z", Closed),
        ("2026-11-28T20:00:00Z", Open),
        ("2026-11-28T21:59:59Z", Open),
        // Sunday begins.
        ("2026-11-28T22:00:00Z", Open),
        ("2026-11-28T23:59:59Z", Open),
        ("2026-11-29T00:00:00Z", Closed),
    ] {
        assert_eq!(says(&office, at), answer, "{at}");
    }
}

#[test]
fn on_days_when_the_clocks_change_the_clock_on_the_wall_counts() {
    let mut office = office();
    office.hours.sunday = spans("03:30-05:00").unwrap();
    // At three the clocks go to four: half past three never comes.
    for (at, answer) in [
        ("2026-03-29T00:59:59Z", Closed),
        ("2026-03-29T01:00:00Z", Open),
        ("2026-03-29T01:59:59Z", Open),
        ("2026-03-29T02:00:00Z", Closed),
        // At four they go back to three: half past three comes twice.
        ("2026-10-25T00:29:59Z", Closed),
        ("2026-10-25T00:30:00Z", Open),
        ("2026-10-25T00:59:59Z", Open),
        ("2026-10-25T01:00:00Z", Closed),
        ("2026-10-25T01:30:00Z", Open),
        ("2026-10-25T02:59:59Z", Open),
        ("2026-10-25T03:00:00Z", Closed),
    ] {
        assert_eq!(says(&office, at), answer, "{at}");
    }
}

#[test]
fn an_exception_goes_before_the_hours_and_one_of_this_day_before_one_of_every_year() {
    let mut office = office();
    office.exceptions = vec![
        exception("New Year", "2020-01-01", true, ""),
        exception("Stock-taking", "2027-01-01", false, "10:00-12:00"),
        exception("Working Saturday", "2026-11-28", false, "10:00-12:00"),
        exception("Leap day", "2024-02-29", true, ""),
    ];
    for (at, answer) in [
        ("2026-01-01T10:00:00Z", Named("New Year".into())),
        ("2027-01-01T07:30:00Z", Named("Stock-taking".into())),
        ("2027-01-01T08:30:00Z", Open),
        ("2028-01-01T08:30:00Z", Named("New Year".into())),
        ("2026-11-28T09:00:00Z", Open),
        ("2026-11-28T11:00:00Z", Named("Working Saturday".into())),
        ("2026-11-21T09:00:00Z", Closed),
        // The first minute of the day there.
        ("2025-12-31T22:00:00Z", Named("New Year".into())),
        ("2026-01-01T22:00:00Z", Closed),
        ("2028-02-29T10:00:00Z", Named("Leap day".into())),
        ("2027-03-01T10:00:00Z", Open),
    ] {
        assert_eq!(says(&office, at), answer, "{at}");
    }
}

#[test]
fn outside_its_days_it_is_expired_whatever_its_hours() {
    let mut office = office();
    office.valid_from = Some("2026-11-02".parse().unwrap());
    office.valid_to = Some("2026-11-30".parse().unwrap());
    office.exceptions = vec![exception("Before", "2026-11-01", false, "00:00-24:00")];
    for (at, answer) in [
        ("2026-11-01T10:00:00Z", Expired),
        ("2026-11-01T21:59:59Z", Expired),
        ("2026-11-01T22:00:00Z", Closed),
        ("2026-11-30T15:00:00Z", Open),
        ("2026-11-30T21:59:59Z", Closed),
        ("2026-11-30T22:00:00Z", Expired),
    ] {
        assert_eq!(says(&office, at), answer, "{at}");
    }
    office.time_zone = "Nowhere/Land".into();
    assert_eq!(says(&office, "2026-11-30T10:00:00Z"), Expired);
}

#[test]
fn spans_read_back_as_they_were_written() {
    let read = spans(" 9:00-12:30 ,13:05 – 24:00, ").unwrap();
    assert_eq!(written(&read), "09:00-12:30, 13:05-24:00");
    assert_eq!(spans(&written(&read)).unwrap(), read);
    assert_eq!(spans("").unwrap(), []);
    for wrong in ["9", "9:00", "9:00-25:00", "9:0-10:00", "24:01-24:02", "a:00-b:00", "9:60-10:00"]
    {
        assert!(spans(wrong).is_err(), "{wrong}");
    }
    for wrong in ["2026-13-01", "2026-02-29", "26-01-01", "2026-1-1", "20260101", ""] {
        assert!(wrong.parse::<Day>().is_err(), "{wrong}");
    }
}

#[test]
fn what_is_wrong_with_a_calendar_is_said_at_its_place() {
    let sound = CalendarDraft {
        exceptions: vec![exception("a", "2026-01-01", true, "")],
        ..office().draft()
    };
    assert_eq!(sound.problems(), []);
    let mut draft = sound.clone();
    draft.time_zone = "Kyiv".into();
    draft.valid_from = Some("2026-11-02".parse().unwrap());
    draft.valid_to = Some("2026-11-01".parse().unwrap());
    draft.hours.friday = spans("22:00-02:00").unwrap();
    draft.hours.sunday = vec![sound.hours.monday[0]; SPANS_MAX + 1];
    draft.exceptions.push(exception("  ", "2026-01-01", false, "9:00-9:00"));
    draft.exceptions.push(exception("b", "2026-01-01", true, ""));
    let at: Vec<_> = draft.problems().into_iter().map(|problem| problem.pointer).collect();
    assert_eq!(
        at,
        [
            "/time_zone",
            "/valid_to",
            "/hours/friday",
            "/hours/sunday",
            "/exceptions/1/name",
            "/exceptions/1/hours",
            "/exceptions/2/date"
        ]
    );
}

#[test]
fn a_calendar_is_read_as_json() {
    let text = r#"{"name": "Office", "time_zone": "Europe/Kyiv", "valid_to": "2027-12-31",
        "hours": {"monday": [{"from": "09:00", "to": "24:00"}]},
        "exceptions": [{"name": "New Year", "date": "2027-01-01", "yearly": true}]}"#;
    let draft: CalendarDraft = serde_json::from_str(text).unwrap();
    assert_eq!(written(draft.hours.of(Weekday::Monday)), "09:00-24:00");
    let again: CalendarDraft =
        serde_json::from_str(&serde_json::to_string(&draft).unwrap()).unwrap();
    assert_eq!(again, draft);
    assert!(serde_json::from_str::<CalendarDraft>(&text.replace("24:00", "24:30")).is_err());
}
