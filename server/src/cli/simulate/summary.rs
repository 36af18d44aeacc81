//! What became of the traffic.

use super::{api::Answer, poster::Outcome};
use std::{collections::BTreeMap, fmt, time::Duration};

/// Counts of a run, so far or at its end.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Events that the server has, those it had before included.
    pub accepted: u64,
    pub duplicates: u64,
    pub deliveries: u64,
    pub skipped: u64,
    pub retries: u64,
    /// Events that the server will not take, by its reason.
    pub rejected: BTreeMap<String, u64>,
    /// Events that could not be posted, by the reason.
    pub failed: BTreeMap<String, u64>,
    /// Whether a person ended the run.
    pub interrupted: bool,
    pub took: Duration,
    latencies: Latencies,
}

impl Summary {
    /// Counts one event.
    pub fn add(&mut self, outcome: &Outcome) {
        self.retries += outcome.retries;
        match &outcome.answer {
            Some(Answer::Accepted(accepted)) => {
                self.accepted += 1;
                self.duplicates += u64::from(accepted.duplicate);
                self.deliveries += accepted.deliveries;
                self.skipped += accepted.skipped;
                self.latencies.add(outcome.latency);
            }
            Some(Answer::Refused { reason, .. }) => {
                *self.rejected.entry(reason.clone()).or_default() += 1;
            }
            Some(Answer::Unauthorised { reason } | Answer::Again { reason, .. }) => {
                *self.failed.entry(reason.clone()).or_default() += 1;
            }
            None if self.interrupted => {}
            None => {
                let reason = "an earlier event of the same call could not be posted";
                *self.failed.entry(reason.to_owned()).or_default() += 1;
            }
        }
    }

    /// Events dealt with, well or not.
    pub fn done(&self) -> u64 {
        self.accepted + self.rejected() + self.failed()
    }

    /// Events that the server would not take.
    pub fn rejected(&self) -> u64 {
        self.rejected.values().sum()
    }

    /// Events that could not be posted.
    pub fn failed(&self) -> u64 {
        self.failed.values().sum()
    }

    /// Accepted events each second.
    pub fn rate(&self) -> f64 {
        self.accepted as f64 / self.took.as_secs_f64().max(0.001)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "events      {:>8}  accepted", self.accepted)?;
        if self.duplicates > 0 {
            writeln!(f, "            {:>8}  of them there already", self.duplicates)?;
        }
        writeln!(f, "deliveries  {:>8}", self.deliveries)?;
        writeln!(f, "skipped     {:>8}  their hook's condition was false", self.skipped)?;
        writeln!(f, "retries     {:>8}", self.retries)?;
        for (reason, count) in &self.rejected {
            writeln!(f, "rejected    {count:>8}  {reason}")?;
        }
        for (reason, count) in &self.failed {
            writeln!(f, "not posted  {count:>8}  {reason}")?;
        }
        let seconds = self.took.as_secs_f64();
        writeln!(f, "rate        {:>8.1}  events/s over {seconds:.1} s", self.rate())?;
        if let (Some(half), Some(most)) = (self.latencies.share(0.5), self.latencies.share(0.99)) {
            let ms = |of: Duration| of.as_secs_f64() * 1_000.0;
            writeln!(f, "latency     {:>8.1}  ms p50, {:.1} ms p99", ms(half), ms(most))?;
        }
        Ok(())
    }
}

/// Latencies, counted in classes of which each is about 4 % wider than the one before, so that a
/// run of any length needs the same few bytes.
#[derive(Debug, Clone, Default)]
struct Latencies {
    classes: BTreeMap<u32, u64>,
    count: u64,
}

const CLASSES_PER_DOUBLING: f64 = 16.0;

impl Latencies {
    fn add(&mut self, latency: Duration) {
        let micros = latency.as_micros().max(1) as f64;
        *self.classes.entry((micros.log2() * CLASSES_PER_DOUBLING) as u32).or_default() += 1;
        self.count += 1;
    }

    /// What this share of all latencies did not exceed; nothing when there are none.
    fn share(&self, share: f64) -> Option<Duration> {
        let wanted = ((self.count as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        let (class, _) = self.classes.iter().find(|(_, count)| {
            seen += **count;
            seen >= wanted
        })?;
        let micros = (f64::from(*class + 1) / CLASSES_PER_DOUBLING).exp2();
        Some(Duration::from_micros(micros as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::simulate::api::Accepted;

    fn outcome(answer: Option<Answer>) -> Outcome {
        Outcome { answer, retries: 1, latency: Duration::from_millis(10) }
    }

    #[test]
    fn shares_of_latencies_are_right_to_a_few_percent() {
        let mut latencies = Latencies::default();
        for ms in 1..=1_000 {
            latencies.add(Duration::from_millis(ms));
        }
        let half = latencies.share(0.5).expect("a median").as_secs_f64();
        assert!((0.48..0.54).contains(&half), "{half}");
        let most = latencies.share(0.99).expect("a share").as_secs_f64();
        assert!((0.96..1.05).contains(&most), "{most}");
        assert_eq!(Latencies::default().share(0.5), None);
    }

    #[test]
    fn every_event_is_counted_once() {
        let mut summary = Summary::default();
        let accepted = Accepted { deliveries: 2, skipped: 1, duplicate: true };
        summary.add(&outcome(Some(Answer::Accepted(accepted))));
        let refused = Answer::Refused { status: 422, reason: "422: unknown queue".into() };
        summary.add(&outcome(Some(refused)));
        summary.add(&outcome(Some(Answer::Again { reason: "refused".into(), after: None })));
        summary.add(&outcome(None));
        assert_eq!((summary.accepted, summary.rejected(), summary.failed()), (1, 1, 2));
        assert_eq!((summary.done(), summary.deliveries, summary.duplicates), (4, 2, 1));
        assert!(summary.to_string().contains("422: unknown queue"));
    }
}
