//! Keeps a lease while its job is worked on, and notices when the job is no longer ours.

use std::sync::Arc;
use std::time::Duration;

use brine_core::ids::JobId;
use brine_core::jobs::Progress;
use brine_core::queue::{Heard, Listener};
use brine_core::store::StoreError;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use crate::hold::Hold;
use crate::worker::Parts;

/// Beats three times in a lease until dropped.
pub(crate) fn start(parts: &Arc<Parts>, hold: &Hold) -> AbortOnDropHandle<()> {
    let events = parts.events.subscribe();
    AbortOnDropHandle::new(tokio::spawn(beat(Arc::clone(parts), hold.clone(), events)))
}

async fn beat(parts: Arc<Parts>, hold: Hold, mut events: Listener) {
    let lease = parts.lease();
    let mut renewed = Instant::now();
    loop {
        let until_next_beat = async {
            parts.queue.working(&hold.job.tenant, &hold.job.id, lease).await;
            // A cancel, or a newer story, is told at once, except where the web side can't reach us; then the next beat finds it.
            told_of_end(&mut events, &hold.job.id).await;
        };
        let _ = tokio::time::timeout(lease / 3, until_next_beat).await;
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

/// Returns when somebody says that the job has ended or waits again, or when something may have been missed.
async fn told_of_end(events: &mut Listener, job: &JobId) {
    loop {
        match events.next().await {
            Heard::Of(event) if event.job == *job && is_over(&event.progress) => return,
            Heard::Of(_) => {}
            Heard::Missed => return,
        }
    }
}

fn is_over(progress: &Progress) -> bool {
    matches!(progress, Progress::Ended { .. } | Progress::Queued { .. })
}
