//! Destinations: the servers that flows call, told apart by scheme, host and port, and what is set
//! for them.

use crate::{
    live::{BreakerState, DestinationView},
    problem::Problem,
    time::Millis,
    whole,
};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, net::Ipv6Addr, str::FromStr};

/// How many requests to a destination run at once, unless it is set.
pub const DEFAULT_CONCURRENCY: u32 = 64;
/// The share of failed requests at which a breaker opens, unless it is set.
pub const DEFAULT_FAILURE_PERCENT: u32 = 50;
/// How many requests a breaker looks at before it may open, unless it is set.
pub const DEFAULT_MIN_CALLS: u32 = 10;
/// How long a breaker stays open before it probes, unless it is set, in milliseconds.
pub const DEFAULT_OPEN_MS: i64 = 30_000;

/// The most requests to a destination at once.
pub const CONCURRENCY_MAX: u32 = 10_000;
/// The fewest and the most requests a second.
pub const RATE_MIN: f64 = 0.001;
pub const RATE_MAX: f64 = 100_000.0;
/// How many of the newest requests a breaker knows: the most, too, that it can look at before it may
/// open.
pub const BREAKER_KNOWS: u32 = 64;
/// The shortest and the longest that a breaker stays open before it probes, in milliseconds.
pub const OPEN_MIN_MS: i64 = 100;
pub const OPEN_MAX_MS: i64 = 3_600_000;

/// The longest name of a host, as DNS has it.
const HOST_MAX: usize = 253;

/// A destination's name: `scheme://host:port`, in lower case, the port always written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, examples("https://crm.example:443")))]
#[serde(try_from = "String", into = "String")]
pub struct DestinationKey(String);

/// Text that names no destination.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{given}\" is no destination; one is written https://host:port")]
pub struct BadDestination {
    pub given: String,
}

impl DestinationKey {
    /// Of the parts of an address that has been read already; an IPv6 host stands in brackets.
    pub fn new(scheme: &str, host: &str, port: u16) -> Self {
        let mut key = format!("{scheme}://{host}:{port}");
        key.make_ascii_lowercase();
        Self(key)
    }

    /// `scheme://host:port`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its host; an IPv6 address without the brackets.
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let host = rest.rsplit_once(':').map_or(rest, |(host, _)| host);
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }
}

impl fmt::Display for DestinationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads `scheme://host`, with or without a port; a path is refused, as it would be ignored.
impl FromStr for DestinationKey {
    type Err = BadDestination;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (scheme, rest) = text.trim().split_once("://")?;
            let scheme = scheme.to_ascii_lowercase();
            let usual = match scheme.as_str() {
                "http" => 80,
                "https" => 443,
                _ => return None,
            };
            let rest = rest.strip_suffix('/').unwrap_or(rest);
            // The colons of an IPv6 address stand in brackets.
            let (host, port) = match rest.rsplit_once(':') {
                Some((host, port)) if !port.contains(']') => (host, digits(port)?),
                _ => (rest, usual),
            };
            Some(Self::new(&scheme, &written_host(host)?, port))
        };
        read().ok_or_else(|| BadDestination { given: text.into() })
    }
}

impl TryFrom<String> for DestinationKey {
    type Error = BadDestination;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<DestinationKey> for String {
    fn from(key: DestinationKey) -> Self {
        key.0
    }
}

fn digits(port: &str) -> Option<u16> {
    port.bytes().all(|byte| byte.is_ascii_digit()).then(|| port.parse().ok())?
}

/// The host as it is written: an IPv6 address in its short form.
fn written_host(host: &str) -> Option<Cow<'_, str>> {
    let in_brackets = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Some(address) = in_brackets {
        return Some(format!("[{}]", address.parse::<Ipv6Addr>().ok()?).into());
    }
    let part = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let right = !host.is_empty() && host.len() <= HOST_MAX && host.bytes().all(part);
    right.then_some(host.into())
}

/// Requests a second, to a thousandth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate {
    /// Thousandths of a request each second.
    pub milli: u64,
}

