//! New deliveries, taken in in the order of their row numbers, whichever node accepted them. Pure.
//!
//! Row numbers are given in the order of commits, so a number that is missing between what is known
//! was given by another node, or to something that is none of this node's. What this node has
//! accepted waits until what lies before it has been read: so the deliveries of a call stand in the
//! same order on whichever node they are run.

use std::{collections::VecDeque, ops::Range};

/// How many are read at once, at most.
const READ: u32 = 512;

/// What of the new deliveries is known, and what has to be read.
#[derive(Debug)]
pub struct Arrivals<J> {
    seen: i64,
    /// Up to this number some have been given, as far as is known.
    newest: i64,
    /// What this node has accepted and what has to wait, in order.
    waiting: VecDeque<(Range<i64>, Vec<J>)>,
    reading: Option<Stretch>,
    reads: u64,
}

/// A stretch of numbers to be read, the first one excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Tells reads apart.
    pub number: u64,
    pub after: i64,
    pub until: i64,
    /// So many at most.
    pub limit: u32,
}

impl<J> Default for Arrivals<J> {
    fn default() -> Self {
        Self { seen: 0, newest: 0, waiting: VecDeque::new(), reading: None, reads: 0 }
    }
}

impl<J> Arrivals<J> {
    /// Up to which number everything has been taken in.
    pub fn seen(&self) -> i64 {
        self.seen
    }

    /// Begins anew behind this number: what lies before it is read otherwise.
    pub fn begin(&mut self, seen: i64) {
        (self.seen, self.newest, self.reading) = (seen, self.newest.max(seen), None);
        self.waiting.clear();
    }

    /// This node has accepted deliveries with these numbers. The answer is what may be taken in.
    pub fn add(&mut self, numbers: Range<i64>, jobs: Vec<J>) -> Vec<J> {
        if numbers.end <= self.seen + 1 {
            return Vec::new();
        }
        self.newest = self.newest.max(numbers.end - 1);
        self.waiting.push_back((numbers, jobs));
        self.go_on()
    }

    /// Numbers up to this one have been given, by whomever.
    pub fn hear(&mut self, newest: i64) {
        self.newest = self.newest.max(newest);
    }

    /// What to read now, if anything, `most` at once.
    pub fn read(&mut self, most: u32) -> Option<Stretch> {
        if self.reading.is_some() {
            return None;
        }
        let until = self.waiting.front().map_or(self.newest, |(numbers, _)| numbers.start - 1);
        if until <= self.seen {
            return None;
        }
        self.reads += 1;
        let limit = most.min(READ);
        self.reading = Some(Stretch { number: self.reads, after: self.seen, until, limit });
        self.reading
    }

    /// What is being read is out of date, and is read again.
    pub fn again(&mut self) {
        self.reading = None;
    }

    /// A read found so many, the last with this number. What of it lies beyond the answer is to be
    /// taken in, and then what [`Self::go_on`] gives; nothing where there is no answer.
    pub fn found(&mut self, read: Stretch, many: usize, last: Option<i64>) -> Option<i64> {
        if self.reading != Some(read) {
            return None;
        }
        self.reading = None;
        let until = match last {
            Some(last) if many >= read.limit as usize => last,
            _ => read.until,
        };
        let before = self.seen;
        self.seen = before.max(until);
        Some(before)
    }

