//! The seat that a node needs at a destination which bears fewer requests at once than there are
//! nodes: with it one attempt at a time runs there. Pure: the database is told, and answers, by way
//! of others.

use super::May;
use model::time::Millis;

/// How long something may begin under one seat while others may want it, in milliseconds.
const TURN_MS: i64 = 1_000;
/// How long a node waits that was refused, give or take a half, in milliseconds.
const AGAIN_MS: i64 = 100;
/// How long it waits after its turn, in milliseconds: longer than any that was refused.
const STANDS_BACK_MS: i64 = 2 * AGAIN_MS;

/// What the database is to be told of a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// One of so many is wanted.
    Take { of: u32 },
    /// It is left, and wanted again then at the earliest.
    Leave { until: Millis },
}

/// A node's seat at one destination.
#[derive(Debug)]
pub(super) struct Seat {
    /// How many there are; nothing where none is needed.
    of: Option<u32>,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// It has none, and wants none before then.
    Without(Millis),
    Wanted,
    /// The database has not answered yet.
    Asked,
    /// It begins nothing more from then on.
    Held(Millis),
}

const FREE: State = State::Without(Millis(0));

impl Seat {
    pub fn new(of: Option<u32>) -> Self {
        Self { of, state: FREE }
    }

    /// Takes how many there are now. Where that is another number, others may have the next turn.
    pub fn set(&mut self, of: Option<u32>) {
        if of != self.of
            && let State::Held(until) = &mut self.state
        {
            *until = Millis(0);
        }
        self.of = of;
    }

    /// Whether an attempt may begin, as far as this goes.
    pub fn may(&self, now: Millis) -> May {
        match self.state {
            _ if self.of.is_none() => May::Begin,
            State::Held(until) if now < until => May::Begin,
            State::Without(until) if now < until => May::At(until),
            State::Without(_) => May::Seat,
            State::Wanted | State::Asked | State::Held(_) => May::Wait,
        }
    }

    /// Whether one is needed and neither held nor asked for.
    pub fn lacks(&self) -> bool {
        self.of.is_some() && self.is_free()
    }

    /// Whether none is held, and none is asked for.
    pub fn is_free(&self) -> bool {
        matches!(self.state, State::Without(_))
    }

    pub fn want(&mut self) {
        if self.lacks() {
            self.state = State::Wanted;
        }
    }

    /// What is to be done about it, once all has begun that may; `runs` is whether something does.
    /// What has a seat and begins nothing has nothing to begin, may not now, or has had its turn.
    pub fn errand(&mut self, runs: bool, now: Millis) -> Option<Errand> {
        match (self.state, self.of) {
            (State::Wanted, Some(of)) => {
                self.state = State::Asked;
                Some(Errand::Take { of })
            }
            (State::Wanted, None) => {
                self.state = FREE;
                None
            }
            (State::Held(turn), of) if !runs || of.is_none() => {
                let until = if now < turn { now } else { now.plus(STANDS_BACK_MS) };
                self.state = State::Without(until);
                Some(Errand::Leave { until })
            }
            _ => None,
        }
    }

    /// The database has answered; `jitter` lies between 0 and 1 and lets none of several nodes always
    /// be the first.
    pub fn answered(&mut self, granted: bool, now: Millis, jitter: f64) {
        if let State::Asked = self.state {
            let again = AGAIN_MS / 2 + (AGAIN_MS as f64 * jitter) as i64;
            self.state = if granted {
                State::Held(now.plus(TURN_MS))
            } else {
                State::Without(now.plus(again))
            };
        }
    }

    /// The clock has been set back by so many milliseconds.
    pub fn set_back(&mut self, ms: i64) {
        if let State::Without(at) | State::Held(at) = &mut self.state {
            *at = at.plus(-ms);
        }
    }

    /// The node has none any more.
    pub fn clear(&mut self) {
        self.state = FREE;
    }
}
