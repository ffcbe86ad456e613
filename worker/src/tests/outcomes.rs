//! What each way that an attempt can end makes of the job.

use std::sync::atomic::Ordering;

use brine_core::adf::{self, Attribution};
use brine_core::failure::Failure;
use brine_core::ids::FieldId;
use brine_core::jobs::Progress;
use brine_core::store::{ProjectSettings, TenantState};
use brine_model::WriteError;
use serde_json::json;

use super::fakes::Order;
use super::*;

#[tokio::test]
async fn a_story_becomes_a_draft() {
    let bench = Bench::new().await;
    let job = bench.ask(1, false).await;
    let _worker = bench.start();
    let done = bench.until_over(&job).await;
    assert_eq!((done.state, done.attempts, &done.error), (JobState::Drafted, 1, &None));
    assert_eq!(done.requested_by_name.as_deref(), Some("ann of the shop"));
    assert_eq!(done.provenance, Some(provenance()));
    let draft = bench.draft(&done.draft.unwrap()).await;
    assert_eq!((draft.state, draft.criteria), (DraftState::Open, fakes::criteria()));

    let requests = bench.writer.requests.lock().unwrap().clone();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].story.hash(), draft.story_hash);
    assert_eq!((requests[0].max_scenarios, requests[0].seed), (4, 7));
    assert_eq!((requests[0].prompt.as_deref(), requests[0].deadline), (Some("rule@1"), Duration::from_secs(9)));
    assert!(bench.issues.writes.lock().unwrap().is_empty(), "nobody has accepted it");
}

#[tokio::test]
async fn our_own_section_is_not_read_as_story() {
    let bench = Bench::new().await;
    let text = |text: &str| json!({"type": "paragraph", "content": [{"type": "text", "text": text}]});
    let typed = adf::document(vec![text("The total is shown.")]);
    let attribution = Attribution {
        model: "small".to_owned(),
        adapter: None,
        prompt: "rule@1".to_owned(),
        date: "2026-11-24".to_owned(),
    };
    let ours = adf::criteria_nodes(&fakes::criteria(), &attribution);
    *bench.issues.description.lock().unwrap() = Some(adf::section::replace_or_append(Some(&typed), ours));
    let job = bench.ask(1, false).await;
    let _worker = bench.start();
    bench.until_over(&job).await;
    let story = bench.writer.requests.lock().unwrap()[0].story.clone();
    assert_eq!(story.description(), "The total is shown.");
    assert_eq!(story.summary(), "Remove an item from the cart");
}

#[tokio::test]
async fn whoever_is_mentioned_without_a_name_is_looked_up_and_need_not_be_found() {
    for (refused, expected) in [(false, "@Priya Shah approves."), (true, "a person approves.")] {
        let bench = Bench::new().await;
        let mention = json!({"type": "mention", "attrs": {"id": "712020:aa"}});
        let words = json!({"type": "text", "text": " approves."});
        let document = adf::document(vec![json!({"type": "paragraph", "content": [mention, words]})]);
        *bench.issues.description.lock().unwrap() = Some(document);
        bench.issues.nobody_is_known.store(refused, Ordering::SeqCst);
        let job = bench.ask(1, false).await;
        let _worker = bench.start();
        let done = bench.until_over(&job).await;
        assert_eq!((done.state, done.attempts), (JobState::Drafted, 1));
        assert_eq!(bench.writer.requests.lock().unwrap()[0].story.description(), expected);
    }
}

#[tokio::test]
async fn progress_is_told_and_stored_with_what_is_written_so_far() {
    let bench = Bench::new().await;
    bench.writer.next(Order::AtGate);
    let mut events = bench.events.subscribe();
    let job = bench.ask(1, false).await;
    let _worker = bench.start();
    let writing = bench.until(&job, |job| matches!(job.progress, Progress::Writing { .. })).await.progress;
    let Progress::Writing { scenario, of, so_far } = &writing else { panic!("{writing:?}") };
    assert_eq!((*scenario, *of), (1, 4));
    assert!(so_far.contains("The last item leaves the cart"), "{so_far}");
    bench.writer.gate.add_permits(1);
    let done = bench.until_over(&job).await;

    let mut told = Vec::new();
    while !matches!(told.last(), Some(Progress::Ended { .. })) {
        let event = tokio::time::timeout(Duration::from_secs(20), events.next()).await.expect("told").event().unwrap();
        assert_eq!((event.job, event.tenant), (job.id.clone(), bench.tenant.clone()));
        told.push(event.progress);
    }
    assert_eq!(told.first(), Some(&Progress::Reading));
    assert!(told.contains(&writing), "{told:?}");
    assert_eq!(told.last(), Some(&done.progress));
}