    /// What this node has accepted and may be taken in now.
    pub fn go_on(&mut self) -> Vec<J> {
        let mut ready = Vec::new();
        while let Some((numbers, jobs)) =
            self.waiting.pop_front_if(|(numbers, _)| numbers.start <= self.seen + 1)
        {
            if numbers.end - 1 > self.seen {
                self.seen = numbers.end - 1;
                ready.extend(jobs);
            }
        }
        ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_this_node_accepts_alone_is_taken_in_at_once() {
        let mut arrivals = Arrivals::default();
        arrivals.begin(10);
        assert_eq!(arrivals.add(11..13, vec![11, 12]), [11, 12]);
        assert_eq!(arrivals.add(13..14, vec![13]), [13]);
        assert_eq!(arrivals.read(READ), None);
    }

    #[test]
    fn a_gap_is_read_before_what_lies_behind_it() {
        let mut arrivals = Arrivals::default();
        arrivals.begin(10);
        assert!(arrivals.add(14..16, vec![14, 15]).is_empty());
        let read = arrivals.read(READ).unwrap();
        assert_eq!((read.after, read.until), (10, 13));
        assert_eq!(arrivals.read(READ), None, "one at a time");
        assert!(arrivals.add(16..17, vec![16]).is_empty());
        assert_eq!(arrivals.found(read, 2, Some(12)), Some(10));
        assert_eq!(arrivals.go_on(), [14, 15, 16]);
        assert_eq!(arrivals.read(READ), None);
    }

    #[test]
    fn what_was_read_before_it_was_told_is_not_taken_in_twice() {
        let mut arrivals = Arrivals::default();
        arrivals.begin(10);
        arrivals.hear(12);
        let read = arrivals.read(READ).unwrap();
        assert_eq!(arrivals.found(read, 2, Some(12)), Some(10));
        assert!(arrivals.add(11..13, vec![11, 12]).is_empty());
        assert_eq!(arrivals.add(13..14, vec![13]), [13]);
    }

    #[test]
    fn an_answer_that_is_out_of_date_counts_for_nothing() {
        let mut arrivals = Arrivals::<i64>::default();
        arrivals.hear(5);
        let old = arrivals.read(READ).unwrap();
        arrivals.again();
        assert_eq!(arrivals.found(old, 0, None), None);
        let new = arrivals.read(READ).unwrap();
        assert_eq!((new.after, new.until), (0, 5));
        assert_eq!(arrivals.found(old, 0, None), None);
        arrivals.begin(5);
        assert_eq!(arrivals.found(new, 0, None), None);
        assert_eq!(arrivals.read(READ), None);
    }

    #[test]
    fn a_long_gap_is_read_in_parts() {
        let mut arrivals = Arrivals::<i64>::default();
        arrivals.hear(10_000);
        let read = arrivals.read(READ).unwrap();
        assert_eq!(arrivals.found(read, READ as usize, Some(700)), Some(0));
        let next = arrivals.read(READ).unwrap();
        assert_eq!((next.after, next.until), (700, 10_000));
    }

    #[derive(Debug, Clone)]
    enum Act {
        /// This node or another one commits so many.
        Commit {
            own: bool,
            many: i64,
        },
        /// The oldest of this node's commits that it has not been told of is told.
        Tell,
        /// Another node's commits are heard of.
        Hear,
        Read,
        Answer,
    }

    fn act() -> impl Strategy<Value = Act> {
        prop_oneof![
            4 => (any::<bool>(), 1..4_i64).prop_map(|(own, many)| Act::Commit { own, many }),
            3 => Just(Act::Tell),
            1 => Just(Act::Hear),
            2 => Just(Act::Read),
            2 => Just(Act::Answer),
        ]
    }

    proptest! {
        /// Whatever is told, read and answered in whichever order: each is taken in once, in order.
        #[test]
        fn property_each_is_taken_in_once_and_in_order(acts in prop::collection::vec(act(), 1..200)) {
            let mut arrivals = Arrivals::default();
            let (mut newest, mut untold) = (0, VecDeque::new());
            let (mut taken, mut reading) = (Vec::new(), None);
            let end = [Act::Tell, Act::Hear, Act::Read, Act::Answer];
            let ends = (0..1_000).flat_map(|_| end.clone());
            for act in acts.into_iter().chain(ends) {
                match act {
                    Act::Commit { own, many } => {
                        let numbers = newest + 1..newest + 1 + many;
                        newest += many;
                        if own {
                            untold.push_back(numbers);
                        }
                    }
                    Act::Tell => if let Some(numbers) = untold.pop_front() {
                        taken.extend(arrivals.add(numbers.clone(), numbers.collect()));
                    }
                    Act::Hear => arrivals.hear(newest),
                    Act::Read => reading = arrivals.read(READ).or(reading),
                    Act::Answer => if let Some(read) = reading.take() {
                        let found: Vec<_> =
                            (read.after + 1..=read.until).take(READ as usize).collect();
                        let (many, last) = (found.len(), found.last().copied());
                        if let Some(before) = arrivals.found(read, many, last) {
                            taken.extend(found.into_iter().filter(|number| *number > before));
                            taken.extend(arrivals.go_on());
                        }
                    }
                }
            }
            prop_assert_eq!(taken, (1..=newest).collect::<Vec<_>>());
        }
    }
}
