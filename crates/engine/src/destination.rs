//! One destination: how much it may be given at once, and whether it is given anything. Pure: time
//! comes in as a parameter.
//!
//! The breaker looks at the newest requests. It opens when enough of them failed, lets a single
//! one through after a while, and closes when that one succeeds. An answer that asks for patience
//! (429, 502, 503, 504) halves what runs at once, and every success widens it a little.

use crate::clock::set_back;
use model::{
    destination::{
        BREAKER_KNOWS, DEFAULT_CONCURRENCY, DEFAULT_FAILURE_PERCENT, DEFAULT_MIN_CALLS,
        DEFAULT_OPEN_MS, DestinationKey, DestinationSettings, Forced,
    },
    live::{BreakerState, DestinationView, LastFailure},
    time::Millis,
    trace::{Failure, FailureClass},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

mod pace;
mod seat;

use pace::Pace;
pub use seat::Errand;
use seat::Seat;

/// How long after its next probe an open breaker is kept for which there is nothing to probe it with.
const FORGOTTEN_MS: i64 = 3_600_000;
/// An open breaker that was probed in vain stays open twice as long, up to so many times as long.
const LONGEST: i64 = 10;
/// How long nothing is begun after an answer that asks for patience without saying how long, and
/// the longest that such an answer is heeded for the destination as a whole, in milliseconds.
const PATIENCE_MS: i64 = 250;
const PATIENCE_MAX_MS: i64 = 60_000;

/// What a request to a destination came to.
#[derive(Debug, Clone)]
pub enum Heard {
    /// It answered as one who can work.
    Good,
    /// It failed, or asked for patience.
    Failed(Box<Failure>),
}

/// Tells an attempt that has its place at a destination whether its further requests there may go
/// out without asking: nothing counts them, and nothing holds them back. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<AtomicBool>);

impl Gate {
    /// Whether a further request need not ask.
    pub fn is_free(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Whether an attempt may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum May {
    Begin,
    /// Not before then.
    At(Millis),
    /// Not before something has ended or has been set.
    Wait,
    /// Not without a seat, which is to be asked for.
    Seat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breaker {
    Closed,
    /// `times` it has been opened without a success in between.
    Open {
        until: Millis,
        times: i64,
    },
    /// One attempt shows whether it can close; since when it may begin.
    Probing {
        times: i64,
        since: Millis,
    },
}

/// A destination as it stands.
#[derive(Debug)]
pub struct Destination {
    settings: Settings,
    seat: Seat,
    gate: Gate,
    breaker: Breaker,
    running: u32,
    /// How much may run at once now, between 1 and what is set.
    width: f64,
    /// Nothing begins before then, as the destination asked.
    not_before: Option<Millis>,
    /// What may begin at once by the rate, and when that was worked out.
    budget: f64,
    budget_at: Millis,
    /// The newest requests, one bit each, 1 for a failed one; and how many there are.
    recent: u64,
    looked_at: u32,
    failures: u32,
    last_failure: Option<LastFailure>,
    /// For the estimate of how long the backlog takes.
    pace: Pace,
}

/// The settings with the defaults in.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Settings {
    concurrency: u32,
    /// How many nodes may call it at once, each with one attempt, where that is fewer than there are.
    seats: Option<u32>,
    rate_per_s: Option<f64>,
    failure_percent: u32,
    min_calls: u32,
    open_ms: i64,
    forced: Option<Forced>,
    drained_at: Option<Millis>,
}

impl Settings {
    /// A node's part of what is set, where so many call the destination.
    fn of(set: Option<&DestinationSettings>, nodes: u32) -> Self {
        let nodes = nodes.max(1);
        let limits = set.map(|set| set.limits).unwrap_or_default();
        let concurrency = limits.concurrency.unwrap_or(DEFAULT_CONCURRENCY).max(1);
        Self {
            concurrency: (concurrency / nodes).max(1),
            seats: (concurrency < nodes).then_some(concurrency),
            rate_per_s: limits.rate_per_s.map(|rate| rate.per_second() / f64::from(nodes)),
            failure_percent: limits.failure_percent.unwrap_or(DEFAULT_FAILURE_PERCENT),
            // What an earlier release saved may be more than there can be.
            min_calls: limits.min_calls.unwrap_or(DEFAULT_MIN_CALLS).clamp(1, BREAKER_KNOWS),
            open_ms: limits.open_ms.unwrap_or(DEFAULT_OPEN_MS),
            forced: set.and_then(|set| set.forced),
            drained_at: set.and_then(|set| set.drained_at),
        }
    }
}

impl Destination {
    /// One that nothing is known of yet, and that so many nodes call.
    pub fn new(set: Option<&DestinationSettings>, nodes: u32) -> Self {
        let settings = Settings::of(set, nodes);
        let one = Self {
            settings,
            seat: Seat::new(settings.seats),
            gate: Gate::default(),
            breaker: Breaker::Closed,
            running: 0,
            width: f64::from(settings.concurrency),
            not_before: None,
            budget: 1.0,
            budget_at: Millis(0),
            recent: 0,
            looked_at: 0,
            failures: 0,
            last_failure: None,
            pace: Pace::default(),
        };
        one.move_gate();
        one
    }

    /// What tells those who have their place here whether they need to ask again.
    pub fn gate(&self) -> Gate {
        self.gate.clone()
    }

    fn move_gate(&self) {
        let free = self.state() == BreakerState::Closed
            && self.not_before.is_none()
            && self.rate().is_none();
        self.gate.0.store(free, Ordering::Relaxed);
    }

    fn rate(&self) -> Option<f64> {
        self.settings.rate_per_s.filter(|rate| *rate > 0.0)
    }

    /// Takes what is set now. A person who has the backlog drained closes the breaker and ends
    /// the patience.
    pub fn set(&mut self, set: Option<&DestinationSettings>, nodes: u32) {
        let settings = Settings::of(set, nodes);
        let drained =
            settings.drained_at.is_some() && settings.drained_at != self.settings.drained_at;
        let released = self.settings.forced.is_some() && settings.forced.is_none();
        if drained || released || settings.forced == Some(Forced::Closed) {
            self.close();
            self.not_before = None;
        }
        if settings.concurrency != self.settings.concurrency || drained {
            self.width = f64::from(settings.concurrency);
        }
        self.seat.set(settings.seats);
        self.settings = settings;
        self.move_gate();
    }

    /// Whether an attempt may begin.
    pub fn may(&mut self, now: Millis) -> May {
        let may = self.judge(now);
        self.move_gate();
        if may == May::Begin { self.seat.may(now) } else { may }
    }

    /// Whether an attempt that has its place here may send a further request.
    pub fn may_go_on(&mut self, now: Millis) -> bool {
        self.running = self.running.saturating_sub(1);
        let may = self.judge(now);
        self.move_gate();
        self.running += 1;
        may == May::Begin
    }

    /// A seat is wanted here.
    pub fn want_seat(&mut self) {
        self.seat.want();
    }

    /// Whether something runs here without the seat that it needs by now.
    pub fn runs_unseated(&self) -> bool {
        self.running > 0 && self.seat.lacks()
    }

    /// Whether a seat is held or asked for.
    pub fn is_seated(&self) -> bool {
        !self.seat.is_free()
    }

    /// What is to be done about the seat here, once all has begun that may.
    pub fn errand(&mut self, now: Millis) -> Option<Errand> {
        self.seat.errand(self.running > 0, now)
    }

    /// Whether a seat was to be had that had been asked for; `jitter` lies between 0 and 1.
    pub fn seat_answered(&mut self, granted: bool, now: Millis, jitter: f64) {
        self.seat.answered(granted, now, jitter);
    }

    /// Sees whether a breaker that is open probes by now, whether or not anything is there to do so.
    pub fn look(&mut self, now: Millis) {
        if let Breaker::Open { until, times } = self.breaker
            && until <= now
        {
            self.breaker = Breaker::Probing { times, since: until };
        }
    }

    fn judge(&mut self, now: Millis) -> May {
        match self.settings.forced {
            Some(Forced::Open) => return May::Wait,
            Some(Forced::Closed) => {}
            None => {
                self.look(now);
                if let Breaker::Open { until, .. } = self.breaker {
                    return May::At(until);
                }
            }
        }
        if self.running >= self.at_once() {
            return May::Wait;
        }
        if let Some(at) = self.not_before {
            if now < at {
                return May::At(at);
            }
            self.not_before = None;
        }
        let Some(rate) = self.rate() else { return May::Begin };
        let passed = (now.0 - self.budget_at.0).max(0) as f64 / 1_000.0;
        // No more than a tenth of a second's worth begins at once.
        self.budget = (self.budget + passed * rate).min((rate / 10.0).max(1.0));
        self.budget_at = now;
        if self.budget >= 1.0 {
            return May::Begin;
        }
        let wait = ((1.0 - self.budget) / rate * 1_000.0).ceil().max(1.0) as i64;
        May::At(now.plus(wait))
    }

    /// An attempt begins; whether nothing had waited for that.
    pub fn began(&mut self, had_nothing_to_do: bool, now: Millis) {
        if had_nothing_to_do && self.running == 0 {
            self.pace.go_on(now);
        }
        self.running += 1;
        self.went_on();
    }

    /// An attempt that has its place here sends a further request.
    pub fn went_on(&mut self) {
        if self.settings.rate_per_s.is_some() {
            self.budget -= 1.0;
        }
    }

    /// An attempt has ended.
    pub fn ended(&mut self, now: Millis) {
        self.running = self.running.saturating_sub(1);
        self.pace.ended(now);
    }

    /// The clock has been set back by so many milliseconds.
    pub fn set_back(&mut self, ms: i64) {
        if let Breaker::Open { until: at, .. } | Breaker::Probing { since: at, .. } =
            &mut self.breaker
        {
            *at = at.plus(-ms);
        }
        set_back(&mut self.not_before, ms);
        self.pace.set_back(ms);
        self.budget_at = self.budget_at.plus(-ms);
        self.seat.set_back(ms);
    }

    /// Nothing runs there any more, and no seat is held.
    pub fn clear(&mut self) {
        self.running = 0;
        self.seat.clear();
    }

    /// A request has come to something; `jitter` lies between 0 and 1 and spreads the probes of
    /// several nodes.
    pub fn hear(&mut self, heard: &Heard, now: Millis, jitter: f64) {
        let failure = match heard {
            Heard::Good => None,
            Heard::Failed(failure) => Some(failure),
        };
        if let Some(failure) = failure {
            self.last_failure = Some(LastFailure { at: now, what: failure.detail.clone() });
            if let Some(ms) = patience_ms(failure) {
                self.width = (self.width / 2.0).max(1.0);
                let until = now.plus(ms.min(PATIENCE_MAX_MS));
                self.not_before = Some(self.not_before.map_or(until, |at| at.max(until)));
            }
        } else {
            self.width = (self.width + 0.5).min(f64::from(self.settings.concurrency));
        }
        let broken = failure.is_some_and(|failure| breaks(failure));
        self.failures = if broken { self.failures.saturating_add(1) } else { 0 };
        match self.breaker {
            Breaker::Closed => {
                self.recent = (self.recent << 1) | u64::from(broken);
                self.looked_at = (self.looked_at + 1).min(BREAKER_KNOWS);
                if broken && self.has_failed_enough() {
                    self.open(0, now, jitter);
                }
            }
            Breaker::Probing { times, .. } if broken => self.open(times, now, jitter),
            Breaker::Probing { .. } => self.close(),
            // What had begun before.
            Breaker::Open { .. } => {}
        }
        self.move_gate();
    }

    /// Whether nothing is sent at the moment.
    pub fn is_open(&self) -> bool {
        self.state() == BreakerState::Open
    }

    fn state(&self) -> BreakerState {
        match (self.settings.forced, self.breaker) {
            (Some(Forced::Open), _) => BreakerState::Open,
            (Some(Forced::Closed), _) | (None, Breaker::Closed) => BreakerState::Closed,
            (None, Breaker::Open { .. }) => BreakerState::Open,
            (None, Breaker::Probing { .. }) => BreakerState::HalfOpen,
        }
    }

    /// How many attempts have their place here.
    pub fn running(&self) -> u32 {
        self.running
    }

    /// How it stands, where so many deliveries wait for it.
    pub fn view(&self, key: &DestinationKey, waiting: u64, now: Millis) -> DestinationView {
        let opens_until = match self.breaker {
            Breaker::Open { until, .. } if self.settings.forced.is_none() => Some(until),
            _ => None,
        };
        // One that runs less at once than it might, of which no more is wanted, holds nothing up.
        let is_narrow = self.at_once() < self.settings.concurrency && waiting > 0;
        let slowed = is_narrow && matches!(self.breaker, Breaker::Closed)
            || self.not_before.is_some_and(|at| at > now);
        DestinationView {
            key: key.clone(),
            state: self.state(),
            forced: self.settings.forced,
            running: self.running,
            waiting,
            limit: self.at_once(),
            rate_per_s: self.settings.rate_per_s,
            slowed,
            failures: self.failures,
            last_failure: self.last_failure.clone(),
            opens_until,
            drain_seconds: self.pace.seconds_for(waiting, now).filter(|_| !self.is_open()),
        }
    }

    /// Whether nothing would be lost by forgetting it.
    pub fn is_idle(&self, now: Millis) -> bool {
        let is_left_alone = match self.breaker {
            Breaker::Closed => self.not_before.is_none_or(|at| at <= now),
            // Nobody has wanted anything of it for long.
            Breaker::Open { until: at, .. } | Breaker::Probing { since: at, .. } => {
                at.plus(FORGOTTEN_MS) <= now
            }
        };
        // What it may send at once by its rate is as much as one that is new.
        let since = (now.0 - self.budget_at.0).max(0) as f64 / 1_000.0;
        let is_rested = self.rate().is_none_or(|rate| self.budget + since * rate >= 1.0);
        self.running == 0 && is_left_alone && is_rested && !self.is_seated()
    }

    fn at_once(&self) -> u32 {
        let probing = self.settings.forced.is_none() && self.breaker != Breaker::Closed;
        if probing { 1 } else { (self.width as u32).clamp(1, self.settings.concurrency) }
    }

    fn has_failed_enough(&self) -> bool {
        let seen = self.looked_at;
        let mask = if seen >= u64::BITS { u64::MAX } else { (1 << seen) - 1 };
        let failed = (self.recent & mask).count_ones();
        seen >= self.settings.min_calls && failed * 100 >= self.settings.failure_percent * seen
    }

    fn open(&mut self, times: i64, now: Millis, jitter: f64) {
        let longer = 1_i64 << times.min(10);
        let ms = self.settings.open_ms.saturating_mul(longer.min(LONGEST));
        let spread = (ms as f64 * 0.1 * jitter) as i64;
        self.breaker = Breaker::Open { until: now.plus(ms + spread), times: times + 1 };
    }

    fn close(&mut self) {
        self.breaker = Breaker::Closed;
        (self.recent, self.looked_at, self.failures) = (0, 0, 0);
    }
}

/// Whether a failure says that the destination is out of order, rather than that it did not like
/// what it got.
fn breaks(failure: &Failure) -> bool {
    match failure.class {
        FailureClass::Dns | FailureClass::Connect | FailureClass::Tls | FailureClass::Timeout => {
            true
        }
        FailureClass::Status => failure.status.is_some_and(|status| status >= 500),
        _ => false,
    }
}

/// For how long an answer asks for patience, if it does, in milliseconds.
fn patience_ms(failure: &Failure) -> Option<i64> {
    let asks = failure.class == FailureClass::Status
        && matches!(failure.status, Some(429 | 502 | 503 | 504));
    let told = failure.retry_after_ms.map(|ms| i64::try_from(ms).unwrap_or(i64::MAX));
    asks.then(|| told.unwrap_or(PATIENCE_MS).max(1))
}

#[cfg(test)]
mod tests;
