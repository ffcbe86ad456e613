//! Work that waits for something outside, and automatic work that nobody wants any more.

use brine_core::failure::Failure;
use brine_core::ids::AccountId;

use super::*;

fn no_token() -> Failure {
    Failure::Wait { reason: "waiting for Jira's next token".to_owned(), wait: Duration::from_secs(15) }
}

async fn until_waiting(bench: &Bench, job: &Job) -> Job {
    bench.until(job, |job| job.state == JobState::Queued && job.error.is_some()).await
}

#[tokio::test]
async fn waiting_uses_up_no_attempt_and_says_what_it_waits_for() {
    let bench = Bench::new().await;
    let job = bench.ask(1, false).await;
    let _worker = bench.start();
    bench.until_over(&job).await;
    for _ in 0..2 * MAX_ATTEMPTS {
        bench.issues.failures.lock().unwrap().push_back(no_token());
    }
    let job = bench.ask(2, false).await;
    for left in (0..2 * MAX_ATTEMPTS as usize).rev() {
        bench.until(&job, |job| job.error.is_some() && job.state == JobState::Queued).await;
        // Each look for the token takes one of those that are to fail.
        while bench.issues.failures.lock().unwrap().len() > left {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let waits = until_waiting(&bench, &job).await;
        assert_eq!((waits.attempts, waits.error.as_deref()), (0, Some("waiting for Jira's next token")));
        bench.clock.advance(Duration::from_secs(20));
    }
    let done = bench.until_over(&job).await;
    assert_eq!((done.state, done.attempts, done.error), (JobState::Drafted, 1, None));
}

#[tokio::test]
async fn nobody_waits_for_more_than_a_day() {
    let bench = Bench::new().await;
    bench.issues.failures.lock().unwrap().extend([no_token(), no_token()]);
    let job = bench.ask(1, false).await;
    let _worker = bench.start();
    until_waiting(&bench, &job).await;
    bench.clock.advance(Duration::from_secs(25 * 3600));
    let done = bench.until_over(&job).await;
    assert_eq!(done.state, JobState::Failed);
    assert_eq!(done.error.as_deref(), Some("waiting for Jira's next token (given up after a day)"));
}

#[tokio::test]
async fn a_story_that_has_not_changed_gets_no_second_set_by_itself() {
    let bench = Bench::new().await;
    let first = bench.ask(1, true).await;
    let _worker = bench.start();
    assert_eq!(bench.until_over(&first).await.state, JobState::Written);
    let again = bench.until_over(&bench.ask(1, true).await).await;
    let reason = "the story has not changed since its last criteria";
    assert_eq!((again.state, again.error.as_deref()), (JobState::Skipped, Some(reason)));
    assert_eq!(bench.issues.writes.lock().unwrap().len(), 1);
    assert_eq!(bench.until_over(&bench.ask(1, false).await).await.state, JobState::Drafted, "a person may ask anew");
}

#[tokio::test]
async fn a_draft_that_a_person_is_working_on_is_left_alone() {
    let bench = Bench::new().await;
    let asked = bench.ask(1, false).await;
    let _worker = bench.start();
    let draft = bench.draft(&bench.until_over(&asked).await.draft.unwrap()).await;
    let by = AccountId::new("ann");
    bench.store.edit_draft(&bench.tenant, &draft.id, 1, &draft.criteria, &[], &by).await.unwrap();
    let changed = adf_paragraph("The total is shown at once.");
    *bench.issues.description.lock().unwrap() = Some(changed);
    let job = bench.until_over(&bench.ask(1, true).await).await;
    assert_eq!(job.state, JobState::Skipped, "{job:?}");
    assert!(job.error.unwrap().contains("a person is working"));
    assert_eq!(bench.draft(&draft.id).await.state, DraftState::Open);
}

fn adf_paragraph(text: &str) -> serde_json::Value {
    let text = serde_json::json!({"type": "paragraph", "content": [{"type": "text", "text": text}]});
    brine_core::adf::document(vec![text])
}
