//! The stream of progress.

use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::http::Method;
use actix_web::web::Bytes;
use brine_core::gherkin::Language;
use brine_core::jobs::{JobState, Progress};
use brine_core::queue::JobEvent;
use brine_core::store::Settlement;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::data;
use super::world::{ALICE, World};

const CAP: Duration = Duration::from_secs(20);

/// The stream's text as it comes.
async fn open(world: &World, job: &str) -> mpsc::UnboundedReceiver<Bytes> {
    let response = world.send(world.api_request(ALICE, Method::GET, &format!("/api/jobs/{job}/events"))).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers().get("Content-Type").unwrap(), "text/event-stream");
    let (to_test, from_body) = mpsc::unbounded_channel();
    actix_web::rt::spawn(async move {
        let mut body = Box::pin(response.into_body());
        while let Some(Ok(chunk)) = std::future::poll_fn(|context| body.as_mut().poll_next(context)).await {
            if to_test.send(chunk).is_err() {
                return;
            }
        }
    });
    from_body
}

/// The next event; none when the stream has ended.
async fn next(stream: &mut mpsc::UnboundedReceiver<Bytes>) -> Option<Value> {
    loop {
        let chunk = tokio::time::timeout(CAP, stream.recv()).await.expect("something comes in time")?;
        let text = String::from_utf8(chunk.to_vec()).unwrap();
        if let Some(data) = text.lines().find_map(|line| line.strip_prefix("data: ")) {
            assert!(text.contains("event: progress"), "{text}");
            return Some(serde_json::from_str(data).unwrap());
        }
    }
}

#[actix_web::test]
async fn every_stage_is_told_and_the_stream_ends_with_the_job() {
    let world = World::start().await;
    let job = world.running_job(ALICE).await;
    let mut stream = open(&world, job.id.as_str()).await;
    assert_eq!(next(&mut stream).await.unwrap()["progress"]["stage"], "reading");

    let so_far = format!("# language: de\n\n{}", data::criteria().scenarios[0].to_text(Language::De));
    let writing = Progress::Writing { scenario: 2, of: 6, so_far: so_far.clone() };
    world.store.set_progress(&job, &writing).await.unwrap();
    world.events.publish(JobEvent { tenant: job.tenant.clone(), job: job.id.clone(), progress: writing });
    let told = next(&mut stream).await.unwrap();
    assert_eq!(told["progress"]["stage"], "writing");
    assert_eq!((told["progress"]["scenario"].as_u64(), told["progress"]["of"].as_u64()), (Some(2), Some(6)));
    assert_eq!(told["progress"]["soFar"], so_far.as_str());
    let shown = &told["progress"]["scenarios"][0];
    assert_eq!((&shown["tag"], &shown["steps"][0]["keyword"]), (&json!("happy-path"), &json!("Angenommen")), "{shown}");

    // Without an event: the row is read again all the same.
    let draft = data::draft_of(&job);
    world.store.put_draft(&job, draft.clone(), &data::story()).await.unwrap();
    world.store.settle(&job, Settlement::Drafted { draft: draft.id.clone() }).await.unwrap();
    let mut last = next(&mut stream).await.unwrap();
    while last["state"] == "running" {
        last = next(&mut stream).await.unwrap();
    }
    assert_eq!(last["state"], "drafted");
    assert_eq!(last["progress"]["stage"], "ended");
    assert_eq!(last["draftId"], draft.id.as_str());
    assert_eq!(next(&mut stream).await, None);
}

#[actix_web::test]
async fn a_job_that_has_ended_is_told_once() {
    let world = World::start().await;
    let job = world.failed_job(ALICE).await;
    let mut stream = open(&world, job.id.as_str()).await;
    let told = next(&mut stream).await.unwrap();
    assert_eq!(told["state"], serde_json::to_value(JobState::Failed).unwrap());
    assert_eq!(told["error"], "the model failed");
    assert_eq!(next(&mut stream).await, None);
}

#[actix_web::test]
async fn events_of_other_jobs_are_not_told_and_a_stopping_server_ends_the_stream() {
    let world = World::start().await;
    let job = world.queued_job(ALICE).await;
    let mut stream = open(&world, job.id.as_str()).await;
    assert_eq!(next(&mut stream).await.unwrap()["progress"]["stage"], "queued");
    let other = world.other_tenant().await;
    world.events.publish(JobEvent { tenant: other.id, job: job.id.clone(), progress: Progress::Checking });
    world.closing.cancel();
    assert_eq!(next(&mut stream).await, None);
}
