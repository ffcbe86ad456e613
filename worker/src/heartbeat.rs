//! Keeps a lease while its job is worked on, and notices when the job is no longer ours.

use std::sync::Arc;
use std::time::Duration;

use brine_core::ids::JobId;
use brine_core::jobs::Progress;
use brine_core::queue::JobEvent;
use brine_core::store::StoreError;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use crate::hold::Hold;
use crate::worker::Parts;

/// Beats three times in a lease until dropped.
pub(crate) fn start(parts: &Arc<Parts>, hold: &Hold) -> AbortOnDropHandle<()> {
    let events = parts.events.subscribe();
    AbortOnDropHandle::new(tokio::spawn(beat(Arc::clone(parts), hold.clone(), events)))
}

async fn beat(parts: Arc<Parts>, hold: Hold, mut events: Receiver<JobEvent>) {
    let lease = parts.lease();
    let mut renewed = Instant::now();
    loop {
        // In the same process a cancel is told at once; elsewhere the next beat finds it.
        let _ = tokio::time::timeout(lease / 3, told_of_end(&mut events, &hold.job.id)).await;
        let asked = Instant::now();
        match parts.store.renew(&hold.job, lease).await {
            Ok(()) => renewed = asked,
            Err(StoreError::LeaseLost) => return hold.lose(),
            Err(error) => {
                tracing::warn!(job = %hold.job.id, %error, "a lease cannot be renewed");
                // Whatever we would write from now on may be another worker's to write.
                if renewed.elapsed() >= lease {
                    return hold.lose();
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

/// Returns when somebody says that the job has ended, or when something may have been missed.
async fn told_of_end(events: &mut Receiver<JobEvent>, job: &JobId) {
    loop {
        match events.recv().await {
            Ok(event) if event.job == *job && matches!(event.progress, Progress::Ended { .. }) => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
