//! Which reads are under way. What ends after a read began may be among what it finds, and is not to
//! be taken in again from it; from one that began later it is: then it was made to run again.

use std::collections::{BTreeSet, HashMap, VecDeque};

/// A read, by when it began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Begun(u64);

/// The reads that have not been answered, and what has ended meanwhile.
#[derive(Debug, Default)]
pub struct UnderWay {
    reads: BTreeSet<Begun>,
    newest: Begun,
    /// By row number, which read was the newest when it ended last.
    ended: HashMap<i64, Begun>,
    /// The same in the order of ends.
    in_order: VecDeque<(Begun, i64)>,
}

impl UnderWay {
    /// A read begins; [`Self::answered`] is called when it has been taken in.
    pub fn begin(&mut self) -> Begun {
        self.newest = Begun(self.newest.0 + 1);
        self.reads.insert(self.newest);
        self.newest
    }

    /// The delivery with this row number has ended, or left memory.
    pub fn ended(&mut self, seq: i64) {
        if !self.reads.is_empty() {
            self.ended.insert(seq, self.newest);
            self.in_order.push_back((self.newest, seq));
        }
    }

    /// Whether it has ended since that read began.
    pub fn has_ended(&self, since: Begun, seq: i64) -> bool {
        self.ended.get(&seq).is_some_and(|newest| *newest >= since)
    }

    /// A read has been taken in.
    pub fn answered(&mut self, read: Begun) {
        self.reads.remove(&read);
        let oldest = self.reads.first().copied();
        let is_past = |(newest, _): &mut (Begun, i64)| oldest.is_none_or(|oldest| *newest < oldest);
        while let Some((newest, seq)) = self.in_order.pop_front_if(is_past) {
            if self.ended.get(&seq) == Some(&newest) {
                self.ended.remove(&seq);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_is_left_out_of_reads_that_began_before_and_taken_in_by_later_ones() {
        let mut reads = UnderWay::default();
        reads.ended(7);
        let first = reads.begin();
        assert!(!reads.has_ended(first, 7), "it cannot find it any more");
        reads.ended(8);
        let second = reads.begin();
        reads.ended(9);
        assert!(reads.has_ended(first, 8) && !reads.has_ended(second, 8));
        assert!(reads.has_ended(first, 9) && reads.has_ended(second, 9));
        reads.ended(8);
        assert!(reads.has_ended(second, 8), "it ran again, and ended again");
        reads.answered(first);
        assert!(reads.has_ended(second, 8) && reads.has_ended(second, 9));
    }

    #[test]
    fn nothing_is_kept_in_mind_for_reads_that_have_been_answered_though_there_are_always_some() {
        let mut reads = UnderWay::default();
        let mut before = reads.begin();
        for seq in 0..100 {
            reads.ended(seq);
            let next = reads.begin();
            reads.answered(before);
            before = next;
            assert!(reads.ended.is_empty() && reads.in_order.is_empty());
        }
    }
}