#[tokio::test]
async fn an_automatic_job_writes_where_the_project_wants_it() {
    for (target, state) in [
        (Target::Description, JobState::Written),
        (Target::Comment, JobState::Written),
        (Target::Field, JobState::Written),
        (Target::Subtasks, JobState::Written),
        (Target::Draft, JobState::Drafted),
    ] {
        let bench = Bench::new().await;
        let field = Some(FieldId::new("customfield_7"));
        let settings = ProjectSettings { target, field, ..ProjectSettings::default() };
        bench.store.set_project_settings(&bench.tenant, &"SHOP".to_owned().into(), &settings).await.unwrap();
        let job = bench.ask(1, true).await;
        let _worker = bench.start();
        let done = bench.until_over(&job).await;
        assert_eq!(done.state, state);
        let writes = bench.issues.writes.lock().unwrap().clone();
        let expected = if target == Target::Draft { vec![] } else { vec![(job.id.clone(), target, fakes::criteria())] };
        assert_eq!(writes, expected);
        let open = bench.draft(&done.draft.unwrap()).await.state == DraftState::Open;
        assert_eq!(open, target == Target::Draft);
    }
}

#[tokio::test]
async fn an_accepted_draft_is_written_where_the_person_said() {
    let bench = Bench::new().await;
    let (draft, job) = bench.accepted(1).await;
    let _worker = bench.start();
    let done = bench.until_over(&job).await;
    assert_eq!((done.state, done.draft.as_ref()), (JobState::Written, Some(&draft.id)));
    assert_eq!(done.provenance, Some(provenance()));
    assert_eq!(*bench.issues.writes.lock().unwrap(), [(job.id.clone(), Target::Comment, draft.criteria)]);
    assert!(bench.writer.requests.lock().unwrap().is_empty(), "nothing is written anew");
}

