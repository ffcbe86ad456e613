//! Jobs that webhooks and events ask for are gathered: while one transaction is on its way to the disk, those that come meanwhile
//! wait for the next one, together; and so do their tickets on their way to the queue.

use std::sync::Arc;

use brine_core::jobs::{Job, JobState};
use brine_core::queue::{Events, JobEvent, Queue, Ticket};
use brine_core::store::{Created, NewJob, Store, StoreError};
use brine_core::together::Together;

/// Jobs of one step at most.
const TOGETHER: usize = 128;

/// See the module.
pub(crate) struct Intake {
    store: Store,
    events: Events,
    rows: Together<NewJob, Result<Created, StoreError>>,
    tickets: Together<Ticket, ()>,
}

impl Intake {
    /// Starts to gather. Call it inside a Tokio runtime; it ends with the last reference.
    pub(crate) fn start(store: Store, queue: Arc<dyn Queue>, events: Events) -> Self {
        let writer = store.clone();
        let rows = Together::start(TOGETHER, move |jobs| {
            let writer = writer.clone();
            async move { writer.create_jobs(jobs).await }
        });
        let tickets = Together::start(TOGETHER, move |tickets: Vec<Ticket>| {
            let queue = Arc::clone(&queue);
            async move {
                let callers = tickets.len();
                queue.push_all(tickets).await;
                vec![(); callers]
            }
        });
        Self { store, events, rows, tickets }
    }

    /// Makes the job and its ticket, or finds the one that already does this. Answers once the row is on the disk.
    pub(crate) async fn create(&self, new: NewJob) -> Result<Created, StoreError> {
        let created = match self.rows.ask(new.clone()).await {
            Some(created) => created?,
            // Nobody gathers any more.
            None => self.store.create_job(new).await?,
        };
        if created.job().state == JobState::Queued {
            // A ticket that is not made now is made when the table is compared with the queue.
            let _ = self.tickets.ask(Ticket::from(created.job())).await;
        }
        if let Created::New(job) | Created::Anew(job) = &created {
            self.tell(job);
        }
        Ok(created)
    }

    fn tell(&self, job: &Job) {
        let (tenant, id) = (job.tenant.clone(), job.id.clone());
        self.events.publish(JobEvent { tenant, job: id, progress: job.progress.clone() });
    }
}
