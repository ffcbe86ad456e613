use super::*;
use crate::jobs::{JobState, Progress};

on_both![
    eight_workers_never_hold_the_same_job,
    two_openings_of_one_database_do_not_hold_the_same_job,
    a_lease_counts_attempts_and_numbers_itself,
    a_worker_that_was_silent_for_too_long_can_write_nothing,
    a_renewed_lease_lasts,
    a_lease_says_how_long_it_still_holds,
    a_job_is_not_leased_before_its_time,
    the_name_of_who_asked_is_kept,
    writers_that_read_first_do_not_lock_each_other_out,
];

async fn eight_workers_never_hold_the_same_job(bench: Bench) {
    for issue in 0..40 {
        bench.queued(issue).await;
    }
    let jobs = bench.store.waiting_jobs_after(None, 100_000).await.unwrap();
    let workers = (0..8).map(|_| {
        let (store, jobs) = (bench.store.clone(), jobs.clone());
        tokio::spawn(async move {
            let mut mine = Vec::new();
            for job in jobs {
                mine.extend(store.lease(&job.id, LEASE).await.unwrap().map(|job| job.id));
            }
            mine
        })
    });
    let mut held = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        held.extend(worker.await.unwrap());
    }
    held.sort();
    let mut all: Vec<_> = jobs.into_iter().map(|job| job.id).collect();
    all.sort();
    assert_eq!(held, all);
}

async fn two_openings_of_one_database_do_not_hold_the_same_job(bench: Bench) {
    let other = bench.open_again().await;
    for issue in 0..20 {
        let job = bench.queued(issue).await;
        let (here, there) = tokio::join!(bench.store.lease(&job.id, LEASE), other.lease(&job.id, LEASE));
        assert_eq!(usize::from(here.unwrap().is_some()) + usize::from(there.unwrap().is_some()), 1);
    }
}

async fn a_lease_counts_attempts_and_numbers_itself(bench: Bench) {
    let queued = bench.queued(1).await;
    let held = bench.store.lease(&queued.id, LEASE).await.unwrap().unwrap();
    assert_eq!((held.state, held.attempts, held.fence), (JobState::Running, 1, queued.fence + 1));
    assert!(held.started_at.is_some() && held.lease_until > bench.clock.now());
    assert!(bench.store.lease(&queued.id, LEASE).await.unwrap().is_none());
    assert_eq!(bench.job(&held).await, held);
}

async fn a_worker_that_was_silent_for_too_long_can_write_nothing(bench: Bench) {
    let late = bench.leased(1).await;
    bench.store.renew(&late, LEASE).await.unwrap();
    assert!(bench.store.expired_leases().await.unwrap().is_empty());
    bench.clock.advance(LEASE + Duration::from_secs(1));
    assert_eq!(bench.store.expired_leases().await.unwrap()[0].id, late.id);
    let held = bench.store.lease(&late.id, LEASE).await.unwrap().expect("taken over");
    assert_eq!((held.attempts, held.fence), (2, late.fence + 1));

    let lost = |result: Result<(), StoreError>| assert!(matches!(result, Err(StoreError::LeaseLost)), "{result:?}");
    lost(bench.store.renew(&late, LEASE).await);
    lost(bench.store.still_held(&late).await.map(|_| ()));
    lost(bench.store.set_progress(&late, &Progress::Checking).await);
    lost(bench.store.set_requester_name(&late, "Ann").await);
    lost(bench.store.set_provenance(&late, &draft_of(&late).provenance).await);
    lost(bench.store.put_draft(&late, draft_of(&late), &story()).await);
    lost(bench.store.accept_own_draft(&late, &DraftId::make()).await.map(|_| ()));
    for settlement in [
        Settlement::GiveBack,
        Settlement::Failed { reason: "x".to_owned() },
        Settlement::Drafted { draft: DraftId::make() },
    ] {
        lost(bench.store.settle(&late, settlement).await.map(|_| ()));
    }
    assert_eq!(bench.job(&held).await, held, "nothing has changed");
    assert!(bench.store.open_draft(&held.tenant, &held.issue_id).await.unwrap().is_none());

    bench.store.set_progress(&held, &Progress::Checking).await.unwrap();
    assert_eq!(bench.job(&held).await.progress, Progress::Checking);
}

