//! Tells where a job stands: to the store first, then to those who listen.

use brine_core::jobs::{Job, Progress};
use brine_core::queue::JobEvent;
use brine_core::store::StoreError;

use crate::hold::{Break, Hold};
use crate::worker::Parts;

/// Notes progress of a job in work. That it cannot be noted is no reason to stop, unless the job is no longer ours.
pub(crate) async fn progress(parts: &Parts, hold: &Hold, progress: Progress) -> Result<(), Break> {
    match parts.store.set_progress(&hold.job, &progress).await {
        Ok(()) => {}
        Err(StoreError::LeaseLost) => {
            hold.lose();
            return Err(Break::Lost);
        }
        Err(error) => tracing::warn!(job = %hold.job.id, %error, "progress cannot be stored"),
    }
    tell(parts, &hold.job, progress);
    Ok(())
}

/// Tells those who listen.
pub(crate) fn tell(parts: &Parts, job: &Job, progress: Progress) {
    parts.events.publish(JobEvent { tenant: job.tenant.clone(), job: job.id.clone(), progress });
}
