use std::sync::Arc;
use std::time::Duration;

use super::*;

#[tokio::test]
async fn a_click_runs_before_webhooks_and_these_before_the_bulk() {
    let queue = EmbeddedQueue::new(Clock::system());
    queue.push(ticket("bulk", "a", Class::Bulk, 0)).await;
    queue.push(ticket("webhook", "a", Class::Automatic, 0)).await;
    queue.push(ticket("click", "a", Class::Interactive, 0)).await;
    assert_eq!(drain(&queue, 3).await, ["click", "webhook", "bulk"]);
}

#[tokio::test]
async fn a_tenant_with_ten_thousand_jobs_does_not_delay_another() {
    let queue = EmbeddedQueue::new(Clock::system());
    for job in 0..10_000 {
        queue.push(ticket(&format!("big-{job}"), "big", Class::Bulk, 0)).await;
    }
    for job in 0..3 {
        queue.push(ticket(&format!("small-{job}"), "small", Class::Bulk, 0)).await;
    }
    assert_eq!(queue.ahead(&JobId::new("small-2")).await, Some(5));
    assert_eq!(drain(&queue, 6).await, ["big-0", "small-0", "big-1", "small-1", "big-2", "small-2"]);
    assert_eq!(queue.len().await, 9_997);
}

#[tokio::test]
async fn a_ticket_waits_for_its_time_and_then_keeps_its_age() {
    let clock = Clock::system();
    let queue = EmbeddedQueue::new(clock.clone());
    let soon = clock.now() + 60_000;
    queue.push(ticket("later", "a", Class::Interactive, soon)).await;
    queue.push(ticket("now", "a", Class::Interactive, 0)).await;
    assert_eq!(drain(&queue, 1).await, ["now"]);
    let waiting = tokio::time::timeout(Duration::from_millis(50), queue.pop()).await;
    assert!(waiting.is_err(), "not before its time");

    queue.push(ticket("younger", "a", Class::Interactive, soon)).await;
    clock.advance(Duration::from_secs(61));
    assert_eq!(drain(&queue, 2).await, ["later", "younger"]);
}

#[tokio::test]
async fn a_ticket_pushed_again_is_replaced() {
    let clock = Clock::system();
    let queue = EmbeddedQueue::new(clock.clone());
    for job in ["first", "second", "third"] {
        queue.push(ticket(job, "a", Class::Bulk, 0)).await;
    }
    queue.push(ticket("third", "a", Class::Interactive, 0)).await;
    queue.push(ticket("first", "a", Class::Bulk, 0)).await;
    queue.push(ticket("second", "a", Class::Bulk, clock.now() + 60_000)).await;
    assert_eq!(queue.len().await, 3);
    assert_eq!(drain(&queue, 2).await, ["third", "first"]);
    clock.advance(Duration::from_secs(61));
    assert_eq!(drain(&queue, 1).await, ["second"]);
}

#[tokio::test]
async fn a_removed_ticket_is_gone_wherever_it_lay() {
    let clock = Clock::system();
    let queue = EmbeddedQueue::new(clock.clone());
    queue.push(ticket("later", "a", Class::Bulk, clock.now() + 60_000)).await;
    queue.push(ticket("gone", "b", Class::Bulk, 0)).await;
    queue.push(ticket("stays", "c", Class::Bulk, 0)).await;
    assert!(queue.ahead(&JobId::new("stays")).await.is_some(), "both are in their lines");
    for job in ["later", "gone", "unknown"] {
        queue.remove(&JobId::new(job)).await;
    }
    assert_eq!(queue.ahead(&JobId::new("gone")).await, None);
    assert_eq!((queue.len().await, queue.ahead(&JobId::new("stays")).await), (1, Some(0)));
    assert_eq!(drain(&queue, 1).await, ["stays"]);
}

#[tokio::test]
async fn whoever_waits_gets_the_next_ticket() {
    let queue = Arc::new(EmbeddedQueue::new(Clock::system()));
    let waiting: Vec<_> = (0..4)
        .map(|_| {
            let queue = Arc::clone(&queue);
            tokio::spawn(async move { queue.pop().await.job.to_string() })
        })
        .collect();
    tokio::task::yield_now().await;
    for job in ["a", "b", "c", "d"] {
        queue.push(ticket(job, "t", Class::Bulk, 0)).await;
    }
    let mut taken = Vec::new();
    for waiter in waiting {
        taken.push(tokio::time::timeout(Duration::from_secs(10), waiter).await.expect("woken").unwrap());
    }
    taken.sort();
    assert_eq!(taken, ["a", "b", "c", "d"]);
}

#[tokio::test]
async fn listeners_hear_of_progress_and_nobody_has_to_listen() {
    let events = Events::new();
    let event =
        || JobEvent { tenant: TenantId::new("a"), job: JobId::new("j"), progress: crate::jobs::Progress::Checking };
    events.publish(event());
    let mut listener = events.clone().subscribe();
    events.publish(event());
    assert_eq!(listener.recv().await.unwrap().job, JobId::new("j"));
    assert!(listener.try_recv().is_err(), "what was said before is not repeated");
}
