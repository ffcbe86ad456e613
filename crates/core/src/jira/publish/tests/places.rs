//! Custom fields and sub-tasks.

use super::*;
use crate::jira::client::FieldForm;
use crate::jira::publish::{Before, Withdrawn, withdraw};

/// A set of so many scenarios, each of which says `what`.
fn many(what: &str, scenarios: usize) -> (Draft, Job) {
    let (mut draft, job) = accepted(what, Target::Subtasks);
    let first = draft.criteria.scenarios[0].clone();
    draft.criteria.scenarios =
        (0..scenarios).map(|at| Scenario { title: format!("{what} {at}"), ..first.clone() }).collect();
    (draft, job)
}

fn titles(site: &Site) -> Vec<String> {
    site.see(|state| state.subtasks.iter().map(|one| one.summary.clone()).collect())
}

#[tokio::test]
async fn a_field_takes_criteria_in_its_own_form() {
    for (form, expected) in
        [(FieldForm::Text, "@happy-path\nScenario: A member"), (FieldForm::Line, "A member pays for a book")]
    {
        let site = Site::default();
        site.change(|state| state.form = Some(form));
        assert_eq!(write(&site, &accepted("the order is shipped", Target::Field)).await, Published::Written);
        let value = site.see(|state| state.field.clone()).unwrap();
        assert!(value.as_str().unwrap().starts_with(expected), "{value}");
    }
    let site = Site::described("Members pay no delivery fee.");
    write(&site, &accepted("the order is shipped", Target::Field)).await;
    assert!(to_text(&site.see(|state| state.field.clone()).unwrap()).contains("Then the order is shipped"));
    assert!(!site.text().contains("shipped"), "the description is left alone");
    assert_eq!(site.mark().field, field_of(Target::Field));
}

#[tokio::test]
async fn one_line_is_never_longer_than_jira_takes() {
    let site = Site::default();
    site.change(|state| state.form = Some(FieldForm::Line));
    let (mut draft, job) = accepted("the order is shipped", Target::Field);
    draft.criteria.scenarios = vec![draft.criteria.scenarios[0].clone(); 30];
    write(&site, &(draft, job)).await;
    let value = site.see(|state| state.field.clone()).unwrap();
    let line = value.as_str().unwrap();
    assert!(line.chars().count() == 255 && line.ends_with('…') && !line.contains('\n'), "{line}");
}

#[tokio::test]
async fn a_field_with_a_persons_words_is_left_alone_unless_they_say_so() {
    for form in [FieldForm::Document, FieldForm::Text] {
        let site = Site::default();
        let words = if form == FieldForm::Text { json!("By hand") } else { story("By hand") };
        site.change(|state| (state.form, state.field) = (Some(form), Some(words.clone())));
        let set = accepted("the order is shipped", Target::Field);
        assert_eq!(write(&site, &set).await, Published::SectionEdited);
        assert_eq!(site.see(|state| state.field.clone()), Some(words.clone()));
        assert_eq!(run(&site, &set, true).await, Ok(Published::Written));
        let before: Before = serde_json::from_value(site.see(|state| state.before.clone()).unwrap()).unwrap();
        assert_eq!(before.stood, Some(words));
        // What we wrote ourselves is ours to replace.
        assert_eq!(write(&site, &accepted("the order is sent", Target::Field)).await, Published::Written);
    }
}

#[tokio::test]
async fn a_field_that_is_not_there_is_a_clear_failure() {
    let site = Site::default();
    let (draft, mut job) = accepted("the order is shipped", Target::Field);
    let field = Some(FieldId::new("customfield_8"));
    job.task = Task::Publish { draft: draft.id.clone(), target: Target::Field, field, replace_edited: false };
    let error = run(&site, &(draft, job), false).await.unwrap_err();
    assert!(error.to_string().contains("edit screen"), "{error}");
}

#[tokio::test]
async fn each_scenario_becomes_a_subtask() {
    let site = Site::described("Members pay no delivery fee.");
    site.change(|state| state.made = 0);
    assert_eq!(write(&site, &many("paid", 3)).await, Published::Written);
    assert_eq!(titles(&site), ["paid 0", "paid 1", "paid 2"]);
    let said = site.see(|state| to_text(state.subtasks[2].description.as_ref().unwrap()));
    assert!(said.contains("Scenario: paid 2") && said.contains("Drafted by Brine"), "{said}");
    assert_eq!(site.mark().subtasks.len(), 3);
    assert!(!site.mark().unfinished);
}

#[tokio::test]
async fn a_new_set_takes_the_place_of_the_old_subtasks() {
    let site = Site::default();
    write(&site, &many("first", 3)).await;
    let ids = |site: &Site| site.see(|state| state.subtasks.iter().map(|one| one.id.clone()).collect::<Vec<_>>());
    let old = ids(&site);
    assert_eq!(write(&site, &many("second", 4)).await, Published::Written);
    assert_eq!(titles(&site), ["second 0", "second 1", "second 2", "second 3"]);
    assert_eq!(ids(&site)[..3], old[..]);
    assert_eq!(write(&site, &many("third", 2)).await, Published::Written);
    assert_eq!(titles(&site), ["third 0", "third 1"]);
    assert_eq!(site.mark().subtasks.len(), 2);
}

