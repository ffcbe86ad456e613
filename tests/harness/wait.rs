//! Waiting for something to become true.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Longer than anything takes on a busy machine with two cores.
pub const CAP: Duration = Duration::from_secs(180);

/// Asks again and again until there is an answer; an error ends the waiting at once.
pub async fn eventually<T>(what: &str, cap: Duration, mut ask: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = ask().await? {
            return Ok(found);
        }
        if start.elapsed() > cap {
            bail!("waited {cap:?} in vain for {what}");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
