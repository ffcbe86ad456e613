//! Leases, attempts, and how many jobs are in work at once.

use std::time::Duration;

use super::reader::Reader;

/// The jobs and their workers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobsSettings {
    /// A worker that does not report for so long has lost its job to another.
    pub lease_seconds: u64,
    /// A job that fails so often is given up.
    pub max_attempts: u32,
    /// A job in the middle of which so many workers ended is given up.
    pub max_crashes: u32,
    /// Jobs in work at the same time.
    pub workers: usize,
    /// Pause before the second attempt; each further one is three times as long, up to an hour.
    pub retry_base_seconds: u64,
    /// Once told to stop, jobs in work have so long to finish; then they are given back.
    pub drain_seconds: u64,
}

impl JobsSettings {
    /// How often a lease is renewed: it outlasts two renewals that fail.
    pub fn beat(&self) -> Duration {
        Duration::from_secs(self.lease_seconds) / 3
    }
}

pub(super) fn read(reader: &mut Reader) -> Option<JobsSettings> {
    let lease_seconds = reader.number("jobs.lease_seconds", 3..=3600);
    let max_attempts = reader.number("jobs.max_attempts", 1..=100);
    let max_crashes = reader.number("jobs.max_crashes", 1..=100);
    let workers = reader.number("jobs.workers", 1..=256);
    let retry_base_seconds = reader.number("jobs.retry_base_seconds", 1..=3600);
    let drain_seconds = reader.number("jobs.drain_seconds", 0..=3600);
    Some(JobsSettings {
        lease_seconds: lease_seconds?,
        max_attempts: u32::try_from(max_attempts?).ok()?,
        max_crashes: u32::try_from(max_crashes?).ok()?,
        workers: usize::try_from(workers?).ok()?,
        retry_base_seconds: retry_base_seconds?,
        drain_seconds: drain_seconds?,
    })
}
