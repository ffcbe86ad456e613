//! Both sides at once: 20 producers, 20 consumers, 4,000 tickets.

use std::collections::HashSet;
use std::sync::Mutex;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;

use super::*;

const PRODUCERS: usize = 20;
const CONSUMERS: usize = 20;
const EACH: usize = 200;

contract!(none_of_4000_tickets_is_lost_or_doubled);

/// Tickets as they are taken, by consumers of which some give up waiting now and then, as workers do when they are told to stop.
fn consume(queues: &[Arc<dyn Subject>]) -> (JoinSet<()>, UnboundedReceiver<Ticket>) {
    let (sender, taken) = unbounded_channel();
    let mut consumers = JoinSet::new();
    for number in 0..CONSUMERS {
        let (queue, sender) = (Arc::clone(&queues[number % queues.len()]), sender.clone());
        let patience = Duration::from_millis(if number % 2 == 0 { 1 } else { 60_000 });
        consumers.spawn(async move {
            loop {
                let Ok(ticket) = tokio::time::timeout(patience, queue.pop()).await else { continue };
                queue.finished(&ticket.tenant, &ticket.job).await;
                if sender.send(ticket).is_err() {
                    return;
                }
            }
        });
    }
    (consumers, taken)
}

fn tickets_of(producer: usize, clock: Clock) -> impl Iterator<Item = Ticket> {
    (0..EACH).map(move |number| {
        let class = Class::ALL[number % 3];
        let delay = if number % 7 == 0 { 5 } else { 0 };
        ticket(&format!("{producer}-{number}"), &format!("tenant-{}", number % 11), class, clock.now() + delay)
    })
}

async fn none_of_4000_tickets_is_lost_or_doubled(kind: Kind) {
    let clock = Clock::system();
    let queue = kind.with_limit(&clock, Some(5)).await;
    let (mut consumers, mut taken) = consume(&[Arc::clone(&queue)]);
    let mut producers = JoinSet::new();
    for producer in 0..PRODUCERS {
        let (queue, clock) = (Arc::clone(&queue), clock.clone());
        producers.spawn(async move {
            for ticket in tickets_of(producer, clock) {
                queue.push(ticket).await;
                tokio::task::yield_now().await;
            }
        });
    }
    let mut seen = HashSet::new();
    while seen.len() < PRODUCERS * EACH {
        let job = tokio::time::timeout(Duration::from_secs(60), taken.recv()).await.expect("lost").unwrap().job;
        assert!(seen.insert(job.clone()), "{job} came twice");
    }
    while producers.join_next().await.is_some() {}
    assert_eq!(queue.len().await, 0);
    consumers.shutdown().await;
    assert!(taken.try_recv().is_err(), "nothing came twice");
}

/// The rows of jobs that wait, as the store has them.
type Rows = Arc<Mutex<std::collections::HashMap<JobId, Ticket>>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_4000_are_done_once_though_redis_is_flushed_in_the_middle() {
    let server = Redis::start().unwrap();
    let settings = settings(&server.url(), Some(5));
    let clock = Clock::system();
    let mut queues: Vec<Arc<dyn Subject>> = Vec::new();
    for _ in 0..3 {
        queues.push(Arc::new(RedisQueue::connect(&settings, clock.clone()).await.unwrap()));
    }
    let rows = Rows::default();
    let (mut consumers, mut taken) = consume(&queues);
    let mut producers = JoinSet::new();
    for producer in 0..PRODUCERS {
        let (queue, clock, rows) = (Arc::clone(&queues[producer % 3]), clock.clone(), Arc::clone(&rows));
        producers.spawn(async move {
            for ticket in tickets_of(producer, clock) {
                rows.lock().unwrap().insert(ticket.job.clone(), ticket.clone());
                queue.push(ticket).await;
            }
        });
    }
    // The reaper's part: what the rows say is added again when something was lost.
    let mut reapers = JoinSet::new();
    for queue in &queues {
        let (queue, rows) = (Arc::clone(queue), Arc::clone(&rows));
        reapers.spawn(async move {
            loop {
                queue.lost().await;
                let waiting: Vec<_> = rows.lock().unwrap().values().cloned().collect();
                queue.push_all(waiting).await;
            }
        });
    }
    let (mut done, mut flushes, mut again) = (0, 0, 0);
    while done < PRODUCERS * EACH {
        let ticket = tokio::time::timeout(Duration::from_secs(60), taken.recv()).await.expect("lost").unwrap();
        // The lease: a row is taken once, whatever tickets say.
        match rows.lock().unwrap().remove(&ticket.job) {
            Some(_) => done += 1,
            None => again += 1,
        }
        if done >= 1000 * (flushes + 1) && flushes < 2 {
            flushes += 1;
            server.cli(&["flushall"]).unwrap();
        }
    }
    assert_eq!(flushes, 2);
    assert!(again < PRODUCERS * EACH, "{again} tickets came for jobs that were done");
    while producers.join_next().await.is_some() {}
    assert!(rows.lock().unwrap().is_empty());
    reapers.shutdown().await;
    consumers.shutdown().await;
}
