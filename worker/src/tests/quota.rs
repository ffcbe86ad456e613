//! Stories of a day: counted once, and waited for without an attempt.

use brine_core::jobs::{StoryQuota, next_day};
use brine_core::store::TenantSettings;

use super::*;

async fn allow(bench: &Bench, stories: u32) {
    let settings = TenantSettings { stories_per_day: Some(stories), ..TenantSettings::default() };
    bench.store.set_tenant_settings(&bench.tenant, &settings).await.unwrap();
}

#[tokio::test]
async fn what_is_over_the_quota_waits_for_the_next_day_without_an_attempt() {
    let bench = Bench::new().await;
    allow(&bench, 1).await;
    let mut parts = bench.parts();
    parts.jobs.workers = 1;
    parts.stories_per_day = Some(5);
    let _worker = bench.start_with(parts);
    assert_eq!(bench.until_over(&bench.ask(1, false).await).await.state, JobState::Drafted);
    let second = bench.ask(2, false).await;
    let midnight = next_day(bench.clock.now());
    let waits = bench.until(&second, |job| job.error.is_some()).await;
    assert_eq!((waits.state, waits.attempts, waits.run_after), (JobState::Queued, 0, midnight));
    assert!(waits.error.unwrap().contains("used up (1 a day); it goes on at midnight UTC"));
    // Longer than anything else would be waited for.
    bench.clock.advance(Duration::from_secs(3 * 24 * 3600));
    let done = bench.until_over(&second).await;
    assert_eq!((done.state, done.attempts, done.error), (JobState::Drafted, 1, None));
    assert_eq!(bench.store.stories_today(&bench.tenant).await.unwrap(), 1);
}

#[tokio::test]
async fn a_further_attempt_of_a_job_is_not_counted_again() {
    let bench = Bench::new().await;
    allow(&bench, 1).await;
    let deadline = brine_model::WriteError::Deadline(Duration::from_secs(9));
    bench.writer.next(fakes::Order::Fail(deadline));
    let job = bench.ask(1, false).await;
    let _worker = bench.start();
    bench.until_retried(&job, 1).await;
    assert_eq!(bench.store.stories_today(&bench.tenant).await.unwrap(), 1);
    bench.clock.advance(Duration::from_secs(120));
    assert_eq!(bench.until_over(&job).await.state, JobState::Drafted);
    let today = bench.store.stories_today(&bench.tenant).await.unwrap();
    assert!(today <= 1, "{today}");
}

#[tokio::test]
async fn the_operators_limit_counts_for_a_site_that_has_none() {
    let bench = Bench::new().await;
    let mut parts = bench.parts();
    parts.stories_per_day = Some(1);
    let _worker = bench.start_with(parts);
    bench.until_over(&bench.ask(1, false).await).await;
    let waits = bench.until(&bench.ask(2, false).await, |job| job.error.is_some()).await;
    assert_eq!(waits.state, JobState::Queued);
    let quota = bench.store.story_quota(&bench.tenant, Some(1)).await.unwrap();
    assert_eq!(quota, StoryQuota { per_day: Some(1) });
}
