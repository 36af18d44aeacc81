//! Times and numbers, as a person reads them.

use model::time::Millis;

/// How long ago, or how long until: `12 s ago`, `in 3 min`.
pub fn relative(at: Millis, now: Millis) -> String {
    let ms = now.0.saturating_sub(at.0);
    let span = span(ms.unsigned_abs());
    match ms {
        // What was written just now may be ahead of a clock that ticks by the second.
        -1_499..=999 => "now".into(),
        1_000.. => format!("{span} ago"),
        _ => format!("in {span}"),
    }
}

/// A span in its largest unit: `12 s`, `3 min`, `2 days`.
pub fn span(ms: u64) -> String {
    let seconds = ms / 1_000;
    match seconds {
        0..=59 => format!("{seconds} s"),
        60..=3_599 => format!("{} min", seconds / 60),
        3_600..=86_399 => format!("{} h", seconds / 3_600),
        86_400..=2_591_999 => plural(seconds / 86_400, "day", "days"),
        2_592_000..=31_535_999 => plural(seconds / 2_592_000, "month", "months"),
        _ => plural(seconds / 31_536_000, "year", "years"),
    }
}

/// A duration: `0.4 ms`, `84 ms`, `2.31 s`.
pub fn duration_us(us: u64) -> String {
    match us {
        0..=9_999 => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
        10_000..=999_999 => format!("{} ms", us / 1_000),
        1_000_000..=59_999_999 => format!("{}.{:02} s", us / 1_000_000, us % 1_000_000 / 10_000),
        _ => span(us / 1_000),
    }
}

/// A number with its thousands apart: `1,284`.
pub fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number and what it counts: `1 hook`, `6 hooks`.
pub fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
}

/// A share in percent: `100%`, `99.7%`. Never rounds up to all.
pub fn percent(share: f64) -> String {
    if share >= 100.0 {
        return "100%".into();
    }
    let tenths = (share * 10.0).floor().max(0.0) as u64;
    format!("{}.{}%", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_largest_unit() {
        let now = Millis(100_000_000);
        assert_eq!(relative(now.plus(-12_400), now), "12 s ago");
        assert_eq!(relative(now.plus(200), now), "now");
        assert_eq!(relative(now.plus(181_000), now), "in 3 min");
        assert_eq!(relative(now.plus(-86_400_000), now), "1 day ago");
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(number(1_284), "1,284");
        assert_eq!(percent(99.96), "99.9%");
        assert_eq!(percent(100.0), "100%");
        assert_eq!(duration_us(400), "0.4 ms");
        assert_eq!(duration_us(2_310_000), "2.31 s");
        assert_eq!(plural(1, "hook", "hooks"), "1 hook");
    }
}
