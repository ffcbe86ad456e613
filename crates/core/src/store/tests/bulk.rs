//! Bulk runs in the table: whose they are, what is sealed, and that nothing is made twice.

use super::*;
use crate::ids::AccountId;
use crate::jobs::bulk::{BulkRun, BulkState};

on_both![
    a_run_begins_with_nothing_found_and_a_site_has_one_at_a_time,
    a_run_of_another_site_is_not_there,
    what_a_run_says_is_sealed,
    a_page_that_is_read_twice_makes_nothing_twice,
    a_lease_is_one_feeders_until_it_ends,
    a_pause_refuses_the_page_that_is_being_read,
    a_run_is_done_when_its_last_job_has_ended_and_forgets_what_it_saw,
    a_site_that_is_forgotten_leaves_no_run,
    the_pace_is_the_median_of_what_was_written,
];

const JQL: &str = "project = SHOP AND text ~ 'a customer of ours'";

fn new_run(tenant: &TenantId) -> NewBulkRun {
    NewBulkRun {
        tenant: tenant.clone(),
        jql: JQL.to_owned(),
        publish: true,
        again: false,
        most: 100,
        expected: 7,
        created_by: AccountId::new("carol"),
        created_by_name: None,
    }
}

fn found(numbers: &[u32], next: Option<&str>) -> FoundPage {
    let story = |number: &u32| FoundStory {
        id: IssueId::new(number.to_string()),
        key: IssueKey::new(format!("SHOP-{number}")),
        has_criteria: false,
        max_scenarios: 4,
    };
    FoundPage { stories: numbers.iter().map(story).collect(), next: next.map(str::to_owned) }
}

impl Bench {
    async fn bulk(&self) -> BulkRun {
        self.store.start_bulk_run(new_run(&self.tenant)).await.unwrap()
    }

    async fn leased_run(&self, run: &BulkRun) -> BulkRun {
        self.store.lease_bulk_run(&run.tenant, &run.id, LEASE).await.unwrap().expect("leased")
    }

    async fn run_now(&self, run: &BulkRun) -> BulkRun {
        self.store.bulk_run(&run.tenant, &run.id).await.unwrap().unwrap()
    }
}

async fn a_run_begins_with_nothing_found_and_a_site_has_one_at_a_time(bench: Bench) {
    assert_eq!(bench.store.last_bulk_run(&bench.tenant).await.unwrap(), None);
    let run = bench.bulk().await;
    assert_eq!((run.state, run.jql.as_str(), run.still_to_find()), (BulkState::Running, JQL, 7));
    assert_eq!((run.found, run.made, run.passed_over, run.fed, run.page.as_deref()), (0, 0, 0, false, None));
    let second = bench.store.start_bulk_run(new_run(&bench.tenant)).await;
    assert!(matches!(second, Err(StoreError::Conflict)), "{second:?}");
    let other = bench.store.install_tenant(&installation("site-2")).await.unwrap().id;
    bench.store.start_bulk_run(new_run(&other)).await.unwrap();
    assert_eq!(bench.store.live_bulk_runs().await.unwrap().len(), 2);
    bench.store.cancel_bulk_run(&bench.tenant, &run.id, None).await.unwrap().unwrap();
    assert_eq!(bench.store.last_bulk_run(&bench.tenant).await.unwrap().unwrap().state, BulkState::Cancelled);
    bench.bulk().await;
}

async fn a_run_of_another_site_is_not_there(bench: Bench) {
    let run = bench.bulk().await;
    let other = bench.store.install_tenant(&installation("site-2")).await.unwrap().id;
    assert!(bench.store.bulk_run(&other, &run.id).await.unwrap().is_none());
    assert!(bench.store.last_bulk_run(&other).await.unwrap().is_none());
    assert!(bench.store.pause_bulk_run(&other, &run.id).await.unwrap().is_none());
    assert!(bench.store.resume_bulk_run(&other, &run.id).await.unwrap().is_none());
    assert!(bench.store.cancel_bulk_run(&other, &run.id, None).await.unwrap().is_none());
    assert!(bench.store.lease_bulk_run(&other, &run.id, LEASE).await.unwrap().is_none());
    assert_eq!(bench.run_now(&run).await, run);
}

