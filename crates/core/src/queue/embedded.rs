//! The queue of a single process: lanes behind a lock, and a bell for those who wait.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;

use super::lanes::Lanes;
use super::{Queue, Ticket};
use crate::clock::{Clock, Millis};
use crate::ids::JobId;

/// Tickets that wait for their time are looked at so often at least: the system's clock may be set.
const LONGEST_NAP_MS: Millis = 250;

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
                if lanes.has_ready(now) {
                    self.bell.notify_one();
                }
                Ok(ticket)
            }
            None => Err(lanes.next_time().map_or(Idle::UntilPushed, |time| {
                let nap = (time - now).clamp(1, LONGEST_NAP_MS);
                Idle::AtMost(Duration::from_millis(nap.unsigned_abs()))
            })),
        }
    }
}

#[async_trait]
impl Queue for EmbeddedQueue {
    async fn push(&self, ticket: Ticket) {
        self.lanes().push(ticket);
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

    async fn remove(&self, job: &JobId) {
        self.lanes().remove(job);
    }

    async fn ahead(&self, job: &JobId) -> Option<usize> {
        let now = self.clock.now();
        self.lanes().ahead(job, now)
    }

    async fn len(&self) -> usize {
        self.lanes().len()
    }
}
