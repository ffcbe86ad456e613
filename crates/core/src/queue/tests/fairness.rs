//! Tenants take turns, by what their jobs cost.

use std::collections::HashMap;

use super::*;

contract!(
    a_tenant_with_ten_thousand_jobs_does_not_delay_another,
    shares_are_equal_in_tokens_not_in_jobs,
    who_was_idle_has_saved_nothing_up,
);

async fn a_tenant_with_ten_thousand_jobs_does_not_delay_another(kind: Kind) {
    let clock = Clock::system();
    let (queue, now) = (kind.queue(&clock).await, clock.now());
    queue.push_all((0..10_000).map(|job| ticket(&format!("big-{job:05}"), "big", Class::Bulk, now)).collect()).await;
    queue.push_all((0..3).map(|job| ticket(&format!("small-{job}"), "small", Class::Bulk, now)).collect()).await;
    assert_eq!(queue.ahead(&ticket("small-2", "small", Class::Bulk, now)).await, Some(5));
    let expected = ["big-00000", "small-0", "big-00001", "small-1", "big-00002", "small-2"];
    assert_eq!(drain(&*queue, 6).await, expected);
    queue.push(ticket("click", "small", Class::Interactive, now)).await;
    assert_eq!(drain(&*queue, 1).await, ["click"]);
    assert_eq!(queue.len().await, 9_997);
}

async fn shares_are_equal_in_tokens_not_in_jobs(kind: Kind) {
    let clock = Clock::system();
    let (queue, now) = (kind.queue(&clock).await, clock.now());
    let costs: HashMap<&str, u32> = [("drafts", 2000), ("short", 500), ("publishes", 10)].into();
    for (tenant, cost) in &costs {
        let tickets =
            (0..400).map(|n| Ticket { cost: *cost, ..ticket(&format!("{tenant}-{n:03}"), tenant, Class::Bulk, now) });
        queue.push_all(tickets.collect()).await;
    }
    let mut tokens: HashMap<String, u32> = HashMap::new();
    let mut in_a_row = (String::new(), 0);
    for _ in 0..1000 {
        let ticket = soon(queue.pop()).await;
        let tenant = ticket.tenant.to_string();
        *tokens.entry(tenant.clone()).or_default() += costs[tenant.as_str()];
        in_a_row = if in_a_row.0 == tenant { (tenant, in_a_row.1 + ticket.cost) } else { (tenant, ticket.cost) };
        // All have something to hand out until the cheapest has handed out everything.
        if tokens.get("publishes").copied().unwrap_or(0) < 4000 {
            assert!(in_a_row.1 <= 2000, "{in_a_row:?}: nobody is ahead by more than the dearest job of another");
            let most = tokens.values().max().unwrap();
            let least = costs.keys().map(|tenant| tokens.get(*tenant).copied().unwrap_or(0)).min().unwrap();
            assert!(most - least <= 2000 + 2000, "{tokens:?}");
        }
    }
}

async fn who_was_idle_has_saved_nothing_up(kind: Kind) {
    let clock = Clock::system();
    let (queue, now) = (kind.queue(&clock).await, clock.now());
    queue.push_all((0..20).map(|n| ticket(&format!("busy-{n:02}"), "busy", Class::Bulk, now)).collect()).await;
    assert_eq!(drain(&*queue, 10).await.len(), 10);
    queue.push_all((0..20).map(|n| ticket(&format!("idle-{n:02}"), "idle", Class::Bulk, now)).collect()).await;
    let taken = drain(&*queue, 10).await;
    let of_busy = taken.iter().filter(|job| job.starts_with("busy")).count();
    assert_eq!(of_busy, 5, "{taken:?}");
}
