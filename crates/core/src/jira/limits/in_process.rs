//! Meters of this process alone.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::meters::Meters;
use super::{Allowance, Held, Need, Note};
use crate::clock::Clock;

/// For a service that is one process.
#[derive(Debug)]
pub struct InProcess {
    meters: Mutex<Meters>,
    clock: Clock,
}

impl InProcess {
    /// Nothing is drawn yet.
    pub fn new(clock: Clock) -> Self {
        Self { meters: Mutex::default(), clock }
    }

    /// Counts what another allowance has given.
    pub(super) fn count(&self, need: &Need) {
        self.with(|meters, now| meters.draw(need, now));
    }

    fn with<T>(&self, act: impl FnOnce(&mut Meters, i64) -> T) -> T {
        // Meters are numbers: a thread that died among them left none that is worse than another.
        act(&mut self.meters.lock().unwrap_or_else(PoisonError::into_inner), self.clock.now())
    }
}

#[async_trait]
impl Allowance for InProcess {
    async fn take(&self, need: &Need) -> Result<(), Held> {
        self.with(|meters, now| meters.take(need, now))
    }

    async fn note(&self, notes: &[Note]) {
        self.with(|meters, now| notes.iter().for_each(|note| meters.note(note, now)));
    }
}
