//! Jobs that webhooks and events ask for are gathered: while one transaction is on its way to the disk, those that come meanwhile
//! wait for the next one, together. Whoever comes alone waits for nobody.

use std::sync::Arc;

use brine_core::jobs::JobState;
use brine_core::queue::{Events, JobEvent, Queue, Ticket};
use brine_core::store::{Created, NewJob, Store, StoreError};
use tokio::sync::{mpsc, oneshot};

/// Jobs of one transaction at most.
const TOGETHER: usize = 128;
/// Requests that may wait to be gathered; later ones wait to wait.
const WAITING: usize = 1024;

/// See the module.
pub(crate) struct Intake {
    store: Store,
    orders: mpsc::Sender<Order>,
}

struct Order {
    new: NewJob,
    answer: oneshot::Sender<Result<Created, StoreError>>,
}

impl Intake {
    /// Starts to gather. Call it inside a Tokio runtime; it ends with the last reference.
    pub(crate) fn start(store: Store, queue: Arc<dyn Queue>, events: Events) -> Self {
        let (orders, waiting) = mpsc::channel(WAITING);
        tokio::spawn(gather(waiting, store.clone(), queue, events));
        Self { store, orders }
    }

    /// Makes the job and its ticket, or finds the one that already does this. Answers once the row is on the disk.
    pub(crate) async fn create(&self, new: NewJob) -> Result<Created, StoreError> {
        let (answer, answered) = oneshot::channel();
        let order = Order { new: new.clone(), answer };
        if self.orders.send(order).await.is_ok()
            && let Ok(created) = answered.await
        {
            return created;
        }
        // Nobody gathers any more. A ticket is made when the table is compared with the queue.
        self.store.create_job(new).await
    }
}

async fn gather(mut waiting: mpsc::Receiver<Order>, store: Store, queue: Arc<dyn Queue>, events: Events) {
    let mut orders = Vec::with_capacity(TOGETHER);
    while waiting.recv_many(&mut orders, TOGETHER).await > 0 {
        let (jobs, answers): (Vec<_>, Vec<_>) = orders.drain(..).map(|order| (order.new, order.answer)).unzip();
        let created = store.create_jobs(jobs).await;
        let jobs = created.iter().flatten().map(Created::job).filter(|job| job.state == JobState::Queued);
        queue.push_all(jobs.map(Ticket::from).collect()).await;
        for (created, answer) in created.into_iter().zip(answers) {
            if let Ok(Created::New(job)) = &created {
                let event =
                    JobEvent { tenant: job.tenant.clone(), job: job.id.clone(), progress: job.progress.clone() };
                events.publish(event);
            }
            // The caller may have left.
            let _ = answer.send(created);
        }
    }
}
