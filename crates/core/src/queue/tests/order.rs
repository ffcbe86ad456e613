use super::*;

contract!(
    a_click_runs_before_webhooks_and_these_before_the_bulk,
    a_ticket_waits_for_its_time_and_then_goes_by_it,
    a_ticket_pushed_again_is_replaced,
    a_removed_ticket_is_gone_wherever_it_lay,
    whoever_waits_gets_the_next_ticket,
    who_waits_for_a_time_is_there_when_it_comes,
    many_are_added_as_one_by_one,
    a_ticket_that_is_dropped_by_one_waiter_goes_to_the_next,
);

async fn a_click_runs_before_webhooks_and_these_before_the_bulk(kind: Kind) {
    let clock = Clock::system();
    let (queue, now) = (kind.queue(&clock).await, clock.now());
    queue.push(ticket("bulk", "a", Class::Bulk, now)).await;
    queue.push(ticket("webhook", "b", Class::Automatic, now)).await;
    queue.push(ticket("click", "c", Class::Interactive, now)).await;
    assert_eq!(drain(&*queue, 3).await, ["click", "webhook", "bulk"]);
}

async fn a_ticket_waits_for_its_time_and_then_goes_by_it(kind: Kind) {
    let clock = Clock::system();
    let (queue, now) = (kind.queue(&clock).await, clock.now());
    queue.push(ticket("later", "a", Class::Interactive, now + 120_000)).await;
    queue.push(ticket("soon", "a", Class::Interactive, now + 60_000)).await;
    queue.push(ticket("now", "a", Class::Interactive, now)).await;
    assert_eq!(drain(&*queue, 1).await, ["now"]);
    assert_eq!(queue.take_now().await, None, "not before its time");
    assert_eq!(queue.len().await, 2);
    clock.advance(Duration::from_secs(121));
    assert_eq!(drain(&*queue, 2).await, ["soon", "later"]);
}

async fn a_ticket_pushed_again_is_replaced(kind: Kind) {
    let clock = Clock::system();
    let (queue, now) = (kind.queue(&clock).await, clock.now());
    for (job, time) in [("first", now), ("second", now + 1), ("third", now + 2)] {
        queue.push(ticket(job, "a", Class::Bulk, time - 10)).await;
    }
    queue.push(ticket("third", "a", Class::Interactive, now)).await;
    queue.push(ticket("first", "a", Class::Bulk, now)).await;
    queue.push(ticket("second", "a", Class::Bulk, now + 60_000)).await;
    assert_eq!(queue.len().await, 3);
    assert_eq!(drain(&*queue, 2).await, ["third", "first"]);
    clock.advance(Duration::from_secs(61));
    assert_eq!(drain(&*queue, 1).await, ["second"]);
    assert_eq!(queue.len().await, 0);
}

async fn a_removed_ticket_is_gone_wherever_it_lay(kind: Kind) {
    let clock = Clock::system();
    let (queue, now) = (kind.queue(&clock).await, clock.now());
    let later = ticket("later", "a", Class::Bulk, now + 60_000);
    let gone = ticket("gone", "b", Class::Bulk, now);
    let stays = ticket("stays", "c", Class::Bulk, now);
    queue.push_all(vec![later.clone(), gone.clone(), stays.clone()]).await;
    assert!(queue.ahead(&stays).await.is_some(), "both are in their lines");
    // What is known of class and time may be old.
    let known = Ticket { class: Class::Interactive, not_before: 7, ..gone.clone() };
    for ticket in [later, known, ticket("unknown", "a", Class::Bulk, now)] {
        queue.remove(&ticket).await;
    }
    assert_eq!(queue.ahead(&gone).await, None);
    assert_eq!((queue.len().await, queue.ahead(&stays).await), (1, Some(0)));
    assert_eq!(drain(&*queue, 1).await, ["stays"]);
    clock.advance(Duration::from_secs(61));
    assert_eq!(queue.take_now().await, None);
}

async fn whoever_waits_gets_the_next_ticket(kind: Kind) {
    let clock = Clock::system();
    let queue = kind.queue(&clock).await;
    let waiting: Vec<_> = (0..4)
        .map(|_| {
            let queue = Arc::clone(&queue);
            tokio::spawn(async move { queue.pop().await.job.to_string() })
        })
        .collect();
    tokio::task::yield_now().await;
    for job in ["a", "b", "c", "d"] {
        queue.push(ticket(job, "t", Class::Bulk, clock.now())).await;
    }
    let mut taken = Vec::new();
    for waiter in waiting {
        taken.push(soon(waiter).await.unwrap());
    }
    taken.sort();
    assert_eq!(taken, ["a", "b", "c", "d"]);
}

async fn who_waits_for_a_time_is_there_when_it_comes(kind: Kind) {
    let clock = Clock::system();
    let queue = kind.queue(&clock).await;
    let waiter = tokio::spawn({
        let queue = Arc::clone(&queue);
        async move { queue.pop().await.job.to_string() }
    });
    queue.push(ticket("j", "t", Class::Bulk, clock.now() + 3_600_000)).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!waiter.is_finished());
    clock.advance(Duration::from_secs(3601));
    assert_eq!(soon(waiter).await.unwrap(), "j");
}

async fn many_are_added_as_one_by_one(kind: Kind) {
    let clock = Clock::system();
    let (queue, now) = (kind.queue(&clock).await, clock.now());
    let tickets: Vec<_> = (0..1201).map(|n| ticket(&format!("{n:04}"), "t", Class::Bulk, now)).collect();
    queue.push_all(tickets.clone()).await;
    queue.push_all(tickets).await;
    assert_eq!(queue.len().await, 1201);
    let expected: Vec<_> = (0..1201).map(|n| format!("{n:04}")).collect();
    assert_eq!(drain(&*queue, 1201).await, expected);
}

async fn a_ticket_that_is_dropped_by_one_waiter_goes_to_the_next(kind: Kind) {
    let clock = Clock::system();
    let queue = kind.with_limit(&clock, Some(1)).await;
    for _ in 0..50 {
        let gave_up = tokio::time::timeout(Duration::from_micros(10), queue.pop()).await;
        assert!(gave_up.is_err());
    }
    queue.push(ticket("j", "a", Class::Bulk, clock.now())).await;
    for _ in 0..50 {
        if tokio::time::timeout(Duration::from_micros(10), queue.pop()).await.is_ok() {
            return;
        }
    }
    assert_eq!(drain(&*queue, 1).await, ["j"]);
}