async fn a_renewed_lease_lasts(bench: Bench) {
    let held = bench.leased(1).await;
    for _ in 0..3 {
        bench.clock.advance(LEASE - Duration::from_secs(10));
        bench.store.renew(&held, LEASE).await.unwrap();
    }
    assert!(bench.store.expired_leases().await.unwrap().is_empty());
    assert!(bench.store.lease(&held.id, LEASE).await.unwrap().is_none());
}

async fn a_lease_says_how_long_it_still_holds(bench: Bench) {
    let held = bench.leased(1).await;
    assert!(bench.store.still_held(&held).await.unwrap() <= LEASE);
    bench.clock.advance(LEASE / 2);
    let left = bench.store.still_held(&held).await.unwrap();
    assert!(left <= LEASE / 2 && !left.is_zero(), "{left:?}");
    bench.clock.advance(LEASE);
    let over = bench.store.still_held(&held).await;
    assert!(matches!(over, Err(StoreError::LeaseLost)), "nobody has taken it, but anybody may: {over:?}");
    bench.store.renew(&held, LEASE).await.unwrap();
    bench.store.still_held(&held).await.unwrap();
    bench.store.cancel_job(&bench.tenant, &held.id).await.unwrap();
    assert!(matches!(bench.store.still_held(&held).await, Err(StoreError::LeaseLost)));
}

async fn a_job_is_not_leased_before_its_time(bench: Bench) {
    let held = bench.leased(1).await;
    let at = bench.clock.now() + 60_000;
    bench.store.settle(&held, Settlement::RetryAt { at, reason: "x".to_owned() }).await.unwrap();
    assert!(bench.store.lease(&held.id, LEASE).await.unwrap().is_none());
    bench.clock.advance(Duration::from_secs(61));
    assert!(bench.store.lease(&held.id, LEASE).await.unwrap().is_some());
}

#[tokio::test]
async fn orphans_of_the_last_process_are_queued_again_and_their_attempt_counts() {
    let bench = Bench::on_sqlite().await;
    let orphan = bench.leased(1).await;
    let waiting = bench.queued(2).await;
    bench.store.close().await;

    let again = bench.open_again().await;
    assert_eq!(again.release_orphans().await.unwrap(), 1);
    let ids: Vec<_> = again.waiting_jobs_after(None, 100_000).await.unwrap().into_iter().map(|job| job.id).collect();
    assert_eq!(ids, [orphan.id.clone(), waiting.id]);
    assert!(matches!(again.settle(&orphan, Settlement::GiveBack).await, Err(StoreError::LeaseLost)));
    assert_eq!(again.lease(&orphan.id, LEASE).await.unwrap().unwrap().attempts, 2);
}

async fn the_name_of_who_asked_is_kept(bench: Bench) {
    let held = bench.leased(1).await;
    bench.store.set_requester_name(&held, "Ann O'Neil").await.unwrap();
    assert_eq!(bench.job(&held).await.requested_by_name.as_deref(), Some("Ann O'Neil"));
}

async fn writers_that_read_first_do_not_lock_each_other_out(bench: Bench) {
    let other = bench.open_again().await;
    let mut jobs = Vec::new();
    for issue in 0..60 {
        jobs.push(bench.queued(issue).await);
    }
    let orders = jobs.into_iter().enumerate().map(|(at, job)| {
        let store = if at % 2 == 0 { bench.store.clone() } else { other.clone() };
        tokio::spawn(async move { store.cancel_job(&job.tenant, &job.id).await })
    });
    for order in orders.collect::<Vec<_>>() {
        assert!(order.await.unwrap().expect("never refused for a lock").is_some());
    }
}
