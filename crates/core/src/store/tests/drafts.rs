use super::*;
use crate::gherkin::{Finding, Rule};
use crate::jobs::JobState;

on_both![
    a_draft_is_read_as_it_was_written_and_replaces_the_open_one,
    of_two_edits_of_one_version_the_second_is_refused,
    a_draft_made_of_another_takes_its_place_only_while_that_one_is_as_it_was,
    a_decision_and_its_job_are_made_together_and_once,
    a_decision_over_an_old_version_makes_no_job,
    a_newer_decision_supersedes_one_that_still_waits_but_not_one_that_is_being_written,
    a_decision_that_came_to_nothing_is_open_again,
    a_decision_is_not_reopened_beside_a_newer_draft,
    a_job_of_a_replaced_draft_cannot_be_tried_again,
    a_job_accepts_its_own_draft_as_it_was_edited_last_and_again_after_a_crash,
];

fn ann() -> crate::ids::AccountId {
    "ann".to_owned().into()
}

async fn a_draft_is_read_as_it_was_written_and_replaces_the_open_one(bench: Bench) {
    let (job, first) = bench.drafted(1).await;
    assert_eq!(bench.store.draft(&bench.tenant, &first.id).await.unwrap().unwrap(), first);
    let after = bench.job(&job).await;
    assert_eq!((after.draft.as_ref(), after.provenance.as_ref()), (Some(&first.id), Some(&first.provenance)));
    bench.store.settle(&job, Settlement::Drafted { draft: first.id.clone() }).await.unwrap();

    let (_, second) = bench.drafted(1).await;
    let (_, elsewhere) = bench.drafted(2).await;
    assert_eq!(bench.draft_state(&first).await, DraftState::Replaced);
    assert_eq!(bench.draft_state(&elsewhere).await, DraftState::Open);
    let issue = IssueId::new("1");
    assert_eq!(bench.store.open_draft(&bench.tenant, &issue).await.unwrap().unwrap().id, second.id);
    assert_eq!(bench.store.latest_draft(&bench.tenant, &issue).await.unwrap().unwrap().id, second.id);
}

async fn of_two_edits_of_one_version_the_second_is_refused(bench: Bench) {
    let (_, draft) = bench.drafted(1).await;
    let finding = Finding {
        rule: Rule::Should,
        scenario: Some(0),
        step: None,
        sentence: None,
        message: "say what holds".to_owned(),
    };
    let edit = async |version, title: &str| {
        bench
            .store
            .edit_draft(&bench.tenant, &draft.id, version, &criteria(title), std::slice::from_ref(&finding), &ann())
            .await
    };
    let edited = edit(1, "First").await.unwrap();
    assert_eq!((edited.version, edited.edited_by, &edited.findings), (2, Some(ann()), &vec![finding.clone()]));
    assert!(matches!(edit(1, "Second").await, Err(StoreError::Conflict)));
    let kept = bench.store.draft(&bench.tenant, &draft.id).await.unwrap().unwrap();
    assert_eq!(kept.criteria, criteria("First"));
    edit(2, "Third").await.unwrap();
    let unknown =
        bench.store.edit_draft(&bench.tenant, &DraftId::make(), 1, &criteria("x"), &[], &ann()).await.unwrap_err();
    assert!(matches!(unknown, StoreError::NotFound("draft")));
}

async fn a_draft_made_of_another_takes_its_place_only_while_that_one_is_as_it_was(bench: Bench) {
    let (_, first) = bench.drafted(1).await;
    let job = bench.leased(2).await;
    // Of the same issue, as a job for one scenario is.
    let job = Job { issue_id: first.issue_id.clone(), ..job };
    let made = draft_of(&job);
    let put = async |version| bench.store.put_draft_made_of(&job, (&first.id, version), made.clone(), &story()).await;
    bench.store.edit_draft(&bench.tenant, &first.id, 1, &criteria("Edited"), &[], &ann()).await.unwrap();
    assert!(matches!(put(1).await, Err(StoreError::Conflict)), "it was edited");
    assert_eq!(bench.draft_state(&first).await, DraftState::Open);
    assert_eq!(bench.store.draft(&bench.tenant, &made.id).await.unwrap(), None);
    put(2).await.unwrap();
    assert_eq!(bench.draft_state(&first).await, DraftState::Replaced);
    assert_eq!(bench.draft_state(&made).await, DraftState::Open);
    assert!(matches!(put(2).await, Err(StoreError::Conflict)), "it has been replaced");
}

