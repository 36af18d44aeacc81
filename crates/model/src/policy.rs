//! How a hook's deliveries are run, where the hook asks for something else than the default.

use crate::{problem::Problem, whole};
use serde::{Deserialize, Deserializer, Serialize};
use std::{fmt, str::FromStr};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The most retries of a delivery.
pub const RETRIES_MAX: usize = 30;
/// The longest wait between two attempts, in milliseconds.
pub const WAIT_MAX_MS: i64 = 7 * DAY;
/// The oldest that a delivery may be when it is tried again, in milliseconds.
pub const AGE_MAX_MS: i64 = 60 * DAY;
/// The youngest that the age limit of a delivery may be, in milliseconds.
pub const AGE_MIN_MS: i64 = SECOND;
/// The shortest and the longest that one attempt may be given, in milliseconds.
pub const ATTEMPT_LIMIT_MIN_MS: i64 = 100;
pub const ATTEMPT_LIMIT_MAX_MS: i64 = HOUR;

/// What a hook says about its deliveries. Everything left out is as for any hook.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The waits between attempts, in milliseconds; an empty list is: try once.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<Wait>>, inline, max_items = 30))]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole::list")]
    pub retry_waits_ms: Option<Vec<i64>>,
    /// How old a delivery may be when it is tried again, in milliseconds since its acceptance.
    #[cfg_attr(feature = "openapi", schema(minimum = 1000, maximum = 5184000000_i64))]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole::maybe")]
    pub max_age_ms: Option<i64>,
    /// How long one attempt may take, in milliseconds.
    #[cfg_attr(feature = "openapi", schema(minimum = 100, maximum = 3600000))]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "whole::maybe")]
    pub attempt_limit_ms: Option<i64>,
    /// Which deliveries go first when there are more than can run.
    #[serde(default, skip_serializing_if = "Priority::is_normal")]
    pub priority: Priority,
}

/// What a change does to a policy: what it leaves out stays, and what it makes null is as for any
/// hook again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct PolicyChange {
    /// The waits between attempts, in milliseconds; an empty list is: try once.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<Wait>>, inline, max_items = 30))]
    #[serde(deserialize_with = "waits")]
    pub retry_waits_ms: Option<Option<Vec<i64>>>,
    /// How old a delivery may be when it is tried again, in milliseconds since its acceptance.
    #[cfg_attr(feature = "openapi",
        schema(value_type = Option<i64>, minimum = 1000, maximum = 5184000000_i64))]
    #[serde(deserialize_with = "number")]
    pub max_age_ms: Option<Option<i64>>,
    /// How long one attempt may take, in milliseconds.
    #[cfg_attr(feature = "openapi",
        schema(value_type = Option<i64>, minimum = 100, maximum = 3600000))]
    #[serde(deserialize_with = "number")]
    pub attempt_limit_ms: Option<Option<i64>>,
    /// Which deliveries go first when there are more than can run.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Priority>))]
    #[serde(deserialize_with = "priority")]
    pub priority: Option<Option<Priority>>,
}

fn waits<'de, D: Deserializer<'de>>(given: D) -> Result<Option<Option<Vec<i64>>>, D::Error> {
    whole::list(given).map(Some)
}

fn number<'de, D: Deserializer<'de>>(given: D) -> Result<Option<Option<i64>>, D::Error> {
    whole::maybe(given).map(Some)
}

fn priority<'de, D: Deserializer<'de>>(given: D) -> Result<Option<Option<Priority>>, D::Error> {
    Option::deserialize(given).map(Some)
}

impl PolicyChange {
    /// The policy as it is after the change.
    pub fn applied_to(self, was: &Policy) -> Policy {
        Policy {
            retry_waits_ms: self.retry_waits_ms.unwrap_or_else(|| was.retry_waits_ms.clone()),
            max_age_ms: self.max_age_ms.unwrap_or(was.max_age_ms),
            attempt_limit_ms: self.attempt_limit_ms.unwrap_or(was.attempt_limit_ms),
            priority: self.priority.map_or(was.priority, Option::unwrap_or_default),
        }
    }
}

/// All of a policy.
impl From<Policy> for PolicyChange {
    fn from(policy: Policy) -> Self {
        Self {
            retry_waits_ms: Some(policy.retry_waits_ms),
            max_age_ms: Some(policy.max_age_ms),
            attempt_limit_ms: Some(policy.attempt_limit_ms),
            priority: Some(Some(policy.priority)),
        }
    }
}

/// A wait between two attempts, for the document.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
#[schema(value_type = i64, minimum = 0, maximum = 604800000)]
#[expect(dead_code, reason = "it has a schema and no values")]
pub struct Wait(i64);

/// Which deliveries go first when there are more than can run. The lower ones are slowed by the
/// higher, never stopped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    High,
    #[default]
    Normal,
    Low,
}

impl Priority {
    pub const ALL: [Self; 3] = [Self::High, Self::Normal, Self::Low];

    /// The word in the database and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }

    fn is_normal(&self) -> bool {
        *self == Self::Normal
    }
}

crate::user::word!(Priority, "priority");

/// A schedule of retries that a person can choose by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// As for any hook.
    Default,
    /// Done with within minutes.
    Quick,
    /// Over days.
    Patient,
    /// One attempt.
    Once,
    /// Waits of its own.
    Custom,
}

