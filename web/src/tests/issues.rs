//! The panel's first look, and asking for criteria.

use std::time::Duration;

use brine_core::queue::Queue;
use serde_json::json;

use super::world::{ALICE, BOB, ISSUE, World};

#[actix_web::test]
async fn an_issue_without_anything_offers_to_begin() {
    let world = World::start().await;
    let seen = world.get(ALICE, "/api/issues/10001").await.json();
    assert_eq!(seen["issue"], json!({ "id": ISSUE, "key": "SHOP-1", "summary": super::data::SUMMARY }));
    assert!(seen["draft"].is_null() && seen["job"].is_null());
    assert_eq!(seen["target"], "description");
    assert_eq!(seen["may"], json!({ "generate": true, "accept": true, "undo": false }));
    let reader = world.get(BOB, "/api/issues/10001").await.json();
    assert_eq!(reader["may"], json!({ "generate": false, "accept": false, "undo": false }));
}

#[actix_web::test]
async fn asking_makes_one_job_that_waits_in_the_queue() {
    let world = World::start().await;
    let mut heard = world.events.subscribe();
    let first = world.post(ALICE, "/api/issues/10001/jobs", json!({})).await;
    assert_eq!(first.status, 202);
    let job = first.json()["job"].clone();
    assert_eq!(job["state"], "queued");
    assert_eq!(job["task"], "draft");
    assert_eq!(job["progress"], json!({ "stage": "queued", "ahead": 0 }));
    assert_eq!(job["requestedBy"], ALICE);
    assert_eq!(job["issueKey"], "SHOP-1");
    assert_eq!(job["seed"], 0);
    assert_eq!(world.queue.len().await, 1);
    assert_eq!(heard.next().await.event().unwrap().job.as_str(), job["id"].as_str().unwrap());

    let second = world.post(ALICE, "/api/issues/10001/jobs", json!({})).await;
    assert_eq!(second.status, 202);
    assert_eq!(second.json()["job"]["id"], job["id"], "the job that runs already is answered");
    assert_eq!(world.queue.len().await, 1);
}

#[actix_web::test]
async fn asking_again_draws_another_seed() {
    let world = World::start().await;
    world.open_draft().await;
    let again = world.post(ALICE, "/api/issues/10001/jobs", json!({})).await.json();
    assert_eq!(again["job"]["seed"], 1);
}

#[actix_web::test]
async fn a_wish_that_makes_no_sense_is_refused_in_clear_words() {
    let world = World::start().await;
    for (body, part) in [
        (json!({ "maxScenarios": 9 }), "3 to 8, got 9"),
        (json!({ "maxScenarios": 2 }), "3 to 8, got 2"),
        (json!({ "scenarios": 4 }), "expected fields"),
        (json!([1]), "expected fields"),
    ] {
        let answer = world.post(ALICE, "/api/issues/10001/jobs", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.message().contains(part), "{}", answer.message());
    }
    for issue in ["SHOP-1", "10001x", "99999999999999999999999"] {
        let answer = world.post(ALICE, &format!("/api/issues/{issue}/jobs"), json!({})).await;
        assert_eq!(answer.status, 404, "{issue}");
    }
}

#[actix_web::test]
async fn rights_are_asked_once_in_half_a_minute_and_only_good_news_is_kept() {
    let world = World::start().await;
    world.get(ALICE, "/api/issues/10001").await;
    let asked = world.jira.calls("permissions/check");
    world.get(ALICE, "/api/issues/10001").await;
    assert_eq!(world.jira.calls("permissions/check"), asked, "remembered");
    world.clock.advance(Duration::from_secs(31));
    world.get(ALICE, "/api/issues/10001").await;
    assert!(world.jira.calls("permissions/check") > asked, "asked again");

    assert_eq!(world.post(BOB, "/api/issues/10001/jobs", json!({})).await.status, 403);
    world.jira.grant(BOB, &["EDIT_ISSUES"]);
    assert_eq!(world.post(BOB, "/api/issues/10001/jobs", json!({})).await.status, 202, "a no is not remembered");
}
