//! Bulk runs: fed page by page, once each story, whatever happens in between.

use std::sync::atomic::Ordering;

use brine_core::ids::{AccountId, BulkRunId};
use brine_core::jira::JiraError;
use brine_core::jobs::bulk::{BulkRun, BulkState, MOST_LIVE, PAGE};
use brine_core::store::{JobFilter, NewBulkRun, TenantState};

use super::fakes::Order;
use super::*;
use crate::bulk::round;

impl Bench {
    async fn run_over(&self, stories: u32) -> BulkRun {
        self.issues.find(stories);
        self.run(false, 10_000).await
    }

    async fn run(&self, again: bool, most: u32) -> BulkRun {
        let new = NewBulkRun {
            tenant: self.tenant.clone(),
            jql: "project = SHOP".to_owned(),
            publish: false,
            again,
            most,
            expected: u32::try_from(self.issues.found.lock().unwrap().len()).unwrap(),
            created_by: AccountId::new("carol"),
            created_by_name: Some("Carol".to_owned()),
        };
        self.store.start_bulk_run(new).await.unwrap()
    }

    async fn run_now(&self, id: &BulkRunId) -> BulkRun {
        self.store.bulk_run(&self.tenant, id).await.unwrap().unwrap()
    }

    /// Rounds until there is nothing to do at once.
    async fn feed(&self) {
        let parts = self.parts();
        while round(&parts).await.unwrap() {}
    }

    /// The keys of all jobs, in the order in which they were made.
    async fn keys(&self) -> Vec<String> {
        let filter = JobFilter { limit: 100_000, ..JobFilter::default() };
        let jobs = self.store.list_jobs(&self.tenant, filter).await.unwrap();
        jobs.into_iter().rev().map(|job| job.issue_key.to_string()).collect()
    }

    /// Ends all jobs that wait or run, as a worker would.
    async fn work_off(&self) {
        for job in self.store.waiting_jobs_after(None, 100_000).await.unwrap() {
            let held = self.store.lease(&job.id, LEASE).await.unwrap().unwrap();
            let draft = draft_of(&held);
            self.store.put_draft(&held, draft.clone(), &story()).await.unwrap();
            self.store.settle(&held, Settlement::Drafted { draft: draft.id }).await.unwrap();
        }
    }