impl Rate {
    /// The rate nearest to so many requests a second; none below zero or beyond what is a number.
    /// What lies beyond a bound of rates is not rounded to it.
    pub fn of_per_second(rate: f64) -> Option<Self> {
        let exact = rate * 1_000.0;
        let milli = match rate {
            rate if rate < RATE_MIN => exact.floor(),
            rate if rate > RATE_MAX => exact.ceil(),
            _ => exact.round(),
        };
        (milli >= 0.0 && milli.is_finite()).then_some(Self { milli: milli as u64 })
    }

    pub fn per_second(self) -> f64 {
        self.milli as f64 / 1_000.0
    }
}

impl Serialize for Rate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.per_second())
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rate = f64::deserialize(deserializer)?;
        Self::of_per_second(rate).ok_or_else(|| serde::de::Error::custom("is no rate a second"))
    }
}

/// What a destination bears, and when its breaker opens. Everything left out is as for any
/// destination.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct DestinationLimits {
    /// How many requests run at once.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10000))]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "whole::maybe")]
    pub concurrency: Option<u32>,
    /// How many requests begin in a second; as many as there are, where it is left out.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, minimum = 0.001, maximum = 100000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_per_s: Option<Rate>,
    /// The share of failed requests at which the breaker opens.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100))]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "whole::maybe")]
    pub failure_percent: Option<u32>,
    /// How many requests the breaker looks at before it may open. It knows the newest 64.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 64))]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "whole::maybe")]
    pub min_calls: Option<u32>,
    /// How long the breaker stays open before it probes, in milliseconds.
    #[cfg_attr(feature = "openapi", schema(minimum = 100, maximum = 3600000))]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "whole::maybe")]
    pub open_ms: Option<i64>,
}

impl DestinationLimits {
    /// What is wrong with them, each fault under its field's JSON pointer.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut within = |field: &str, right: bool, range: String| {
            if !right {
                problems.push(Problem::new(format!("/{field}"), format!("is between {range}")));
            }
        };
        if let Some(value) = self.concurrency {
            let right = (1..=CONCURRENCY_MAX).contains(&value);
            within("concurrency", right, format!("1 and {CONCURRENCY_MAX}"));
        }
        if let Some(value) = self.rate_per_s.map(Rate::per_second) {
            let right = (RATE_MIN..=RATE_MAX).contains(&value);
            within("rate_per_s", right, format!("{RATE_MIN} and {RATE_MAX} requests a second"));
        }
        if let Some(value) = self.failure_percent {
            within("failure_percent", (1..=100).contains(&value), "1 and 100".into());
        }
        if let Some(value) = self.min_calls {
            let right = (1..=BREAKER_KNOWS).contains(&value);
            let range = format!("1 and {BREAKER_KNOWS}, the newest requests that a breaker knows");
            within("min_calls", right, range);
        }
        if let Some(value) = self.open_ms {
            let right = (OPEN_MIN_MS..=OPEN_MAX_MS).contains(&value);
            within("open_ms", right, format!("{OPEN_MIN_MS} and {OPEN_MAX_MS} ms"));
        }
        problems
    }
}

/// What a person has put in the place of the breaker's own judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Forced {
    /// Nothing is sent; deliveries are parked.
    Open,
    /// Everything is sent, whatever fails.
    Closed,
}

impl Forced {
    pub const ALL: [Self; 2] = [Self::Open, Self::Closed];

    /// The word in the database and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

crate::user::word!(Forced, "state of a breaker");

/// What people have set for one destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestinationSettings {
    pub key: DestinationKey,
    pub limits: DestinationLimits,
    pub forced: Option<Forced>,
    /// When a person last asked that what waits for it go out at once.
    pub drained_at: Option<Millis>,
    pub updated_at: Millis,
}

/// What a person does to a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DestinationAct {
    /// Nothing is sent any more, until somebody says otherwise.
    Open,
    /// Everything is sent, whatever fails, until somebody says otherwise.
    Close,
    /// The breaker decides again.
    Release,
    /// What waits goes out at once, as fast as the limits admit.
    Drain,
}

impl DestinationAct {
    pub const ALL: [Self; 4] = [Self::Open, Self::Close, Self::Release, Self::Drain];

    /// The word in forms and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Close => "close",
            Self::Release => "release",
            Self::Drain => "drain",
        }
    }
}

crate::user::word!(DestinationAct, "act");

