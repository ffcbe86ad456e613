//! The webhook of a new issue.

use actix_web::http::Method;
use brine_core::ids::ProjectKey;
use brine_core::jobs::{Class, Job, Task};
use brine_core::queue::Queue;
use brine_core::store::{JobFilter, ProjectSettings};
use serde_json::{Value, json};

use super::world::{ALICE, Answer, World};

const PATH: &str = "/webhooks/issue-created";

fn event(issue_type: &str, user: &str, account_type: &str) -> Value {
    json!({
        "timestamp": 1, "webhookEvent": "jira:issue_created",
        "user": { "accountId": user, "accountType": account_type, "displayName": "Alice" },
        "issue": { "id": "10001", "key": "SHOP-1", "fields": {
            "issuetype": { "name": issue_type }, "project": { "key": "SHOP" } } },
    })
}

async fn send(world: &World, delivery: &str, body: Value) -> Answer {
    let request = world.signed(None, Method::POST, PATH).insert_header(("X-Atlassian-Webhook-Identifier", delivery));
    world.call(request.set_json(body)).await
}

async fn switch_on(world: &World) {
    let settings = ProjectSettings { automatic: true, max_scenarios: 4, ..ProjectSettings::default() };
    world.store.set_project_settings(&world.tenant.id, &ProjectKey::new("SHOP"), &settings).await.unwrap();
}

async fn jobs(world: &World) -> Vec<Job> {
    let filter = JobFilter { limit: 10, ..JobFilter::default() };
    world.store.list_jobs(&world.tenant.id, filter).await.unwrap()
}

#[actix_web::test]
async fn nothing_happens_until_a_project_switches_it_on() {
    let world = World::start().await;
    assert_eq!(send(&world, "d1", event("Story", ALICE, "atlassian")).await.status, 204);
    assert!(jobs(&world).await.is_empty());
    switch_on(&world).await;
    assert_eq!(send(&world, "d2", event("Bug", ALICE, "atlassian")).await.status, 204);
    assert!(jobs(&world).await.is_empty(), "not for bugs");
}

#[actix_web::test]
async fn a_story_gets_one_job_however_often_jira_tells_of_it() {
    let world = World::start().await;
    switch_on(&world).await;
    for _ in 0..3 {
        assert_eq!(send(&world, "d1", event("story", ALICE, "atlassian")).await.status, 204);
    }
    let jobs = jobs(&world).await;
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].class, Class::Automatic);
    assert_eq!(jobs[0].task, Task::Draft { max_scenarios: 4, seed: 0, publish: true });
    assert_eq!(jobs[0].requested_by_name.as_deref(), Some("Alice"));
    assert_eq!(world.queue.len().await, 1);
}

#[actix_web::test]
async fn an_issue_of_our_own_account_starts_nothing() {
    let world = World::start().await;
    switch_on(&world).await;
    assert_eq!(send(&world, "d1", event("Story", "brine-itself", "app")).await.status, 204);
    assert!(jobs(&world).await.is_empty());
    assert_eq!(send(&world, "d2", event("Story", "another-app", "app")).await.status, 204);
    assert_eq!(jobs(&world).await.len(), 1, "issues of other apps are like any other");
    assert_eq!(world.jira.calls("myself"), 1);
}

#[actix_web::test]
async fn odd_bodies_are_refused_and_other_events_ignored() {
    let world = World::start().await;
    switch_on(&world).await;
    let mut other = event("Story", ALICE, "atlassian");
    other["webhookEvent"] = json!("jira:issue_updated");
    assert_eq!(send(&world, "d1", other).await.status, 204);
    for body in [json!({}), json!([]), json!({ "issue": { "id": "../x", "key": "A-1" } })] {
        let answer = send(&world, "d2", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(!answer.message().is_empty());
    }
    let request = world.signed(None, Method::POST, PATH).set_payload("{\"issue\":");
    assert_eq!(world.call(request).await.status, 400);
    let request = world.signed(None, Method::POST, PATH).set_payload(vec![b' '; 6 * 1024 * 1024]);
    let answer = world.call(request).await;
    assert_eq!(answer.status, 413);
    assert!(answer.message().contains("bytes"));
    assert!(jobs(&world).await.is_empty());
}
