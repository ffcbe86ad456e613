//! Editing, comparing and accepting.

use brine_core::adf;
use brine_core::jobs::{DraftState, JobState, Target, Task};
use brine_core::queue::Queue;
use brine_core::store::ProjectSettings;
use serde_json::json;

use super::data;
use super::world::{ALICE, BOB, World};

#[actix_web::test]
async fn an_edit_is_parsed_grounded_checked_and_stored() {
    let world = World::start().await;
    let draft = world.open_draft().await;
    let text = data::TEXT.replace("the gift card is locked", "the gift card is locked for 99 days");
    let answer = world.put(ALICE, &format!("/api/drafts/{}", draft.id), json!({ "text": text, "version": 1 })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let view = &answer.json()["draft"];
    assert_eq!(view["version"], 2);
    assert_eq!(view["editedBy"], ALICE);
    assert!(view["text"].as_str().unwrap().contains("99 days"));
    let scenario = &view["scenarios"][1];
    assert_eq!(scenario["basis"]["kind"], "sentence");
    assert!(scenario["basis"]["text"].as_str().unwrap().contains("three wrong PINs"));
    let rules: Vec<_> = scenario["findings"].as_array().unwrap().iter().map(|f| f["rule"].clone()).collect();
    assert!(rules.contains(&json!("ungrounded_number")), "the story does not say 99: {rules:?}");
    assert_eq!(view["scenarios"][2]["basis"]["kind"], "assumption", "@assumption stays where a person left it");
}

#[actix_web::test]
async fn text_that_is_no_gherkin_is_refused_with_its_line() {
    let world = World::start().await;
    let draft = world.open_draft().await;
    let text = data::TEXT.replace("  When the holder enters the right PIN", "  Wenn the holder enters the right PIN");
    let answer = world.put(ALICE, &format!("/api/drafts/{}", draft.id), json!({ "text": text, "version": 1 })).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.json()["error"]["line"], 4, "{}", answer.text);
    let kept = world.store.draft(&world.tenant.id, &draft.id).await.unwrap().unwrap();
    assert_eq!(kept, draft);
}

#[actix_web::test]
async fn the_second_of_two_editors_is_told() {
    let world = World::start().await;
    let draft = world.open_draft().await;
    let path = format!("/api/drafts/{}", draft.id);
    let edit = json!({ "text": data::TEXT, "version": 1 });
    assert_eq!(world.put(ALICE, &path, edit.clone()).await.status, 200);
    assert_eq!(world.put(ALICE, &path, edit).await.status, 409);
    let old = world.post(ALICE, &format!("{path}/accept"), json!({ "version": 1 })).await;
    assert_eq!(old.status, 409, "what was seen is not what would be written");
}

#[actix_web::test]
async fn accepting_makes_the_job_that_writes() {
    let world = World::start().await;
    let draft = world.open_draft().await;
    let path = format!("/api/drafts/{}/accept", draft.id);
    let answer = world.post(ALICE, &path, json!({ "version": 1, "replaceEdited": true })).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let job = answer.json()["job"].clone();
    assert_eq!((&job["task"], &job["target"]), (&json!("publish"), &json!("description")));
    let stored = world.store.last_job_of_issue(&world.tenant.id, &draft.issue_id).await.unwrap().unwrap();
    assert_eq!(stored.state, JobState::Queued);
    let wanted =
        Task::Publish { draft: draft.id.clone(), target: Target::Description, field: None, replace_edited: true };
    assert_eq!(stored.task, wanted);
    assert_eq!(world.queue.len().await, 1);
    let kept = world.store.draft(&world.tenant.id, &draft.id).await.unwrap().unwrap();
    assert_eq!(kept.state, DraftState::Accepted);
    let twice = world.post(ALICE, &path, json!({ "version": 1 })).await;
    assert_eq!(twice.status, 409);
    let edit =
        world.put(ALICE, &format!("/api/drafts/{}", draft.id), json!({ "text": data::TEXT, "version": 1 })).await;
    assert_eq!(edit.status, 409, "an accepted draft does not change any more");
}

#[actix_web::test]
async fn a_project_that_keeps_drafts_lets_none_go() {
    let world = World::start().await;
    let draft = world.open_draft().await;
    let settings = ProjectSettings { target: Target::Draft, ..ProjectSettings::default() };
    world.store.set_project_settings(&world.tenant.id, &draft.issue_key.project(), &settings).await.unwrap();
    let path = format!("/api/drafts/{}/accept", draft.id);
    for target in [json!(null), json!("description"), json!("comment")] {
        let answer = world.post(ALICE, &path, json!({ "version": 1, "target": target })).await;
        assert_eq!(answer.status, 403, "{target}");
        assert!(answer.message().contains("drafts"));
    }
    assert_eq!(world.get(ALICE, "/api/issues/10001").await.json()["may"]["accept"], false);
}

