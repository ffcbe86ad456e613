//! Jobs that webhooks and events ask for are gathered: while one step is on its way to disk and queue, those that come meanwhile
//! wait for the next one, together. A step is one statement for all rows, then one message with all tickets.

use std::sync::Arc;

use brine_core::jobs::JobState;
use brine_core::queue::{Events, JobEvent, Queue, Ticket};
use brine_core::store::{Created, NewJob, Store, StoreError};
use brine_core::together::Together;

/// Jobs of one step at most.
const TOGETHER: usize = 256;

/// See the module.
pub(crate) struct Intake {
    store: Store,
    events: Events,
    jobs: Together<NewJob, Result<Created, StoreError>>,
}

impl Intake {
    /// Starts to gather. Call it inside a Tokio runtime; it ends with the last reference.
    pub(crate) fn start(store: Store, queue: Arc<dyn Queue>, events: Events) -> Self {
        let writer = store.clone();
        let jobs = Together::start(TOGETHER, move |jobs| {
            let (writer, queue) = (writer.clone(), Arc::clone(&queue));
            async move {
                let created = writer.create_jobs(jobs).await;
                let waiting = created.iter().flatten().map(Created::job).filter(|job| job.state == JobState::Queued);
                let tickets: Vec<Ticket> = waiting.map(Ticket::from).collect();
                if !tickets.is_empty() {
                    // A ticket that is not made now is made when the table is compared with the queue.
                    queue.push_all(tickets).await;
                }
                created
            }
        });
        Self { store, events, jobs }
    }

    /// Makes the job and its ticket, or finds the one that already does this. Answers once the row is on the disk.
    pub(crate) async fn create(&self, new: NewJob) -> Result<(), StoreError> {
        let created = match self.jobs.ask(new.clone()).await {
            Some(created) => created?,
            // Nobody gathers any more; the ticket is made when the table is compared with the queue.
            None => self.store.create_job(new).await?,
        };
        // Of a job that is new nobody can have asked to hear; one that begins anew has a worker, who must.
        if let Created::Anew(job) = created {
            self.events.publish(JobEvent { tenant: job.tenant, job: job.id, progress: job.progress });
        }
        Ok(())
    }
}
