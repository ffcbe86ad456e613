//! The admin's list, cancel and retry.

use brine_core::ids::{IssueId, IssueKey};
use brine_core::jobs::{Class, Task};
use brine_core::queue::{Queue, Ticket};
use brine_core::store::NewJob;
use serde_json::json;

use super::world::{ALICE, BOB, CAROL, World};

async fn many_jobs(world: &World, count: usize) {
    for number in 0..count {
        let new = NewJob {
            tenant: world.tenant.id.clone(),
            issue_id: IssueId::new(format!("{}", 20_000 + number)),
            issue_key: IssueKey::new(format!("SHOP-{number}")),
            task: Task::Draft { max_scenarios: 6, seed: 0, publish: true },
            class: Class::Automatic,
            requested_by: None,
            requested_by_name: None,
            delivery: Some(format!("d{number}")),
            anew: false,
        };
        world.store.create_job(new).await.unwrap();
    }
}

#[actix_web::test]
async fn the_list_is_counted_filtered_and_paged() {
    let world = World::start().await;
    world.failed_job(ALICE).await;
    many_jobs(&world, 7).await;
    let first = world.get(CAROL, "/api/jobs?limit=5").await.json();
    assert_eq!(first["jobs"].as_array().unwrap().len(), 5);
    assert_eq!(first["counts"]["queued"], 7);
    assert_eq!(first["counts"]["failed"], 1);
    let next = first["next"].as_str().unwrap();
    let rest = world.get(CAROL, &format!("/api/jobs?limit=5&before={next}")).await.json();
    assert_eq!(rest["jobs"].as_array().unwrap().len(), 3);
    assert!(rest["next"].is_null());
    let failed = world.get(CAROL, "/api/jobs?state=failed&issue=&before=").await.json();
    assert_eq!(failed["jobs"].as_array().unwrap().len(), 1);
    assert_eq!(failed["jobs"][0]["error"], "the model failed");
    assert_eq!(failed["jobs"][0]["attempts"], 1);
    let one = world.get(CAROL, "/api/jobs?issue=shop-3").await.json();
    assert_eq!(one["jobs"][0]["issueKey"], "SHOP-3");
    assert_eq!(one["jobs"].as_array().unwrap().len(), 1);
    let odd = world.get(CAROL, "/api/jobs?state=sleeping").await;
    assert_eq!(odd.status, 400);
    assert!(odd.message().contains("queued, running"), "{}", odd.message());
}

#[actix_web::test]
async fn everything_that_failed_is_tried_again_at_once() {
    let world = World::start().await;
    let failed = world.failed_job(ALICE).await;
    many_jobs(&world, 2).await;
    let of_another = world.post(CAROL, "/api/site/jobs/retry", json!({ "issue": "shop-7" })).await;
    assert_eq!(of_another.json(), json!({ "retried": 0 }));
    let all = world.post(CAROL, "/api/site/jobs/retry", json!({ "issue": "" })).await;
    assert_eq!(all.json(), json!({ "retried": 1 }));
    assert_eq!(world.queue.ahead(&Ticket::from(&failed)).await, Some(0));
    assert_eq!(world.post(CAROL, "/api/site/jobs/retry", json!({})).await.json(), json!({ "retried": 0 }));
    assert_eq!(world.post(CAROL, "/api/site/jobs/retry", json!({ "state": "failed" })).await.status, 400);
}

#[actix_web::test]
async fn the_person_who_asked_can_stop_and_try_again() {
    let world = World::start().await;
    let id =
        world.post(ALICE, "/api/issues/10001/jobs", json!({})).await.json()["job"]["id"].as_str().unwrap().to_owned();
    let stopped = world.post(ALICE, &format!("/api/jobs/{id}/cancel"), json!({})).await;
    assert_eq!(stopped.json()["job"]["state"], "cancelled");
    assert_eq!(world.queue.len().await, 0);
    assert_eq!(world.post(ALICE, &format!("/api/jobs/{id}/cancel"), json!({})).await.status, 409);
    let again = world.post(ALICE, &format!("/api/jobs/{id}/retry"), json!({})).await;
    assert_eq!(again.json()["job"]["state"], "queued");
    assert_eq!(world.queue.len().await, 1);
    assert_eq!(world.post(ALICE, &format!("/api/jobs/{id}/retry"), json!({})).await.status, 409);
}

#[actix_web::test]
async fn a_colleague_cannot_stop_it_but_an_administrator_can() {
    let world = World::start().await;
    world.jira.grant(BOB, &["EDIT_ISSUES"]);
    let job = world.running_job(ALICE).await;
    assert_eq!(world.post(BOB, &format!("/api/jobs/{}/cancel", job.id), json!({})).await.status, 403);
    let stopped = world.post(CAROL, &format!("/api/jobs/{}/cancel", job.id), json!({})).await;
    assert_eq!(stopped.json()["job"]["state"], "cancelled");
    assert!(world.store.renew(&job, std::time::Duration::from_secs(1)).await.is_err(), "the worker has lost it");
}
