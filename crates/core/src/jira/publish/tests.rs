#![allow(clippy::unwrap_used, clippy::expect_used)]

mod places;
mod site;
mod undo;

use serde_json::{Value, json};
use site::{Site, State};

use super::{Published, publish};
use crate::adf::{document, section, to_text};
use crate::clock::Clock;
use crate::gherkin::{Basis, Criteria, Keyword, Scenario, Step, Tag};
use crate::ids::{DraftId, FieldId, IssueId, IssueKey, JobId, ProjectKey, TenantId};
use crate::jira::JiraError;
use crate::jobs::{Class, Destination, Draft, DraftState, Job, JobState, Progress, Provenance, Target, Task};

fn story(text: &str) -> Value {
    document(vec![paragraph(text), json!({"type": "someFutureNode", "attrs": {"keep": [1, null]}})])
}

fn paragraph(text: &str) -> Value {
    json!({"type": "paragraph", "content": [{"type": "text", "text": text}]})
}

fn provenance() -> Provenance {
    Provenance {
        model: "smollm2-135m".to_owned(),
        adapter: None,
        prompt: "set@1".to_owned(),
        seed: 0,
        brine: "0.1.0".to_owned(),
    }
}

fn field_of(target: Target) -> Option<FieldId> {
    (target == Target::Field).then(|| FieldId::new("customfield_7"))
}

/// A draft that says `what`, and the job that publishes it.
fn accepted(what: &str, target: Target) -> (Draft, Job) {
    let step = |keyword, text: &str| Step { keyword, text: text.to_owned() };
    let steps = vec![
        step(Keyword::Given, "a cart with a book"),
        step(Keyword::When, "the member pays"),
        step(Keyword::Then, what),
    ];
    let scenario = Scenario {
        tag: Tag::HappyPath,
        title: "A member pays for a book".to_owned(),
        steps,
        examples: None,
        basis: Basis::Unknown,
    };
    let (tenant, job, issue) = (TenantId::make(), JobId::make(), IssueId::new("10042"));
    let draft = Draft {
        id: DraftId::make(),
        tenant: tenant.clone(),
        job: JobId::make(),
        issue_id: issue.clone(),
        issue_key: IssueKey::new("SHOP-7"),
        criteria: Criteria { scenarios: vec![scenario], ..Criteria::default() },
        findings: Vec::new(),
        notes: Vec::new(),
        provenance: provenance(),
        story_hash: "5a".repeat(32),
        state: DraftState::Accepted,
        version: 1,
        edited_by: None,
        created_at: 1_763_942_400_000,
        updated_at: 1_763_942_400_000,
    };
    let job = Job {
        id: job,
        tenant,
        issue_id: issue,
        issue_key: draft.issue_key.clone(),
        project: ProjectKey::new("SHOP"),
        task: Task::Publish { draft: draft.id.clone(), target, field: field_of(target), replace_edited: false },
        class: Class::Interactive,
        state: JobState::Running,
        requested_by: None,
        requested_by_name: None,
        attempts: 1,
        max_attempts: 5,
        run_after: 0,
        fence: 1,
        lease_until: 0,
        progress: Progress::Publishing,
        error: None,
        provenance: None,
        draft: Some(draft.id.clone()),
        created_at: 0,
        started_at: None,
        finished_at: None,
    };
    (draft, job)
}

async fn run(site: &Site, (draft, job): &(Draft, Job), replace_edited: bool) -> Result<Published, JiraError> {
    let Task::Publish { target, field, .. } = &job.task else { unreachable!() };
    let destination = Destination::of(*target, field.as_ref()).unwrap();
    publish(site, &job.issue_id, draft, job, &destination, replace_edited, &Clock::system()).await
}

async fn write(site: &Site, accepted: &(Draft, Job)) -> Published {
    run(site, accepted, false).await.unwrap()
}

#[tokio::test]
async fn the_section_is_appended_and_the_rest_stays_as_it_was() {
    let site = Site::described("Members pay no delivery fee.");
    let set = accepted("the order is shipped", Target::Description);
    assert_eq!(write(&site, &set).await, Published::Written);
    let doc = site.see(|state| state.description.clone()).unwrap();
    assert_eq!(section::without(&doc), story("Members pay no delivery fee."));
    assert!(site.text().contains("Then the order is shipped"));
    let mark = site.mark();
    assert_eq!((mark.job, mark.draft, mark.target), (set.1.id, set.0.id, Target::Description));
    assert_eq!((mark.story_hash, mark.prompt.as_str()), (set.0.story_hash, "set@1"));
}

