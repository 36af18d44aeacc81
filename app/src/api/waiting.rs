//! What is made in one request and shown in another, in memory only.

use model::ids::UserId;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tower_sessions::session::Id;

type All<T> = HashMap<String, (UserId, T, Instant)>;

/// Things that wait for those who made them, by a random key. They are never written down.
pub struct Waiting<T> {
    /// How long a thing waits.
    time: Duration,
    /// How many wait at a time; one more drops the oldest.
    most: usize,
    all: Mutex<All<T>>,
}

impl<T> Waiting<T> {
    pub fn new(time: Duration, most: usize) -> Self {
        Self { time, most, all: Mutex::default() }
    }

    /// Keeps a thing for the one who made it; the key by which they find it.
    pub fn put(&self, maker: UserId, made: T) -> String {
        let mut all = self.fresh();
        if all.len() >= self.most {
            let oldest = all.iter().min_by_key(|(_, (_, _, since))| *since);
            if let Some(key) = oldest.map(|(key, _)| key.clone()) {
                all.remove(&key);
            }
        }
        let key = Id::default().to_string();
        all.insert(key.clone(), (maker, made, Instant::now()));
        key
    }

    /// The thing, once, for the one who made it.
    pub fn take(&self, key: &str, maker: UserId) -> Option<T> {
        let mut all = self.fresh();
        if all.get(key)?.0 != maker {
            return None;
        }
        all.remove(key).map(|(_, made, _)| made)
    }

    /// The thing, as often as the one who made it looks.
    pub fn see(&self, key: &str, maker: UserId) -> Option<T>
    where
        T: Clone,
    {
        let all = self.fresh();
        all.get(key).filter(|(who, ..)| *who == maker).map(|(_, made, _)| made.clone())
    }

    fn fresh(&self) -> MutexGuard<'_, All<T>> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (_, _, since)| since.elapsed() < self.time);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn a_thing_is_shown_to_its_maker_and_taken_once() {
        let waiting = Waiting::new(HOUR, 10);
        let key = waiting.put(UserId(1), "made");
        assert_eq!((waiting.take(&key, UserId(2)), waiting.see(&key, UserId(2))), (None, None));
        assert_eq!(waiting.see(&key, UserId(1)), Some("made"));
        assert_eq!(waiting.take(&key, UserId(1)), Some("made"));
        assert_eq!(waiting.take(&key, UserId(1)), None);
    }

    #[test]
    fn only_so_many_wait_and_only_so_long() {
        let waiting = Waiting::new(HOUR, 10);
        let first = waiting.put(UserId(1), 0);
        let keys: Vec<_> = (0..10).map(|number| waiting.put(UserId(1), number)).collect();
        assert_eq!(waiting.take(&first, UserId(1)), None);
        assert!(keys.iter().all(|key| waiting.take(key, UserId(1)).is_some()));
        let none = Waiting::new(Duration::ZERO, 10);
        let key = none.put(UserId(1), 0);
        assert_eq!(none.take(&key, UserId(1)), None);
    }
}
