//! How long things took, as a histogram: counts by buckets that grow with the time, so that few
//! numbers tell percentiles to an eighth.

use std::collections::BTreeMap;

/// Below this many milliseconds each has a bucket of its own.
const EXACT: i64 = 16;
/// How many buckets a doubling has from there on.
const PER_DOUBLING: i64 = 8;
/// What takes longer is counted as this, in milliseconds: a week.
const MOST: i64 = 7 * 86_400_000;

/// The number of the bucket of so many milliseconds; what is negative counts as none.
pub fn bucket(ms: i64) -> u32 {
    let ms = ms.clamp(0, MOST);
    let number = if ms < EXACT {
        ms
    } else {
        // The highest bit names the doubling, the three after it the part.
        let doubling = i64::from(ms.ilog2());
        let part = (ms >> (doubling - 3)) - PER_DOUBLING;
        EXACT + (doubling - 4) * PER_DOUBLING + part
    };
    u32::try_from(number).unwrap_or(0)
}

/// From and below how many milliseconds a bucket reaches.
fn bounds(bucket: u32) -> (i64, i64) {
    let number = i64::from(bucket);
    if number < EXACT {
        return (number, number + 1);
    }
    let (doubling, part) = ((number - EXACT) / PER_DOUBLING + 4, (number - EXACT) % PER_DOUBLING);
    let width = 1_i64 << (doubling - 3).min(40);
    ((PER_DOUBLING + part) * width, (PER_DOUBLING + part + 1) * width)
}

/// Counts by bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Latencies(BTreeMap<u32, u64>);

impl Latencies {
    /// Adds so many of a bucket.
    pub fn add(&mut self, bucket: u32, count: u64) {
        *self.0.entry(bucket).or_default() += count;
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.0 {
            self.add(*bucket, *count);
        }
    }

    /// The time below which this share (0 to 1) lies, in milliseconds, estimated: within a bucket
    /// the counted are taken to lie evenly. Nothing where nothing was counted.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let all: u64 = self.0.values().sum();
        let wanted = share.clamp(0.0, 1.0) * all as f64;
        let mut before = 0.0;
        let mut last = None;
        for (bucket, count) in self.0.iter().filter(|(_, count)| **count > 0) {
            let (low, high) = bounds(*bucket);
            let count = *count as f64;
            if before + count >= wanted {
                let within = ((wanted - before) / count).clamp(0.0, 1.0);
                return Some(low as f64 + (high - low) as f64 * within);
            }
            before += count;
            last = Some(high as f64);
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_each_other_and_each_is_at_most_an_eighth_wide() {
        let mut next = 0;
        for number in 0..bucket(MOST) {
            let (low, high) = bounds(number);
            assert_eq!(low, next, "bucket {number}");
            assert!(high - low == 1 || (high - low) * 8 <= low, "bucket {number}");
            assert_eq!((bucket(low), bucket(high - 1)), (number, number));
            next = high;
        }
        assert_eq!((bucket(-5), bucket(i64::MAX)), (0, bucket(MOST)));
        assert!(bucket(MOST) < 256);
    }

    #[test]
    fn quantiles_are_near_what_was_counted() {
        let mut counted = Latencies::default();
        assert_eq!(counted.quantile(0.5), None);
        for ms in 1..=1_000 {
            counted.add(bucket(ms), 1);
        }
        for (share, right) in [(0.05, 50.0), (0.5, 500.0), (0.95, 950.0), (0.99, 990.0)] {
            let told = counted.quantile(share).unwrap();
            assert!((told - right).abs() <= right / 8.0, "{share}: {told}");
        }
        let mut other = Latencies::default();
        other.merge(&counted);
        other.merge(&counted);
        assert_eq!(other.quantile(0.5), counted.quantile(0.5));
    }
}