#[tokio::test]
async fn an_empty_description_becomes_a_document() {
    let site = Site::default();
    assert_eq!(write(&site, &accepted("the order is shipped", Target::Description)).await, Published::Written);
    let doc = site.see(|state| state.description.clone()).unwrap();
    assert_eq!((&doc["type"], &doc["version"]), (&json!("doc"), &json!(1)));
    assert!(site.text().contains("Then the order is shipped"));
}

#[tokio::test]
async fn a_new_set_takes_the_place_of_the_old_one() {
    for (target, text) in [(Target::Description, true), (Target::Comment, false)] {
        let site = Site::described("Members pay no delivery fee.");
        write(&site, &accepted("the order is shipped", target)).await;
        assert_eq!(write(&site, &accepted("the order is sent", target)).await, Published::Written);
        let all = if text { site.text() } else { site.see(|state| to_text(&state.comments[0].body)) };
        assert!(all.contains("Then the order is sent") && !all.contains("shipped"), "{all}");
        assert_eq!(site.see(|state| state.comments.len()), usize::from(!text));
    }
}

#[tokio::test]
async fn the_same_job_writes_once_and_another_job_with_the_same_words_only_marks() {
    for target in [Target::Description, Target::Comment] {
        let site = Site::described("Members pay no delivery fee.");
        let first = accepted("the order is shipped", target);
        write(&site, &first).await;
        assert_eq!(write(&site, &first).await, Published::AlreadyWritten);
        let again = accepted("the order is shipped", target);
        assert_eq!(write(&site, &again).await, Published::Written);
        assert_eq!(site.see(|state| state.description_writes + state.comment_writes), 1);
        assert_eq!(site.mark().job, again.1.id);
    }
}

#[tokio::test]
async fn a_repeat_writes_nothing_over_what_a_person_changed_since() {
    for target in [Target::Description, Target::Comment] {
        let site = Site::default();
        let set = accepted("the order is shipped", target);
        write(&site, &set).await;
        site.change(|state| {
            state.description = Some(story("The person threw our section away."));
            state.comments.clear();
        });
        assert_eq!(write(&site, &set).await, Published::AlreadyWritten);
        assert_eq!(site.see(|state| state.description_writes + state.comment_writes), 1);
    }
}

/// A person puts words of their own into what we wrote.
fn edit_by_hand(site: &Site) {
    let edited = |doc: &Value| serde_json::from_str(&doc.to_string().replace("is shipped", "leaves at once")).unwrap();
    site.change(|state| {
        state.description = state.description.as_ref().map(edited);
        for comment in &mut state.comments {
            comment.body = edited(&comment.body);
        }
    });
}

#[tokio::test]
async fn what_a_person_edited_is_replaced_only_when_they_say_so() {
    for target in [Target::Description, Target::Comment] {
        let site = Site::described("Members pay no delivery fee.");
        write(&site, &accepted("the order is shipped", target)).await;
        edit_by_hand(&site);
        let (new, before) = (accepted("the order is sent", target), site.see(snapshot));
        assert_eq!(write(&site, &new).await, Published::SectionEdited);
        assert_eq!(site.see(snapshot), before);
        assert_eq!(run(&site, &new, true).await, Ok(Published::Written));
        let after = site.see(snapshot);
        assert!(after.contains("the order is sent") && !after.contains("leaves at once"), "{after}");
    }
}

fn snapshot(state: &State) -> String {
    format!("{:?} {:?} {:?}", state.description, state.comments, state.property)
}

#[tokio::test]
async fn a_section_without_a_mark_is_taken_for_a_persons() {
    // As on a cloned issue: the description came along, the property did not.
    let site = Site::default();
    write(&site, &accepted("the order is shipped", Target::Description)).await;
    for property in [None, Some(json!({"job": 1})), Some(json!("edited by somebody"))] {
        site.change(|state| state.property = property.clone());
        assert_eq!(write(&site, &accepted("the order is sent", Target::Description)).await, Published::SectionEdited);
    }
}

