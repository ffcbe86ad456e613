//! A leased job, and the signals that end the work on it.

use brine_core::clock::Millis;
use brine_core::failure::Failure;
use brine_core::jobs::Job;
use brine_core::store::StoreError;
use brine_core::telemetry;
use tokio_util::sync::CancellationToken;

use crate::registry::Counts;

/// A job that this worker holds.
#[derive(Clone)]
pub(crate) struct Hold {
    pub(crate) job: Job,
    /// The job is no longer ours: cancelled by a person, or leased to another worker.
    pub(crate) lost: CancellationToken,
    /// The work ends now: `lost`, or the process stops.
    pub(crate) stop: CancellationToken,
    /// Of the worker that holds it.
    pub(crate) counts: Counts,
}

/// Why work ended without a result.
#[derive(Debug)]
pub(crate) enum Break {
    /// See [`Failure`].
    Failed(Failure),
    /// Not before this time, however far it is: nothing was tried.
    NotBefore {
        /// When to look again.
        at: Millis,
        /// What it waits for.
        reason: String,
    },
    /// The `stop` signal.
    Stopped,
    /// A write was refused: the job is no longer ours.
    Lost,
}

impl Hold {
    /// `hard` stops the work; so does the loss of the job.
    pub(crate) fn new(job: Job, hard: &CancellationToken, counts: Counts) -> Self {
        let stop = hard.child_token();
        Self { job, lost: CancellationToken::new(), stop, counts }
    }

    /// Notes that the job is no longer ours.
    pub(crate) fn lose(&self) {
        if !self.lost.is_cancelled() {
            telemetry::lease_lost();
        }
        self.lost.cancel();
        self.stop.cancel();
    }

    /// Does something unless, or until, the work is stopped.
    pub(crate) async fn unless_stopped<T, E: Into<Break>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Break> {
        match self.stop.run_until_cancelled(work).await {
            Some(result) => result.map_err(Into::into),
            None => Err(Break::Stopped),
        }
    }
}

impl From<Failure> for Break {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<StoreError> for Break {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LeaseLost => Self::Lost,
            other => Self::Failed(other.into()),
        }
    }
}
