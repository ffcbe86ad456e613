//! The queue: which job next. It holds ids alone, and can be lost and rebuilt from the store's waiting jobs at any time.

mod embedded;
mod events;
mod lanes;
#[cfg(test)]
mod tests;

use async_trait::async_trait;

use crate::clock::Millis;
use crate::ids::{JobId, TenantId};
use crate::jobs::{Class, Job};

pub use embedded::EmbeddedQueue;
pub use events::{Events, JobEvent};

/// A job's place in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Which job.
    pub job: JobId,
    /// Whose: tenants take turns inside a class.
    pub tenant: TenantId,
    /// Who waits: a class runs before all later ones.
    pub class: Class,
    /// Not handed out before this time.
    pub not_before: Millis,
}

impl From<&Job> for Ticket {
    fn from(job: &Job) -> Self {
        Self { job: job.id.clone(), tenant: job.tenant.clone(), class: job.class, not_before: job.run_after }
    }
}

/// Hands each ticket to one worker: interactive before automatic before bulk, tenants in turn inside a class, a tenant's
/// own in the order in which they came, none before its time.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Adds a ticket. One of the same job that waits already is replaced, and keeps its age.
    async fn push(&self, ticket: Ticket);

    /// Takes the next ticket; waits for one. Nothing is lost when the caller stops waiting.
    async fn pop(&self) -> Ticket;

    /// Takes a job's ticket out.
    async fn remove(&self, job: &JobId);

    /// How many tickets would be handed out before this job's, as things stand. None when it does not wait.
    async fn ahead(&self, job: &JobId) -> Option<usize>;

    /// How many tickets wait.
    async fn len(&self) -> usize;

    /// Whether none waits.
    async fn is_empty(&self) -> bool {
        self.len().await == 0
    }
}
