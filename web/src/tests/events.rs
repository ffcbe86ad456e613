//! Issues that were created or changed, as both ways tell it.

use actix_web::http::Method;
use brine_core::gherkin::form::MOST_SCENARIOS;
use brine_core::ids::{ProjectKey, TenantId};
use brine_core::jobs::{Job, Task};
use brine_core::store::{JobFilter, ProjectSettings, Settlement, TenantState};
use serde_json::{Value, json};

use super::world::{ALICE, Answer, World};

fn fields() -> Value {
    json!({ "issuetype": { "name": "Story" }, "project": { "key": "SHOP" } })
}

fn created(user: &str) -> Value {
    json!({ "eventType": "avi:jira:created:issue", "atlassianId": user,
        "issue": { "id": "10001", "key": "SHOP-1", "fields": fields() } })
}

fn changed(change: &str, field: &str, user: &str, kind: &str) -> Value {
    json!({ "webhookEvent": "jira:issue_updated", "user": { "accountId": user, "accountType": kind },
        "changelog": { "id": change, "items": [{ "field": field, "fieldId": field }] },
        "issue": { "id": "10001", "key": "SHOP-1", "fields": fields() } })
}

async fn by_forge(world: &World, body: Value) -> Answer {
    world.event("brine-issues", "/forge/issues", body, 600).await
}

async fn by_connect(world: &World, path: &str, delivery: &str, body: Value) -> Answer {
    let request = world.signed(None, Method::POST, path).insert_header(("X-Atlassian-Webhook-Identifier", delivery));
    world.call(request.set_json(body)).await
}

async fn switch_on(world: &World, tenant: &TenantId, on_change: bool) {
    let settings = ProjectSettings { automatic: true, on_change, ..ProjectSettings::default() };
    world.store.set_project_settings(tenant, &ProjectKey::new("SHOP"), &settings).await.unwrap();
}

async fn jobs(world: &World, tenant: &TenantId) -> Vec<Job> {
    let filter = JobFilter { limit: 10, ..JobFilter::default() };
    world.store.list_jobs(tenant, filter).await.unwrap()
}

/// The tenant that Forge speaks of, which has no other installation.
async fn forge_tenant(world: &World) -> TenantId {
    by_forge(world, json!({ "eventType": "avi:jira:deleted:issue" })).await;
    let installation = brine_core::ids::InstallationId::new(super::world::INSTALLATION);
    let site = brine_core::store::ForgeSite {
        installation,
        app_id: super::atlassian::APP.to_owned(),
        cloud_id: brine_core::ids::CloudId::new(super::world::CLOUD),
        site_url: None,
        api_base_url: format!("{}/ex/jira/{}", world.jira.base_url, super::world::CLOUD),
    };
    world.store.forge_tenant(&site, false).await.unwrap().unwrap().id
}

async fn finish(world: &World, job: &Job) {
    let held = world.store.lease(&job.id, std::time::Duration::from_secs(60)).await.unwrap().unwrap();
    world.store.settle(&held, Settlement::Skipped { reason: "done".to_owned() }).await.unwrap();
}

#[actix_web::test]
async fn an_event_of_forge_makes_one_job_however_often_it_comes() {
    let world = World::start().await;
    let tenant = forge_tenant(&world).await;
    assert_eq!(by_forge(&world, created(ALICE)).await.status, 204);
    assert!(jobs(&world, &tenant).await.is_empty(), "until a project switches it on");
    switch_on(&world, &tenant, false).await;
    for _ in 0..3 {
        assert_eq!(by_forge(&world, created(ALICE)).await.status, 204);
    }
    let made = jobs(&world, &tenant).await;
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].task, Task::Draft { max_scenarios: MOST_SCENARIOS, seed: 0, publish: true });
    finish(&world, &made[0]).await;
    assert_eq!(by_forge(&world, created(ALICE)).await.status, 204);
    assert_eq!(jobs(&world, &tenant).await.len(), 1, "an issue is created once, however late it is told again");
}

#[actix_web::test]
async fn what_both_ways_tell_is_one_happening() {
    let world = World::start().await;
    let mut page = world.invocation("brine-panel", Some(ALICE));
    page["context"]["siteUrl"] = json!(world.jira.base_url);
    world.call(world.invoked(&page, Method::GET, "/api/issues/10001")).await;
    switch_on(&world, &world.tenant.id, false).await;
    let mut webhook = created(ALICE);
    webhook["webhookEvent"] = json!("jira:issue_created");
    assert_eq!(by_connect(&world, "/webhooks/issue-created", "d1", webhook).await.status, 204);
    let made = jobs(&world, &world.tenant.id).await;
    assert_eq!(made.len(), 1);
    finish(&world, &made[0]).await;
    assert_eq!(by_forge(&world, created(ALICE)).await.status, 204);
    assert_eq!(jobs(&world, &world.tenant.id).await.len(), 1);
}

