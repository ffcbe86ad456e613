//! Jobs that are taken from a worker in the middle of its work.

use std::sync::atomic::Ordering;

use brine_core::jobs::Progress;
use brine_core::queue::JobEvent;
use brine_core::store::Created;

use super::fakes::Order;
use super::*;

async fn until_cancelled(bench: &Bench, times: usize) {
    for _ in 0..2000 {
        if bench.writer.cancelled.load(Ordering::SeqCst) == times {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the writer goes on");
}

#[tokio::test]
async fn a_cancel_in_this_process_stops_the_writer_at_once() {
    let bench = Bench::new().await;
    bench.writer.next(Order::UntilCancelled);
    let job = bench.ask(1, false).await;
    let _worker = bench.start();
    bench.writer.has_begun().await;
    let cancelled = bench.store.cancel_job(&bench.tenant, &job.id).await.unwrap().unwrap();
    let (tenant, progress) = (job.tenant.clone(), cancelled.progress.clone());
    bench.events.publish(JobEvent { tenant, job: job.id.clone(), progress });
    until_cancelled(&bench, 1).await;

    let next = bench.ask(2, false).await;
    assert_eq!(bench.until_over(&next).await.state, JobState::Drafted, "the loop goes on");
    assert_eq!(bench.job(&job).await, cancelled, "nothing was settled over it");
}

#[tokio::test]
async fn a_cancel_elsewhere_stops_the_writer_with_the_next_beat() {
    let bench = Bench::new().await;
    bench.writer.next(Order::UntilCancelled);
    let job = bench.ask(1, false).await;
    let mut parts = bench.parts();
    parts.jobs.lease_seconds = 3;
    let _worker = bench.start_with(parts);
    bench.writer.has_begun().await;
    bench.store.cancel_job(&bench.tenant, &job.id).await.unwrap().unwrap();
    until_cancelled(&bench, 1).await;
    assert_eq!(bench.job(&job).await.state, JobState::Cancelled);
    assert!(bench.store.latest_draft(&bench.tenant, &job.issue_id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_long_job_keeps_its_lease() {
    let bench = Bench::new().await;
    bench.writer.next(Order::AtGate);
    let job = bench.ask(1, false).await;
    let mut parts = bench.parts();
    parts.jobs.lease_seconds = 3;
    let _worker = bench.start_with(parts);
    bench.writer.has_begun().await;
    let first = bench.job(&job).await.lease_until;
    bench.until(&job, |job| job.lease_until > first + 1500).await;
    bench.writer.gate.add_permits(1);
    let done = bench.until_over(&job).await;
    assert_eq!((done.state, done.attempts), (JobState::Drafted, 1));
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_stores_no_draft_and_writes_nothing() {
    let bench = Bench::new().await;
    bench.writer.next(Order::AtGate);
    let job = bench.ask(1, true).await;
    let worker = bench.start();
    bench.writer.has_begun().await;
    bench.clock.advance(LEASE + Duration::from_secs(1));
    let elsewhere = bench.store.lease(&job.id, LEASE).await.unwrap().expect("taken over");

    bench.writer.gate.add_permits(1);
    worker.shutdown.soft.cancel();
    worker.ended().await;
    assert_eq!(bench.writer.written.load(Ordering::SeqCst), 1, "it did come to an end");
    assert!(bench.store.latest_draft(&bench.tenant, &job.issue_id).await.unwrap().is_none());
    assert!(bench.issues.writes.lock().unwrap().is_empty());
    assert_eq!(bench.job(&job).await, elsewhere, "the other's hold is untouched");
    bench.store.set_progress(&elsewhere, &Progress::Checking).await.unwrap();
}

/// What the web side does when Jira tells that the story was changed.
async fn change(bench: &Bench, job: &Job) {
    let new = NewJob {
        tenant: job.tenant.clone(),
        issue_id: job.issue_id.clone(),
        issue_key: job.issue_key.clone(),
        task: job.task.clone(),
        class: Class::Automatic,
        requested_by: None,
        requested_by_name: None,
        delivery: None,
        anew: true,
    };
    let Created::Anew(job) = bench.store.create_job(new).await.unwrap() else { panic!("it runs") };
    bench.queue.push(Ticket::from(&job)).await;
    bench.events.publish(JobEvent { tenant: job.tenant.clone(), job: job.id, progress: job.progress });
}

#[tokio::test]
async fn a_newer_story_stops_the_writer_and_is_written_instead() {
    let bench = Bench::new().await;
    bench.writer.next(Order::UntilCancelled);
    let job = bench.ask(1, true).await;
    let _worker = bench.start();
    bench.writer.has_begun().await;
    change(&bench, &job).await;
    until_cancelled(&bench, 1).await;
    let done = bench.until_over(&job).await;
    assert_eq!((done.state, done.attempts), (JobState::Written, 1));
    assert_eq!(bench.issues.writes.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_written_for_an_older_story_does_not_go_to_jira() {
    let bench = Bench::new().await;
    let job = bench.ask(1, true).await;
    let held = bench.store.lease(&job.id, LEASE).await.unwrap().unwrap();
    // Of another story than Jira tells.
    let old = draft_of(&held);
    bench.store.put_draft(&held, old.clone(), &story()).await.unwrap();
    bench.store.settle(&held, Settlement::GiveBack).await.unwrap();
    let _worker = bench.start();
    let done = bench.until_over(&job).await;
    assert_eq!(done.state, JobState::Written);
    assert_ne!(done.draft, Some(old.id.clone()));
    assert_eq!(bench.draft(&old.id).await.state, DraftState::Replaced);
}
