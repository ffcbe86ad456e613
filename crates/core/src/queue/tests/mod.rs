//! What every queue promises, held against each of them; and what only the one in Redis can get into.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod ageing;
mod ahead;
mod cluster;
mod fairness;
mod faults;
mod limit;
mod load;
mod model;
mod order;
mod refusals;
mod together;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use brine_servers::Redis;
use secrecy::SecretString;

use super::*;
use crate::clock::Clock;

const COST: u32 = 2000;

/// Which queue is under test.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Embedded,
    Redis,
    /// Almost all tickets lie in the sets that long lines have.
    RedisOutside,
}

/// A queue that can also be asked without waiting.
#[async_trait]
trait Subject: Queue {
    async fn take_now(&self) -> Option<Ticket>;
}

#[async_trait]
impl Subject for EmbeddedQueue {
    async fn take_now(&self) -> Option<Ticket> {
        EmbeddedQueue::take_now(self)
    }
}

#[async_trait]
impl Subject for RedisQueue {
    async fn take_now(&self) -> Option<Ticket> {
        RedisQueue::take_now(self).await
    }
}

/// Tests for each kind of queue out of functions that take one.
macro_rules! contract {
    ($($name:ident),* $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::Kind::Embedded).await;
            })*
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::Kind::Redis).await;
            })*
        }
        mod redis_outside {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::Kind::RedisOutside).await;
            })*
        }
    };
}
use contract;

impl Kind {
    async fn queue(self, clock: &Clock) -> Arc<dyn Subject> {
        self.with_limit(clock, None).await
    }

    async fn with_limit(self, clock: &Clock, limit: Option<u32>) -> Arc<dyn Subject> {
        match self {
            Self::Embedded => Arc::new(EmbeddedQueue::new(clock.clone()).with_tenant_concurrency(limit)),
            Self::Redis => {
                let settings = settings(&shared().url(), limit);
                Arc::new(RedisQueue::connect(&settings, clock.clone()).await.unwrap())
            }
            Self::RedisOutside => {
                let settings = settings(&shared().url(), limit);
                Arc::new(RedisQueue::with_lines(&settings, clock.clone(), 1).await.unwrap())
            }
        }
    }
}

/// One server for all tests of this process; it ends with it.
fn shared() -> &'static Redis {
    static SERVER: OnceLock<Redis> = OnceLock::new();
    SERVER.get_or_init(|| Redis::start().unwrap())
}

/// A queue of its own on this server.
fn settings(url: &str, limit: Option<u32>) -> QueueSettings {
    static QUEUES: AtomicU32 = AtomicU32::new(0);
    let name = format!("test-{}", QUEUES.fetch_add(1, Ordering::Relaxed));
    QueueSettings { url: Some(SecretString::from(url)), name, tenant_concurrency: limit }
}

fn ticket(job: &str, tenant: &str, class: Class, not_before: Millis) -> Ticket {
    Ticket { job: JobId::new(job), tenant: TenantId::new(tenant), class, not_before, cost: COST }
}

/// So many tickets that are ready now, in the order in which they are handed out.
async fn drain(queue: &dyn Subject, jobs: usize) -> Vec<String> {
    let mut taken = Vec::new();
    for _ in 0..jobs {
        let ticket = tokio::time::timeout(Duration::from_secs(20), queue.pop()).await.expect("a ticket is ready");
        taken.push(ticket.job.to_string());
    }
    taken
}

/// Fails the test when something that must come does not.
async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), work).await.expect("it comes")
}
