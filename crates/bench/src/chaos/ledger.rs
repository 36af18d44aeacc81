//! What was accepted held against what arrived: lost, repeated, doubled, out of order.

use super::{
    Event,
    receiver::{Arrival, Manner},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt::{Display, Formatter, Result as Formatted},
    time::Instant,
};

/// How much may be on its way to the disk when a process is killed or frozen, and come twice.
pub const ON_ITS_WAY: usize = 128;

/// What a scenario came to.
#[derive(Debug, Default)]
pub struct Verdict {
    pub accepted: usize,
    pub arrivals: usize,
    /// In which manner the receiver met how many of them.
    pub met: BTreeMap<Manner, usize>,
    /// Accepted, and never answered well by the receiver while somebody waited for it.
    pub lost: Vec<Event>,
    /// Requests for what the receiver had already answered well while somebody waited for it.
    pub repeated: Vec<Event>,
    /// Events that came under more than one `webhook-id`.
    pub doubled: Vec<Event>,
    /// Events behind which a later one of the same call arrived first, with the `webhook-id` of the
    /// late one.
    pub late: Vec<(Event, String)>,
    /// Those of them that the log does not mark so.
    pub out_of_order: Vec<Event>,
    /// How many requests may be repeated here, since something crashed or froze.
    pub may_repeat: usize,
    /// What else is worth telling.
    pub notes: Vec<String>,
}

impl Verdict {
    /// Counts. Which of the late ones the log marks is not known here.
    pub fn of(accepted: &[Event], arrivals: &[Arrival], may_repeat: usize) -> Self {
        let mut verdict = Self {
            accepted: accepted.len(),
            arrivals: arrivals.len(),
            may_repeat,
            ..Self::default()
        };
        let mut answered: HashMap<&str, Instant> = HashMap::new();
        let mut ids: HashMap<Event, HashSet<&str>> = HashMap::new();
        let mut done: HashMap<Event, Instant> = HashMap::new();
        let mut first: HashMap<Event, Instant> = HashMap::new();
        for one in arrivals {
            *verdict.met.entry(one.manner).or_default() += 1;
            if answered.get(&*one.webhook_id).is_some_and(|before| *before <= one.at) {
                verdict.repeated.push(one.event);
            }
            if let Some(at) = one.heard() {
                answered.entry(&one.webhook_id).or_insert(at);
                done.entry(one.event).and_modify(|before| *before = at.min(*before)).or_insert(at);
            }
            first.entry(one.event).or_insert(one.at);
            ids.entry(one.event).or_default().insert(&one.webhook_id);
        }
        verdict.lost = accepted.iter().copied().filter(|event| !done.contains_key(event)).collect();
        let doubled = ids.iter().filter(|(_, ids)| ids.len() > 1).map(|(event, _)| *event);
        verdict.doubled = doubled.collect();
        verdict.late = late(&first, &done, &ids);
        verdict
    }

    /// Both together.
    pub fn and(mut self, other: Self) -> Self {
        self.accepted += other.accepted;
        self.arrivals += other.arrivals;
        for (manner, times) in other.met {
            *self.met.entry(manner).or_default() += times;
        }
        self.lost.extend(other.lost);
        self.repeated.extend(other.repeated);
        self.doubled.extend(other.doubled);
        self.late.extend(other.late);
        self.out_of_order.extend(other.out_of_order);
        self.may_repeat += other.may_repeat;
        self.notes.extend(other.notes);
        self
    }

    /// Whether it is as it must be.
    pub fn holds(&self) -> bool {
        self.lost.is_empty()
            && self.doubled.is_empty()
            && self.out_of_order.is_empty()
            && self.repeated.len() <= self.may_repeat
    }
}

