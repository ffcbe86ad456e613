//! The queue: which job next. It holds ids alone, and can be lost and rebuilt from the store's waiting jobs at any time.
//!
//! There are two: [`EmbeddedQueue`] in the memory of a single process, and [`RedisQueue`] that any number of processes share.
//! They keep the same contract ([`Queue`]), hand out the same tickets in the same order, and pass the same tests.

mod embedded;
mod error;
mod events;
mod lane;
mod lanes;
mod redis;
#[cfg(test)]
mod tests;
mod work;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::clock::{Clock, Millis};
use crate::ids::{JobId, TenantId};
use crate::jobs::{Class, Job};
use crate::settings::QueueSettings;

pub use self::redis::RedisQueue;
pub use embedded::EmbeddedQueue;
pub use error::QueueError;
pub use events::{Events, Heard, JobEvent, Listener};

/// A ticket that has waited so long counts as one of the class before; after twice as long, of the one before that.
const AGEING_MS: Millis = 10 * 60 * 1000;
/// A job counts as in work for so long after its ticket was handed out, unless its worker says that it still is.
const HANDED_OUT_MS: Millis = 30_000;
/// Tickets that wait for their time are looked at so often at least: the system's clock may be set.
const LONGEST_NAP_MS: Millis = 250;

/// A job's place in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Which job.
    pub job: JobId,
    /// Whose: tenants take turns inside a class.
    pub tenant: TenantId,
    /// Who waits: a class runs before all later ones.
    pub class: Class,
    /// Not handed out before this time, from which on it ages.
    pub not_before: Millis,
    /// What it takes a worker, in tokens of the model. The same for as long as the job waits.
    pub cost: u32,
}

impl From<&Job> for Ticket {
    fn from(job: &Job) -> Self {
        Self {
            job: job.id.clone(),
            tenant: job.tenant.clone(),
            class: job.class,
            not_before: job.run_after,
            cost: job.task.cost(),
        }
    }
}

/// Hands each ticket to one worker, none before its time.
///
/// - **Classes**: interactive before automatic before bulk. A ticket that has waited ten minutes counts as one of the class
///   before.
/// - **Tenants** take turns inside a class, so that over time each gets the same number of tokens; one that comes anew has
///   saved nothing up. Of a tenant's own tickets that count the same, those of the more urgent class come first, then the
///   ones whose time came earlier, then by id.
/// - **Limit**: a tenant that has as many jobs in work as it may is passed over until one of them is finished.
///
/// Nothing here fails: a job whose ticket could not be added waits in the store until the tickets are compared with it.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Adds a ticket. One of the same job that waits already is replaced.
    async fn push(&self, ticket: Ticket);

    /// Adds many.
    async fn push_all(&self, tickets: Vec<Ticket>) {
        for ticket in tickets {
            self.push(ticket).await;
        }
    }

    /// Takes the next ticket; waits for one. Nothing is lost when the caller stops waiting. The job counts as in work until
    /// [`Self::finished`], or until nobody has said for a while that it is.
    async fn pop(&self) -> Ticket;

    /// The job of a ticket that was handed out is in work for so long at least.
    async fn working(&self, tenant: &TenantId, job: &JobId, lease: Duration);

    /// The work on a job has ended, or was never begun. Other processes may find it so a little later; what this one adds, takes or
    /// removes afterwards comes after it.
    async fn finished(&self, tenant: &TenantId, job: &JobId);

    /// Takes a job's ticket out. Job, tenant and cost say which; class and time may have changed since.
    async fn remove(&self, ticket: &Ticket);

    /// How many tickets would be handed out before this one, as things stand, were all as costly as it is and no limit
    /// reached. Before its time: as if it came now, behind what waits. None when it does not wait.
    async fn ahead(&self, ticket: &Ticket) -> Option<usize>;

    /// How many tickets wait; zero when it cannot be told.
    async fn len(&self) -> usize;

    /// Whether none waits.
    async fn is_empty(&self) -> bool {
        self.len().await == 0
    }

    /// Returns when tickets may have been lost, so that all must be added again. Of all processes that wait, one is told.
    async fn lost(&self);
}

/// The queue that the settings name, and the channel of progress that goes with it.
pub async fn open(settings: &QueueSettings, clock: Clock) -> Result<(Arc<dyn Queue>, Events), QueueError> {
    if settings.url.is_none() {
        let queue = EmbeddedQueue::new(clock).with_tenant_concurrency(settings.tenant_concurrency);
        return Ok((Arc::new(queue), Events::new()));
    }
    let queue = RedisQueue::connect(settings, clock).await?;
    let events = queue.events();
    Ok((Arc::new(queue), events))
}
