//! `Date` and `LocalDate()` in the flow's time zone.

use crate::support::{pool, script};
use script::{Kind, Pool, ScriptError};
use serde_json::{Value, json};

async fn value_in(pool: &Pool, zone: &str, source: &str) -> Value {
    let mut script = script(Kind::Expression, source);
    zone.clone_into(&mut script.zone);
    pool.run(&script).await.unwrap_or_else(|error| panic!("{source}: {error}"))
}

#[tokio::test]
async fn a_date_is_local_to_the_zone() {
    let pool = pool();
    for (zone, source, expected) in [
        ("Europe/Kyiv", "new Date(0).getHours()", json!(3)),
        ("America/New_York", "new Date(0).getDate()", json!(31)),
        ("America/New_York", "new Date(0).getDay()", json!(3)),
        ("Asia/Kolkata", "new Date(0).getMinutes()", json!(30)),
        ("Asia/Kolkata", "new Date(0).getTimezoneOffset()", json!(-330)),
        ("UTC", "new Date(0).getTimezoneOffset()", json!(0)),
        (
            "Europe/Kyiv",
            "new Date(2026, 6, 1, 12).toISOString()",
            json!("2026-07-01T09:00:00.000Z"),
        ),
        (
            "Europe/Kyiv",
            "new Date(2026, 0, 1, 12).toISOString()",
            json!("2026-01-01T10:00:00.000Z"),
        ),
        (
            "Europe/Kyiv",
            "new Date('2026-07-01T12:00').toISOString()",
            json!("2026-07-01T09:00:00.000Z"),
        ),
        ("Europe/Kyiv", "new Date('2026-07-01').toISOString()", json!("2026-07-01T00:00:00.000Z")),
        (
            "Europe/Kyiv",
            "new Date('2026-07-01T12:00Z').toISOString()",
            json!("2026-07-01T12:00:00.000Z"),
        ),
        (
            "Europe/Kyiv",
            "new Date('2026-07-01T12:00-05:00').getTime()",
            json!(1_782_925_200_000_i64),
        ),
        (
            "Europe/Kyiv",
            "new Date('Jul 1 2026 12:00').toISOString()",
            json!("2026-07-01T09:00:00.000Z"),
        ),
        ("Europe/Kyiv", "new Date('12-25-2026').getDate()", json!(25)),
        ("Europe/Kyiv", "new Date(new Date(0).toString()).getTime()", json!(0)),
        ("Europe/Kyiv", "new Date(0).toString()", json!("Thu Jan 01 1970 03:00:00 GMT+0300")),
        ("America/New_York", "new Date(0).toTimeString()", json!("19:00:00 GMT-0500")),
        ("America/New_York", "new Date(0).toDateString()", json!("Wed Dec 31 1969")),
        ("America/New_York", "new Date(0).toJSON()", json!("1970-01-01T00:00:00.000Z")),
        ("Europe/Kyiv", "new Date('no date').getHours()", Value::Null),
        ("Europe/Kyiv", "'' + new Date(NaN)", json!("Invalid Date")),
        ("Europe/Kyiv", "typeof Date()", json!("string")),
        (
            "Europe/Kyiv",
            "new Date(0) instanceof Date && new Date(0).constructor === Date",
            json!(true),
        ),
        ("Europe/Kyiv", "new Date(new Date(5)).getTime()", json!(5)),
        ("Europe/Kyiv", "Date.UTC(1970, 0)", json!(0)),
        ("Europe/Kyiv", "Math.abs(LocalDate() - Date.now()) < 60000", json!(true)),
        ("Europe/Kyiv", "LocalDate().getTimezoneOffset() <= -120", json!(true)),
    ] {
        assert_eq!(value_in(&pool, zone, source).await, expected, "{zone}: {source}");
    }
}

#[tokio::test]
async fn setting_a_part_respects_a_change_of_the_clocks() {
    let pool = pool();
    // On 29 March 2026 the clocks of Kyiv go from 03:00 to 04:00.
    for (source, expected) in [
        (
            "(d => (d.setHours(12), d.toISOString()))(new Date(2026, 2, 29, 1))",
            "2026-03-29T09:00:00.000Z",
        ),
        (
            "(d => (d.setDate(30), d.toISOString()))(new Date(2026, 2, 28, 12))",
            "2026-03-30T09:00:00.000Z",
        ),
        ("new Date(2026, 2, 29, 3, 30).toISOString()", "2026-03-29T01:30:00.000Z"),
        (
            "(d => (d.setMonth(0, 1), d.toISOString()))(new Date(2026, 6, 15))",
            "2025-12-31T22:00:00.000Z",
        ),
        (
            "(d => (d.setFullYear(2027), d.toISOString()))(new Date(NaN))",
            "2026-12-31T22:00:00.000Z",
        ),
        (
            "(d => (d.setMinutes(90), d.toISOString()))(new Date(2026, 0, 1))",
            "2025-12-31T23:30:00.000Z",
        ),
    ] {
        assert_eq!(value_in(&pool, "Europe/Kyiv", source).await, json!(expected), "{source}");
    }
}

#[tokio::test]
async fn dates_far_beyond_any_calendar_are_still_dates() {
    let pool = pool();
    for (source, expected) in [
        ("new Date(8.64e15).getTime()", json!(8.64e15 as i64)),
        ("new Date(-8.64e15).getFullYear()", json!(-271_821)),
        ("new Date(8.64e15 + 1).getTime()", Value::Null),
        ("new Date(200000, 0).getFullYear()", json!(200_000)),
        ("new Date(Infinity).getHours()", Value::Null),
    ] {
        assert_eq!(value_in(&pool, "Europe/Kyiv", source).await, expected, "{source}");
    }
}

/// `Date` is made when a script asks for it, or before where the script before it did.
#[tokio::test]
async fn a_date_is_the_same_whenever_it_is_made() {
    let pool = pool();
    for (source, expected) in [
        // No interpreter has one here.
        ("typeof Date + new Date(0).getHours()", json!("function3")),
        // What it is made of was taken hold of before the script.
        (
            "(() => { RegExp.prototype.exec = Reflect.apply = Reflect.construct = null; \
             String.prototype.slice = globalThis.String = null; \
             return new Date('1970-01-01T03:00').getTime() })()",
            json!(0),
        ),
        ("(Object.prototype.get = Object.prototype.set = 1, new Date(0).getHours())", json!(3)),
        ("(Date = 5, Date + LocalDate().getTimezoneOffset() % 60)", json!(5)),
        ("(delete globalThis.Date, typeof Date + typeof LocalDate())", json!("undefinedobject")),
        (
            "[Date === Date, LocalDate() instanceof Date, Object.keys(globalThis)]",
            json!([true, true, []]),
        ),
        ("new (class extends Date {})(0).getHours()", json!(3)),
    ] {
        // More often than interpreters are kept ready: those that come after know that it is wanted.
        for _ in 0..12 {
            assert_eq!(value_in(&pool, "Europe/Kyiv", source).await, expected, "{source}");
        }
        assert_eq!(value_in(&pool, "Europe/Kyiv", "1").await, json!(1));
    }
}

#[tokio::test]
async fn a_zone_that_does_not_exist_is_named() {
    let mut script = script(Kind::Expression, "1");
    "Europe/Nowhere".clone_into(&mut script.zone);
    let error = pool().run(&script).await.unwrap_err();
    assert!(matches!(error, ScriptError::Zone(_)), "{error:?}");
    assert_eq!(error.to_string(), "there is no time zone “Europe/Nowhere”");
}
