//! Which sources were found slow.

use std::{
    collections::VecDeque,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, PoisonError},
};

/// How many are remembered; past that the oldest is forgotten, and found slow anew.
const REMEMBERED: usize = 512;

/// Remembers sources that ran longer than a quick script may, so that they do not take the places
/// of quick ones again.
#[derive(Debug, Default)]
pub struct SlowSources(Mutex<VecDeque<u64>>);

/// A source, hashed: two that share a hash share a lane, and nothing else.
#[derive(Debug, Clone, Copy)]
pub struct SourceKey(u64);

impl SourceKey {
    pub fn of(source: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        source.hash(&mut hasher);
        Self(hasher.finish())
    }
}

impl SlowSources {
    pub fn contains(&self, key: SourceKey) -> bool {
        self.with(|all| all.contains(&key.0))
    }

    pub fn insert(&self, key: SourceKey) {
        self.with(|all| {
            if all.contains(&key.0) {
                return;
            }
            if all.len() == REMEMBERED {
                all.pop_front();
            }
            all.push_back(key.0);
        });
    }

    pub fn remove(&self, key: SourceKey) {
        self.with(|all| all.retain(|one| *one != key.0));
    }

    fn with<T>(&self, act: impl FnOnce(&mut VecDeque<u64>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_slow_until_it_is_removed_or_many_others_came_after_it() {
        let (slow, key) = (SlowSources::default(), SourceKey::of("first"));
        slow.insert(key);
        slow.insert(key);
        assert!(slow.contains(key));
        slow.remove(key);
        assert!(!slow.contains(key));
        slow.insert(key);
        for other in 0..REMEMBERED {
            slow.insert(SourceKey::of(&other.to_string()));
        }
        assert!(!slow.contains(key));
        assert!(slow.contains(SourceKey::of("0")));
    }
}
