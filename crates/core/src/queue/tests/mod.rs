#![allow(clippy::unwrap_used, clippy::expect_used)]

mod load;
mod model;
mod order;

use super::*;
use crate::clock::Clock;

fn ticket(job: &str, tenant: &str, class: Class, not_before: Millis) -> Ticket {
    Ticket { job: JobId::new(job), tenant: TenantId::new(tenant), class, not_before }
}

/// Everything that is ready now, in the order in which it is handed out.
async fn drain(queue: &EmbeddedQueue, jobs: usize) -> Vec<String> {
    let mut taken = Vec::new();
    for _ in 0..jobs {
        taken.push(queue.pop().await.job.to_string());
    }
    taken
}
