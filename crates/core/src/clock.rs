//! The time, as milliseconds since 1970 (UTC), from a clock that tests can move.
//!
//! Where several machines work on one database, all of them must mean the same by "now": there the store sets the clock of
//! its process by the database's ([`Clock::follow`]), and the machine's own time matters no longer.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;

/// Nobody was followed yet.
const NOBODY: i64 = i64::MIN;
/// The machine's time may wander so far from its steady clock (which no one sets) before we speak of a jump.
const JUMP_MS: Millis = 1000;

/// The system's time, or that of whom it follows; plus an offset, which is zero outside tests. Clones share all of it.
#[derive(Clone, Debug)]
pub struct Clock {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Start of the steady clock.
    start: Instant,
    /// The followed time less the steady clock's.
    followed: AtomicI64,
    /// The machine's time less the steady clock's, when somebody was followed last.
    machine: AtomicI64,
    /// The steady clock then.
    asked: AtomicI64,
    moved: AtomicI64,
    machine_wrong_by: AtomicI64,
}

impl Default for Clock {
    fn default() -> Self {
        let [machine, asked, moved, machine_wrong_by] = [const { AtomicI64::new(0) }; 4];
        let (start, followed) = (Instant::now(), AtomicI64::new(NOBODY));
        Self { shared: Arc::new(Shared { start, followed, machine, asked, moved, machine_wrong_by }) }
    }
}

impl Clock {
    /// The system's own time.
    pub fn system() -> Self {
        Self::default()
    }

    /// The time now.
    pub fn now(&self) -> Millis {
        let moved = self.shared.moved.load(Ordering::Relaxed);
        match self.shared.followed.load(Ordering::Relaxed) {
            NOBODY => self.machine() + moved,
            ahead => self.steady() + ahead + moved,
        }
    }

    /// The time now in whole seconds, as tokens carry it.
    pub fn now_seconds(&self) -> i64 {
        self.now() / 1000
    }

    /// It is `now`, says somebody whom all machines believe. This clock goes on from there by the machine's steady clock,
    /// which nobody can set.
    pub fn follow(&self, now: Millis) {
        let steady = self.steady();
        self.shared.machine.store(self.machine() - steady, Ordering::Relaxed);
        self.shared.asked.store(steady, Ordering::Relaxed);
        self.shared.followed.store(now - steady, Ordering::Relaxed);
    }

    /// Whether who is followed should be asked again: not yet asked, not for `longest`, or the machine's time has jumped
    /// since (it was set, or the machine slept, which a steady clock does not notice).
    pub fn should_ask(&self, longest: Duration) -> bool {
        let steady = self.steady();
        let jump = self.machine() - steady - self.shared.machine.load(Ordering::Relaxed);
        self.shared.followed.load(Ordering::Relaxed) == NOBODY
            || steady - self.shared.asked.load(Ordering::Relaxed) >= millis(longest)
            || jump.abs() > JUMP_MS
    }

    /// Moves this clock and all its clones forward.
    pub fn advance(&self, by: Duration) {
        self.shared.moved.fetch_add(millis(by), Ordering::Relaxed);
    }

    /// Sets the machine's own time wrong by so much, as an operator or a bad time server can: for tests.
    pub fn set_machine_wrong_by(&self, by: Millis) {
        self.shared.machine_wrong_by.store(by, Ordering::Relaxed);
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's time")]
    fn machine(&self) -> Millis {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        millis(since_epoch) + self.shared.machine_wrong_by.load(Ordering::Relaxed)
    }

    fn steady(&self) -> Millis {
        millis(self.shared.start.elapsed())
    }
}

fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Millis = 3_600_000;
    const MINUTE: Duration = Duration::from_secs(60);

    fn near(a: Millis, b: Millis) -> bool {
        (a - b).abs() < HOUR / 60
    }

    #[test]
    fn a_clock_that_follows_somebody_is_not_moved_by_its_machine() {
        let (clock, right) = (Clock::system(), Clock::system());
        clock.set_machine_wrong_by(HOUR);
        assert!(near(clock.now(), right.now() + HOUR));
        clock.follow(right.now());
        assert!(near(clock.clone().now(), right.now()));
        clock.set_machine_wrong_by(-HOUR);
        assert!(near(clock.now(), right.now()));
        clock.advance(MINUTE * 120);
        assert!(near(clock.now(), right.now() + 2 * HOUR));
    }

    #[test]
    fn somebody_is_asked_at_first_after_a_while_and_after_a_jump() {
        let clock = Clock::system();
        assert!(clock.should_ask(MINUTE));
        clock.follow(clock.now());
        assert!(!clock.should_ask(MINUTE));
        assert!(clock.should_ask(Duration::ZERO));
        clock.set_machine_wrong_by(-HOUR);
        assert!(clock.should_ask(MINUTE));
        clock.follow(clock.now());
        assert!(!clock.should_ask(MINUTE));
    }
}
