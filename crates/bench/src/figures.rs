//! What was measured: a table for a person, JSON for a program.

use crate::machine::Machine;
use serde::Serialize;
use std::fmt::{Display, Formatter, Result as Formatted};

/// What a figure should come to. A figure that does not is told, and fails nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    AtLeast(f64),
    AtMost(f64),
}

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    pub name: String,
    /// The database, where it matters.
    pub on: String,
    pub unit: &'static str,
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What came of measuring it.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    Measured { value: f64, target: Option<Target>, reached: Option<bool>, note: String },
    NotMeasured { not_measured: String },
}

impl Figure {
    /// A figure without a target.
    pub fn new(
        name: impl Into<String>,
        on: impl Into<String>,
        value: f64,
        unit: &'static str,
    ) -> Self {
        let outcome = Outcome::Measured { value, target: None, reached: None, note: String::new() };
        Self { name: name.into(), on: on.into(), unit, outcome }
    }

    /// A figure that could not be had, and why.
    pub fn missing(name: impl Into<String>, on: impl Into<String>, why: impl Display) -> Self {
        let outcome = Outcome::NotMeasured { not_measured: why.to_string() };
        Self { name: name.into(), on: on.into(), unit: "", outcome }
    }

    /// Holds it against a target.
    pub fn to_reach(mut self, wanted: Target) -> Self {
        if let Outcome::Measured { value, target, reached, .. } = &mut self.outcome {
            *target = Some(wanted);
            *reached = Some(match wanted {
                Target::AtLeast(least) => *value >= least,
                Target::AtMost(most) => *value <= most,
            });
        }
        self
    }

    /// Adds what else is to be known of it.
    pub fn noted(mut self, words: impl Into<String>) -> Self {
        if let Outcome::Measured { note, .. } = &mut self.outcome {
            *note = words.into();
        }
        self
    }
}

impl Display for Target {
    fn fmt(&self, f: &mut Formatter<'_>) -> Formatted {
        match self {
            Self::AtLeast(value) => write!(f, "≥ {}", round(*value)),
            Self::AtMost(value) => write!(f, "≤ {}", round(*value)),
        }
    }
}

impl Display for Figure {
    fn fmt(&self, f: &mut Formatter<'_>) -> Formatted {
        write!(f, "{:34} {:10} ", self.name, self.on)?;
        match &self.outcome {
            Outcome::NotMeasured { not_measured } => write!(f, "not measured: {not_measured}"),
            Outcome::Measured { value, target, reached, note } => {
                write!(f, "{:>10} {:9}", round(*value), self.unit)?;
                let target = target.map(|target| target.to_string()).unwrap_or_default();
                let verdict = match reached {
                    Some(true) => "reached",
                    Some(false) => "not reached",
                    None => "",
                };
                write!(f, " {target:>10} {verdict:12} {note}")
            }
        }
    }
}

/// As many digits as say something.
fn round(value: f64) -> String {
    let digits = if value.abs() >= 100.0 {
        0
    } else if value.abs() >= 10.0 {
        1
    } else {
        2
    };
    let plain = format!("{value:.digits$}");
    match plain.split_once('.') {
        Some(_) => plain,
        None => thousands(&plain),
    }
}

fn thousands(digits: &str) -> String {
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// All that was measured in one run, and on what.
#[derive(Debug, Serialize)]
pub struct Report {
    pub machine: Machine,
    pub figures: Vec<Figure>,
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> Formatted {
        writeln!(f, "{}", self.machine)?;
        for figure in &self.figures {
            writeln!(f, "{}", figure.to_string().trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_says_whether_its_target_is_reached() {
        let rate = Figure::new("rate", "SQLite", 16_750.4, "events/s");
        let reached = rate.clone().to_reach(Target::AtLeast(16_000.0)).to_string();
        assert!(reached.contains("16,750 events/s") && reached.contains("≥ 16,000 reached"));
        assert!(rate.to_reach(Target::AtMost(3.0)).to_string().contains("not reached"));
        let missing = Figure::missing("rate", "PostgreSQL", "there is none").to_string();
        assert!(missing.ends_with("not measured: there is none"));
    }

    #[test]
    fn a_value_has_as_many_digits_as_say_something() {
        let all = [0.1234, 12.34, 123.4, 1_234_567.0].map(round);
        assert_eq!(all, ["0.12", "12.3", "123", "1,234,567"]);
    }
}