#[tokio::test]
async fn a_subtask_that_a_person_edited_or_began_is_left_alone_unless_they_say_so() {
    for begin in [false, true] {
        let site = Site::default();
        write(&site, &many("first", 3)).await;
        site.change(|state| match begin {
            true => state.subtasks[1].is_touched = true,
            false => state.subtasks[1].summary = "By hand".to_owned(),
        });
        let before = titles(&site);
        let set = many("second", 3);
        assert_eq!(write(&site, &set).await, Published::SectionEdited);
        assert_eq!(titles(&site), before);
        assert_eq!(run(&site, &set, true).await, Ok(Published::Written));
        assert_eq!(titles(&site), ["second 0", "second 1", "second 2"]);
    }
}

#[tokio::test]
async fn other_peoples_subtasks_are_not_touched() {
    let site = Site::default();
    write(&site, &many("theirs", 1)).await;
    site.change(|state| {
        state.property = None;
        state.subtasks[0].property = None;
    });
    write(&site, &many("ours", 2)).await;
    assert_eq!(titles(&site), ["theirs 0", "ours 0", "ours 1"]);
}

/// A person made a story of it, or moved it below another issue: even who says "replace" does not mean it.
#[tokio::test]
async fn a_subtask_that_was_converted_or_moved_is_neither_rewritten_nor_deleted() {
    for parent in [None, Some(IssueId::new("777"))] {
        let site = Site::default();
        write(&site, &many("first", 3)).await;
        site.change(|state| state.subtasks[1].parent = parent.clone());
        let kept = site.see(|state| state.subtasks[1].clone());
        let second = many("second", 1);
        assert_eq!(run(&site, &second, true).await, Ok(Published::Written));
        assert_eq!(titles(&site), ["second 0", "first 1"]);
        let withdrawn = withdraw(&site, &second.1.issue_id, &second.0.id, true).await;
        assert_eq!(withdrawn, Ok(Withdrawn::Done));
        assert_eq!(titles(&site), ["first 0", "first 1", "first 2"]);
        assert_eq!(site.see(|state| state.subtasks[1].clone()), kept);
    }
}

#[tokio::test]
async fn a_mark_that_came_along_with_a_clone_gives_no_hold_on_the_original() {
    let copied = |mark: &mut Value| mark["issue"] = json!("10041");
    let site = Site::default();
    write(&site, &many("original", 2)).await;
    site.change(|state| state.property.as_mut().into_iter().for_each(copied));
    let original = site.see(|state| state.subtasks.clone());
    assert_eq!(write(&site, &many("clone", 1)).await, Published::Written);
    assert_eq!(site.see(|state| state.subtasks[..2].to_vec()), original);
    assert_eq!(site.mark().subtasks.len(), 1);
    assert_eq!(site.mark().issue, Some(IssueId::new("10042")));

    let site = Site::default();
    write(&site, &accepted("the order is lost", Target::Comment)).await;
    site.change(|state| {
        state.property.as_mut().into_iter().for_each(copied);
        state.comments.iter_mut().for_each(|comment| copied(&mut comment.property));
    });
    let original = site.see(|state| state.comments[0].body.clone());
    assert_eq!(write(&site, &accepted("the order is sent", Target::Comment)).await, Published::Written);
    let bodies = site.see(|state| state.comments.iter().map(|comment| comment.body.clone()).collect::<Vec<_>>());
    assert!(bodies.len() == 2 && bodies[0] == original, "{bodies:?}");
}

/// Cut off at each call, before and after it took effect, and begun again: no sub-task is doubled, none is missing.
#[tokio::test]
async fn cut_off_anywhere_each_subtask_is_made_once() {
    for earlier in [0, 2, 4] {
        for call in 0..24 {
            for took_effect in [false, true] {
                let case = format!("earlier {earlier}, call {call}, took effect {took_effect}");
                let site = Site::default();
                if earlier > 0 {
                    write(&site, &many("lost", earlier)).await;
                }
                let set = many("kept", 3);
                site.fail_at(call, took_effect);
                if run(&site, &set, false).await.is_err() {
                    assert_ne!(write(&site, &set).await, Published::SectionEdited, "{case}");
                }
                assert_eq!(titles(&site), ["kept 0", "kept 1", "kept 2"], "{case}");
                let (mark, ids) = (
                    site.mark(),
                    site.see(|state| state.subtasks.iter().map(|one| one.id.clone()).collect::<Vec<_>>()),
                );
                assert_eq!((mark.job, mark.unfinished), (set.1.id.clone(), false), "{case}");
                assert_eq!(mark.subtasks.into_iter().map(|made| made.id).collect::<Vec<_>>(), ids, "{case}");
                // Where the write took fewer calls, the fault is still to come.
                site.fail_at(1000, false);
                assert_eq!(write(&site, &set).await, Published::AlreadyWritten, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_field_is_written_once_wherever_it_is_cut_off() {
    for call in 0..4 {
        for took_effect in [false, true] {
            let site = Site::default();
            let set = accepted("the order is shipped", Target::Field);
            site.fail_at(call, took_effect);
            if run(&site, &set, false).await.is_err() {
                assert_ne!(write(&site, &set).await, Published::SectionEdited);
            }
            assert_eq!(site.see(|state| state.description_writes), 1, "call {call}, took effect {took_effect}");
        }
    }
}