#[tokio::test]
async fn a_section_that_a_person_edited_is_left_alone_and_the_draft_is_open_again() {
    let bench = Bench::new().await;
    bench.issues.section_is_edited.store(true, Ordering::SeqCst);
    let (draft, job) = bench.accepted(1).await;
    let _worker = bench.start();
    let done = bench.until_over(&job).await;
    assert_eq!(done.state, JobState::Failed);
    assert_eq!(
        done.error.as_deref(),
        Some(
            "Somebody edited the criteria in Jira since Brine wrote them, or wrote there first. \
             Open the panel to compare them and to decide."
        )
    );
    assert_eq!(bench.draft(&draft.id).await.state, DraftState::Open);
    assert_eq!(bench.issues.publishes.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_passing_failure_is_tried_again_after_a_growing_pause() {
    let bench = Bench::new().await;
    let failures = [Failure::retry("Jira is not available"), Failure::retry("Jira is not available")];
    bench.issues.failures.lock().unwrap().extend(failures);
    let job = bench.ask(1, false).await;
    let _worker = bench.start();
    for (attempts, seconds) in [(1, 60), (2, 180)] {
        let waits = bench.until_retried(&job, attempts).await;
        let pause = waits.run_after - bench.clock.now();
        assert!(pause > seconds * 800 && pause < seconds * 1100, "attempt {attempts}: {pause} ms");
        assert_eq!(waits.error.as_deref(), Some("Jira is not available"));
        bench.clock.advance(Duration::from_secs(seconds.unsigned_abs() * 2));
    }
    let done = bench.until_over(&job).await;
    assert_eq!((done.state, done.attempts, done.error), (JobState::Drafted, 3, None));
}

#[tokio::test]
async fn a_failure_that_does_not_pass_is_given_up() {
    let bench = Bench::new().await;
    for _ in 0..MAX_ATTEMPTS {
        bench.writer.next(Order::Fail(WriteError::Engine("out of memory".to_owned())));
    }
    let job = bench.ask(1, false).await;
    let _worker = bench.start();
    for attempts in 1..MAX_ATTEMPTS {
        bench.until_retried(&job, attempts).await;
        bench.clock.advance(Duration::from_secs(3600));
    }
    let done = bench.until_over(&job).await;
    assert_eq!((done.state, done.attempts), (JobState::Failed, MAX_ATTEMPTS));
    assert_eq!(done.error.as_deref(), Some("the model failed: out of memory (given up after 3 attempts)"));
}

#[tokio::test]
async fn jira_is_left_alone_for_as_long_as_it_asks() {
    let bench = Bench::new().await;
    let wait = Duration::from_secs(7200);
    let failure = Failure::RetryAfter { reason: "Jira asks to wait".to_owned(), wait };
    bench.issues.failures.lock().unwrap().push_back(failure);
    let asked = bench.clock.now();
    let job = bench.ask(1, false).await;
    let _worker = bench.start();
    let waits = bench.until_retried(&job, 1).await;
    assert!(waits.run_after >= asked + 7_200_000, "{}", waits.run_after - asked);
    bench.clock.advance(wait * 2);
    assert_eq!(bench.until_over(&job).await.state, JobState::Drafted);
}

#[tokio::test]
async fn what_cannot_succeed_is_not_tried_again() {
    let bench = Bench::new().await;
    bench.issues.summary_is_empty.store(true, Ordering::SeqCst);
    let empty = bench.ask(1, false).await;
    let _worker = bench.start();
    let done = bench.until_over(&empty).await;
    assert_eq!((done.state, done.attempts), (JobState::Failed, 1));
    assert!(done.error.unwrap().starts_with("the story is empty"));
}

#[tokio::test]
async fn what_is_gone_is_skipped() {
    let bench = Bench::new().await;
    bench.issues.failures.lock().unwrap().push_back(Failure::not_ours("the issue was deleted"));
    let deleted = bench.ask(1, false).await;
    let worker = bench.start();
    let done = bench.until_over(&deleted).await;
    assert_eq!((done.state, done.error.as_deref()), (JobState::Skipped, Some("the issue was deleted")));

    for (issue, state) in [(2, TenantState::Disabled), (3, TenantState::Uninstalled)] {
        bench.store.set_connect_state(&bench.tenant, state).await.unwrap();
        let job = bench.ask(issue, false).await;
        assert_eq!(bench.until_over(&job).await.state, JobState::Skipped, "{state:?}");
    }
    assert!(bench.writer.requests.lock().unwrap().is_empty());
    worker.kill().await;
}

#[tokio::test]
async fn a_panic_ends_one_attempt_and_nothing_else() {
    let bench = Bench::new().await;
    for _ in 0..4 {
        bench.writer.next(Order::Panic);
    }
    let _worker = bench.start();
    let mut jobs = Vec::new();
    for issue in 0..4 {
        jobs.push(bench.ask(issue, false).await);
    }
    for job in &jobs {
        let waits = bench.until_retried(job, 1).await;
        assert!(waits.error.unwrap().contains("broke off"));
    }
    let other = bench.ask(9, false).await;
    assert_eq!(bench.until_over(&other).await.state, JobState::Drafted);
    bench.clock.advance(Duration::from_secs(120));
    for job in &jobs {
        assert_eq!(bench.until_over(job).await.state, JobState::Drafted);
    }
}

async fn undone(bench: &Bench, draft: &DraftId) -> Job {
    let task = Task::Withdraw { draft: draft.clone(), replace_edited: false };
    let job = bench.ask_for(1, task).await;
    bench.until_over(&job).await
}

#[tokio::test]
async fn what_was_written_is_taken_back_and_its_draft_is_open_again() {
    let bench = Bench::new().await;
    let (draft, job) = bench.accepted(1).await;
    let _worker = bench.start();
    assert_eq!(bench.until_over(&job).await.state, JobState::Written);
    assert_eq!(bench.store.last_written_job(&job.tenant, &job.issue_id).await.unwrap().unwrap().id, job.id);
    let done = undone(&bench, &draft.id).await;
    assert_eq!((done.state, done.draft), (JobState::Withdrawn, Some(draft.id.clone())));
    assert_eq!(*bench.issues.withdrawn.lock().unwrap(), std::slice::from_ref(&draft.id));
    assert_eq!(bench.draft(&draft.id).await.state, DraftState::Open);
}

#[tokio::test]
async fn what_a_person_edited_is_not_taken_back_and_stays_accepted() {
    let bench = Bench::new().await;
    let (draft, job) = bench.accepted(1).await;
    let _worker = bench.start();
    bench.until_over(&job).await;
    bench.issues.section_is_edited.store(true, Ordering::SeqCst);
    let done = undone(&bench, &draft.id).await;
    assert_eq!((done.state, done.draft), (JobState::Failed, None));
    assert_eq!(bench.draft(&draft.id).await.state, DraftState::Accepted);
}

#[tokio::test]
async fn a_field_that_nobody_chose_fails_and_says_so() {
    let bench = Bench::new().await;
    let settings = ProjectSettings { target: Target::Field, ..ProjectSettings::default() };
    bench.store.set_project_settings(&bench.tenant, &"SHOP".to_owned().into(), &settings).await.unwrap();
    let job = bench.ask(1, true).await;
    let _worker = bench.start();
    let done = bench.until_over(&job).await;
    assert_eq!(done.state, JobState::Failed);
    assert!(done.error.unwrap().contains("No field is chosen"));
    assert_eq!(bench.draft(&done.draft.unwrap()).await.state, DraftState::Open);
}
