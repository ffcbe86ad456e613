//! Taking back, and the fields that a project can choose.

use std::time::Duration;

use brine_core::jobs::{Job, JobState, Target};
use brine_core::store::Settlement;
use serde_json::{Value, json};

use super::world::{ALICE, BOB, CAROL, ISSUE, World};

const UNDO: &str = "/api/issues/10001/undo";

/// A draft that was accepted and written, and the job that wrote it.
async fn written(world: &World) -> Job {
    let draft = world.open_draft().await;
    let path = format!("/api/drafts/{}/accept", draft.id);
    let accepted = world.post(ALICE, &path, json!({ "version": draft.version })).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text);
    let id = accepted.json()["job"]["id"].as_str().unwrap().to_owned().into();
    let held = world.store.lease(&id, Duration::from_secs(60)).await.unwrap().unwrap();
    world.store.settle(&held, Settlement::Written { draft: draft.id }).await.unwrap()
}

fn marked(world: &World, target: &str) {
    let mark = json!({ "job": "j", "draft": "d", "target": target, "contentHash": "h", "storyHash": "s", "model": "m",
        "prompt": "p", "writtenAt": 1 });
    world.jira.known.lock().unwrap().mark = Some(mark);
}

#[actix_web::test]
async fn what_was_written_last_is_taken_back_by_one_job() {
    let world = World::start().await;
    assert_eq!(world.post(ALICE, UNDO, json!({})).await.status, 409, "nothing is written");
    let job = written(&world).await;
    marked(&world, "description");
    let shown = world.get(ALICE, "/api/issues/10001").await.json();
    assert_eq!((&shown["may"]["undo"], &shown["written"]["id"]), (&json!(true), &json!(job.id)));
    let first = world.post(ALICE, UNDO, json!({})).await;
    assert_eq!(first.status, 202, "{}", first.text);
    assert_eq!(first.json()["job"]["task"], "withdraw");
    let second = world.post(ALICE, UNDO, json!({})).await;
    assert_eq!(second.json()["job"]["id"], first.json()["job"]["id"], "two clicks are one job");
    for body in [json!({ "replaceEdited": "yes" }), json!({ "other": 1 })] {
        assert_eq!(world.post(ALICE, UNDO, body).await.status, 400);
    }
}

#[actix_web::test]
async fn an_undo_that_came_to_nothing_can_be_asked_for_again() {
    let world = World::start().await;
    written(&world).await;
    let asked = async || -> Value { world.post(ALICE, UNDO, json!({})).await.json()["job"].clone() };
    let first = asked().await;
    let id = first["id"].as_str().unwrap().to_owned().into();
    let held = world.store.lease(&id, Duration::from_secs(60)).await.unwrap().unwrap();
    let failed = Settlement::Failed { reason: "Jira is not available".to_owned() };
    assert_eq!(world.store.settle(&held, failed).await.unwrap().state, JobState::Failed);
    let second = asked().await;
    assert_eq!((&second["id"], &second["state"]), (&first["id"], &json!("queued")));

    let held = world.store.lease(&id, Duration::from_secs(60)).await.unwrap().unwrap();
    let draft = world.store.latest_draft(&world.tenant.id, &ISSUE.to_owned().into()).await.unwrap().unwrap();
    world.store.settle(&held, Settlement::Withdrawn { draft: draft.id }).await.unwrap();
    let shown = world.get(ALICE, "/api/issues/10001").await.json();
    assert_eq!((&shown["draft"]["state"], &shown["job"]["state"]), (&json!("open"), &json!("withdrawn")));
    assert_eq!(world.post(ALICE, UNDO, json!({})).await.status, 409, "it is undone");
}

#[actix_web::test]
async fn who_may_not_write_there_may_not_take_it_back() {
    let world = World::start().await;
    written(&world).await;
    for (target, may) in [("description", true), ("comment", true), ("subtasks", false)] {
        marked(&world, target);
        let asked = world.post(ALICE, UNDO, json!({})).await;
        assert_eq!(asked.status == 202, may, "{target}: {}", asked.text);
        assert_eq!(world.post(BOB, UNDO, json!({})).await.status, 403, "{target}");
    }
    world.jira.grant(ALICE, &["DELETE_ISSUES"]);
    assert_eq!(world.post(ALICE, UNDO, json!({})).await.status, 202);
}

#[actix_web::test]
async fn a_project_chooses_among_the_fields_that_hold_text() {
    let world = World::start().await;
    let path = "/api/projects/SHOP/fields";
    let offered = world.get(CAROL, path).await;
    let expected = json!({ "fields": [{ "id": "customfield_7", "name": "Criteria", "short": false }] });
    assert_eq!(offered.json(), expected, "{}", offered.text);
    assert_eq!(world.get(ALICE, path).await.status, 403);
    let settings = |field: Value| json!({ "automatic": false, "issueTypes": [], "target": "field", "field": field, "maxScenarios": 4 });
    let settings_path = "/api/projects/SHOP/settings";
    for (field, told) in [
        (json!(null), "Choose the field"),
        (json!("customfield_8"), "cannot hold criteria"),
        (json!("description"), "named like customfield_10042"),
    ] {
        let refused = world.put(CAROL, settings_path, settings(field)).await;
        assert_eq!(refused.status, 400);
        assert!(refused.message().contains(told), "{}", refused.text);
    }
    let kept = world.put(CAROL, settings_path, settings(json!("customfield_7"))).await.json();
    assert_eq!((&kept["target"], &kept["field"]), (&json!("field"), &json!("customfield_7")));
    let project = "SHOP".to_owned().into();
    assert_eq!(world.store.project_settings(&world.tenant.id, &project).await.unwrap().target, Target::Field);
}

#[actix_web::test]
async fn subtasks_are_written_by_those_who_may_create_issues() {
    let world = World::start().await;
    let settings = json!({ "automatic": false, "issueTypes": [], "target": "subtasks", "maxScenarios": 4 });
    assert_eq!(world.put(CAROL, "/api/projects/SHOP/settings", settings).await.status, 200);
    let draft = world.open_draft().await;
    assert_eq!(world.get(ALICE, "/api/issues/10001").await.json()["may"]["accept"], false);
    let path = format!("/api/drafts/{}/accept", draft.id);
    let refused = world.post(ALICE, &path, json!({ "version": draft.version })).await;
    assert_eq!(refused.status, 403);
    assert!(refused.message().contains("create issues"), "{}", refused.text);
    world.jira.grant(ALICE, &["CREATE_ISSUES"]);
    assert_eq!(world.post(ALICE, &path, json!({ "version": draft.version })).await.status, 202);
}
