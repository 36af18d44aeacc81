//! The log as it happens: what became of deliveries, commit by commit.

use crate::Result;
use async_trait::async_trait;
use model::delivery::{DeliveryFilter, DeliveryRow, Overlay};
use std::{fmt, str::FromStr};

/// Follows the log.
#[async_trait]
pub trait TailStore: Send + Sync {
    /// Where the log ends now.
    async fn tail_end(&self) -> Result<TailPlace>;
    /// What has happened since then: the deliveries that the filter leaves, each as it stands now,
    /// made or changed since. Whoever goes on from where an answer ends is told everything once; but
    /// of changes that follow each other closely only the last. Where the filter has text, an answer
    /// looks at fewer at once, since each is searched.
    async fn tail(
        &self,
        filter: &DeliveryFilter,
        since: TailPlace,
        overlay: &Overlay,
    ) -> Result<Tail>;
}

/// What happened since a place in the log.
#[derive(Debug, Clone, PartialEq)]
pub enum Tail {
    /// These deliveries, each with the place behind it, and the place behind all that was looked
    /// at; `more` if there is more to ask for at once.
    Rows { rows: Vec<(DeliveryRow, TailPlace)>, next: TailPlace, more: bool },
    /// The place lies too far back, or is none; the log goes on at the new one.
    Lost(TailPlace),
}

/// A place in the log's changes: all is told up to the commit `from`; of what happened after it up
/// to the commit `to`, the deliveries up to the row `seq`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TailPlace {
    pub from: i64,
    pub to: i64,
    pub seq: i64,
}

impl TailPlace {
    /// Behind a commit.
    pub fn behind(commit: i64) -> Self {
        Self { from: commit, to: commit, seq: 0 }
    }
}

impl fmt::Display for TailPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.from, self.to, self.seq)
    }
}

impl FromStr for TailPlace {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('-').map(|part| part.parse::<i64>().map_err(|_| ()));
        let mut part =
            || parts.next().unwrap_or(Err(())).and_then(|n| (n >= 0).then_some(n).ok_or(()));
        let (from, to, seq) = (part()?, part()?, part()?);
        (parts.next().is_none() && from <= to).then_some(Self { from, to, seq }).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_as_it_is_written() {
        let place = TailPlace { from: 3, to: 17, seq: 4_711 };
        assert_eq!(place.to_string().parse(), Ok(place));
        for wrong in ["", "1", "1-2", "2-1-0", "1-2-3-4", "-1-2-3", "a-b-c"] {
            assert_eq!(wrong.parse::<TailPlace>(), Err(()), "{wrong}");
        }
    }
}
