//! What was measured, in lines for a person.

use std::fmt;
use std::time::Duration;

use crate::sender::{Load, Run};

/// What one program made with one number of connections.
pub(crate) struct Outcome {
    pub(crate) name: String,
    pub(crate) connections: usize,
    pub(crate) run: Run,
}

pub(crate) fn heading(loads: &[Load], p99: Duration) -> String {
    let seconds = loads.first().map_or(0, |load| load.measured.as_secs());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{seconds} s each; what counts is the best with a p99 of {} ms at most; app, Postgres, Redis and sender share {cores} cores.\n\
         {:<26}{:>12}{:>8}{:>9}{:>9}{:>8}   processor time for one",
        p99.as_millis(),
        "",
        "connections",
        "per s",
        "p50 ms",
        "p99 ms",
        "MB"
    )
}

/// The share of the smaller peer's memory that is wanted.
const MEMORY: f64 = 0.20;

/// The one with most webhooks a second.
pub(crate) fn fastest(outcomes: Vec<Outcome>) -> Option<Outcome> {
    outcomes.into_iter().max_by(|a, b| a.run.per_second.total_cmp(&b.run.per_second))
}

/// Ours against the fastest and the smallest of the peers' best: the fastest of ours, and the fastest that keeps to the memory.
pub(crate) fn comparison(ours: &[Outcome], peers: &[Outcome]) -> String {
    let by_rate = |a: &&Outcome, b: &&Outcome| a.run.per_second.total_cmp(&b.run.per_second);
    let peer = peers.iter().max_by(by_rate);
    let smallest = peers.iter().map(|peer| peer.run.memory).min();
    let (Some(peer), Some(smallest)) = (peer, smallest) else {
        return "no peer kept to that p99".to_owned();
    };
    let share = |one: &Outcome| one.run.memory as f64 / smallest as f64;
    let small = ours.iter().filter(|one| share(one) <= MEMORY).max_by(by_rate);
    let line = |what: &str, one: Option<&Outcome>| match one {
        None => format!("{what}: none"),
        Some(one) => format!(
            "{what}: {} against {}: {:.1} times as many (wanted: 10), {:.2} of the memory of the smaller peer",
            one.best(),
            peer.best(),
            one.run.per_second / peer.run.per_second,
            share(one)
        ),
    };
    let keeping = format!("with at most {MEMORY:.2} of the memory");
    format!("{}\n{}", line(&keeping, small), line("fastest", ours.iter().max_by(by_rate)))
}

impl Outcome {
    pub(crate) fn p99(&self) -> Duration {
        self.percentile(99)
    }

    fn best(&self) -> String {
        format!("{:.0} per s with {} connections ({})", self.run.per_second, self.connections, self.name)
    }

    fn percentile(&self, hundredth: usize) -> Duration {
        let latencies = &self.run.latencies;
        let place = (latencies.len() * hundredth / 100).min(latencies.len().saturating_sub(1));
        latencies.get(place).copied().unwrap_or_default()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
        let (p50, p99) = (milliseconds(self.percentile(50)), milliseconds(self.percentile(99)));
        let megabytes = self.run.memory as f64 / 1e6;
        let (name, connections, per_second) = (&self.name, self.connections, self.run.per_second);
        write!(out, "{name:<26}{connections:>12}{per_second:>8.0}{p50:>9.1}{p99:>9.1}{megabytes:>8.1}  ")?;
        for (program, time) in self.run.spent.largest() {
            let each = time.as_secs_f64() * 1e6 / self.run.latencies.len() as f64;
            if each >= 1.0 {
                write!(out, " {program} {each:.0} µs")?;
            }
        }
        Ok(())
    }
}
