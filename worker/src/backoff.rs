//! How long to wait before the next attempt.

use std::time::Duration;

use rand::Rng;

const LONGEST: Duration = Duration::from_secs(3600);
const GROWTH: u32 = 3;

/// The pause after this many attempts: `base`, then three times as long each time, up to an hour; a tenth more or less, so
/// that jobs which failed together do not come back together.
pub(crate) fn pause(base: Duration, attempts: u32) -> Duration {
    let factor = GROWTH.checked_pow(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
    let pause = base.saturating_mul(factor).min(LONGEST);
    pause.mul_f64(rand::rng().random_range(0.9..=1.1)).min(LONGEST)
}

/// The pause that the other side asked for, and up to a tenth more.
pub(crate) fn asked_pause(wait: Duration) -> Duration {
    wait.mul_f64(rand::rng().random_range(1.0..=1.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_threefold_up_to_an_hour() {
        let base = Duration::from_secs(60);
        for (attempts, seconds) in [(1, 60), (2, 180), (3, 540), (4, 1620), (5, 3600), (50, 3600), (u32::MAX, 3600)] {
            for _ in 0..100 {
                let pause = pause(base, attempts).as_secs_f64();
                let expected = f64::from(seconds);
                assert!(pause >= expected * 0.89 && pause <= (expected * 1.11).min(3600.0), "{attempts}: {pause}");
            }
        }
    }

    #[test]
    fn jobs_that_failed_together_do_not_come_back_together() {
        let first = pause(Duration::from_secs(60), 1);
        assert!((0..100).any(|_| pause(Duration::from_secs(60), 1) != first));
    }

    #[test]
    fn the_other_side_is_never_asked_too_early() {
        for _ in 0..100 {
            let pause = asked_pause(Duration::from_secs(7200));
            assert!(pause >= Duration::from_secs(7200) && pause <= Duration::from_secs(7920), "{pause:?}");
        }
    }
}
