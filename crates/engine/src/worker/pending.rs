//! What a run has changed of what the installation keeps since it was kept last. It is written in one
//! transaction with the run's next checkpoint, or with its outcome.

use model::{effect::Effect, ids::ListId, time::Millis, variable::KeptVariable};

/// How much is gathered before the run is to be kept.
const EFFECTS_MAX: usize = 256;
const BYTES_MAX: usize = 256 << 10;

/// Changes that are still to be written, the later ones behind.
#[derive(Debug, Default)]
pub struct Pending {
    effects: Vec<Effect>,
    bytes: usize,
}

impl Pending {
    /// Adds a change, in place of an earlier one of the same.
    pub fn add(&mut self, effect: Effect) {
        let earlier = self.effects.iter().position(|earlier| effect.replaces(earlier));
        if let Some(place) = earlier {
            self.bytes -= self.effects.remove(place).size();
        }
        self.bytes += effect.size();
        self.effects.push(effect);
    }

    /// Whether the run is to be kept before there is more.
    pub fn is_full(&self) -> bool {
        self.effects.len() >= EFFECTS_MAX || self.bytes >= BYTES_MAX
    }

    /// Gives all of it to be written.
    pub fn take(&mut self) -> Vec<Effect> {
        std::mem::take(self).effects
    }

    /// What a key of the cache holds by this run, if it has changed it: a value, or nothing.
    pub fn cached(&self, key: &str, now: Millis) -> Option<Option<String>> {
        self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Cache(entry) if entry.key == key => {
                let holds = entry.expires_at.is_none_or(|at| at > now);
                Some(holds.then(|| entry.value.clone()))
            }
            Effect::Forget(forgotten) if forgotten == key => Some(None),
            _ => None,
        })
    }

    /// A variable of the installation as this run has set it.
    pub fn variable(&self, name: &str) -> Option<&KeptVariable> {
        self.effects.iter().rev().find_map(|effect| match effect {
            Effect::SetVariable(variable) if variable.name == name => Some(variable),
            _ => None,
        })
    }

    /// Whether a number is in a list by this run, if it has added it.
    pub fn is_listed(&self, list: ListId, number: &str, now: Millis) -> Option<bool> {
        self.effects.iter().rev().find_map(|effect| match effect {
            Effect::AddToList { list: of, entry } if *of == list && entry.number == number => {
                Some(entry.expires_at.is_none_or(|at| at > now))
            }
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{cache::CacheEntry, number_list::ListEntry};

    fn keeps(key: &str, value: &str, expires_at: Option<i64>) -> Effect {
        let expires_at = expires_at.map(Millis);
        Effect::Cache(CacheEntry { key: key.into(), value: value.into(), expires_at })
    }

    #[test]
    fn a_run_sees_what_it_has_changed_last() {
        let mut pending = Pending::default();
        assert_eq!(pending.cached("a", Millis(5)), None);
        pending.add(keeps("a", "1", None));
        pending.add(keeps("b", "x", Some(7)));
        pending.add(keeps("a", "2", None));
        assert_eq!(pending.cached("a", Millis(5)), Some(Some("2".into())));
        assert_eq!(pending.cached("b", Millis(6)), Some(Some("x".into())));
        assert_eq!(pending.cached("b", Millis(7)), Some(None), "it has expired");
        pending.add(Effect::Forget("a".into()));
        assert_eq!(pending.cached("a", Millis(5)), Some(None));
        let number = |number: &str, expires_at| Effect::AddToList {
            list: ListId(1),
            entry: ListEntry {
                number: number.into(),
                description: String::new(),
                expires_at,
                added_at: Millis(0),
            },
        };
        pending.add(number("7", None));
        pending.add(number("8", Some(Millis(5))));
        let listed = |list, number| pending.is_listed(ListId(list), number, Millis(5));
        assert_eq!((listed(1, "7"), listed(1, "8")), (Some(true), Some(false)));
        assert_eq!((listed(2, "7"), listed(1, "9")), (None, None));
        assert_eq!(pending.take().len(), 4, "of the same key only the last");
        assert_eq!((pending.take(), pending.cached("a", Millis(5))), (Vec::new(), None));
    }

    #[test]
    fn it_is_full_by_number_and_by_size_of_what_differs() {
        let mut pending = Pending::default();
        for round in 0..2 * EFFECTS_MAX {
            pending.add(keeps("same", &round.to_string(), None));
        }
        assert!(!pending.is_full());
        for round in 1..EFFECTS_MAX {
            pending.add(keeps(&round.to_string(), "", None));
        }
        assert!(pending.is_full());
        pending.take();
        assert!(!pending.is_full());
        let large = "v".repeat(BYTES_MAX / 2);
        pending.add(keeps("a", &large, None));
        pending.add(keeps("a", &large, None));
        assert!(!pending.is_full());
        pending.add(keeps("b", &large, None));
        assert!(pending.is_full());
    }
}
