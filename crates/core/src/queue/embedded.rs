//! The queue of a single process: lanes behind a lock, and a bell for those who wait.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

use super::lanes::Lanes;
use super::{LONGEST_NAP_MS, Queue, Ticket};
use crate::clock::{Clock, Millis};
use crate::ids::{JobId, TenantId};

/// Lives in memory, and is filled from the store when the process starts.
pub struct EmbeddedQueue {
    clock: Clock,
    lanes: Mutex<Lanes>,
    bell: Notify,
}

/// What a worker that found nothing does.
enum Idle {
    UntilPushed,
    AtMost(Duration),
}

impl EmbeddedQueue {
    /// An empty queue.
    pub fn new(clock: Clock) -> Self {
        Self { clock, lanes: Mutex::default(), bell: Notify::new() }
    }

    /// At most so many jobs of one tenant are in work at once.
    #[must_use]
    pub fn with_tenant_concurrency(self, limit: Option<u32>) -> Self {
        Self { lanes: Mutex::new(Lanes::with_limit(limit)), ..self }
    }

    /// No code panics while it holds the lock, so a poisoned one is as good as any.
    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Result<Ticket, Idle> {
        let now = self.clock.now();
        let mut lanes = self.lanes();
        match lanes.pop(now) {
            Some(ticket) => {
                // A bell rings for one only: whoever takes a ticket wakes the next.
                self.bell.notify_one();
                Ok(ticket)
            }
            None => Err(lanes.next_time().map_or(Idle::UntilPushed, |time| {
                let nap = (time - now).clamp(1, LONGEST_NAP_MS);
                Idle::AtMost(Duration::from_millis(nap.unsigned_abs()))
            })),
        }
    }

    #[cfg(test)]
    pub(super) fn take_now(&self) -> Option<Ticket> {
        self.take().ok()
    }
}

#[async_trait]
impl Queue for EmbeddedQueue {
    async fn push(&self, ticket: Ticket) {
        let now = self.clock.now();
        self.lanes().push(ticket, now);
        self.bell.notify_one();
    }

    async fn pop(&self) -> Ticket {
        loop {
            let idle = match self.take() {
                Ok(ticket) => return ticket,
                Err(idle) => idle,
            };
            // A push since then has left its ring in the bell.
            match idle {
                Idle::UntilPushed => self.bell.notified().await,
                Idle::AtMost(nap) => {
                    let _ = tokio::time::timeout(nap, self.bell.notified()).await;
                }
            }
        }
    }

    async fn working(&self, tenant: &TenantId, job: &JobId, lease: Duration) {
        let now = self.clock.now();
        let lease = Millis::try_from(lease.as_millis()).unwrap_or(Millis::MAX);
        self.lanes().working(tenant, job, now.saturating_add(lease), now);
    }

    async fn finished(&self, tenant: &TenantId, job: &JobId) {
        let now = self.clock.now();
        self.lanes().finished(tenant, job, now);
        self.bell.notify_one();
    }

    async fn remove(&self, ticket: &Ticket) {
        let now = self.clock.now();
        self.lanes().remove(&ticket.job, now);
    }

    async fn ahead(&self, ticket: &Ticket) -> Option<usize> {
        let now = self.clock.now();
        self.lanes().ahead(&ticket.job, now)
    }

    async fn len(&self) -> usize {
        self.lanes().len()
    }

    /// What lies in the memory of this process is lost with it alone.
    async fn lost(&self) {
        std::future::pending().await
    }
}
