//! What this node may do at this moment, where several share a database: under which incarnation,
//! for how long still, and for which shards.

use crate::clock::Moment;
use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use storage::nodes::{Incarnation, SILENT_MAX, Shards};
use tokio::sync::watch;

/// For how long a node may begin requests after a beat, counted from before it was sent: shorter
/// than others wait before they take over, since their clocks run differently.
const VALID: Duration = SILENT_MAX.saturating_sub(Duration::from_secs(1));

/// After how long without a beat that was heard a node was out of reach. Whoever was so as well has not
/// been silent for [`SILENT_MAX`] before that, as beats come each second; and a database that is merely
/// slow keeps nobody from taking over.
const OUT_OF_REACH: Duration = SILENT_MAX.saturating_sub(Duration::from_millis(1_500));

/// The lease as it stands. Its clock goes on while nothing of this node does.
#[derive(Debug)]
pub struct Lease {
    state: watch::Sender<State>,
    /// The shards that it holds.
    mine: AtomicU64,
    /// When it registered; only one that has beaten for long enough ends others.
    began: Mutex<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nobody shares the database.
    Alone,
    Held {
        under: Incarnation,
        until: Moment,
    },
    /// Others have taken over, or it has not begun.
    Lost,
}

impl Lease {
    /// Of a node that shares its database with nobody.
    pub fn alone() -> Self {
        Self::new(State::Alone, Shards::ALL)
    }

    /// Of one that has to register first.
    pub fn none() -> Self {
        Self::new(State::Lost, Shards::NONE)
    }

    fn new(state: State, mine: Shards) -> Self {
        Self {
            state: watch::Sender::new(state),
            mine: AtomicU64::new(mine.bits()),
            began: Mutex::new(Moment::now()),
        }
    }

    /// It has registered, and may do something from a beat on that was sent then.
    pub fn begin(&self, under: Incarnation, sent: Moment) {
        *self.began.lock().unwrap_or_else(PoisonError::into_inner) = sent;
        self.state.send_replace(State::Held { under, until: sent + VALID });
    }

    /// A beat that was sent then has been heard by now.
    pub fn renew(&self, under: Incarnation, sent: Moment) {
        self.renew_at(under, sent, Moment::now());
    }

    fn renew_at(&self, under: Incarnation, sent: Moment, now: Moment) {
        self.state.send_if_modified(|state| match state {
            State::Held { under: held, until } if *held == under => {
                // One that was out of reach is not the one to end others that were as well, though its
                // own lease may not have run out: theirs were older. A beat may have been on its way for
                // all of that.
                let before = *until - VALID;
                if before + OUT_OF_REACH < now {
                    *self.began.lock().unwrap_or_else(PoisonError::into_inner) = now;
                }
                *until = sent + VALID;
                true
            }
            _ => false,
        });
    }

    /// Others have taken over, if this incarnation still is the one in force.
    pub fn lose(&self, under: Incarnation) {
        let lost = self.state.send_if_modified(|state| {
            let lost = matches!(state, State::Held { under: held, .. } if *held == under);
            if lost {
                *state = State::Lost;
            }
            lost
        });
        if lost {
            self.hold(Shards::NONE);
        }
    }

    /// Whether it has been in touch for long enough to end those that have not.
    pub fn may_fence(&self) -> bool {
        let began = *self.began.lock().unwrap_or_else(PoisonError::into_inner);
        began.elapsed() > SILENT_MAX
    }

    /// The incarnation in force; the first one where nobody shares the database.
    pub fn under(&self) -> Option<Incarnation> {
        match *self.state.borrow() {
            State::Alone => Some(Incarnation::default()),
            State::Held { under, .. } => Some(under),
            State::Lost => None,
        }
    }

    /// Whether nobody shares the database.
    pub fn is_alone(&self) -> bool {
        *self.state.borrow() == State::Alone
    }

    /// Whether something may be begun under this incarnation.
    pub fn is_valid(&self, under: Incarnation) -> bool {
        match *self.state.borrow() {
            State::Alone => true,
            State::Held { under: held, until } => held == under && Moment::now() < until,
            State::Lost => false,
        }
    }

    /// Waits until something may be begun under this incarnation; for ever where it has ended.
    pub async fn valid(&self, under: Incarnation) {
        if self.is_valid(under) {
            return;
        }
        let mut state = self.state.subscribe();
        while !self.is_valid(under) {
            if state.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Waits until the incarnation is another one.
    pub async fn ended(&self, under: Incarnation) {
        let mut state = self.state.subscribe();
        let ended = |state: &State| match state {
            State::Alone => false,
            State::Held { under: held, .. } => *held != under,
            State::Lost => true,
        };
        if state.wait_for(ended).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    pub fn hold(&self, mine: Shards) {
        self.mine.store(mine.bits(), Ordering::Relaxed);
    }

    /// The shards that this node runs.
    pub fn mine(&self) -> Shards {
        Shards::from_bits(self.mine.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Incarnation = Incarnation(1);

    #[tokio::test]
    async fn a_lease_ends_by_itself_and_is_renewed_only_under_its_incarnation() {
        let lease = Lease::none();
        assert!(!lease.is_valid(FIRST) && lease.under().is_none());
        let long_ago = Moment::now() - VALID - Duration::from_millis(1);
        lease.begin(FIRST, long_ago);
        assert!(!lease.is_valid(FIRST));
        assert_eq!(lease.under(), Some(FIRST));
        lease.renew(Incarnation(2), Moment::now());
        assert!(!lease.is_valid(FIRST));
        lease.renew(FIRST, Moment::now());
        assert!(lease.is_valid(FIRST) && !lease.is_valid(Incarnation(2)));
        lease.hold(Shards::ALL);
        lease.lose(Incarnation(2));
        assert!(lease.is_valid(FIRST));
        lease.lose(FIRST);
        assert!(!lease.is_valid(FIRST));
        assert!(lease.mine().is_empty());
        lease.ended(FIRST).await;
    }

    #[tokio::test]
    async fn who_waits_for_it_goes_on_when_it_is_renewed() {
        let lease = std::sync::Arc::new(Lease::none());
        lease.begin(FIRST, Moment::now() - VALID);
        let waits = lease.clone();
        let waiting = tokio::spawn(async move { waits.valid(FIRST).await });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        lease.renew(FIRST, Moment::now());
        waiting.await.unwrap();
    }

    #[test]
    fn one_that_was_out_of_reach_does_not_end_others_at_once() {
        let lease = Lease::none();
        let then = Moment::now() - 3 * SILENT_MAX;
        lease.begin(FIRST, then);
        assert!(lease.may_fence());
        lease.renew(FIRST, Moment::now());
        assert!(!lease.may_fence(), "its lease had run out meanwhile");

        let (lease, ago) = (Lease::none(), |ms| Moment::now() - Duration::from_millis(ms));
        lease.begin(FIRST, ago(9_000));
        for heard in [7_000, 5_500, 3_700] {
            lease.renew_at(FIRST, ago(heard + 1_500), ago(heard));
        }
        assert!(lease.may_fence(), "slow beats are beats");
        lease.renew_at(FIRST, ago(3_700), ago(3_600));
        lease.renew(FIRST, ago(2_000));
        assert!(!lease.may_fence(), "though its lease had not, and it spoke soon");
    }

    #[test]
    fn alone_everything_is_allowed() {
        let lease = Lease::alone();
        let under = lease.under().unwrap();
        assert!(lease.is_alone() && lease.is_valid(under));
        assert_eq!(lease.mine(), Shards::ALL);
    }
}