async fn a_decision_and_its_job_are_made_together_and_once(bench: Bench) {
    let (draft, job) = bench.accepted(1).await;
    assert_eq!(bench.draft_state(&draft).await, DraftState::Accepted);
    assert_eq!((job.state, job.draft.as_ref()), (JobState::Queued, Some(&draft.id)));
    let again = bench.store.accept_draft(&bench.tenant, &draft.id, 1, &ann(), publish_job(&draft)).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    let edit = bench.store.edit_draft(&bench.tenant, &draft.id, 1, &criteria("x"), &[], &ann()).await;
    assert!(matches!(edit, Err(StoreError::Conflict)));
    assert_eq!(bench.store.waiting_jobs_after(None, 100_000).await.unwrap().len(), 1);
}

async fn a_decision_over_an_old_version_makes_no_job(bench: Bench) {
    let (job, draft) = bench.drafted(1).await;
    bench.store.settle(&job, Settlement::Drafted { draft: draft.id.clone() }).await.unwrap();
    bench.store.edit_draft(&bench.tenant, &draft.id, 1, &criteria("x"), &[], &ann()).await.unwrap();
    let refused = bench.store.accept_draft(&bench.tenant, &draft.id, 1, &ann(), publish_job(&draft)).await;
    assert!(matches!(refused, Err(StoreError::Conflict)));
    assert_eq!(bench.draft_state(&draft).await, DraftState::Open);
    assert!(bench.store.waiting_jobs_after(None, 100_000).await.unwrap().is_empty());
}

async fn a_newer_decision_supersedes_one_that_still_waits_but_not_one_that_is_being_written(bench: Bench) {
    let (_, waits) = bench.accepted(1).await;
    let (newer, publish) = bench.accepted(1).await;
    assert_eq!(bench.job(&waits).await.state, JobState::Cancelled);

    let writing = bench.store.lease(&publish.id, LEASE).await.unwrap().unwrap();
    let (job, third) = bench.drafted(1).await;
    bench.store.settle(&job, Settlement::Drafted { draft: third.id.clone() }).await.unwrap();
    let refused = bench.store.accept_draft(&bench.tenant, &third.id, 1, &ann(), publish_job(&third)).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(bench.draft_state(&third).await, DraftState::Open, "the decision can be made again");
    bench.store.settle(&writing, Settlement::Written { draft: newer.id.clone() }).await.unwrap();
    bench.store.accept_draft(&bench.tenant, &third.id, 1, &ann(), publish_job(&third)).await.unwrap();
}

async fn a_decision_that_came_to_nothing_is_open_again(bench: Bench) {
    let (draft, job) = bench.accepted(1).await;
    let held = bench.store.lease(&job.id, LEASE).await.unwrap().unwrap();
    bench.store.settle(&held, Settlement::Failed { reason: "edited".to_owned() }).await.unwrap();
    assert_eq!(bench.draft_state(&draft).await, DraftState::Open);

    let retried = bench.store.retry_job(&bench.tenant, &job.id).await.unwrap().unwrap();
    assert_eq!(bench.draft_state(&draft).await, DraftState::Accepted);
    bench.store.cancel_job(&bench.tenant, &retried.id).await.unwrap();
    assert_eq!(bench.draft_state(&draft).await, DraftState::Open);
}

async fn a_decision_is_not_reopened_beside_a_newer_draft(bench: Bench) {
    let (old, job) = bench.accepted(1).await;
    let (_, newer) = bench.drafted(1).await;
    let held = bench.store.lease(&job.id, LEASE).await.unwrap().unwrap();
    bench.store.settle(&held, Settlement::Failed { reason: "edited".to_owned() }).await.unwrap();
    assert_eq!(bench.draft_state(&old).await, DraftState::Accepted);
    assert_eq!(bench.draft_state(&newer).await, DraftState::Open);
}

async fn a_job_of_a_replaced_draft_cannot_be_tried_again(bench: Bench) {
    let (draft, publish) = bench.accepted(1).await;
    bench.store.cancel_job(&bench.tenant, &publish.id).await.unwrap();
    let (_, newer) = bench.drafted(1).await;
    assert_eq!(bench.draft_state(&draft).await, DraftState::Replaced);
    let refused = bench.store.retry_job(&bench.tenant, &publish.id).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(bench.job(&publish).await.state, JobState::Cancelled);
    assert_eq!(bench.draft_state(&newer).await, DraftState::Open);
}

async fn a_job_accepts_its_own_draft_as_it_was_edited_last_and_again_after_a_crash(bench: Bench) {
    let (job, draft) = bench.drafted(1).await;
    bench.store.edit_draft(&bench.tenant, &draft.id, 1, &criteria("Edited"), &[], &ann()).await.unwrap();
    for _ in 0..2 {
        let accepted = bench.store.accept_own_draft(&job, &draft.id).await.unwrap();
        assert_eq!((accepted.state, accepted.criteria), (DraftState::Accepted, criteria("Edited")));
    }
}
