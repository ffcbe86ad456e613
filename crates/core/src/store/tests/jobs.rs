use super::*;
use crate::jobs::{JobState, Progress};

on_both![
    a_job_is_read_as_it_was_made,
    a_delivery_makes_one_job_even_long_after,
    a_delivery_that_met_a_live_job_stays_with_it,
    an_issue_has_one_live_draft_job_however_many_ask_at_once,
    a_newer_story_takes_a_running_job_from_its_worker_and_begins_it_anew,
    what_may_be_writing_to_jira_is_begun_anew_when_its_lease_has_ended,
    a_person_who_waits_moves_the_issues_job_forward_and_a_webhook_does_not_move_it_back,
    lists_are_newest_first_filtered_and_paged,
    an_issues_live_and_last_job_are_told_apart,
    jobs_survive_the_process_and_another_opening_changes_nothing,
    a_job_needs_a_tenant,
];

async fn a_job_is_read_as_it_was_made(bench: Bench) {
    let made = bench.queued(12).await;
    assert_eq!(bench.job(&made).await, made);
    assert_eq!(made.project.as_str(), "SHOP");
    assert_eq!(made.task, Task::Draft { max_scenarios: 6, seed: u64::MAX, publish: false });
    assert_eq!((made.state, made.attempts, made.max_attempts), (JobState::Queued, 0, 5));
    assert_eq!(made.progress, Progress::Queued { ahead: 0 });
    let store = bench.store.clone().with_max_attempts(2);
    assert_eq!(store.create_job(bench.draft_job(13)).await.unwrap().job().max_attempts, 2);
}

async fn a_delivery_makes_one_job_even_long_after(bench: Bench) {
    let with_delivery = || NewJob { delivery: Some("d-1".to_owned()), ..bench.draft_job(1) };
    let first = bench.store.create_job(with_delivery()).await.unwrap();
    let Created::New(first) = first else { panic!("{first:?}") };
    assert!(bench.store.cancel_job(&bench.tenant, &first.id).await.unwrap().is_some());

    let again = bench.store.create_job(with_delivery()).await.unwrap();
    assert!(matches!(&again, Created::Already(job) if job.id == first.id), "{again:?}");
    let other = NewJob { delivery: Some("d-2".to_owned()), ..bench.draft_job(1) };
    assert!(matches!(bench.store.create_job(other).await.unwrap(), Created::New(_)));
}

async fn a_delivery_that_met_a_live_job_stays_with_it(bench: Bench) {
    let live = bench.queued(1).await;
    let with_delivery = || NewJob { delivery: Some("d-1".to_owned()), ..bench.draft_job(1) };
    for _ in 0..2 {
        let answer = bench.store.create_job(with_delivery()).await.unwrap();
        assert!(matches!(&answer, Created::Already(job) if job.id == live.id), "{answer:?}");
    }
    assert_eq!(bench.store.waiting_jobs_after(None, 100_000).await.unwrap().len(), 1);
}

async fn an_issue_has_one_live_draft_job_however_many_ask_at_once(bench: Bench) {
    let asked = (0..20).map(|_| {
        let (store, new) = (bench.store.clone(), bench.draft_job(1));
        tokio::spawn(async move { store.create_job(new).await.unwrap() })
    });
    let answers = futures::future::join_all(asked.collect::<Vec<_>>()).await;
    let new = answers.iter().filter(|answer| matches!(answer, Ok(Created::New(_)))).count();
    assert_eq!(new, 1);
    let ids: std::collections::HashSet<_> =
        answers.iter().map(|answer| answer.as_ref().unwrap().job().id.clone()).collect();
    assert_eq!(ids.len(), 1);

    // Another issue, or the same once the first is over, is free.
    bench.queued(2).await;
    let running = bench.store.lease(ids.iter().next().unwrap(), LEASE).await.unwrap().unwrap();
    assert!(matches!(bench.store.create_job(bench.draft_job(1)).await.unwrap(), Created::Already(_)));
    bench.store.settle(&running, Settlement::Failed { reason: "x".to_owned() }).await.unwrap();
    bench.queued(1).await;
}

fn change(bench: &Bench, issue: u32) -> NewJob {
    NewJob { delivery: Some("changed/1/7".to_owned()), anew: true, ..bench.draft_job(issue) }
}

async fn a_newer_story_takes_a_running_job_from_its_worker_and_begins_it_anew(bench: Bench) {
    // One that waits reads the story when its turn comes.
    let waiting = bench.queued(1).await;
    assert!(matches!(bench.store.create_job(bench.draft_job(1)).await.unwrap(), Created::Already(_)));
    let held = bench.store.lease(&waiting.id, LEASE).await.unwrap().unwrap();
    let Created::Anew(job) = bench.store.create_job(change(&bench, 1)).await.unwrap() else { panic!("it runs") };
    assert_eq!((&job.id, job.state, job.attempts), (&held.id, JobState::Queued, 0));
    assert!(matches!(bench.store.renew(&held, LEASE).await, Err(StoreError::LeaseLost)));
    let stored = bench.store.put_draft(&held, draft_of(&held), &story()).await;
    assert!(matches!(stored, Err(StoreError::LeaseLost)), "{stored:?}");

    // Told again, it is not taken away again; told of a job that waits, neither.
    let held = bench.store.lease(&job.id, LEASE).await.unwrap().unwrap();
    assert!(matches!(bench.store.create_job(change(&bench, 1)).await.unwrap(), Created::Already(_)));
    bench.store.renew(&held, LEASE).await.unwrap();
}

