//! Workers that are killed at some instant, and what the next one makes of it.

use std::sync::atomic::Ordering;

use super::fakes::Order;
use super::*;

#[tokio::test]
async fn a_job_whose_process_was_killed_while_writing_is_finished_once() {
    let bench = Bench::new().await;
    bench.writer.next(Order::AtGate);
    let job = bench.ask(1, true).await;
    let worker = bench.start();
    bench.writer.has_begun().await;
    worker.kill().await;
    assert_eq!(bench.job(&job).await.state, JobState::Running, "nobody has settled it");

    let bench = bench.after_a_kill().await;
    assert_eq!(bench.store.release_orphans().await.unwrap(), 1);
    let _worker = bench.start();
    let done = bench.until_over(&job).await;
    assert_eq!((done.state, done.attempts), (JobState::Written, 2));
    assert_eq!(bench.writer.written.load(Ordering::SeqCst), 1);
    assert_eq!(bench.issues.writes.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_job_whose_process_was_killed_after_the_write_does_not_write_again() {
    let bench = Bench::new().await;
    bench.issues.write_hangs.store(true, Ordering::SeqCst);
    let job = bench.ask(1, true).await;
    let worker = bench.start();
    while bench.issues.writes.lock().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    worker.kill().await;
    let first = bench.job(&job).await.draft.expect("the draft is stored");

    let bench = bench.after_a_kill().await;
    bench.store.release_orphans().await.unwrap();
    let _worker = bench.start();
    let done = bench.until_over(&job).await;
    assert_eq!((done.state, done.draft.as_ref()), (JobState::Written, Some(&first)));
    assert!(bench.writer.requests.lock().unwrap().is_empty(), "the stored draft is taken");
    assert_eq!(bench.issues.publishes.load(Ordering::SeqCst), 2);
    assert_eq!(bench.issues.writes.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_worker_beside_it_takes_over_when_the_lease_runs_out() {
    let bench = Bench::new().await;
    bench.writer.next(Order::AtGate);
    let job = bench.ask(1, false).await;
    let worker = bench.start();
    bench.writer.has_begun().await;
    worker.kill().await;

    bench.clock.advance(LEASE + Duration::from_secs(1));
    let _worker = bench.start();
    let done = bench.until_over(&job).await;
    assert_eq!((done.state, done.attempts), (JobState::Drafted, 2));
}

#[tokio::test]
async fn a_job_that_kills_every_process_is_given_up() {
    let mut bench = Bench::new().await;
    let job = bench.ask(1, false).await;
    for _ in 0..MAX_ATTEMPTS {
        bench.writer.next(Order::AtGate);
        let worker = bench.start();
        bench.writer.has_begun().await;
        worker.kill().await;
        bench = bench.after_a_kill().await;
        bench.store.release_orphans().await.unwrap();
    }
    let _worker = bench.start();
    let done = bench.until_over(&job).await;
    assert_eq!(done.state, JobState::Failed);
    assert!(done.error.unwrap().contains("3 attempts"));
    assert!(bench.writer.requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_job_that_ends_two_workers_is_given_up_and_its_watchers_are_told() {
    let bench = Bench::new().await;
    let job = bench.ask(1, false).await;
    for _ in 0..2 {
        bench.writer.next(Order::AtGate);
        let worker = bench.start();
        bench.writer.has_begun().await;
        worker.kill().await;
        bench.clock.advance(LEASE + Duration::from_secs(1));
    }
    let mut events = bench.events.subscribe();
    crate::reaper::sweep(&bench.parts(), false).await.unwrap();
    let given_up = bench.job(&job).await;
    assert_eq!((given_up.state, given_up.attempts), (JobState::Failed, 2));
    assert!(given_up.error.as_ref().unwrap().contains("two workers"), "{given_up:?}");
    let told = events.next().await.event().unwrap();
    assert_eq!(told.progress, given_up.progress);
    assert_eq!(bench.queue.ahead(&Ticket::from(&job)).await, None);
}

#[tokio::test]
async fn a_row_without_a_ticket_is_found() {
    let bench = Bench::new().await;
    let job = bench.ask(1, false).await;
    bench.queue.remove(&Ticket::from(&job)).await;
    crate::reaper::sweep(&bench.parts(), false).await.unwrap();
    assert_eq!(bench.queue.len().await, 0);
    crate::reaper::sweep(&bench.parts(), true).await.unwrap();
    assert_eq!(bench.queue.ahead(&Ticket::from(&job)).await, Some(0));
}
