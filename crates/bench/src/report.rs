//! What was timed, as a table.

use std::time::Duration;

/// The times of one thing, of each run.
pub struct Timed {
    pub what: String,
    pub runs: Vec<Duration>,
}

impl Timed {
    /// The time that this share of the runs took at most, in ms; 0 where there are no runs.
    fn share(&self, share: f64) -> f64 {
        let mut runs = self.runs.clone();
        runs.sort();
        let last = runs.len().saturating_sub(1);
        let at = ((runs.len() as f64 * share).ceil() as usize).saturating_sub(1).min(last);
        runs.get(at).map_or(0.0, |run| run.as_secs_f64() * 1_000.0)
    }
}

/// Prints the times under a heading, and marks what took longer than `limit_ms` at the 99th
/// percentile.
pub fn print(heading: &str, all: &[Timed], limit_ms: f64) {
    let width = all.iter().map(|one| one.what.len()).max().unwrap_or_default();
    println!("\n{heading}");
    println!("{:width$}  {:>9}  {:>9}", "", "p50 ms", "p99 ms");
    for one in all {
        let (half, most) = (one.share(0.5), one.share(0.99));
        let mark = if most > limit_ms { "  slow" } else { "" };
        println!("{:width$}  {half:>9.1}  {most:>9.1}{mark}", one.what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_runs_took_at_most_its_time() {
        let runs = (1..=200).rev().map(Duration::from_millis).collect();
        let timed = Timed { what: String::new(), runs };
        assert_eq!((timed.share(0.5), timed.share(0.99)), (100.0, 198.0));
        let none = Timed { what: String::new(), runs: vec![] };
        assert_eq!(none.share(0.5), 0.0);
    }
}
