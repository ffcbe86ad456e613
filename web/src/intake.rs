//! Jobs that webhooks and events ask for are gathered: while one transaction is on its way to the disk, those that come meanwhile
//! wait for the next one, together.

use std::sync::Arc;

use brine_core::jobs::JobState;
use brine_core::queue::{Events, JobEvent, Queue, Ticket};
use brine_core::store::{Created, NewJob, Store, StoreError};
use brine_core::together::Together;

/// Jobs of one transaction at most.
const TOGETHER: usize = 128;

/// See the module.
pub(crate) struct Intake {
    store: Store,
    gathered: Together<NewJob, Result<Created, StoreError>>,
}

impl Intake {
    /// Starts to gather. Call it inside a Tokio runtime; it ends with the last reference.
    pub(crate) fn start(store: Store, queue: Arc<dyn Queue>, events: Events) -> Self {
        let writer = store.clone();
        let gathered =
            Together::start(TOGETHER, move |jobs| take_in(writer.clone(), Arc::clone(&queue), events.clone(), jobs));
        Self { store, gathered }
    }

    /// Makes the job and its ticket, or finds the one that already does this. Answers once the row is on the disk.
    pub(crate) async fn create(&self, new: NewJob) -> Result<Created, StoreError> {
        match self.gathered.ask(new.clone()).await {
            Some(created) => created,
            // Nobody gathers any more. A ticket is made when the table is compared with the queue.
            None => self.store.create_job(new).await,
        }
    }
}

async fn take_in(
    store: Store,
    queue: Arc<dyn Queue>,
    events: Events,
    jobs: Vec<NewJob>,
) -> Vec<Result<Created, StoreError>> {
    let all = store.create_jobs(jobs).await;
    let waiting = all.iter().flatten().map(Created::job).filter(|job| job.state == JobState::Queued);
    queue.push_all(waiting.map(Ticket::from).collect()).await;
    for created in all.iter().flatten() {
        if let Created::New(job) | Created::Anew(job) = created {
            let (tenant, id) = (job.tenant.clone(), job.id.clone());
            events.publish(JobEvent { tenant, job: id, progress: job.progress.clone() });
        }
    }
    all
}
