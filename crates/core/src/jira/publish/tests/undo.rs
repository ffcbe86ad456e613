//! Taking back what was written.

use super::*;
use crate::jira::publish::{Withdrawn, withdraw};

const TARGETS: [Target; 4] = [Target::Description, Target::Comment, Target::Field, Target::Subtasks];

async fn undo(site: &Site, (draft, job): &(Draft, Job), replace_edited: bool) -> Result<Withdrawn, JiraError> {
    withdraw(site, &job.issue_id, &draft.id, replace_edited).await
}

/// All that people see, and the mark.
fn everything(site: &Site) -> String {
    site.see(|state| {
        let subtasks: Vec<_> = state.subtasks.iter().map(|one| (&one.summary, &one.description)).collect();
        let comments: Vec<_> = state.comments.iter().map(|one| &one.body).collect();
        format!("{:?} {:?} {comments:?} {subtasks:?} {:?}", state.description, state.field, state.property)
    })
}

#[tokio::test]
async fn what_is_taken_back_leaves_the_issue_as_it_was() {
    for target in TARGETS {
        let site = Site::described("Members pay no delivery fee.");
        let before = everything(&site);
        let set = accepted("the order is shipped", target);
        write(&site, &set).await;
        assert_ne!(everything(&site), before);
        assert_eq!(undo(&site, &set, false).await, Ok(Withdrawn::Done));
        assert_eq!(everything(&site), before, "{target:?}");
        assert_eq!(site.see(|state| state.before.clone()), None);
        assert_eq!(undo(&site, &set, false).await, Ok(Withdrawn::Done), "it can be repeated");
        assert_eq!(everything(&site), before);
    }
}

#[tokio::test]
async fn an_empty_description_is_empty_again() {
    let site = Site::default();
    let set = accepted("the order is shipped", Target::Description);
    write(&site, &set).await;
    undo(&site, &set, false).await.unwrap();
    assert_eq!(site.see(|state| state.description.clone()), None);
}

#[tokio::test]
async fn older_criteria_come_back_and_are_still_ours() {
    for target in TARGETS {
        let site = Site::described("Members pay no delivery fee.");
        let first = accepted("the order is lost", target);
        write(&site, &first).await;
        let before = everything(&site);
        let second = accepted("the order is shipped", target);
        write(&site, &second).await;
        assert_eq!(undo(&site, &second, false).await, Ok(Withdrawn::Done));
        assert_eq!(everything(&site), before, "{target:?}");
        assert_eq!(write(&site, &accepted("the order is sent", target)).await, Published::Written, "{target:?}");
    }
}

#[tokio::test]
async fn words_that_were_replaced_when_a_person_said_so_come_back() {
    for target in [Target::Description, Target::Comment, Target::Field] {
        let site = Site::default();
        write(&site, &accepted("the order is lost", target)).await;
        let by_hand = |doc: &Value| serde_json::from_str(&doc.to_string().replace("is lost", "is found")).unwrap();
        site.change(|state| {
            state.description = state.description.as_ref().map(by_hand);
            state.field = state.field.as_ref().map(by_hand);
            state.comments.iter_mut().for_each(|comment| comment.body = by_hand(&comment.body));
        });
        let before = everything(&site);
        let set = accepted("the order is shipped", target);
        assert_eq!(run(&site, &set, true).await, Ok(Published::Written));
        assert_eq!(undo(&site, &set, false).await, Ok(Withdrawn::Done));
        assert_eq!(everything(&site), before, "{target:?}");
    }
}

#[tokio::test]
async fn what_a_person_edited_since_is_taken_back_only_when_they_say_so() {
    for target in TARGETS {
        let site = Site::described("Members pay no delivery fee.");
        let set = accepted("the order is shipped", target);
        write(&site, &set).await;
        edit_by_hand(&site);
        site.change(|state| {
            let edited = |doc: &Value| serde_json::from_str(&doc.to_string().replace("shipped", "late")).unwrap();
            state.field = state.field.as_ref().map(edited);
            state.subtasks.iter_mut().for_each(|one| one.is_touched = true);
        });
        let before = everything(&site);
        assert_eq!(undo(&site, &set, false).await, Ok(Withdrawn::Edited), "{target:?}");
        assert_eq!(everything(&site), before);
        assert_eq!(undo(&site, &set, true).await, Ok(Withdrawn::Done));
        assert_eq!(site.see(|state| (state.comments.len(), state.subtasks.len(), state.field.clone())), (0, 0, None));
        assert_eq!(site.see(|state| state.description.clone()), Some(story("Members pay no delivery fee.")));
    }
}

#[tokio::test]
async fn what_a_person_wrote_around_it_stays() {
    let site = Site::described("Members pay no delivery fee.");
    let set = accepted("the order is shipped", Target::Description);
    write(&site, &set).await;
    site.change(|state| {
        let nodes = state.description.as_mut().unwrap()["content"].as_array_mut().unwrap();
        nodes.push(paragraph("Agreed on Monday."));
    });
    undo(&site, &set, false).await.unwrap();
    assert!(site.text().contains("Agreed on Monday.") && !site.text().contains("shipped"));
}

#[tokio::test]
async fn newer_criteria_are_not_taken_back_in_the_name_of_older_ones() {
    let site = Site::described("Members pay no delivery fee.");
    let (first, second) =
        (accepted("the order is lost", Target::Comment), accepted("the order is sent", Target::Comment));
    write(&site, &first).await;
    write(&site, &second).await;
    let before = everything(&site);
    assert_eq!(undo(&site, &first, true).await, Ok(Withdrawn::Newer));
    assert_eq!(everything(&site), before);
}

#[tokio::test]
async fn a_section_without_a_mark_is_taken_back_only_when_they_say_so() {
    let site = Site::described("Members pay no delivery fee.");
    let set = accepted("the order is shipped", Target::Description);
    write(&site, &set).await;
    site.change(|state| state.property = None);
    assert_eq!(undo(&site, &set, false).await, Ok(Withdrawn::Edited));
    assert_eq!(undo(&site, &set, true).await, Ok(Withdrawn::Done));
    assert!(!site.text().contains("shipped"));
}

/// Cut off at each call, before and after it took effect, and begun again: the end is always the same.
#[tokio::test]
async fn cut_off_anywhere_it_is_taken_back_once() {
    for target in TARGETS {
        for earlier in [false, true] {
            for call in 0..12 {
                for took_effect in [false, true] {
                    let case = format!("{target:?}, earlier {earlier}, call {call}, took effect {took_effect}");
                    let site = Site::described("Members pay no delivery fee.");
                    if earlier {
                        write(&site, &accepted("the order is lost", target)).await;
                    }
                    let before = everything(&site);
                    let set = accepted("the order is shipped", target);
                    write(&site, &set).await;
                    site.fail_at(call, took_effect);
                    if undo(&site, &set, false).await.is_err() {
                        assert_eq!(undo(&site, &set, false).await, Ok(Withdrawn::Done), "{case}");
                    }
                    assert_eq!(everything(&site), before, "{case}");
                    assert_eq!(site.see(|state| state.before.is_some()), earlier, "{case}");
                }
            }
        }
    }
}