    async fn until_run(&self, id: &BulkRunId, state: BulkState) -> BulkRun {
        for _ in 0..2000 {
            let run = self.run_now(id).await;
            if run.state == state {
                return run;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("still {:?}", self.run_now(id).await)
    }
}

fn keys(stories: std::ops::RangeInclusive<u32>) -> Vec<String> {
    stories.map(|number| format!("SHOP-{number}")).collect()
}

fn too_old() -> JiraError {
    JiraError::Rejected { status: 400, messages: "no such page".to_owned() }
}

#[tokio::test]
async fn a_worker_writes_all_that_a_run_finds_and_ends_it() {
    let bench = Bench::new().await;
    let run = bench.run_over(7).await;
    let _worker = bench.start();
    let done = bench.until_run(&run.id, BulkState::Done).await;
    assert_eq!((done.found, done.made, done.passed_over), (7, 7, 0));
    assert!(done.finished_at.is_some());
    let counts = bench.store.bulk_counts(&bench.tenant, &run.id).await.unwrap();
    assert_eq!((counts.done, counts.live, counts.failed, counts.skipped), (7, 0, 0, 0));
    let job = bench.store.list_jobs(&bench.tenant, JobFilter { limit: 1, ..JobFilter::default() }).await.unwrap();
    assert_eq!((job[0].class, job[0].requested_by_name.as_deref()), (Class::Bulk, Some("Carol")));
}

#[tokio::test]
async fn a_large_run_keeps_few_jobs_at_a_time_and_reads_each_page_once() {
    let bench = Bench::new().await;
    let run = bench.run_over(1000).await;
    let mut rounds = 0;
    while bench.run_now(&run.id).await.state == BulkState::Running {
        bench.feed().await;
        assert!(bench.store.waiting_jobs_after(None, 100_000).await.unwrap().len() < (MOST_LIVE + PAGE) as usize);
        bench.work_off().await;
        rounds += 1;
        assert!(rounds < 100, "it does not end");
    }
    assert_eq!(bench.keys().await, keys(1..=1000));
    let begins: Vec<usize> = (0..20).map(|page| page * PAGE as usize).collect();
    assert_eq!(*bench.issues.searches.lock().unwrap(), begins);
}

#[tokio::test]
async fn stories_with_criteria_are_passed_over_without_a_job() {
    let bench = Bench::new().await;
    bench.ask(1, false).await;
    bench.work_off().await;
    bench.issues.find(120);
    for marked in &mut bench.issues.found.lock().unwrap()[1..115] {
        marked.has_criteria = true;
    }
    let run = bench.run(false, 10_000).await;
    bench.feed().await;
    let fed = bench.run_now(&run.id).await;
    assert_eq!((fed.found, fed.passed_over, fed.made, fed.fed), (120, 115, 5, true));
    assert_eq!(bench.keys().await[1..], keys(116..=120));
}

#[tokio::test]
async fn a_run_that_writes_again_leaves_alone_what_a_person_edits_or_has_asked_for() {
    let bench = Bench::new().await;
    let first = bench.ask(1, false).await;
    bench.ask(2, false).await;
    bench.work_off().await;
    let draft = bench.draft(&bench.job(&first).await.draft.unwrap()).await;
    bench.store.edit_draft(&bench.tenant, &draft.id, 1, &draft.criteria, &[], &"ann".to_owned().into()).await.unwrap();
    let live = bench.ask(3, false).await;
    bench.issues.find(3);
    let run = bench.run(true, 10_000).await;
    bench.feed().await;
    let fed = bench.run_now(&run.id).await;
    assert_eq!((fed.passed_over, fed.made), (1, 2), "SHOP-3 has a job already");
    let _worker = bench.start();
    bench.until_run(&run.id, BulkState::Done).await;
    let counts = bench.store.bulk_counts(&bench.tenant, &run.id).await.unwrap();
    assert_eq!((counts.done, counts.skipped), (1, 1));
    assert_eq!(bench.draft(&draft.id).await.state, DraftState::Open);
    assert_eq!(bench.until_over(&live).await.state, JobState::Drafted);
}

#[tokio::test]
async fn the_most_that_was_asked_for_is_kept() {
    let bench = Bench::new().await;
    bench.issues.find(300);
    bench.issues.found.lock().unwrap()[0].has_criteria = true;
    let run = bench.run(false, 60).await;
    bench.feed().await;
    bench.work_off().await;
    bench.feed().await;
    let fed = bench.run_now(&run.id).await;
    assert_eq!((fed.made, fed.passed_over, fed.fed), (60, 1, true));
    assert_eq!(bench.keys().await, keys(2..=61));
}

#[tokio::test]
async fn a_feeder_that_is_killed_in_mid_page_doubles_and_loses_nothing() {
    let bench = Bench::new().await;
    let run = bench.run_over(60).await;
    bench.issues.search_hangs.store(true, Ordering::SeqCst);
    let worker = bench.start();
    while bench.issues.searches.lock().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    worker.kill().await;
    bench.issues.search_hangs.store(false, Ordering::SeqCst);
    let bench = bench.after_a_kill().await;
    bench.feed().await;
    assert!(bench.keys().await.is_empty(), "the dead feeder's lease still stands");
    bench.clock.advance(Duration::from_secs(61));
    bench.feed().await;
    bench.work_off().await;
    bench.feed().await;
    assert_eq!(bench.keys().await, keys(1..=60));
    bench.work_off().await;
    bench.feed().await;
    assert_eq!(bench.run_now(&run.id).await.state, BulkState::Done);
}

#[tokio::test]
async fn a_feeder_that_was_too_slow_stores_nothing() {
    let bench = Bench::new().await;
    let run = bench.run_over(60).await;
    let slow = bench.store.lease_bulk_run(&bench.tenant, &run.id, LEASE).await.unwrap().unwrap();
    bench.clock.advance(LEASE + Duration::from_secs(1));
    bench.feed().await;
    let before = bench.run_now(&run.id).await;
    assert_eq!(before.made, 50);
    let page = brine_core::store::FoundPage { stories: Vec::new(), next: None };
    let late = bench.store.feed_bulk_run(&slow, page).await;
    assert!(matches!(late, Err(brine_core::store::StoreError::LeaseLost)), "{late:?}");
    assert_eq!(bench.run_now(&run.id).await, before);
}

#[tokio::test]
async fn pages_that_have_expired_are_read_anew_and_nothing_is_doubled() {
    let bench = Bench::new().await;
    let run = bench.run_over(180).await;
    bench.feed().await;
    bench.work_off().await;
    bench.feed().await;
    bench.work_off().await;
    bench.issues.page_age.fetch_add(1, Ordering::SeqCst);
    for _ in 0..4 {
        bench.feed().await;
        bench.work_off().await;
    }
    bench.feed().await;
    assert_eq!(bench.keys().await, keys(1..=180));
    assert_eq!(*bench.issues.searches.lock().unwrap(), [0, 50, 0, 50, 100, 150]);
    let done = bench.run_now(&run.id).await;
    assert_eq!((done.state, done.found, done.made), (BulkState::Done, 180, 180));
}

#[tokio::test]
async fn jira_that_is_not_there_is_waited_for_and_a_wrong_jql_ends_the_run() {
    let bench = Bench::new().await;
    let run = bench.run_over(3).await;
    let away = JiraError::Unavailable { cause: "it answered with status 502".to_owned(), retry_after: None };
    bench.issues.refusals.lock().unwrap().push_back(away);
    bench.feed().await;
    let waits = bench.run_now(&run.id).await;
    assert_eq!(waits.state, BulkState::Running);
    assert_eq!(waits.error.as_deref(), Some("Jira is not available: it answered with status 502"));
    bench.feed().await;
    assert!(bench.keys().await.is_empty(), "not at once again");

    bench.clock.advance(Duration::from_secs(61));
    bench.issues.refusals.lock().unwrap().push_back(too_old());
    bench.feed().await;
    let failed = bench.run_now(&run.id).await;
    assert_eq!(failed.state, BulkState::Failed);
    assert!(failed.error.unwrap().contains("no such page"), "Jira's own words");
    bench.feed().await;
    assert!(bench.keys().await.is_empty());
    bench.run_over(1).await;
}

#[tokio::test]
async fn a_paused_run_begins_nothing_and_goes_on_where_it_was() {
    let bench = Bench::new().await;
    bench.writer.next(Order::AtGate);
    let run = bench.run_over(4).await;
    let mut parts = bench.parts();
    parts.jobs.workers = 1;
    let _worker = bench.start_with(parts);
    bench.writer.has_begun().await;
    let (_, held) = bench.store.pause_bulk_run(&bench.tenant, &run.id).await.unwrap().unwrap();
    assert_eq!(held.len(), 3, "one is in work");
    bench.writer.gate.add_permits(1);
    let first =
        bench.store.list_jobs(&bench.tenant, JobFilter { limit: 4, ..JobFilter::default() }).await.unwrap().pop();
    assert_eq!(bench.until_over(&first.unwrap()).await.state, JobState::Drafted, "what is in work is finished");
    for job in &held {
        // Whatever a queue still says of them.
        bench.queue.push(Ticket { not_before: 0, ..Ticket::from(job) }).await;
    }
    while !bench.queue.is_empty().await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for job in &held {
        let now = bench.job(job).await;
        assert_eq!((now.state, now.attempts), (JobState::Queued, 0));
        assert_eq!(now.error.as_deref(), Some("paused with its bulk run"));
    }
    // One that a person asks for runs all the same.
    let asked = bench.ask(2, false).await;
    assert!(held.iter().any(|job| job.id == asked.id));
    assert_eq!(bench.until_over(&asked).await.state, JobState::Drafted);

    let (_, freed) = bench.store.resume_bulk_run(&bench.tenant, &run.id).await.unwrap().unwrap();
    assert_eq!(freed.len(), 2);
    for job in &freed {
        bench.queue.push(Ticket::from(job)).await;
    }
    bench.until_run(&run.id, BulkState::Done).await;
}

#[tokio::test]
async fn a_job_that_fails_while_its_run_is_paused_is_held_too() {
    let bench = Bench::new().await;
    let run = bench.run_over(1).await;
    bench.feed().await;
    let job = bench.store.waiting_jobs_after(None, 100_000).await.unwrap().remove(0);
    let in_work = bench.store.lease(&job.id, LEASE).await.unwrap().unwrap();
    bench.store.pause_bulk_run(&bench.tenant, &run.id).await.unwrap().unwrap();
    let again = Settlement::RetryAt { at: bench.clock.now(), reason: "Jira is not available".to_owned() };
    bench.store.settle(&in_work, again).await.unwrap();
    bench.feed().await;
    bench.clock.advance(Duration::from_secs(3600));
    assert!(bench.store.lease(&job.id, LEASE).await.unwrap().is_none());
    bench.store.resume_bulk_run(&bench.tenant, &run.id).await.unwrap().unwrap();
    assert!(bench.store.lease(&job.id, LEASE).await.unwrap().is_some());
}

#[tokio::test]
async fn a_cancelled_run_stops_what_waits_and_what_runs() {
    let bench = Bench::new().await;
    bench.writer.next(Order::UntilCancelled);
    let run = bench.run_over(130).await;
    let mut parts = bench.parts();
    (parts.jobs.workers, parts.jobs.lease_seconds) = (1, 3);
    let _worker = bench.start_with(parts);
    bench.writer.has_begun().await;
    let (cancelled, stopped) = bench.store.cancel_bulk_run(&bench.tenant, &run.id, None).await.unwrap().unwrap();
    assert_eq!((cancelled.state, stopped.len() as u32), (BulkState::Cancelled, cancelled.made));
    while bench.writer.cancelled.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bench.feed().await;
    assert!(bench.store.waiting_jobs_after(None, 100_000).await.unwrap().is_empty());
    assert_eq!(bench.writer.written.load(Ordering::SeqCst), 0);
    assert!(bench.store.cancel_bulk_run(&bench.tenant, &run.id, None).await.unwrap().is_none());
    bench.run_over(1).await;
}

#[tokio::test]
async fn a_site_that_uninstalls_takes_its_run_along_and_one_that_is_switched_off_waits() {
    let bench = Bench::new().await;
    let run = bench.run_over(130).await;
    bench.store.set_connect_state(&bench.tenant, TenantState::Disabled).await.unwrap();
    bench.feed().await;
    let waits = bench.run_now(&run.id).await;
    assert_eq!((waits.state, waits.made), (BulkState::Running, 0));
    assert_eq!(waits.error.as_deref(), Some("the app is switched off on this site"));
    bench.store.set_connect_state(&bench.tenant, TenantState::Active).await.unwrap();
    bench.clock.advance(Duration::from_secs(61));
    bench.feed().await;
    assert_eq!(bench.run_now(&run.id).await.made, 50);
    bench.store.set_connect_state(&bench.tenant, TenantState::Uninstalled).await.unwrap();
    bench.work_off().await;
    bench.feed().await;
    assert_eq!(bench.run_now(&run.id).await.state, BulkState::Cancelled);
    assert_eq!(bench.keys().await.len(), 50);
}
