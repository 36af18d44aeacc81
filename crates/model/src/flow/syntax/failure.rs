//! What a step does about its own errors.

use super::Expect;
use crate::trace::{Failure, FailureClass};

/// What one kind of failure does.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorRule {
    /// All failures, if there is none.
    pub on: Vec<FailureFilter>,
    pub reaction: Reaction,
}

/// What an error does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reaction {
    /// Ends the attempt.
    Fail,
    /// Goes on behind the step.
    Continue,
    /// Goes on at a tag.
    Goto(String),
}

/// How a step is tried again within the attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    /// All failures, if there is none.
    pub on: Vec<FailureFilter>,
    /// How often it is tried in all.
    pub attempts: u32,
    /// The wait before the second try, in milliseconds.
    pub delay_ms: u64,
    /// What each wait is multiplied by for the next.
    pub factor: f64,
    pub max_delay_ms: u64,
    /// How far a wait is moved by chance, as a share of it.
    pub jitter: f64,
}

impl ErrorRule {
    /// Whether the rule is for a failure.
    pub fn fits(&self, failure: &Failure) -> bool {
        fit(&self.on, failure)
    }
}

impl Retry {
    /// Whether the step is to be tried again after a failure.
    pub fn fits(&self, failure: &Failure) -> bool {
        fit(&self.on, failure)
    }

    /// The wait after so many tries, in milliseconds; `chance` lies between -1 and 1.
    pub fn wait_ms(&self, tries: u32, chance: f64) -> u64 {
        let exponent = i32::try_from(tries.saturating_sub(1)).unwrap_or(i32::MAX);
        let wait = self.delay_ms as f64 * self.factor.powi(exponent);
        let moved = wait.min(self.max_delay_ms as f64) * (1.0 + self.jitter * chance);
        moved.clamp(0.0, self.max_delay_ms as f64) as u64
    }
}

fn fit(filters: &[FailureFilter], failure: &Failure) -> bool {
    filters.is_empty() || filters.iter().any(|filter| filter.fits(failure))
}

/// The failures that a rule is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureFilter {
    /// `any`.
    Any,
    /// A class by its word.
    Class(FailureClass),
    /// `http_5xx`, `http_404`: an answer with such a status.
    Status(Expect),
}

impl FailureFilter {
    /// Reads `any`, a class's word, `http_5xx` or `http_404`; nothing if it is none of these.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text == "any" {
            return Some(Self::Any);
        }
        if let Some(status) = text.strip_prefix("http_") {
            return Expect::parse(status).map(Self::Status);
        }
        text.parse().ok().map(Self::Class)
    }

    /// The words that there are, the statuses by their classes only.
    pub fn words() -> impl Iterator<Item = &'static str> {
        let classes = FailureClass::ALL.into_iter().map(FailureClass::as_str);
        ["any", "http_4xx", "http_5xx"].into_iter().chain(classes)
    }

    /// Whether a failure is one of these.
    pub fn fits(&self, failure: &Failure) -> bool {
        match self {
            Self::Any => true,
            Self::Class(class) => failure.class == *class,
            Self::Status(statuses) => {
                failure.class == FailureClass::Status
                    && failure.status.is_some_and(|status| statuses.admits(status))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_told_apart_by_class_and_status() {
        let status =
            |status| Failure { status: Some(status), ..Failure::new(FailureClass::Status, "") };
        let timeout = Failure::new(FailureClass::Timeout, "");
        let fits =
            |word: &str, failure: &Failure| FailureFilter::parse(word).unwrap().fits(failure);
        assert!(fits("timeout", &timeout) && !fits("timeout", &status(500)));
        assert!(fits("http_5xx", &status(503)) && !fits("http_5xx", &status(404)));
        assert!(fits("http_404", &status(404)) && !fits("http_404", &timeout));
        assert!(fits("any", &timeout) && fits("status", &status(301)));
        for word in ["", "http_", "http_6xx", "timeouts", "5xx"] {
            assert_eq!(FailureFilter::parse(word), None, "{word}");
        }
    }

    #[test]
    fn waits_grow_up_to_the_longest_and_are_moved_by_chance() {
        let retry = Retry {
            on: Vec::new(),
            attempts: 5,
            delay_ms: 100,
            factor: 3.0,
            max_delay_ms: 500,
            jitter: 0.5,
        };
        assert_eq!([1, 2, 3, 4].map(|tries| retry.wait_ms(tries, 0.0)), [100, 300, 500, 500]);
        assert_eq!((retry.wait_ms(2, -1.0), retry.wait_ms(3, 1.0)), (150, 500));
        assert_eq!(Retry { factor: 10.0, ..retry }.wait_ms(u32::MAX, 1.0), 500);
    }

    #[test]
    fn every_word_can_be_read() {
        assert!(FailureFilter::words().all(|word| FailureFilter::parse(word).is_some()));
    }
}
