//! How many jobs of one tenant are in work at once.

use super::*;

contract!(
    a_tenant_at_its_limit_is_passed_over_and_loses_nothing,
    who_waits_gets_what_a_finished_job_sets_free,
    who_is_not_heard_of_lapses_and_who_is_does_not,
    without_a_limit_one_tenant_may_have_all,
);

async fn jobs_of(queue: &dyn Subject, jobs: usize) -> Vec<String> {
    let mut taken = drain(queue, jobs).await;
    taken.sort();
    taken
}

async fn a_tenant_at_its_limit_is_passed_over_and_loses_nothing(kind: Kind) {
    let clock = Clock::system();
    let (queue, now) = (kind.with_limit(&clock, Some(2)).await, clock.now());
    for n in 0..5 {
        queue.push(ticket(&format!("a{n}"), "a", Class::Interactive, now)).await;
    }
    queue.push(ticket("b0", "b", Class::Bulk, now)).await;
    assert_eq!(jobs_of(&*queue, 3).await, ["a0", "a1", "b0"], "though those of b are less urgent");
    assert_eq!(queue.take_now().await, None);
    assert_eq!(queue.len().await, 3);
    // Neither what is not known to be in work nor a second word of the same sets anything free.
    let (a, a0) = (TenantId::new("a"), JobId::new("a0"));
    queue.finished(&a, &JobId::new("a4")).await;
    assert_eq!(queue.take_now().await, None);
    queue.finished(&a, &a0).await;
    queue.finished(&a, &a0).await;
    assert_eq!(queue.take_now().await.unwrap().job.as_str(), "a2");
    assert_eq!(queue.take_now().await, None);
}

async fn who_waits_gets_what_a_finished_job_sets_free(kind: Kind) {
    let clock = Clock::system();
    let (queue, now) = (kind.with_limit(&clock, Some(1)).await, clock.now());
    queue.push(ticket("first", "a", Class::Bulk, now)).await;
    queue.push(ticket("second", "a", Class::Bulk, now)).await;
    assert_eq!(drain(&*queue, 1).await, ["first"]);
    let waiter = tokio::spawn({
        let queue = Arc::clone(&queue);
        async move { queue.pop().await.job.to_string() }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!waiter.is_finished());
    queue.finished(&TenantId::new("a"), &JobId::new("first")).await;
    assert_eq!(soon(waiter).await.unwrap(), "second");
}

async fn who_is_not_heard_of_lapses_and_who_is_does_not(kind: Kind) {
    let clock = Clock::system();
    let (queue, now) = (kind.with_limit(&clock, Some(2)).await, clock.now());
    for n in 0..4 {
        queue.push(ticket(&format!("a{n}"), "a", Class::Bulk, now)).await;
    }
    assert_eq!(drain(&*queue, 2).await, ["a0", "a1"]);
    queue.working(&TenantId::new("a"), &JobId::new("a1"), Duration::from_secs(600)).await;
    clock.advance(Duration::from_secs(31));
    assert_eq!(drain(&*queue, 1).await, ["a2"], "the worker of a0 was killed");
    assert_eq!(queue.take_now().await, None, "a1 is still in work");
    // A worker that comes back is counted again.
    queue.working(&TenantId::new("a"), &JobId::new("a0"), Duration::from_secs(600)).await;
    queue.finished(&TenantId::new("a"), &JobId::new("a2")).await;
    assert_eq!(queue.take_now().await, None, "a0 and a1 are in work");
}

async fn without_a_limit_one_tenant_may_have_all(kind: Kind) {
    let clock = Clock::system();
    let (queue, now) = (kind.queue(&clock).await, clock.now());
    queue.push_all((0..30).map(|n| ticket(&format!("{n:02}"), "a", Class::Bulk, now)).collect()).await;
    assert_eq!(drain(&*queue, 30).await.len(), 30);
}
