use super::*;
use crate::jobs::{JobState, Progress};

on_both![
    a_job_that_ends_two_workers_is_given_up_with_the_reason,
    orderly_ends_are_no_crashes,
    a_worker_that_is_heard_of_again_keeps_its_job,
    how_many_crashes_are_too_many_can_be_chosen,
    a_decision_whose_job_is_given_up_is_open_again,
    a_job_beside_others_that_ended_is_not_to_blame,
];

impl Bench {
    /// The worker says no more; its lease runs out.
    fn silence(&self) {
        self.clock.advance(LEASE + Duration::from_secs(1));
    }

    async fn lease(&self, job: &Job) -> Option<Job> {
        self.store.lease(&job.id, LEASE).await.unwrap()
    }
}

async fn a_job_that_ends_two_workers_is_given_up_with_the_reason(bench: Bench) {
    let job = bench.leased(1).await;
    bench.silence();
    assert!(bench.store.quarantine().await.unwrap().is_empty(), "once can happen");
    assert_eq!(bench.store.expired_leases().await.unwrap().len(), 1);
    let second = bench.lease(&job).await.unwrap();
    bench.silence();
    assert!(bench.store.expired_leases().await.unwrap().is_empty());
    assert!(bench.lease(&job).await.is_none(), "there is no third worker for it");

    let given_up = bench.store.quarantine().await.unwrap();
    assert_eq!(given_up, [bench.job(&job).await]);
    let error = given_up[0].error.clone();
    assert_eq!((given_up[0].state, given_up[0].attempts), (JobState::Failed, 2));
    assert!(error.as_ref().unwrap().starts_with("stopped after ending two workers"), "{error:?}");
    assert_eq!(given_up[0].progress, Progress::Ended { state: JobState::Failed, draft: None, error });
    assert!(given_up[0].finished_at.is_some());
    assert!(matches!(bench.store.renew(&second, LEASE).await, Err(StoreError::LeaseLost)));
    assert!(bench.store.quarantine().await.unwrap().is_empty(), "once is enough");

    // By hand it begins anew.
    bench.store.retry_job(&bench.tenant, &job.id).await.unwrap().unwrap();
    bench.lease(&job).await.unwrap();
    bench.silence();
    assert!(bench.lease(&job).await.is_some());
}

async fn orderly_ends_are_no_crashes(bench: Bench) {
    let mut held = bench.leased(1).await;
    for _ in 0..4 {
        let at = bench.clock.now();
        bench.store.settle(&held, Settlement::GiveBack).await.unwrap();
        held = bench.lease(&held).await.unwrap();
        bench.store.settle(&held, Settlement::RetryAt { at, reason: "Jira is away".to_owned() }).await.unwrap();
        held = bench.lease(&held).await.unwrap();
    }
    bench.silence();
    assert!(bench.store.quarantine().await.unwrap().is_empty());
    assert!(bench.lease(&held).await.is_some());
}

async fn a_worker_that_is_heard_of_again_keeps_its_job(bench: Bench) {
    let held = bench.leased(1).await;
    bench.silence();
    let held = bench.lease(&held).await.unwrap();
    bench.silence();
    bench.store.renew(&held, LEASE).await.unwrap();
    assert!(bench.store.quarantine().await.unwrap().is_empty());
    bench.store.settle(&held, Settlement::Skipped { reason: "gone".to_owned() }).await.unwrap();
}

async fn how_many_crashes_are_too_many_can_be_chosen(bench: Bench) {
    let store = bench.store.clone().with_max_crashes(3);
    let job = bench.leased(1).await;
    for _ in 0..2 {
        bench.silence();
        assert!(store.quarantine().await.unwrap().is_empty());
        store.lease(&job.id, LEASE).await.unwrap().unwrap();
    }
    bench.silence();
    let given_up = store.quarantine().await.unwrap();
    assert!(given_up[0].error.as_ref().unwrap().contains("three workers"), "{given_up:?}");
}

/// Workers ended in the middle of other jobs, too, while this one was elsewhere: it goes on, but not for ever.
async fn a_job_beside_others_that_ended_is_not_to_blame(bench: Bench) {
    let job = bench.leased(1).await;
    bench.silence();
    bench.lease(&job).await.unwrap();
    let with_it = bench.leased(2).await;
    bench.silence();
    bench.lease(&with_it).await.unwrap();
    assert!(bench.lease(&job).await.is_none(), "what ended at the same time says nothing");

    for issue in 3..8 {
        bench.clock.advance(LEASE / 2);
        let apart = bench.leased(issue).await;
        bench.silence();
        bench.lease(&apart).await.unwrap();
        let given_up = bench.store.quarantine().await.unwrap();
        assert!(given_up.iter().all(|given_up| given_up.id != job.id), "a worker ended without it");
        assert!(bench.lease(&job).await.is_some());
    }
    bench.clock.advance(LEASE / 2);
    let apart = bench.leased(9).await;
    bench.silence();
    bench.lease(&apart).await.unwrap();
    assert!(bench.lease(&job).await.is_some());
    bench.silence();
    assert!(bench.lease(&job).await.is_none(), "enough is enough");
}

async fn a_decision_whose_job_is_given_up_is_open_again(bench: Bench) {
    let (draft, publish) = bench.accepted(1).await;
    for _ in 0..2 {
        bench.lease(&publish).await.unwrap();
        bench.silence();
    }
    assert_eq!(bench.store.quarantine().await.unwrap().len(), 1);
    assert_eq!(bench.draft_state(&draft).await, DraftState::Open);
}

/// An operator who ends the service twice in the middle of a job looks like a job that ends it: attempts bound that.
#[tokio::test]
async fn orphans_are_attempts_and_no_crashes() {
    let bench = Bench::on_sqlite().await;
    let job = bench.leased(1).await;
    for attempts in 2..5 {
        bench.store.release_orphans().await.unwrap();
        assert_eq!(bench.lease(&job).await.unwrap().attempts, attempts);
    }
    bench.silence();
    assert!(bench.lease(&job).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_nobodys_jobs_are_orphans() {
    let bench = Bench::on_postgres().await;
    let held = bench.leased(1).await;
    assert_eq!(bench.open_again().await.release_orphans().await.unwrap(), 0);
    bench.store.renew(&held, LEASE).await.unwrap();
}
