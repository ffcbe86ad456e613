//! How long to wait before a server is asked again, and when to stop.

use std::time::Duration;

/// Growing pauses with an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Before the second try; doubled before each further one.
    pub first: Duration,
    /// No pause grows beyond this, unless the server asks for more.
    pub longest: Duration,
    /// From the first try on, pauses and tries together.
    pub total: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { first: seconds(1), longest: seconds(60), total: seconds(600) }
    }
}

impl Patience {
    /// The pause after so many tries, the time spent by then, and the pause that the server asked for; none when it would
    /// be too long.
    pub(super) fn pause(&self, tries: u32, spent: Duration, asked: Option<Duration>) -> Option<Duration> {
        let doubled = 2_u32.checked_pow(tries.saturating_sub(1)).unwrap_or(u32::MAX);
        let grown = self.first.saturating_mul(doubled).min(self.longest);
        let pause = asked.map_or(grown, |asked| asked.max(grown));
        (spent.saturating_add(pause) <= self.total).then_some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    #[test]
    fn pauses_grow_obey_the_server_and_end() {
        let patience = Patience::default();
        let pauses: Vec<_> = [1, 2, 3, 7, 99].into_iter().map(|tries| patience.pause(tries, S(0), None)).collect();
        assert_eq!(pauses, [Some(S(1)), Some(S(2)), Some(S(4)), Some(S(60)), Some(S(60))]);
        assert_eq!(patience.pause(1, S(0), Some(S(300))), Some(S(300)));
        assert_eq!(
            patience.pause(7, S(0), Some(S(2))),
            Some(S(60)),
            "a server that keeps failing is left alone longer"
        );
        assert_eq!(patience.pause(1, S(400), Some(S(300))), None);
        assert_eq!(patience.pause(1, S(600), None), None);
        assert_eq!(patience.pause(1, Duration::MAX, Some(Duration::MAX)), None);
    }
}
