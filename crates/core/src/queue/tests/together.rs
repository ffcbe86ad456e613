//! Several processes on one Redis.

use super::*;
use crate::jobs::{JobState, Progress};

async fn two() -> (RedisQueue, RedisQueue) {
    let (settings, clock) = (settings(&shared().url(), None), Clock::system());
    let first = RedisQueue::connect(&settings, clock.clone()).await.unwrap();
    (first, RedisQueue::connect(&settings, clock).await.unwrap())
}

/// Said often enough that the other one, which may only just have begun to listen, hears it.
async fn hears(listener: &mut Listener, mut say: impl FnMut()) -> JobEvent {
    for _ in 0..3000 {
        say();
        let heard = tokio::time::timeout(Duration::from_millis(10), listener.next()).await;
        if let Ok(Heard::Of(event)) = heard {
            return event;
        }
    }
    panic!("nothing is heard");
}

fn ended() -> JobEvent {
    let error = Some("words of the story".to_owned());
    let progress = Progress::Ended { state: JobState::Cancelled, draft: None, error };
    JobEvent { tenant: TenantId::new("a"), job: JobId::new("j"), progress }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_that_one_adds_wakes_another() {
    let (web, worker) = two().await;
    let waiting = tokio::spawn(async move { (worker.pop().await, worker) });
    tokio::time::sleep(Duration::from_millis(50)).await;
    web.push(ticket("j", "a", Class::Interactive, 0)).await;
    assert_eq!(soon(waiting).await.unwrap().0.job.as_str(), "j");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn progress_is_heard_elsewhere_without_words_and_at_home_once() {
    let (web, worker) = two().await;
    let (mut elsewhere, mut home) = (worker.events().subscribe(), web.events().subscribe());
    let mut said = 0;
    let heard = hears(&mut elsewhere, || {
        said += 1;
        web.events().publish(ended());
    })
    .await;
    let progress = Progress::Ended { state: JobState::Cancelled, draft: None, error: None };
    assert_eq!(heard, JobEvent { progress, ..ended() });

    // What the other one says now comes after all that we might hear of our own.
    let last = JobEvent { job: JobId::new("last"), ..ended() };
    worker.events().publish(last.clone());
    let mut own = 0;
    loop {
        match soon(home.next()).await {
            Heard::Of(event) if event.job == last.job => break,
            Heard::Of(_) => own += 1,
            Heard::Missed => {}
        }
    }
    assert_eq!(own, said, "each once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_that_look_for_a_loss_one_is_told() {
    let (first, second) = two().await;
    // The first look is a loss: nobody has filled this queue yet.
    tokio::select! {
        () = soon(first.lost()) => {}
        () = soon(second.lost()) => {}
    }
    let more = async { tokio::join!(first.lost(), second.lost()) };
    assert!(tokio::time::timeout(Duration::from_millis(2500), more).await.is_err(), "told once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_version_s_message_says_that_something_was_missed() {
    let server = Redis::start().unwrap();
    let settings = settings(&server.url(), None);
    let queue = RedisQueue::connect(&settings, Clock::system()).await.unwrap();
    let mut listener = queue.events().subscribe();
    let channel = format!("{{{}}}:events", settings.name);
    for _ in 0..1000 {
        // Answers with how many have heard it.
        if server.cli(&["publish", &channel, "{\"news\":1}"]).unwrap() == "1" {
            break;
        }
    }
    assert!(matches!(soon(listener.next()).await, Heard::Missed));
}
