//! Bulk runs as the admin's page calls for them.

use std::time::Duration;

use actix_web::http::Method;
use brine_core::ids::{BulkRunId, IssueId, IssueKey};
use brine_core::jobs::Job;
use brine_core::queue::Queue;
use brine_core::store::{FoundPage, FoundStory, Settlement};
use serde_json::{Value, json};

use super::world::{CAROL, World};

const PATH: &str = "/api/site/bulk";

fn asked() -> Value {
    json!({ "jql": " project = SHOP\n AND labels = big ", "most": 100, "publish": true, "again": false })
}

async fn with_matches(matches: u32) -> World {
    let world = World::start().await;
    world.jira.known.lock().unwrap().matches = Some(matches);
    world
}

/// Starts a run; gives its path.
async fn started(world: &World) -> (BulkRunId, String) {
    let answer = world.post(CAROL, PATH, asked()).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let id = answer.json()["run"]["id"].as_str().unwrap().to_owned();
    (BulkRunId::new(id.clone()), format!("{PATH}/{id}"))
}

/// Makes jobs of so many stories, as the worker does.
async fn feed(world: &World, id: &BulkRunId, stories: u32) -> Vec<Job> {
    let tenant = &world.tenant.id;
    let held = world.store.lease_bulk_run(tenant, id, Duration::from_secs(60)).await.unwrap().unwrap();
    let story = |number: u32| FoundStory {
        id: IssueId::new((20_000 + number).to_string()),
        key: IssueKey::new(format!("SHOP-{number}")),
        has_criteria: number == 0,
        max_scenarios: 6,
    };
    let page = FoundPage { stories: (0..stories).map(story).collect(), next: Some("2".to_owned()) };
    let made = world.store.feed_bulk_run(&held, page).await.unwrap();
    for job in &made {
        world.queue.push(job.into()).await;
    }
    made
}

#[actix_web::test]
async fn counting_tells_what_a_run_would_cost_and_makes_nothing() {
    let world = with_matches(250).await;
    let cost = world.post(CAROL, "/api/site/bulk/count", asked()).await.json();
    let expected = json!({
        "matches": 250, "stories": 100, "seconds": 1000, "points": 5 + 250 + 700, "pointsAnHour": 65_000, "days": null,
        "secondsPerStory": 20.0, "measured": false, "workers": 2,
    });
    assert_eq!(cost, expected);
    let job = world.running_job(CAROL).await;
    world.clock.advance(Duration::from_secs(8));
    world.store.settle(&job, Settlement::Drafted { draft: brine_core::ids::DraftId::make() }).await.unwrap();
    let settings = json!({ "adapter": null, "keepExamples": false, "storiesPerDay": 50 });
    assert_eq!(world.put(CAROL, "/api/site/settings", settings).await.status, 200);
    let cost = world.post(CAROL, "/api/site/bulk/count", asked()).await.json();
    assert_eq!((&cost["measured"], &cost["days"]), (&json!(true), &json!(3)), "{cost}");
    assert!(world.get(CAROL, PATH).await.json()["run"].is_null());
}

#[actix_web::test]
async fn what_jira_or_brine_does_not_take_is_told_in_a_line() {
    let world = World::start().await;
    for path in [PATH, "/api/site/bulk/count"] {
        let answer = world.post(CAROL, path, json!({ "jql": "mood = good", "most": 5 })).await;
        assert_eq!(answer.status, 400);
        let told = "Jira does not take this JQL: Field 'mood' does not exist or you do not have permission to view it.";
        assert_eq!(answer.message(), told);
        for (body, told) in [
            (json!({ "jql": " ", "most": 5 }), "Enter a JQL"),
            (json!({ "jql": "x".repeat(2001), "most": 5 }), "at most 2000 characters here, got 2001"),
            (json!({ "jql": "project = SHOP", "most": 0 }), "1 to 10000 stories, got 0"),
            (json!({ "jql": "project = SHOP", "most": 10_001 }), "got 10001"),
            (json!({ "jql": "project = SHOP" }), "expected fields"),
        ] {
            let answer = world.post(CAROL, path, body).await;
            assert_eq!(answer.status, 400);
            assert!(answer.message().contains(told), "{}", answer.message());
        }
    }
    world.jira.known.lock().unwrap().matches = Some(0);
    assert_eq!(world.post(CAROL, PATH, asked()).await.status, 409, "nothing to do");
}

