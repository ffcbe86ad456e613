//! What was measured, in lines for a person.

use std::fmt;
use std::time::Duration;

use crate::sender::{Load, Run};

pub(crate) struct Outcome {
    pub(crate) name: String,
    pub(crate) run: Run,
}

pub(crate) fn heading(load: &Load) -> String {
    let (connections, seconds) = (load.connections, load.measured.as_secs());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{connections} webhooks on their way at any time, {seconds} s each; app, Postgres, Redis and sender share {cores} cores.\n\
         {:<28}{:>8}{:>10}{:>10}{:>10}   processor time for one",
        "", "per s", "p50 ms", "p99 ms", "MB"
    )
}

/// Against the faster and the smaller of the peers.
pub(crate) fn comparison(ours: &Outcome, peers: &[Outcome]) -> Option<String> {
    let fastest = peers.iter().map(|peer| peer.run.per_second).reduce(f64::max)?;
    let smallest = peers.iter().map(|peer| peer.run.memory).min()?;
    let faster = ours.run.per_second / fastest;
    let memory = ours.run.memory as f64 / smallest as f64;
    Some(format!(
        "{faster:.1} times as many as the faster of the peers (wanted: 10), {memory:.2} of the memory of the smaller one (wanted: 0.20)"
    ))
}

impl Outcome {
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
        write!(out, "{:<28}{:>8.0}{p50:>10.1}{p99:>10.1}{megabytes:>10.1}  ", self.name, self.run.per_second)?;
        for (program, time) in self.run.spent.largest() {
            let each = time.as_secs_f64() * 1e6 / self.run.latencies.len() as f64;
            if each >= 1.0 {
                write!(out, " {program} {each:.0} µs")?;
            }
        }
        Ok(())
    }
}
