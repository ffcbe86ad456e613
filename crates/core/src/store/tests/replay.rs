//! Failed jobs, tried again by filter.

use super::*;
use crate::ids::ProjectKey;
use crate::jobs::JobState;

on_both![
    failed_jobs_are_tried_again_by_filter,
    pages_go_on_where_they_ended,
    of_an_issue_with_several_the_newest_is_tried_again,
];

impl Bench {
    async fn failed(&self, issue: u32, reason: &str) -> Job {
        let held = self.leased(issue).await;
        self.store.settle(&held, Settlement::Failed { reason: reason.to_owned() }).await.unwrap()
    }

    async fn retried(&self, filter: FailedFilter) -> Vec<String> {
        let filter = FailedFilter { limit: 50, ..filter };
        let retried = self.store.retry_failed(&self.tenant, filter).await.unwrap();
        assert!(retried.next.is_none());
        retried.queued.into_iter().map(|job| job.issue_key.to_string()).collect()
    }
}

async fn failed_jobs_are_tried_again_by_filter(bench: Bench) {
    for issue in 1..=3 {
        bench.failed(issue, "Jira answered with 502 (given up after 5 attempts)").await;
    }
    bench.failed(4, "100% of the memory is used").await;
    let cancelled = bench.queued(5).await;
    bench.store.cancel_job(&bench.tenant, &cancelled.id).await.unwrap();

    let of = |filter| bench.retried(filter);
    assert!(of(FailedFilter { project: Some(ProjectKey::new("BANK")), ..FailedFilter::default() }).await.is_empty());
    assert!(of(FailedFilter { reason: Some("0% of the m%".to_owned()), ..FailedFilter::default() }).await.is_empty());
    let issue = FailedFilter { issue: Some(IssueKey::new("SHOP-2")), ..FailedFilter::default() };
    assert_eq!(of(issue.clone()).await, ["SHOP-2"]);
    assert!(of(issue).await.is_empty(), "it waits already");
    let reason = FailedFilter { reason: Some("with 502".to_owned()), ..FailedFilter::default() };
    assert_eq!(of(reason).await, ["SHOP-3", "SHOP-1"]);
    let rest = FailedFilter { project: Some(ProjectKey::new("SHOP")), ..FailedFilter::default() };
    assert_eq!(of(rest).await, ["SHOP-4"]);
    assert_eq!(bench.job(&cancelled).await.state, JobState::Cancelled);
}

async fn pages_go_on_where_they_ended(bench: Bench) {
    for issue in 1..=5 {
        bench.failed(issue, "x").await;
    }
    let mut filter = FailedFilter { limit: 2, ..FailedFilter::default() };
    let mut pages = Vec::new();
    loop {
        let page = bench.store.retry_failed(&bench.tenant, filter.clone()).await.unwrap();
        pages.push(page.queued.len());
        match page.next {
            Some(next) => filter.before = Some(next),
            None => break,
        }
    }
    assert_eq!(pages, [2, 2, 1]);
}

async fn of_an_issue_with_several_the_newest_is_tried_again(bench: Bench) {
    let older = bench.failed(1, "x").await;
    let newer = bench.failed(1, "x").await;
    let all = FailedFilter { limit: 50, ..FailedFilter::default() };
    let retried = bench.store.retry_failed(&bench.tenant, all).await.unwrap();
    assert_eq!((retried.queued.len(), retried.superseded), (1, 1));
    assert_eq!(retried.queued[0].id, newer.id);
    assert_eq!(bench.job(&older).await.state, JobState::Failed);
}
