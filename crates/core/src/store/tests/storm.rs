//! Many writers, few issues: whatever they do at once, nobody meets a deadlock, and what must hold does.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;

on_both![nobody_meets_a_deadlock];

const WRITERS: u64 = 12;
const STEPS: usize = 25;
const ISSUES: u32 = 3;

async fn nobody_meets_a_deadlock(bench: Bench) {
    let other = bench.open_again().await;
    let writers = (0..WRITERS).map(|seed| {
        let store = if seed % 2 == 0 { bench.store.clone() } else { other.clone() };
        let (tenant, dice) = (bench.tenant.clone(), StdRng::seed_from_u64(seed));
        tokio::spawn(async move { writes(store, tenant, dice).await })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let doubled = "(SELECT issue_id FROM jobs WHERE kind = 'draft' AND state IN ('queued', 'running')
                    GROUP BY issue_id HAVING COUNT(*) > 1) AS doubled";
    assert_eq!(bench.count(doubled).await, 0);
    assert_eq!(
        bench
            .count(
                "examples WHERE accepted_at IS NULL AND draft_id NOT IN
                            (SELECT id FROM drafts WHERE state IN ('open', 'accepted'))"
            )
            .await,
        0
    );
}

async fn writes(store: Store, tenant: TenantId, mut dice: StdRng) {
    for step in 0..STEPS {
        let issue = dice.random_range(0..ISSUES);
        let choice = dice.random_range(0..10);
        let done = one(&store, &tenant, issue, choice, &format!("d-{issue}-{}", step % 5)).await;
        match done {
            // Somebody else was first.
            Ok(()) | Err(StoreError::Conflict | StoreError::LeaseLost | StoreError::NotFound(_)) => {}
            Err(error) => panic!("{choice}: {error}"),
        }
    }
}

async fn one(store: &Store, tenant: &TenantId, issue: u32, choice: u32, delivery: &str) -> Result<(), StoreError> {
    let id = IssueId::new(issue.to_string());
    let by = "ann".to_owned().into();
    match choice {
        0 | 1 => {
            let new = NewJob { delivery: Some(delivery.to_owned()), ..draft_job(tenant, issue) };
            store.create_job(new).await?;
        }
        2 => {
            let Some(live) = store.live_job_of_issue(tenant, &id).await? else { return Ok(()) };
            store.cancel_job(tenant, &live.id).await?;
        }
        3 => {
            let Some(draft) = store.open_draft(tenant, &id).await? else { return Ok(()) };
            store.accept_draft(tenant, &draft.id, draft.version, &by, publish_job(&draft)).await?;
        }
        4 => {
            let Some(last) = store.last_job_of_issue(tenant, &id).await? else { return Ok(()) };
            store.retry_job(tenant, &last.id).await?;
        }
        5 => {
            let keep_examples = issue == 0;
            let chosen = TenantSettings { keep_examples, ..TenantSettings::default() };
            store.set_tenant_settings(tenant, &chosen).await?;
        }
        6 => {
            store.install_tenant(&installation("site-1")).await?;
        }
        7 => {
            store.erase_examples(tenant).await?;
            store.forget_departed(Duration::from_secs(3600)).await?;
        }
        _ => {
            let Some(live) = store.live_job_of_issue(tenant, &id).await? else { return Ok(()) };
            let Some(held) = store.lease(&live.id, LEASE).await? else { return Ok(()) };
            if matches!(held.task, Task::Publish { .. }) {
                store.settle(&held, Settlement::Failed { reason: "x".to_owned() }).await?;
                return Ok(());
            }
            let draft = draft_of(&held);
            let settlement = Settlement::Drafted { draft: draft.id.clone() };
            store.put_draft(&held, draft, &story()).await?;
            store.settle(&held, settlement).await?;
        }
    }
    Ok(())
}