/// A destination as a list shows it: how it stands now, and what is set for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DestinationRow {
    pub now: DestinationView,
    pub limits: DestinationLimits,
    /// When somebody last changed what is set; nothing, where nobody has.
    pub updated_at: Option<Millis>,
}

/// What a list of destinations is narrowed to. An empty text or list narrows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DestinationFilter {
    /// A part of the key, in any case.
    pub search: String,
    pub states: Vec<BreakerState>,
    /// Whether something is set for it.
    pub set: Option<bool>,
}

impl DestinationFilter {
    /// Whether the list shows this one.
    pub fn admits(&self, row: &DestinationRow) -> bool {
        let search = self.search.trim().to_lowercase();
        let is_set = row.now.forced.is_some() || row.limits != DestinationLimits::default();
        row.now.key.as_str().contains(&search)
            && (self.states.is_empty() || self.states.contains(&row.now.state))
            && self.set.is_none_or(|set| set == is_set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> String {
        text.parse::<DestinationKey>().map_or_else(|error| error.to_string(), String::from)
    }

    #[test]
    fn a_destination_is_written_in_one_way() {
        assert_eq!(key("https://CRM.example"), "https://crm.example:443");
        assert_eq!(key(" HTTP://crm.example/ "), "http://crm.example:80");
        assert_eq!(key("http://10.0.0.7:08080"), "http://10.0.0.7:8080");
        assert_eq!(key("http://[::1]"), "http://[::1]:80");
        assert_eq!(key("http://[2001:DB8:0::1]:8080"), "http://[2001:db8::1]:8080");
        let parts = DestinationKey::new("https", "CRM.example", 443);
        assert_eq!(parts.as_str(), key("https://crm.example:443"));
    }

    #[test]
    fn what_names_no_destination_is_refused() {
        let wrong = [
            "",
            "crm.example",
            "ftp://crm.example",
            "https://",
            "https://crm.example/hook",
            "https://crm.example:70000",
            "https://crm.example:+80",
            "https://crm.example:",
            "https://user@crm.example",
            "https://крм.example",
            "http://::1",
            "http://[::1",
        ];
        for text in wrong {
            assert!(text.parse::<DestinationKey>().is_err(), "{text}");
        }
        assert!(serde_json::from_str::<DestinationKey>(r#""nowhere""#).is_err());
    }

    #[test]
    fn limits_are_left_out_unless_set_and_a_rate_is_a_number() {
        let none: DestinationLimits = serde_json::from_str("{}").unwrap();
        assert_eq!(none, DestinationLimits::default());
        let text = r#"{"concurrency":2,"rate_per_s":0.5}"#;
        let some: DestinationLimits = serde_json::from_str(text).unwrap();
        assert_eq!(some.rate_per_s, Some(Rate { milli: 500 }));
        assert_eq!(serde_json::to_string(&some).unwrap(), text);
        assert!(serde_json::from_str::<DestinationLimits>(r#"{"rate_per_s":-1}"#).is_err());
        assert!(serde_json::from_str::<DestinationLimits>(r#"{"rate":1}"#).is_err());
    }

    #[test]
    fn each_fault_is_named_by_its_place() {
        let wrong = DestinationLimits {
            concurrency: Some(0),
            rate_per_s: Rate::of_per_second(0.0),
            failure_percent: Some(101),
            min_calls: Some(0),
            open_ms: Some(1),
        };
        let places: Vec<_> = wrong.problems().into_iter().map(|one| one.pointer).collect();
        assert_eq!(
            places,
            ["/concurrency", "/rate_per_s", "/failure_percent", "/min_calls", "/open_ms"]
        );
        let right = DestinationLimits {
            concurrency: Some(1),
            rate_per_s: Rate::of_per_second(0.001),
            failure_percent: Some(100),
            min_calls: Some(1),
            open_ms: Some(100),
        };
        assert_eq!(right.problems(), []);
    }

    #[test]
    fn a_breaker_cannot_look_at_more_requests_than_it_knows() {
        let of = |min_calls| DestinationLimits {
            min_calls: Some(min_calls),
            ..DestinationLimits::default()
        };
        assert_eq!(of(BREAKER_KNOWS).problems(), []);
        let told = "is between 1 and 64, the newest requests that a breaker knows";
        assert_eq!(of(BREAKER_KNOWS + 1).problems(), [Problem::new("/min_calls", told)]);
    }
}