impl Preset {
    pub const ALL: [Self; 5] =
        [Self::Default, Self::Quick, Self::Patient, Self::Once, Self::Custom];

    /// The word in a form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Quick => "quick",
            Self::Patient => "patient",
            Self::Once => "once",
            Self::Custom => "custom",
        }
    }

    /// Its waits in milliseconds; nothing for the default, and for those that have none of their
    /// own.
    pub fn waits_ms(self) -> Option<Vec<i64>> {
        match self {
            Self::Default | Self::Custom => None,
            Self::Quick => {
                Some([2 * SECOND, 5 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 3 * MINUTE].into())
            }
            Self::Patient => {
                Some([MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, DAY, 2 * DAY].into())
            }
            Self::Once => Some(Vec::new()),
        }
    }

    /// The schedule that a policy has.
    pub fn of(policy: &Policy) -> Self {
        let named = Self::ALL.into_iter().find(|preset| preset.waits_ms() == policy.retry_waits_ms);
        named.unwrap_or(Self::Custom)
    }
}

crate::user::word!(Preset, "schedule");

impl Policy {
    /// What is wrong with it, each fault under the field's JSON pointer after `at`.
    pub fn problems(&self, at: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut within = |field: String, value: i64, low: i64, high: i64| {
            if !(low..=high).contains(&value) {
                problems.push(Problem::new(
                    format!("{at}/{field}"),
                    format!("{value} is not between {low} and {high} ms"),
                ));
            }
        };
        let waits = self.retry_waits_ms.as_deref().unwrap_or_default();
        for (place, wait) in waits.iter().enumerate() {
            within(format!("retry_waits_ms/{place}"), *wait, 0, WAIT_MAX_MS);
        }
        if let Some(age) = self.max_age_ms {
            within("max_age_ms".into(), age, AGE_MIN_MS, AGE_MAX_MS);
        }
        if let Some(limit) = self.attempt_limit_ms {
            let (low, high) = (ATTEMPT_LIMIT_MIN_MS, ATTEMPT_LIMIT_MAX_MS);
            within("attempt_limit_ms".into(), limit, low, high);
        }
        if waits.len() > RETRIES_MAX {
            problems.push(Problem::new(
                format!("{at}/retry_waits_ms"),
                format!("{} waits; there may be {RETRIES_MAX} at most", waits.len()),
            ));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_the_default_and_is_left_out_again() {
        let empty: Policy = serde_json::from_str("{}").unwrap();
        assert_eq!(empty, Policy::default());
        assert_eq!(serde_json::to_string(&empty).unwrap(), "{}");
        let text = r#"{"retry_waits_ms":[1000,2000],"priority":"high"}"#;
        let policy: Policy = serde_json::from_str(text).unwrap();
        assert_eq!(policy.priority, Priority::High);
        assert_eq!(serde_json::to_string(&policy).unwrap(), text);
        assert!(serde_json::from_str::<Policy>(r#"{"retries":3}"#).is_err());
    }

    #[test]
    fn a_change_says_what_stays_and_what_is_as_for_any_hook() {
        let was = Policy {
            retry_waits_ms: Some(vec![1_000]),
            max_age_ms: Some(60_000),
            attempt_limit_ms: Some(500),
            priority: Priority::High,
        };
        let after = |text: &str| {
            serde_json::from_str::<PolicyChange>(text).map(|change| change.applied_to(&was))
        };
        assert_eq!(after("{}").unwrap(), was);
        let changed = after(r#"{"retry_waits_ms":[5e3,7.0],"max_age_ms":null}"#).unwrap();
        let waits = Some(vec![5_000, 7]);
        let expected = Policy { retry_waits_ms: waits, max_age_ms: None, ..was.clone() };
        assert_eq!(changed, expected);
        let all = r#"{"retry_waits_ms":null,"max_age_ms":null,"attempt_limit_ms":null,
                      "priority":null}"#;
        assert_eq!(after(all).unwrap(), Policy::default());
        assert!(after(r#"{"retries":3}"#).is_err());
    }

    #[test]
    fn a_schedule_is_known_by_its_waits() {
        for preset in Preset::ALL.into_iter().filter(|preset| *preset != Preset::Custom) {
            let policy = Policy { retry_waits_ms: preset.waits_ms(), ..Policy::default() };
            assert_eq!((Preset::of(&policy), policy.problems("")), (preset, vec![]));
        }
        let own = Policy { retry_waits_ms: Some(vec![7]), ..Policy::default() };
        assert_eq!(Preset::of(&own), Preset::Custom);
    }

    #[test]
    fn each_fault_is_named_by_its_place() {
        let policy = Policy {
            retry_waits_ms: Some(vec![5_000, -1]),
            max_age_ms: Some(0),
            attempt_limit_ms: Some(50),
            priority: Priority::Low,
        };
        let places: Vec<_> =
            policy.problems("/policy").into_iter().map(|one| one.pointer).collect();
        assert_eq!(
            places,
            ["/policy/retry_waits_ms/1", "/policy/max_age_ms", "/policy/attempt_limit_ms"]
        );
        let many = Policy { retry_waits_ms: Some(vec![1; RETRIES_MAX + 1]), ..Policy::default() };
        assert_eq!(many.problems("").len(), 1);
    }
}
