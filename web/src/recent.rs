//! A small memory of what was true a moment ago, for answers that cost Jira's rate-limit points.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use brine_core::clock::{Clock, Millis};

/// More entries than this and the old ones are thrown out; the memory is a help, not a need.
const ENTRIES: usize = 10_000;

/// Values that are forgotten after a fixed time.
pub(crate) struct Recent<K, V> {
    clock: Clock,
    keep_ms: Millis,
    known: Mutex<HashMap<K, (Millis, V)>>,
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    pub(crate) fn new(clock: Clock, keep: Duration) -> Self {
        let keep_ms = Millis::try_from(keep.as_millis()).unwrap_or(Millis::MAX);
        Self { clock, keep_ms, known: Mutex::default() }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        let now = self.clock.now();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(key).filter(|(until, _)| *until > now).map(|(_, value)| value.clone())
    }

    /// What was true is true no more.
    pub(crate) fn forget(&self, key: &K) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    pub(crate) fn put(&self, key: K, value: V) {
        let now = self.clock.now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= ENTRIES {
            known.retain(|_, (until, _)| *until > now);
        }
        if known.len() >= ENTRIES {
            known.clear();
        }
        known.insert(key, (now.saturating_add(self.keep_ms), value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_forgotten_when_its_time_is_up() {
        let clock = Clock::system();
        let recent = Recent::new(clock.clone(), Duration::from_secs(30));
        recent.put("a", 1);
        assert_eq!(recent.get(&"a"), Some(1));
        recent.forget(&"a");
        assert_eq!(recent.get(&"a"), None);
        recent.put("a", 1);
        clock.advance(Duration::from_secs(31));
        assert_eq!(recent.get(&"a"), None);
    }

    #[test]
    fn the_memory_does_not_grow_without_end() {
        let recent = Recent::new(Clock::system(), Duration::from_secs(30));
        for n in 0..ENTRIES * 2 {
            recent.put(n, ());
        }
        assert!(recent.known.lock().unwrap_or_else(PoisonError::into_inner).len() <= ENTRIES);
    }
}
