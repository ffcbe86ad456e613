//! Tells the store that this worker lives, what it writes with and how busy it is; and keeps the counts that it tells.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use brine_core::store::WorkerRow;
use tokio_util::sync::CancellationToken;

use crate::worker::Parts;

/// How often a worker is heard of.
pub const HEARD_EVERY: Duration = Duration::from_secs(10);

/// Counts of this worker. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts(Arc<Numbers>);

#[derive(Debug, Default)]
struct Numbers {
    running: AtomicU32,
    settled: AtomicU64,
    tokens_per_second: AtomicU32,
}

/// A job in work, until it is dropped.
pub(crate) struct InWork(Counts);

impl Counts {
    pub(crate) fn begin(&self) -> InWork {
        self.0.running.fetch_add(1, Ordering::Relaxed);
        InWork(self.clone())
    }

    /// A draft of so many tokens was written in this time.
    pub(crate) fn wrote(&self, tokens: usize, took: Duration) {
        let rate = tokens as f64 / took.as_secs_f64().max(0.001);
        self.0.tokens_per_second.store(rate as u32, Ordering::Relaxed);
    }
}

impl Drop for InWork {
    fn drop(&mut self) {
        let numbers = &self.0.0;
        numbers.running.fetch_sub(1, Ordering::Relaxed);
        numbers.settled.fetch_add(1, Ordering::Relaxed);
    }
}

/// Until `done`; the row goes when the worker does. After `soft` it says that the worker takes no more jobs.
pub(crate) async fn run(parts: Arc<Parts>, counts: Counts, soft: CancellationToken, done: CancellationToken) {
    let mut row = WorkerRow {
        id: uuid::Uuid::now_v7().simple().to_string(),
        host: host(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        model: parts.drafting.model.clone(),
        slots: u32::try_from(parts.jobs.workers).unwrap_or(u32::MAX),
        running: 0,
        settled: 0,
        tokens_per_second: 0,
        draining: false,
        started_at: 0,
        seen_at: 0,
    };
    loop {
        row.running = counts.0.running.load(Ordering::Relaxed);
        row.settled = counts.0.settled.load(Ordering::Relaxed);
        row.tokens_per_second = counts.0.tokens_per_second.load(Ordering::Relaxed);
        row.draining = soft.is_cancelled();
        if let Err(error) = parts.store.worker_lives(&row).await {
            tracing::warn!(%error, "the worker cannot be entered in the list of workers");
        }
        if done.run_until_cancelled(tokio::time::sleep(HEARD_EVERY)).await.is_none() {
            break;
        }
    }
    // It would be forgotten all the same.
    let _ = parts.store.worker_left(&row.id).await;
}

fn host() -> String {
    let named = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named = named.or_else(|| std::env::var("HOSTNAME").ok()).or_else(|| std::env::var("COMPUTERNAME").ok());
    named.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).unwrap_or_else(|| "(unnamed)".to_owned())
}
