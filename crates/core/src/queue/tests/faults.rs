//! Redis that goes away, comes back empty, is slow, or full.

use super::*;

async fn at(server: &Redis) -> RedisQueue {
    RedisQueue::connect(&settings(&server.url(), Some(2)), Clock::system()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_is_waited_out_and_the_loss_is_told() {
    let mut server = Redis::start().unwrap();
    let queue = Arc::new(at(&server).await);
    soon(queue.lost()).await;
    let mut listener = queue.events().subscribe();
    queue.push(ticket("lost", "a", Class::Bulk, 0)).await;
    server.stop();
    let waiting = tokio::spawn({
        let queue = Arc::clone(&queue);
        async move { queue.pop().await.job.to_string() }
    });
    // Nothing of this can succeed, and nothing fails.
    let ticket = ticket("j", "a", Class::Bulk, 0);
    queue.push(ticket.clone()).await;
    queue.push_all(vec![ticket.clone(); 1000]).await;
    queue.remove(&ticket).await;
    queue.working(&ticket.tenant, &ticket.job, Duration::from_secs(9)).await;
    queue.finished(&ticket.tenant, &ticket.job).await;
    assert_eq!((queue.ahead(&ticket).await, queue.len().await), (None, 0));
    assert!(!waiting.is_finished());

    server.again().unwrap();
    soon(queue.lost()).await;
    queue.push(ticket).await;
    assert_eq!(soon(waiting).await.unwrap(), "j");
    let missed = async { while !matches!(listener.next().await, Heard::Missed) {} };
    soon(missed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_from_an_old_snapshot_is_a_loss_too() {
    let mut server = Redis::start().unwrap();
    let queue = at(&server).await;
    soon(queue.lost()).await;
    queue.push(ticket("old", "a", Class::Bulk, 0)).await;
    server.cli(&["save"]).unwrap();
    queue.push(ticket("young", "a", Class::Bulk, 0)).await;
    server.again().unwrap();
    soon(queue.lost()).await;
    assert_eq!(queue.len().await, 1, "the mark came back with the snapshot, and still the loss was noticed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn emptied_while_in_use_it_goes_on_with_what_is_added_again() {
    let server = Redis::start().unwrap();
    let queue = at(&server).await;
    soon(queue.lost()).await;
    let jobs = ["a", "b", "c"];
    queue.push_all(jobs.map(|job| ticket(job, "t", Class::Bulk, 0)).to_vec()).await;
    assert_eq!(drain(&queue, 1).await, ["a"]);
    server.cli(&["flushall"]).unwrap();
    server.cli(&["script", "flush"]).unwrap();
    soon(queue.lost()).await;
    assert_eq!(queue.len().await, 0);
    // What is in work is known again with its worker's next beat.
    queue.working(&TenantId::new("t"), &JobId::new("a"), Duration::from_secs(60)).await;
    queue.push_all(jobs[1..].iter().map(|job| ticket(job, "t", Class::Bulk, 0)).collect()).await;
    assert_eq!(drain(&queue, 1).await, ["b"]);
    assert_eq!(queue.take_now().await, None, "two of this tenant are in work");
    queue.finished(&TenantId::new("t"), &JobId::new("a")).await;
    assert_eq!(drain(&queue, 1).await, ["c"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_one_takes_no_more_and_still_hands_out() {
    let server = Redis::with(&["--maxmemory", "64mb", "--maxmemory-policy", "noeviction"]).unwrap();
    let queue = at(&server).await;
    for job in ["a", "b", "c"] {
        queue.push(ticket(job, "t", Class::Bulk, 0)).await;
    }
    server.cli(&["config", "set", "maxmemory", "1"]).unwrap();
    assert!(server.cli(&["set", "x", "y"]).unwrap().contains("OOM"), "it is full");
    let refused = ticket("d", "t", Class::Bulk, 0);
    queue.push(refused.clone()).await;
    assert_eq!(queue.len().await, 3);
    assert_eq!(drain(&queue, 2).await, ["a", "b"]);
    assert_eq!(queue.take_now().await, None, "the limit holds");
    for job in ["a", "b"] {
        queue.working(&refused.tenant, &JobId::new(job), Duration::from_secs(60)).await;
        queue.finished(&refused.tenant, &JobId::new(job)).await;
    }
    assert_eq!(drain(&queue, 1).await, ["c"]);
    server.cli(&["config", "set", "maxmemory", "0"]).unwrap();
    queue.push(refused).await;
    assert_eq!(drain(&queue, 1).await, ["d"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_one_is_not_waited_for_without_end_and_loses_nothing() {
    let server = Redis::start().unwrap();
    let queue = at(&server).await;
    queue.push(ticket("before", "t", Class::Bulk, 0)).await;
    server.cli(&["client", "pause", "7000", "all"]).unwrap();
    // Whoever adds goes on before the pause ends; the answers to this come later, and belong to nobody.
    queue.push(ticket("meanwhile", "t", Class::Bulk, 0)).await;
    assert_eq!(queue.ahead(&ticket("before", "t", Class::Bulk, 0)).await, None);
    let mut taken = drain(&queue, 2).await;
    taken.sort();
    assert_eq!(taken, ["before", "meanwhile"]);
}
