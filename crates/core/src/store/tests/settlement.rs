use super::*;
use crate::jobs::{JobState, Progress};

on_both![
    final_settlements_end_a_job_for_good,
    a_retry_waits_with_its_reason_and_a_job_given_back_does_not_count,
    a_cancelled_job_stops_its_worker,
    a_reason_may_hold_any_character,
    only_what_did_not_succeed_can_be_tried_again,
    a_retry_gives_way_to_a_newer_job_of_the_issue,
];

fn reason() -> String {
    "Jira is not available".to_owned()
}

async fn final_settlements_end_a_job_for_good(bench: Bench) {
    let id = DraftId::make();
    let cases = [
        (Settlement::Drafted { draft: id.clone() }, JobState::Drafted, Some(id.clone()), None),
        (Settlement::Written { draft: id.clone() }, JobState::Written, Some(id.clone()), None),
        (Settlement::Skipped { reason: reason() }, JobState::Skipped, None, Some(reason())),
        (Settlement::Failed { reason: reason() }, JobState::Failed, None, Some(reason())),
    ];
    for (issue, (settlement, state, draft, error)) in (0..).zip(cases) {
        let held = bench.leased(issue).await;
        let settled = bench.store.settle(&held, settlement.clone()).await.unwrap();
        assert_eq!(bench.job(&held).await, settled);
        assert_eq!((settled.state, &settled.draft, &settled.error), (state, &draft, &error));
        assert_eq!(settled.progress, Progress::Ended { state, draft, error });
        assert_eq!((settled.lease_until, settled.attempts), (0, 1));
        assert!(settled.finished_at.is_some());
        assert!(bench.store.lease(&held.id, LEASE).await.unwrap().is_none());
        assert!(matches!(bench.store.settle(&held, settlement).await, Err(StoreError::LeaseLost)), "only once");
        bench.clock.advance(LEASE * 2);
        assert!(bench.store.expired_leases().await.unwrap().is_empty());
    }
}

async fn a_retry_waits_with_its_reason_and_a_job_given_back_does_not_count(bench: Bench) {
    let held = bench.leased(1).await;
    let at = bench.clock.now() + 1000;
    let retried = bench.store.settle(&held, Settlement::RetryAt { at, reason: reason() }).await.unwrap();
    assert_eq!((retried.state, retried.attempts, retried.run_after), (JobState::Queued, 1, at));
    assert_eq!((retried.error, retried.finished_at), (Some(reason()), None));

    bench.clock.advance(Duration::from_secs(2));
    let held = bench.store.lease(&held.id, LEASE).await.unwrap().unwrap();
    assert_eq!(held.attempts, 2);
    let given_back = bench.store.settle(&held, Settlement::GiveBack).await.unwrap();
    assert_eq!((given_back.state, given_back.attempts), (JobState::Queued, 1));
    assert!(bench.store.lease(&held.id, LEASE).await.unwrap().is_some());
}

async fn a_cancelled_job_stops_its_worker(bench: Bench) {
    let held = bench.leased(1).await;
    let cancelled = bench.store.cancel_job(&bench.tenant, &held.id).await.unwrap().unwrap();
    assert_eq!(cancelled.state, JobState::Cancelled);
    assert_eq!(cancelled.progress, Progress::Ended { state: JobState::Cancelled, draft: None, error: None });
    assert!(matches!(bench.store.renew(&held, LEASE).await, Err(StoreError::LeaseLost)));
    assert!(bench.store.cancel_job(&bench.tenant, &held.id).await.unwrap().is_none(), "over is over");

    let waiting = bench.queued(2).await;
    assert!(bench.store.cancel_job(&bench.tenant, &waiting.id).await.unwrap().is_some());
    assert!(bench.store.lease(&waiting.id, LEASE).await.unwrap().is_none());
}

async fn only_what_did_not_succeed_can_be_tried_again(bench: Bench) {
    let again = async |job: &Job| bench.store.retry_job(&bench.tenant, &job.id).await.unwrap();

    let held = bench.leased(1).await;
    assert!(again(&held).await.is_none(), "running");
    bench.store.settle(&held, Settlement::Failed { reason: reason() }).await.unwrap();
    let retried = again(&held).await.expect("failed");
    assert_eq!((retried.state, retried.attempts, retried.error), (JobState::Queued, 0, None));
    assert_eq!(retried.finished_at, None);
    assert!(again(&held).await.is_none(), "queued");
    bench.store.cancel_job(&bench.tenant, &held.id).await.unwrap();
    assert!(again(&held).await.is_some(), "cancelled");

    let held = bench.store.lease(&held.id, LEASE).await.unwrap().unwrap();
    bench.store.settle(&held, Settlement::Drafted { draft: DraftId::make() }).await.unwrap();
    assert!(again(&held).await.is_none(), "drafted");
}

async fn a_retry_gives_way_to_a_newer_job_of_the_issue(bench: Bench) {
    let held = bench.leased(1).await;
    bench.store.settle(&held, Settlement::Failed { reason: reason() }).await.unwrap();
    bench.queued(1).await;
    let refused = bench.store.retry_job(&bench.tenant, &held.id).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(bench.job(&held).await.state, JobState::Failed);
}

async fn a_reason_may_hold_any_character(bench: Bench) {
    let held = bench.leased(1).await;
    bench.store.set_requester_name(&held, "Zo\u{eb} \u{0}\u{1f952}").await.unwrap();
    let settled = bench.store.settle(&held, Settlement::Failed { reason: "\u{0}'x' \u{7}".to_owned() }).await.unwrap();
    assert_eq!(settled.error.as_deref(), Some("'x' \u{7}"));
    assert_eq!(settled.requested_by_name.as_deref(), Some("Zo\u{eb} \u{1f952}"));
}