/// Events behind which a later one of their call began before they were done.
fn late(
    first: &HashMap<Event, Instant>,
    done: &HashMap<Event, Instant>,
    ids: &HashMap<Event, HashSet<&str>>,
) -> Vec<(Event, String)> {
    let mut order: Vec<_> = first.keys().copied().collect();
    // From the last of a call to its first, with the earliest beginning of what comes later.
    order.sort_by_key(|event| (event.call, u64::MAX - event.number));
    let (mut late, mut call, mut earliest) = (Vec::new(), None, None::<Instant>);
    for event in order {
        if call != Some(event.call) {
            (call, earliest) = (Some(event.call), None);
        }
        let is_late = match (done.get(&event), earliest) {
            (Some(done), Some(later)) => later < *done,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if is_late {
            let id = ids.get(&event).and_then(|ids| ids.iter().next());
            late.push((event, id.map_or(String::new(), |id| (*id).to_owned())));
        }
        earliest = Some(earliest.map_or(first[&event], |known| known.min(first[&event])));
    }
    late
}

impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> Formatted {
        let Self { accepted, arrivals, .. } = self;
        write!(
            f,
            "{accepted:>7} accepted {arrivals:>7} arrivals {:>4} lost {:>4} repeated (of {}) {:>3} \
             doubled {:>4} out of order {:>4} late and marked so",
            self.lost.len(),
            self.repeated.len(),
            self.may_repeat,
            self.doubled.len(),
            self.out_of_order.len(),
            self.late.len() - self.out_of_order.len(),
        )?;
        for (manner, times) in self.met.iter().filter(|(manner, _)| **manner != Manner::Well) {
            write!(f, "; {times} met {manner:?}")?;
        }
        self.notes.iter().try_for_each(|note| write!(f, "; {note}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// An arrival at this millisecond, answered well a moment later, or not at all.
    fn arrival(begun: Instant, at: u64, event: (u64, u64), id: &str, good: bool) -> Arrival {
        let at = begun + Duration::from_millis(at);
        Arrival {
            webhook_id: id.into(),
            event: Event { call: event.0, number: event.1 },
            at,
            manner: if good { Manner::Well } else { Manner::Fails },
            answered: good.then(|| at + Duration::from_micros(100)),
        }
    }

    #[test]
    fn what_is_lost_repeated_doubled_and_late_is_counted() {
        let begun = Instant::now();
        let one = |at, event, id, good| arrival(begun, at, event, id, good);
        let accepted = [(1, 0), (1, 1), (1, 2), (2, 0), (3, 0)];
        let accepted = accepted.map(|(call, number)| Event { call, number });
        let arrivals = [
            one(1, (1, 0), "a", false),
            one(2, (1, 1), "b", true),
            one(3, (1, 0), "a", true),
            one(4, (1, 2), "c", true),
            one(5, (2, 0), "d", true),
            one(6, (2, 0), "d", true),
            one(7, (2, 0), "e", true),
        ];
        let verdict = Verdict::of(&accepted, &arrivals, 0);
        assert_eq!(verdict.lost, [Event { call: 3, number: 0 }]);
        assert_eq!(verdict.repeated, [Event { call: 2, number: 0 }]);
        assert_eq!(verdict.doubled, [Event { call: 2, number: 0 }]);
        assert_eq!(verdict.late, [(Event { call: 1, number: 0 }, "a".to_owned())]);
        assert!(!verdict.holds());
        // Of so many repeats none may be, or one.
        let arrivals = [one(1, (1, 0), "a", true), one(2, (1, 0), "a", true)];
        let holds = |most| Verdict::of(&accepted[..1], &arrivals, most).holds();
        assert_eq!((holds(0), holds(1)), (false, true));
    }

    #[test]
    fn only_an_answer_that_came_too_late_excuses_a_repeat() {
        use Manner::{DripsBody, DripsBodyTooLong, DripsHeadersTooLong, NeverAnswers, Well};
        let (begun, accepted) = (Instant::now(), [Event { call: 1, number: 0 }]);
        let count = |manners: &[(Manner, bool)]| {
            let one = |(at, (manner, good)): (usize, &(Manner, bool))| Arrival {
                manner: *manner,
                ..arrival(begun, at as u64, (1, 0), "a", *good)
            };
            let arrivals: Vec<_> = manners.iter().enumerate().map(one).collect();
            let verdict = Verdict::of(&accepted, &arrivals, 0);
            (verdict.lost.len(), verdict.repeated.len())
        };
        for late in [DripsHeadersTooLong, DripsBodyTooLong] {
            assert_eq!(count(&[(late, true)]), (1, 0), "{late:?}");
            assert_eq!(count(&[(late, true), (Well, true)]), (0, 0), "{late:?}");
            assert_eq!(count(&[(late, true), (Well, true), (Well, true)]), (0, 1), "{late:?}");
        }
        assert_eq!(count(&[(DripsBody, true), (Well, true)]), (0, 1));
        assert_eq!(count(&[(NeverAnswers, false), (Well, true)]), (0, 0));
        assert_eq!(count(&[(NeverAnswers, false), (Well, true), (Well, true)]), (0, 1));
    }

    #[test]
    fn what_was_met_is_told_but_for_what_is_well() {
        let begun = Instant::now();
        let arrivals = [
            arrival(begun, 1, (1, 0), "a", false),
            arrival(begun, 2, (1, 0), "a", true),
            arrival(begun, 3, (1, 1), "b", false),
        ];
        let verdict = Verdict::of(&[], &arrivals, 0);
        let both = Verdict::of(&[], &arrivals, 0).and(verdict);
        assert!(both.to_string().ends_with("; 4 met Fails"), "{both}");
    }

    #[test]
    fn a_failure_that_is_tried_again_in_order_is_no_fault() {
        let begun = Instant::now();
        let one =
            |at, event, good| arrival(begun, at, event, if event.1 == 0 { "a" } else { "b" }, good);
        let arrivals = [one(1, (1, 0), false), one(2, (1, 0), true), one(3, (1, 1), true)];
        let accepted = [Event { call: 1, number: 0 }, Event { call: 1, number: 1 }];
        let verdict = Verdict::of(&accepted, &arrivals, 0);
        assert!(verdict.holds() && verdict.late.is_empty());
    }
}
