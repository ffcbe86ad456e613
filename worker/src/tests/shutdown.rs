//! Shutdown in two steps.

use std::sync::atomic::Ordering;

use super::fakes::Order;
use super::*;

#[tokio::test]
async fn the_soft_step_finishes_what_is_in_work_and_takes_nothing_more() {
    let bench = Bench::new().await;
    bench.writer.next(Order::AtGate);
    let mut parts = bench.parts();
    parts.jobs.workers = 1;
    let in_work = bench.ask(1, false).await;
    let waiting = bench.ask(2, false).await;
    let worker = bench.start_with(parts);
    bench.writer.has_begun().await;
    worker.shutdown.soft.cancel();
    assert!(!worker.task.is_finished());
    bench.writer.gate.add_permits(1);
    worker.ended().await;
    assert_eq!(bench.job(&in_work).await.state, JobState::Drafted);
    let waits = bench.job(&waiting).await;
    assert_eq!((waits.state, waits.attempts), (JobState::Queued, 0));
}

#[tokio::test]
async fn the_hard_step_gives_back_what_is_in_work_and_the_attempt_does_not_count() {
    let bench = Bench::new().await;
    bench.writer.next(Order::UntilCancelled);
    let job = bench.ask(1, false).await;
    let worker = bench.start();
    bench.writer.has_begun().await;
    worker.shutdown.soft.cancel();
    worker.shutdown.hard.cancel();
    worker.ended().await;
    assert_eq!(bench.writer.cancelled.load(Ordering::SeqCst), 1);
    let given_back = bench.job(&job).await;
    assert_eq!((given_back.state, given_back.attempts, given_back.lease_until), (JobState::Queued, 0, 0));

    let _worker = bench.start();
    assert_eq!(bench.until_over(&job).await.state, JobState::Drafted);
}

#[tokio::test]
async fn an_idle_worker_ends_at_once() {
    let bench = Bench::new().await;
    let worker = bench.start();
    worker.shutdown.soft.cancel();
    worker.ended().await;
}