#[actix_web::test]
async fn what_we_did_ourselves_starts_nothing() {
    let world = World::start().await;
    let tenant = forge_tenant(&world).await;
    switch_on(&world, &tenant, true).await;
    assert_eq!(by_forge(&world, created("brine-itself")).await.status, 204);
    let mut own = created(ALICE);
    own["selfGenerated"] = json!(true);
    assert_eq!(by_forge(&world, own).await.status, 204);
    assert!(jobs(&world, &tenant).await.is_empty());
    assert_eq!(world.jira.last_proof(), format!("Bearer {}", world.oauth("system", 600)), "asked as the app");
}

#[actix_web::test]
async fn a_changed_story_gets_new_criteria_only_where_the_project_wants_it() {
    let world = World::start().await;
    let path = "/webhooks/issue-updated";
    let tenant = world.tenant.id.clone();
    switch_on(&world, &tenant, false).await;
    let edit = changed("1", "description", ALICE, "atlassian");
    assert_eq!(by_connect(&world, path, "d1", edit.clone()).await.status, 204);
    assert!(jobs(&world, &tenant).await.is_empty(), "new issues alone");
    switch_on(&world, &tenant, true).await;
    assert_eq!(by_connect(&world, path, "d2", changed("2", "status", ALICE, "atlassian")).await.status, 204);
    assert_eq!(by_connect(&world, path, "d3", changed("3", "description", "brine-itself", "app")).await.status, 204);
    assert!(jobs(&world, &tenant).await.is_empty(), "neither another field nor our own write");
    for delivery in ["d4", "d5"] {
        assert_eq!(by_connect(&world, path, delivery, edit.clone()).await.status, 204);
    }
    let made = jobs(&world, &tenant).await;
    assert_eq!(made.len(), 1);
    finish(&world, &made[0]).await;
    assert_eq!(by_connect(&world, path, "d6", edit).await.status, 204);
    assert_eq!(jobs(&world, &tenant).await.len(), 1, "a change is one change");
    let next = changed("4", "summary", ALICE, "atlassian");
    assert_eq!(by_connect(&world, path, "d7", next).await.status, 204);
    assert_eq!(jobs(&world, &tenant).await.len(), 2);
}

#[actix_web::test]
async fn the_settings_page_keeps_the_choice() {
    let world = World::start().await;
    let path = "/api/projects/SHOP/settings";
    let settings =
        json!({ "automatic": true, "onChange": true, "issueTypes": [], "target": "comment", "maxScenarios": 4 });
    let saved = world.put(super::world::CAROL, path, settings).await;
    assert_eq!(saved.json()["onChange"], true, "{}", saved.text);
    assert_eq!(world.get(super::world::CAROL, path).await.json()["onChange"], true);
    let settings = json!({ "automatic": true, "issueTypes": [], "target": "comment", "maxScenarios": 5 });
    let saved = world.put(super::world::CAROL, path, settings).await;
    assert_eq!((&saved.json()["onChange"], &saved.json()["maxScenarios"]), (&json!(true), &json!(5)), "{}", saved.text);
}

#[actix_web::test]
async fn events_that_say_nothing_are_refused_and_change_nothing() {
    let world = World::start().await;
    let tenant = forge_tenant(&world).await;
    switch_on(&world, &tenant, true).await;
    for body in [json!({}), json!([]), json!({ "eventType": "avi:jira:viewed:issue" })] {
        assert_eq!(by_forge(&world, body.clone()).await.status, 204, "another event is not ours to judge: {body}");
    }
    let nameless = json!({ "eventType": "avi:jira:created:issue", "issue": { "id": "../x", "key": "A-1" } });
    assert_eq!(by_forge(&world, nameless).await.status, 400);
    let request = world.invoked(&world.invocation("brine-issues", None), Method::POST, "/forge/issues");
    assert_eq!(world.call(request.set_payload("{\"issue\":")).await.status, 400);
    let request = world.invoked(&world.invocation("brine-issues", None), Method::POST, "/forge/issues");
    assert_eq!(world.call(request.set_payload(vec![b' '; 6 * 1024 * 1024])).await.status, 413);
    assert!(jobs(&world, &tenant).await.is_empty());
    let found = world.store.tenant(&tenant).await.unwrap().unwrap();
    assert_eq!(found.state(), TenantState::Active);
}
