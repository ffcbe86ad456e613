//! `brine workers`: which workers live, what they write with, and how busy they are.

use std::time::Duration;

use brine_core::clock::Clock;
use brine_core::settings::Settings;
use brine_core::store::Store;
use brine_worker::HEARD_EVERY;

use crate::Failed;
use crate::service::reader;

/// A worker that has missed three signs of life in a row is not shown.
const SILENCE: u32 = 3;

pub(crate) async fn run(settings: Settings) -> Result<(), Failed> {
    let clock = Clock::system();
    let store: Store = reader(&settings, &clock).await?;
    let workers = store.workers(HEARD_EVERY * SILENCE).await.map_err(Failed::ours)?;
    if workers.is_empty() {
        println!("No worker has been heard of in the last {} seconds.", (HEARD_EVERY * SILENCE).as_secs());
        return Ok(());
    }
    println!(
        "{:<24} {:<24} {:>8} {:>9} {:>9} {:>9} {:>8} version",
        "host", "writes with", "running", "settled", "tokens/s", "up", "seen"
    );
    let now = clock.now();
    for worker in workers {
        let ago = |then: i64| short(Duration::from_millis(now.saturating_sub(then).max(0).unsigned_abs()));
        let running = format!("{}/{}", worker.running, worker.slots);
        let draining = if worker.draining { " (draining)" } else { "" };
        println!(
            "{:<24} {:<24} {running:>8} {:>9} {:>9} {:>9} {:>8} {}{draining}",
            worker.host,
            worker.model,
            worker.settled,
            worker.tokens_per_second,
            ago(worker.started_at),
            ago(worker.seen_at),
            worker.version,
        );
    }
    Ok(())
}

fn short(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min", seconds / 60),
        seconds @ 3600..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_unit_that_says_most() {
        let told = [0, 59, 60, 3599, 3600, 172_799, 172_800].map(|seconds| short(Duration::from_secs(seconds)));
        assert_eq!(told, ["0 s", "59 s", "1 min", "59 min", "1 h", "47 h", "2 days"]);
    }
}
