//! How many stories a site begins on a day.

use super::*;
use crate::jobs::{QuotaUsedUp, next_day};

on_both![
    workers_that_count_at_once_do_not_pass_the_quota,
    a_job_counts_once_and_the_quota_is_never_passed,
    a_worker_that_lost_its_job_counts_nothing,
    the_quota_is_the_sites_own_or_the_operators,
];

fn quota(per_day: u32) -> StoryQuota {
    StoryQuota { per_day: Some(per_day) }
}

async fn a_job_counts_once_and_the_quota_is_never_passed(bench: Bench) {
    let job = bench.leased(1).await;
    for _ in 0..3 {
        assert_eq!(bench.store.count_story(&job, quota(1)).await.unwrap(), Ok(()));
    }
    assert_eq!(bench.store.stories_today(&bench.tenant).await.unwrap(), 1);
    let second = bench.leased(2).await;
    let until = next_day(bench.clock.now());
    assert_eq!(bench.store.count_story(&second, quota(1)).await.unwrap(), Err(QuotaUsedUp { per_day: 1, until }));
    assert_eq!(bench.store.count_story(&second, quota(0)).await.unwrap(), Err(QuotaUsedUp { per_day: 0, until }));
    assert_eq!(bench.store.stories_today(&bench.tenant).await.unwrap(), 1);
    assert_eq!(bench.store.count_story(&second, quota(2)).await.unwrap(), Ok(()));
    assert_eq!(bench.store.stories_today(&bench.tenant).await.unwrap(), 2);

    bench.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(bench.store.stories_today(&bench.tenant).await.unwrap(), 0);
    let other = bench.store.install_tenant(&installation("site-2")).await.unwrap().id;
    assert_eq!(bench.store.stories_today(&other).await.unwrap(), 0);
}

async fn a_worker_that_lost_its_job_counts_nothing(bench: Bench) {
    let late = bench.leased(1).await;
    bench.clock.advance(LEASE + Duration::from_secs(1));
    bench.store.lease(&late.id, LEASE).await.unwrap().expect("taken over");
    assert!(matches!(bench.store.count_story(&late, StoryQuota::default()).await, Err(StoreError::LeaseLost)));
    assert_eq!(bench.store.stories_today(&bench.tenant).await.unwrap(), 0);
}

async fn workers_that_count_at_once_do_not_pass_the_quota(bench: Bench) {
    let mut jobs = Vec::new();
    for issue in 0..20 {
        jobs.push(bench.leased(issue).await);
    }
    let counts: Vec<_> = jobs
        .into_iter()
        .map(|job| {
            let store = bench.store.clone();
            tokio::spawn(async move { store.count_story(&job, quota(7)).await.unwrap().is_ok() })
        })
        .collect();
    let mut begun = 0;
    for count in counts {
        begun += u32::from(count.await.unwrap());
    }
    assert_eq!((begun, bench.store.stories_today(&bench.tenant).await.unwrap()), (7, 7));
}

async fn the_quota_is_the_sites_own_or_the_operators(bench: Bench) {
    assert_eq!(bench.store.story_quota(&bench.tenant, None).await.unwrap(), StoryQuota::default());
    let settings = TenantSettings { stories_per_day: Some(9), ..TenantSettings::default() };
    bench.store.set_tenant_settings(&bench.tenant, &settings).await.unwrap();
    assert_eq!(bench.store.tenant_settings(&bench.tenant).await.unwrap(), settings);
    assert_eq!(bench.store.story_quota(&bench.tenant, Some(4)).await.unwrap(), quota(4));
    assert_eq!(bench.store.story_quota(&bench.tenant, Some(40)).await.unwrap(), quota(9));
}