#[tokio::test]
async fn what_the_editor_adds_by_itself_is_no_edit() {
    let site = Site::described("Members pay no delivery fee.");
    write(&site, &accepted("the order is shipped", Target::Description)).await;
    site.change(|state| {
        for node in state.description.as_mut().unwrap()["content"].as_array_mut().unwrap() {
            node["attrs"]["localId"] = json!("b1946ac9");
        }
    });
    assert_eq!(write(&site, &accepted("the order is sent", Target::Description)).await, Published::Written);
}

#[tokio::test]
async fn a_change_of_target_forgets_neither_place() {
    let site = Site::described("Members pay no delivery fee.");
    for (target, what) in [
        (Target::Description, "the order is one"),
        (Target::Comment, "the order is two"),
        (Target::Description, "the order is three"),
        (Target::Comment, "the order is four"),
    ] {
        assert_eq!(write(&site, &accepted(what, target)).await, Published::Written, "{what}");
    }
    assert!(site.text().contains("the order is three"));
    assert_eq!(site.see(|state| state.comments.len()), 1);
    assert!(site.see(|state| to_text(&state.comments[0].body)).contains("the order is four"));
}

#[tokio::test]
async fn a_comment_that_was_deleted_is_written_anew() {
    let site = Site::default();
    write(&site, &accepted("the order is shipped", Target::Comment)).await;
    site.change(|state| state.comments.clear());
    assert_eq!(write(&site, &accepted("the order is sent", Target::Comment)).await, Published::Written);
    assert_eq!(site.see(|state| state.comments.len()), 1);
    assert_eq!(site.mark().comment_id, site.see(|state| Some(state.comments[0].id.clone())));
}

#[tokio::test]
async fn a_comment_of_a_cut_off_job_is_taken_over_by_the_next() {
    let site = Site::default();
    site.fail_at(2, true); // property, marked comment, add: added, but we never heard of it
    let lost = accepted("the order is shipped", Target::Comment);
    assert!(run(&site, &lost, false).await.is_err());
    assert_eq!(write(&site, &accepted("the order is sent", Target::Comment)).await, Published::Written);
    assert_eq!(site.see(|state| state.comments.len()), 1);
    assert!(site.see(|state| to_text(&state.comments[0].body)).contains("the order is sent"));
}

#[tokio::test]
async fn a_comment_of_a_cut_off_attempt_is_not_rewritten_over_a_persons_edit() {
    let site = Site::default();
    let set = accepted("the order is shipped", Target::Comment);
    site.fail_at(2, true);
    assert!(run(&site, &set, false).await.is_err());
    edit_by_hand(&site);
    assert_eq!(write(&site, &set).await, Published::Written);
    assert_eq!(site.mark().job, set.1.id);
    assert_eq!(site.see(|state| (state.comments.len(), state.comment_writes)), (1, 1));
    assert!(site.see(|state| to_text(&state.comments[0].body)).contains("leaves at once"));
}

/// Cut off at each call, before and after it took effect, and begun again: the end is always the same.
#[tokio::test]
async fn cut_off_anywhere_it_is_written_once() {
    for target in [Target::Description, Target::Comment] {
        for earlier in [false, true] {
            for call in 0..6 {
                for took_effect in [false, true] {
                    let case = format!("{target:?}, earlier {earlier}, call {call}, took effect {took_effect}");
                    let site = Site::described("Members pay no delivery fee.");
                    if earlier {
                        write(&site, &accepted("the order is lost", target)).await;
                    }
                    let writes = |state: &State| state.description_writes + state.comment_writes;
                    let before = site.see(writes);
                    let set = accepted("the order is shipped", target);
                    site.fail_at(call, took_effect);
                    let cut = run(&site, &set, false).await.is_err();
                    let last = if cut { write(&site, &set).await } else { Published::Written };
                    assert_ne!(last, Published::SectionEdited, "{case}");
                    assert_eq!(site.see(writes) - before, 1, "{case}");
                    assert_eq!(site.mark().job, set.1.id, "{case}");
                    assert_eq!(
                        site.see(|state| state.comments.len()),
                        usize::from(target == Target::Comment),
                        "{case}"
                    );
                    let all = site.see(snapshot);
                    assert_eq!(all.matches("the order is shipped").count(), 1, "{case}: {all}");
                    assert!(!all.contains("the order is lost"), "{case}");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_mark_holds_no_words() {
    let site = Site::default();
    write(&site, &accepted("the order is shipped", Target::Comment)).await;
    let mark = site.see(|state| state.property.clone()).unwrap().to_string();
    assert!(!mark.contains("order") && !mark.contains("member"), "{mark}");
}
