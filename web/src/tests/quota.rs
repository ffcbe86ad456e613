//! A person whose site has had its stories for today.

use brine_core::jobs::StoryQuota;
use serde_json::json;

use super::world::{ALICE, CAROL, World};

async fn used_up(world: &World) {
    let settings = json!({ "adapter": null, "keepExamples": false, "storiesPerDay": 1 });
    assert_eq!(world.put(CAROL, "/api/site/settings", settings).await.status, 200);
    let job = world.running_job(ALICE).await;
    world.store.count_story(&job, StoryQuota { per_day: Some(1) }).await.unwrap().unwrap();
}

#[actix_web::test]
async fn a_click_is_told_when_it_goes_on() {
    let world = World::start().await;
    used_up(&world).await;
    let refused = world.post(ALICE, "/api/issues/10002/jobs", json!({})).await;
    assert_eq!(refused.status, 429);
    let told = refused.message();
    assert!(told.contains("(1 a day). It goes on at midnight UTC, in "), "{told}");
    let wait: u64 = refused.header("Retry-After").parse().unwrap();
    assert!((1..=24 * 3600 + 1).contains(&wait), "{wait}");
    let usage = world.get(CAROL, "/api/site/bulk").await.json()["usage"].clone();
    assert_eq!((&usage["today"], &usage["perDay"]), (&json!(1), &json!(1)));
    assert!(usage["until"].as_i64().unwrap() > world.clock.now());
}

#[actix_web::test]
async fn the_job_that_is_at_work_already_is_shown_all_the_same() {
    let world = World::start().await;
    used_up(&world).await;
    let same = world.post(ALICE, "/api/issues/10001/jobs", json!({})).await;
    assert_eq!(same.status, 202, "{}", same.text);
    assert_eq!(same.json()["job"]["state"], "running");
}

#[actix_web::test]
async fn the_operators_limit_counts_too() {
    let world = World::start_with("http://127.0.0.1:8930", &[("BRINE_STORIES_PER_DAY", "1")]).await;
    let job = world.running_job(ALICE).await;
    assert_eq!(world.post(ALICE, "/api/issues/10002/jobs", json!({})).await.status, 202);
    world.store.count_story(&job, StoryQuota::default()).await.unwrap().unwrap();
    assert_eq!(world.post(ALICE, "/api/issues/10003/jobs", json!({})).await.status, 429);
    assert_eq!(world.get(CAROL, "/api/site/settings").await.json()["mostStoriesPerDay"], 1);
}