async fn what_may_be_writing_to_jira_is_begun_anew_when_its_lease_has_ended(bench: Bench) {
    let held = bench.leased(1).await;
    let draft = draft_of(&held);
    bench.store.put_draft(&held, draft.clone(), &story()).await.unwrap();
    let Created::Anew(job) = bench.store.create_job(change(&bench, 1)).await.unwrap() else { panic!("it runs") };
    assert_eq!((job.run_after, job.draft), (held.lease_until, Some(draft.id)));
    assert!(bench.store.lease(&job.id, LEASE).await.unwrap().is_none(), "not yet");
    bench.clock.advance(LEASE + Duration::from_secs(1));
    assert!(bench.store.lease(&job.id, LEASE).await.unwrap().is_some());
}

async fn a_person_who_waits_moves_the_issues_job_forward_and_a_webhook_does_not_move_it_back(bench: Bench) {
    let job = bench.queued(1).await;
    let click = NewJob { class: Class::Interactive, ..bench.draft_job(1) };
    assert_eq!(bench.store.create_job(click).await.unwrap().job().class, Class::Interactive);
    assert_eq!(bench.job(&job).await.class, Class::Interactive);
    bench.store.create_job(bench.draft_job(1)).await.unwrap();
    assert_eq!(bench.job(&job).await.class, Class::Interactive);
}

async fn lists_are_newest_first_filtered_and_paged(bench: Bench) {
    let mut made = Vec::new();
    for issue in 1..=5 {
        made.push(bench.queued(issue).await);
    }
    bench.store.cancel_job(&bench.tenant, &made[1].id).await.unwrap();
    let list = async |filter| {
        let jobs = bench.store.list_jobs(&bench.tenant, filter).await.unwrap();
        jobs.into_iter().map(|job| job.issue_key.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(
        list(JobFilter { limit: 50, ..JobFilter::default() }).await,
        ["SHOP-5", "SHOP-4", "SHOP-3", "SHOP-2", "SHOP-1"]
    );
    assert_eq!(list(JobFilter { limit: 2, ..JobFilter::default() }).await, ["SHOP-5", "SHOP-4"]);
    let next = JobFilter { before: Some(made[3].id.clone()), limit: 2, ..JobFilter::default() };
    assert_eq!(list(next).await, ["SHOP-3", "SHOP-2"]);
    let cancelled = JobFilter { state: Some(JobState::Cancelled), limit: 50, ..JobFilter::default() };
    assert_eq!(list(cancelled).await, ["SHOP-2"]);
    let issue = JobFilter { issue: Some(IssueKey::new("SHOP-4")), limit: 50, ..JobFilter::default() };
    assert_eq!(list(issue).await, ["SHOP-4"]);

    let mut counts = bench.store.count_jobs(&bench.tenant).await.unwrap();
    counts.sort_by_key(|(_, count)| *count);
    assert_eq!(counts, [(JobState::Cancelled, 1), (JobState::Queued, 4)]);
}

async fn an_issues_live_and_last_job_are_told_apart(bench: Bench) {
    let issue = IssueId::new("1");
    assert!(bench.store.last_job_of_issue(&bench.tenant, &issue).await.unwrap().is_none());
    let first = bench.queued(1).await;
    bench.store.cancel_job(&bench.tenant, &first.id).await.unwrap();
    assert!(bench.store.live_job_of_issue(&bench.tenant, &issue).await.unwrap().is_none());
    assert_eq!(bench.store.last_job_of_issue(&bench.tenant, &issue).await.unwrap().unwrap().id, first.id);
    let second = bench.queued(1).await;
    assert_eq!(bench.store.live_job_of_issue(&bench.tenant, &issue).await.unwrap().unwrap().id, second.id);
    assert_eq!(bench.store.last_job_of_issue(&bench.tenant, &issue).await.unwrap().unwrap().id, second.id);
}

async fn jobs_survive_the_process_and_another_opening_changes_nothing(bench: Bench) {
    let job = bench.queued(1).await;
    bench.store.close().await;
    let again = bench.open_again().await;
    let waiting = again.waiting_jobs_after(None, 100_000).await.unwrap();
    assert_eq!(waiting.iter().map(|waits| &waits.id).collect::<Vec<_>>(), [&job.id]);
    again.ping().await.unwrap();
}

#[tokio::test]
async fn a_database_in_memory_works_as_well() {
    let store = Store::open("sqlite::memory:", Clock::system(), Cipher::from_key(&[7; 32])).await.unwrap();
    let tenant = store.install_tenant(&installation("site-1")).await.unwrap();
    store.create_job(draft_job(&tenant.id, 1)).await.unwrap();
    assert_eq!(store.waiting_jobs_after(None, 100_000).await.unwrap().len(), 1);
}

async fn a_job_needs_a_tenant(bench: Bench) {
    let refused = bench.store.create_job(draft_job(&TenantId::make(), 1)).await;
    assert!(matches!(refused, Err(StoreError::Database(_) | StoreError::NotFound("site"))), "{refused:?}");
}
