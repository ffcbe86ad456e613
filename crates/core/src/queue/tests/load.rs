//! Both sides at once: 20 producers, 20 consumers, 4,000 tickets.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::*;

const PRODUCERS: usize = 20;
const CONSUMERS: usize = 20;
const EACH: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn none_of_4000_tickets_is_lost_or_doubled() {
    let clock = Clock::system();
    let queue = Arc::new(EmbeddedQueue::new(clock.clone()));
    let (sender, mut taken) = tokio::sync::mpsc::unbounded_channel();
    let mut consumers = JoinSet::new();
    for _ in 0..CONSUMERS {
        let (queue, sender) = (Arc::clone(&queue), sender.clone());
        consumers.spawn(async move {
            loop {
                // Some give up waiting now and then, as workers do when they are told to stop.
                let Ok(ticket) = tokio::time::timeout(Duration::from_millis(1), queue.pop()).await else { continue };
                if sender.send(ticket.job.to_string()).is_err() {
                    return;
                }
            }
        });
    }
    let mut producers = JoinSet::new();
    for producer in 0..PRODUCERS {
        let (queue, clock) = (Arc::clone(&queue), clock.clone());
        producers.spawn(async move {
            for number in 0..EACH {
                let class = [Class::Interactive, Class::Automatic, Class::Bulk][number % 3];
                let delay = if number % 7 == 0 { 5 } else { 0 };
                let job = format!("{producer}-{number}");
                let tenant = format!("tenant-{}", number % 11);
                queue.push(ticket(&job, &tenant, class, clock.now() + delay)).await;
                if number % 10 == 0 {
                    tokio::task::yield_now().await;
                }
            }
        });
    }
    let mut seen = std::collections::HashSet::new();
    while seen.len() < PRODUCERS * EACH {
        let job = tokio::time::timeout(Duration::from_secs(60), taken.recv()).await.expect("lost").unwrap();
        assert!(seen.insert(job.clone()), "{job} came twice");
    }
    while producers.join_next().await.is_some() {}
    assert_eq!(queue.len().await, 0);
    consumers.shutdown().await;
    assert!(taken.try_recv().is_err(), "nothing came twice");
}