#[actix_web::test]
async fn a_run_is_started_once_and_shown_with_its_progress() {
    let world = with_matches(250).await;
    let (id, _) = started(&world).await;
    assert!(world.post(CAROL, PATH, asked()).await.message().contains("under way"));
    let jobs = feed(&world, &id, 5).await;
    let held = world.store.lease(&jobs[0].id, Duration::from_secs(60)).await.unwrap().unwrap();
    world.store.settle(&held, Settlement::Failed { reason: "x".to_owned() }).await.unwrap();
    let shown = world.get(CAROL, PATH).await.json();
    let run = &shown["run"];
    assert_eq!((&run["jql"], &run["state"]), (&json!("project = SHOP AND labels = big"), &json!("running")));
    assert_eq!((&run["createdByName"], &run["publish"]), (&json!("Carol Chair"), &json!(true)));
    let numbers = ["done", "failed", "skipped", "waiting", "total"].map(|name| run[name].as_i64().unwrap());
    assert_eq!(numbers, [0, 1, 1, 3, 5 + 96], "{run}");
    assert_eq!(run["secondsLeft"], 990);
    assert_eq!(shown["mostPerRun"], 10_000);
    assert_eq!((&shown["usage"]["today"], &shown["usage"]["perDay"]), (&json!(0), &Value::Null));
}

#[actix_web::test]
async fn a_run_is_paused_goes_on_and_is_stopped() {
    let world = with_matches(250).await;
    let (id, path) = started(&world).await;
    feed(&world, &id, 4).await;
    assert_eq!(world.queue.len().await, 3);
    let order = async |order: &str| world.post(CAROL, &format!("{path}/{order}"), json!({})).await;
    assert_eq!(order("resume").await.status, 409);
    let paused = order("pause").await.json();
    assert_eq!((&paused["run"]["state"], &paused["run"]["secondsLeft"]), (&json!("paused"), &Value::Null));
    assert_eq!(world.queue.len().await, 0);
    let listed = world.get(CAROL, "/api/jobs?state=queued").await.json();
    assert_eq!(listed["jobs"][0]["error"], "paused with its bulk run");
    assert_eq!(order("pause").await.message(), "Only a run that goes on can be paused.");

    assert_eq!(order("resume").await.json()["run"]["state"], "running");
    assert_eq!(world.queue.len().await, 3);
    let cancelled = order("cancel").await.json();
    assert_eq!((&cancelled["run"]["state"], &cancelled["run"]["waiting"]), (&json!("cancelled"), &json!(0)));
    assert_eq!(world.queue.len().await, 0);
    assert_eq!(order("cancel").await.status, 409);
    assert_eq!(world.post(CAROL, &format!("{PATH}/another/cancel"), json!({})).await.status, 404);
}

/// In Forge the count is made with the person's own token, and only the admin's page may ask for it.
#[actix_web::test]
async fn in_forge_a_run_is_the_admin_pages_and_counts_as_the_person() {
    let world = with_matches(7).await;
    let body = json!({ "jql": "project = SHOP", "most": 5 });
    let counted = world.by_forge("brine-admin", CAROL, Method::POST, "/api/site/bulk/count", body.clone()).await;
    assert_eq!(counted.json()["matches"], 7, "{}", counted.text);
    assert_eq!(world.jira.last_proof(), format!("Bearer {}", world.oauth(CAROL, 600)));
    let by_panel = world.by_forge("brine-panel", CAROL, Method::POST, "/api/site/bulk/count", body).await;
    assert_eq!(by_panel.status, 401, "{}", by_panel.text);
}