async fn what_a_run_says_is_sealed(bench: Bench) {
    let run = bench.bulk().await;
    let held = bench.leased_run(&run).await;
    bench.store.feed_bulk_run(&held, found(&[1], Some("the-name-of-page-2"))).await.unwrap();
    let held = bench.leased_run(&run).await;
    assert_eq!(held.page.as_deref(), Some("the-name-of-page-2"));
    bench.store.delay_bulk_run(&held, bench.clock.now(), Some("no field 'customer-xy'"), false).await.unwrap();
    let row = sqlx::query("SELECT jql, page, error FROM bulk_runs").fetch_one(&bench.store.pool).await.unwrap();
    let fields = codec::Fields::new("bulk_runs", &row);
    for column in ["jql", "page", "error"] {
        let stored: String = fields.get(column).unwrap();
        assert!(stored.starts_with("v1:") && !stored.contains("customer"), "{column}: {stored}");
    }
    let now = bench.run_now(&run).await;
    assert_eq!((now.jql.as_str(), now.error.as_deref()), (JQL, Some("no field 'customer-xy'")));
    assert_eq!(now.page.as_deref(), Some("the-name-of-page-2"));
}

async fn a_page_that_is_read_twice_makes_nothing_twice(bench: Bench) {
    let run = bench.bulk().await;
    bench.queued(2).await;
    let held = bench.leased_run(&run).await;
    let made = bench.store.feed_bulk_run(&held, found(&[1, 2, 3], Some("2"))).await.unwrap();
    assert_eq!(made.iter().map(|job| job.issue_key.as_str()).collect::<Vec<_>>(), ["SHOP-1", "SHOP-3"]);
    assert_eq!(made[0].task, Task::Draft { max_scenarios: 4, seed: 0, publish: true });
    let fed = bench.run_now(&run).await;
    assert_eq!((fed.found, fed.made, fed.passed_over, fed.fed), (3, 2, 1, false));

    let held = bench.leased_run(&run).await;
    let made = bench.store.feed_bulk_run(&held, found(&[1, 2, 3, 4], None)).await.unwrap();
    assert_eq!(made.iter().map(|job| job.issue_key.as_str()).collect::<Vec<_>>(), ["SHOP-4"]);
    let fed = bench.run_now(&run).await;
    assert_eq!((fed.found, fed.made, fed.passed_over, fed.fed, fed.still_to_find()), (4, 3, 1, true, 0));
    assert!(bench.store.lease_bulk_run(&run.tenant, &run.id, LEASE).await.unwrap().is_none(), "every page is read");
}

async fn a_lease_is_one_feeders_until_it_ends(bench: Bench) {
    let run = bench.bulk().await;
    let first = bench.leased_run(&run).await;
    assert!(bench.store.lease_bulk_run(&run.tenant, &run.id, LEASE).await.unwrap().is_none());
    bench.clock.advance(LEASE + Duration::from_secs(1));
    let second = bench.leased_run(&run).await;
    let late = bench.store.feed_bulk_run(&first, found(&[1], None)).await;
    assert!(matches!(late, Err(StoreError::LeaseLost)));
    assert!(matches!(bench.store.delay_bulk_run(&first, 0, None, true).await, Err(StoreError::LeaseLost)));
    assert!(matches!(bench.store.fail_bulk_run(&first, "x").await, Err(StoreError::LeaseLost)));
    assert!(
        bench.store.waiting_jobs_after(None, 100_000).await.unwrap().is_empty(),
        "nothing of a page that was refused is left"
    );
    bench.store.feed_bulk_run(&second, found(&[1], None)).await.unwrap();
    assert_eq!(bench.store.waiting_jobs_after(None, 100_000).await.unwrap().len(), 1);
}

