//! Who has waited long enough counts as one of the class before.

use super::*;

const STEP: Duration = Duration::from_secs(600);

contract!(
    ten_minutes_make_up_for_a_class,
    a_click_does_not_wait_behind_ones_own_old_bulk,
    a_delay_is_no_waiting,
    others_take_turns_with_what_has_aged,
);

async fn ten_minutes_make_up_for_a_class(kind: Kind) {
    let clock = Clock::system();
    let queue = kind.queue(&clock).await;
    queue.push(ticket("bulk", "a", Class::Bulk, clock.now())).await;
    queue.push(ticket("webhook", "b", Class::Automatic, clock.now())).await;
    clock.advance(STEP);
    queue.push(ticket("young", "c", Class::Automatic, clock.now())).await;
    // The old webhook counts as a click, the old bulk as a webhook.
    assert_eq!(drain(&*queue, 1).await, ["webhook"]);
    let mut taken = drain(&*queue, 2).await;
    taken.sort();
    assert_eq!(taken, ["bulk", "young"]);
    queue.push(ticket("click", "a", Class::Interactive, clock.now())).await;
    queue.push(ticket("webhook", "b", Class::Automatic, clock.now() - 600_000)).await;
    queue.push(ticket("young", "c", Class::Automatic, clock.now())).await;
    queue.push(ticket("bulk", "d", Class::Bulk, clock.now() - 600_000)).await;
    let mut taken = drain(&*queue, 4).await;
    taken[..2].sort();
    taken[2..].sort();
    assert_eq!(taken, ["click", "webhook", "bulk", "young"]);

    queue.push(ticket("bulk", "a", Class::Bulk, clock.now())).await;
    clock.advance(2 * STEP);
    queue.push(ticket("webhook", "b", Class::Automatic, clock.now())).await;
    assert_eq!(drain(&*queue, 2).await, ["bulk", "webhook"]);

    queue.push(ticket("bulk", "a", Class::Bulk, clock.now())).await;
    clock.advance(STEP - Duration::from_secs(30));
    queue.push(ticket("webhook", "b", Class::Automatic, clock.now())).await;
    assert_eq!(drain(&*queue, 2).await, ["webhook", "bulk"], "not quite ten minutes");
}

async fn a_click_does_not_wait_behind_ones_own_old_bulk(kind: Kind) {
    let clock = Clock::system();
    let queue = kind.queue(&clock).await;
    queue.push_all((0..50).map(|n| ticket(&format!("bulk-{n}"), "a", Class::Bulk, clock.now())).collect()).await;
    clock.advance(3 * STEP);
    queue.push(ticket("click", "a", Class::Interactive, clock.now())).await;
    assert_eq!(drain(&*queue, 1).await, ["click"]);
}

async fn a_delay_is_no_waiting(kind: Kind) {
    let clock = Clock::system();
    let queue = kind.queue(&clock).await;
    let minutes = |minutes: i64| clock.now() + minutes * 60_000;
    queue.push(ticket("delayed", "a", Class::Bulk, minutes(25))).await;
    clock.advance(Duration::from_secs(26 * 60));
    queue.push(ticket("webhook", "b", Class::Automatic, clock.now())).await;
    assert_eq!(drain(&*queue, 2).await, ["webhook", "delayed"]);
}

async fn others_take_turns_with_what_has_aged(kind: Kind) {
    let clock = Clock::system();
    let queue = kind.queue(&clock).await;
    queue.push_all((0..100).map(|n| ticket(&format!("old-{n:02}"), "a", Class::Bulk, clock.now())).collect()).await;
    clock.advance(3 * STEP);
    for n in 0..3 {
        queue.push(ticket(&format!("click-{n}"), "b", Class::Interactive, clock.now())).await;
    }
    let taken = drain(&*queue, 6).await;
    assert_eq!(taken.iter().filter(|job| job.starts_with("click")).count(), 3, "{taken:?}");
}