#[actix_web::test]
async fn what_a_person_changed_in_the_description_is_noticed() {
    let world = World::start().await;
    let draft = world.open_draft().await;
    let attribution = adf::Attribution {
        model: "smollm2-135m".to_owned(),
        adapter: None,
        prompt: "set@1".to_owned(),
        date: "2026-11-23".to_owned(),
    };
    let nodes = adf::criteria_nodes(&draft.criteria, &attribution);
    let mark = json!({ "job": "j", "draft": "d", "target": "description",
        "contentHash": adf::section::content_hash(&nodes), "storyHash": "s",
        "model": "smollm2-135m", "prompt": "set@1", "writtenAt": 1 });
    {
        let mut known = world.jira.known.lock().unwrap();
        known.description = Some(adf::section::replace_or_append(None, nodes.clone()));
        known.mark = Some(mark);
    }
    let path = "/api/issues/10001/section?target=description";
    let untouched = world.get(ALICE, path).await.json();
    assert_eq!((&untouched["present"], &untouched["edited"]), (&json!(true), &json!(false)));

    let mut changed = nodes;
    changed[1]["content"][0]["text"] = json!("@happy-path\nScenario: Mine");
    world.jira.known.lock().unwrap().description = Some(adf::section::replace_or_append(None, changed));
    let edited = world.get(ALICE, path).await.json();
    assert_eq!(edited["edited"], true);
    assert!(edited["text"].as_str().unwrap().contains("Scenario: Mine"));
    assert!(edited["draftText"].as_str().unwrap().contains("Scenario: Right PIN opens the gift card"));

    world.jira.known.lock().unwrap().description = None;
    assert_eq!(world.get(ALICE, path).await.json()["present"], false);
}

#[actix_web::test]
async fn what_a_person_changed_in_the_comment_is_noticed() {
    let world = World::start().await;
    let nodes = vec![json!({ "type": "paragraph", "content": [{ "type": "text", "text": "changed" }] })];
    {
        let mut known = world.jira.known.lock().unwrap();
        known.comments.insert("77".to_owned(), adf::document(nodes));
        known.mark = Some(json!({ "job": "j", "draft": "d", "target": "comment", "contentHash": "0",
            "commentId": "77", "storyHash": "s", "model": "m", "prompt": "p", "writtenAt": 1 }));
    }
    let seen = world.get(ALICE, "/api/issues/10001/section?target=comment").await.json();
    assert_eq!((&seen["present"], &seen["edited"], &seen["text"]), (&json!(true), &json!(true), &json!("changed")));
}

#[actix_web::test]
async fn one_scenario_is_asked_for_in_place_of_another_or_besides() {
    for wanted in [
        json!({ "place": 1 }),
        json!({ "place": 0, "wish": " with\n two\u{7}  cards " }),
        json!({ "wish": "a stolen card" }),
    ] {
        let world = World::start().await;
        let draft = world.open_draft().await;
        let path = format!("/api/drafts/{}/scenarios", draft.id);
        let mut body = wanted.clone();
        body["version"] = json!(1);
        let answer = world.post(ALICE, &path, body.clone()).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        assert_eq!(answer.json()["job"]["task"], "scenario");
        let stored = world.store.last_job_of_issue(&world.tenant.id, &draft.issue_id).await.unwrap().unwrap();
        let Task::Scenario { draft: id, version, place, sentence, wish, .. } = stored.task else {
            panic!("{:?}", stored.task);
        };
        assert_eq!((id, version, sentence), (draft.id.clone(), 1, None));
        assert_eq!(place.map(|place| json!(place)), wanted.get("place").cloned());
        let said = wanted["wish"]
            .as_str()
            .map(|wish| wish.replace('\u{7}', " ").split_whitespace().collect::<Vec<_>>().join(" "));
        assert_eq!(wish, said, "one line, single spaces");
        let twice = world.post(ALICE, &path, body).await;
        assert_eq!(twice.status, 409, "one at a time");
        let kept = world.store.draft(&world.tenant.id, &draft.id).await.unwrap().unwrap();
        assert_eq!(kept.state, DraftState::Open, "it stays until the new one is there");
    }
}

#[actix_web::test]
async fn a_scenario_that_cannot_be_asked_for_is_refused_and_makes_no_job() {
    let world = World::start().await;
    let draft = world.open_draft().await;
    let path = format!("/api/drafts/{}/scenarios", draft.id);
    for (body, status) in [
        (json!({ "version": 1 }), 400),
        (json!({ "version": 1, "wish": "  " }), 400),
        (json!({ "version": 1, "wish": "x".repeat(301) }), 400),
        (json!({ "version": 1, "sentence": 1 }), 400),
        (json!({ "version": 1, "place": 0, "sentence": 1 }), 400),
        (json!({ "version": 1, "place": 9 }), 409),
        (json!({ "version": 2, "place": 0 }), 409),
    ] {
        let answer = world.post(ALICE, &path, body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
    }
    assert_eq!(world.queue.len().await, 0);
    let stranger = world.post(BOB, &path, json!({ "version": 1, "place": 0 })).await;
    assert_eq!(stranger.status, 403, "who may not edit the issue may not change its draft");
}