async fn a_pause_refuses_the_page_that_is_being_read(bench: Bench) {
    let run = bench.bulk().await;
    let held = bench.leased_run(&run).await;
    bench.store.pause_bulk_run(&run.tenant, &run.id).await.unwrap().unwrap();
    let late = bench.store.feed_bulk_run(&held, found(&[1], None)).await;
    assert!(matches!(late, Err(StoreError::LeaseLost)));
    assert!(bench.store.pause_bulk_run(&run.tenant, &run.id).await.unwrap().is_none(), "paused already");
    bench.store.resume_bulk_run(&run.tenant, &run.id).await.unwrap().unwrap();
    let held = bench.leased_run(&run).await;
    assert_eq!(bench.store.feed_bulk_run(&held, found(&[1], None)).await.unwrap().len(), 1);
}

async fn a_run_is_done_when_its_last_job_has_ended_and_forgets_what_it_saw(bench: Bench) {
    let run = bench.bulk().await;
    let held = bench.leased_run(&run).await;
    let made = bench.store.feed_bulk_run(&held, found(&[1, 2], None)).await.unwrap();
    assert!(!bench.store.finish_bulk_run(&run.tenant, &run.id).await.unwrap());
    for (job, settlement) in
        made.iter().zip([Settlement::Failed { reason: "x".to_owned() }, Settlement::Skipped { reason: "x".to_owned() }])
    {
        let held = bench.store.lease(&job.id, LEASE).await.unwrap().unwrap();
        bench.store.settle(&held, settlement).await.unwrap();
    }
    assert!(bench.store.finish_bulk_run(&run.tenant, &run.id).await.unwrap());
    assert!(!bench.store.finish_bulk_run(&run.tenant, &run.id).await.unwrap());
    let counts = bench.store.bulk_counts(&run.tenant, &run.id).await.unwrap();
    assert_eq!((counts.live, counts.done, counts.failed, counts.skipped), (0, 0, 1, 1));
    let row = sqlx::query("SELECT COUNT(*) AS seen FROM bulk_stories").fetch_one(&bench.store.pool).await.unwrap();
    assert_eq!(codec::Fields::new("bulk_stories", &row).get::<i64>("seen").unwrap(), 0);
    assert!(bench.store.live_bulk_runs().await.unwrap().is_empty());
}

async fn a_site_that_is_forgotten_leaves_no_run(bench: Bench) {
    let run = bench.bulk().await;
    let held = bench.leased_run(&run).await;
    let made = bench.store.feed_bulk_run(&held, found(&[1, 2], None)).await.unwrap();
    let job = bench.store.lease(&made[0].id, LEASE).await.unwrap().unwrap();
    bench.store.count_story(&job, StoryQuota::default()).await.unwrap().unwrap();
    bench.store.set_connect_state(&bench.tenant, TenantState::Uninstalled).await.unwrap();
    assert_eq!(bench.store.forget_departed(Duration::ZERO).await.unwrap(), 1);
    for table in ["bulk_runs", "bulk_stories", "story_days", "jobs"] {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT COUNT(*) AS rows_left FROM {table}")));
        let row = row.fetch_one(&bench.store.pool).await.unwrap();
        assert_eq!(codec::Fields::new("any", &row).get::<i64>("rows_left").unwrap(), 0, "{table}");
    }
}

async fn the_pace_is_the_median_of_what_was_written(bench: Bench) {
    assert_eq!(bench.store.seconds_per_story(&bench.tenant).await.unwrap(), None);
    for (issue, seconds) in [(1, 10), (2, 100), (3, 12)] {
        let (job, draft) = bench.drafted(issue).await;
        bench.clock.advance(Duration::from_secs(seconds));
        bench.store.settle(&job, Settlement::Drafted { draft: draft.id }).await.unwrap();
    }
    let failed = bench.leased(4).await;
    bench.store.settle(&failed, Settlement::Failed { reason: "x".to_owned() }).await.unwrap();
    let pace = bench.store.seconds_per_story(&bench.tenant).await.unwrap().unwrap();
    assert!((12.0..20.0).contains(&pace), "{pace}");
}
