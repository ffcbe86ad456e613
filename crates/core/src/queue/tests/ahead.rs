//! What a ticket is told of those before it.

use std::collections::HashMap;

use super::*;

contract!(what_is_told_is_what_is_handed_out_before, before_its_time_a_ticket_is_behind_what_waits);

async fn what_is_told_is_what_is_handed_out_before(kind: Kind) {
    let clock = Clock::system();
    for round in 0..8_usize {
        let (queue, now) = (kind.queue(&clock).await, clock.now());
        let mut all = HashMap::new();
        for n in 0..40_usize {
            let mixed = n * 7 + round * 13;
            let tenant = ["a", "b", "c", "d"][mixed % (2 + round % 3)];
            let class = Class::ALL[(mixed / 5) % 3];
            let ticket = ticket(&format!("{n:02}"), tenant, class, now);
            queue.push(ticket.clone()).await;
            all.insert(ticket.job.clone(), ticket);
            if mixed % 11 == 0 {
                let taken = soon(queue.pop()).await;
                all.remove(&taken.job);
            }
        }
        let mut told = HashMap::new();
        for ticket in all.values() {
            told.insert(ticket.job.clone(), queue.ahead(ticket).await);
        }
        for before in 0..all.len() {
            let taken = soon(queue.pop()).await;
            assert_eq!(told[&taken.job], Some(before), "round {round}: {taken:?}");
        }
    }
}

async fn before_its_time_a_ticket_is_behind_what_waits(kind: Kind) {
    let clock = Clock::system();
    let (queue, now) = (kind.queue(&clock).await, clock.now());
    let later = ticket("later", "a", Class::Automatic, now + 60_000);
    queue.push(later.clone()).await;
    assert_eq!(queue.ahead(&later).await, Some(0));
    for n in 0..3 {
        queue.push(ticket(&format!("click-{n}"), "b", Class::Interactive, now)).await;
        queue.push(ticket(&format!("own-{n}"), "a", Class::Automatic, now)).await;
        queue.push(ticket(&format!("bulk-{n}"), "c", Class::Bulk, now)).await;
    }
    assert_eq!(queue.ahead(&later).await, Some(6));
}
