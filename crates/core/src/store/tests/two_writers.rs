//! Two processes write at once: two stores on one database, each with connections of its own.

use super::*;
use crate::ids::{AccountId, CloudId, InstallationId};
use crate::jobs::JobState;

on_both![
    a_delivery_that_comes_to_both_makes_one_job,
    a_job_is_leased_by_one_of_them,
    a_draft_is_accepted_or_replaced_but_never_both,
    a_job_is_settled_or_cancelled_but_never_both,
    a_failed_decision_and_a_newer_draft_leave_one_that_is_open,
    an_older_decision_is_not_written_after_a_newer_one,
    a_job_that_ends_while_another_is_asked_for_is_no_conflict,
    a_retry_and_a_new_job_leave_one_that_lives,
    nothing_is_remembered_of_a_site_that_withdraws_its_consent_or_leaves,
    a_site_that_is_first_seen_by_both_is_one_tenant,
];

const ROUNDS: u32 = 12;

fn ann() -> AccountId {
    "ann".to_owned().into()
}

/// At once, on threads of their own.
async fn both<A: Send + 'static, B: Send + 'static>(
    a: impl Future<Output = A> + Send + 'static,
    b: impl Future<Output = B> + Send + 'static,
) -> (A, B) {
    let (a, b) = (tokio::spawn(a), tokio::spawn(b));
    (a.await.unwrap(), b.await.unwrap())
}

async fn a_delivery_that_comes_to_both_makes_one_job(bench: Bench) {
    let other = bench.open_again().await;
    for round in 0..ROUNDS {
        let asked = (0..6).map(|at| {
            let store = if at % 2 == 0 { bench.store.clone() } else { other.clone() };
            let new = NewJob { delivery: Some(format!("d-{round}")), ..bench.draft_job(round) };
            tokio::spawn(async move { store.create_job(new).await.unwrap() })
        });
        let mut made = Vec::new();
        for answer in asked.collect::<Vec<_>>() {
            made.push(answer.await.unwrap());
        }
        assert_eq!(made.iter().filter(|answer| matches!(answer, Created::New(_))).count(), 1);
        assert!(made.iter().all(|answer| answer.job().id == made[0].job().id));
    }
    assert_eq!(bench.count("jobs").await, i64::from(ROUNDS));
    assert_eq!(bench.count("deliveries").await, i64::from(ROUNDS));
}

async fn a_job_is_leased_by_one_of_them(bench: Bench) {
    let other = bench.open_again().await;
    for round in 0..ROUNDS {
        let job = bench.queued(round).await;
        // Once while it waits, and once after its worker has gone.
        for _ in 0..2 {
            let (here, there, id, same) = (bench.store.clone(), other.clone(), job.id.clone(), job.id.clone());
            let (a, b) =
                both(async move { here.lease(&id, LEASE).await }, async move { there.lease(&same, LEASE).await }).await;
            assert!(a.unwrap().is_some() != b.unwrap().is_some());
            bench.clock.advance(LEASE * 2);
        }
    }
}

async fn a_draft_is_accepted_or_replaced_but_never_both(bench: Bench) {
    let other = bench.open_again().await;
    for round in 0..ROUNDS {
        let (job, old) = bench.drafted(round).await;
        bench.store.settle(&job, Settlement::Drafted { draft: old.id.clone() }).await.unwrap();
        let again = bench.leased(round).await;
        let new = draft_of(&again);
        let (here, there) = (bench.store.clone(), other.clone());
        let (decided, written) = (old.clone(), new.clone());
        let (accepted, put) = both(
            async move { here.accept_draft(&decided.tenant, &decided.id, 1, &ann(), publish_job(&decided)).await },
            async move { there.put_draft(&again, written, &story()).await },
        )
        .await;
        put.unwrap();
        let publishing = bench.count(&format!("jobs WHERE kind = 'publish' AND issue_id = '{round}'")).await;
        match accepted {
            Ok(_) => assert_eq!((bench.draft_state(&old).await, publishing), (DraftState::Accepted, 1)),
            Err(StoreError::Conflict) => {
                assert_eq!((bench.draft_state(&old).await, publishing), (DraftState::Replaced, 0));
            }
            Err(other) => panic!("{other}"),
        }
        assert_eq!(bench.draft_state(&new).await, DraftState::Open);
    }
}

async fn a_job_is_settled_or_cancelled_but_never_both(bench: Bench) {
    let other = bench.open_again().await;
    for round in 0..ROUNDS {
        let (held, draft) = bench.drafted(round).await;
        let (here, there, settling, job) = (bench.store.clone(), other.clone(), held.clone(), held.clone());
        let (settled, cancelled) = both(
            async move { here.settle(&settling, Settlement::Drafted { draft: draft.id.clone() }).await },
            async move { there.cancel_job(&job.tenant, &job.id).await },
        )
        .await;
        let state = bench.job(&held).await.state;
        match (settled, cancelled.unwrap()) {
            (Ok(_), None) => assert_eq!(state, JobState::Drafted),
            (Err(StoreError::LeaseLost), Some(_)) => assert_eq!(state, JobState::Cancelled),
            both => panic!("{both:?}"),
        }
    }
}

async fn a_failed_decision_and_a_newer_draft_leave_one_that_is_open(bench: Bench) {
    let other = bench.open_again().await;
    for round in 0..ROUNDS {
        let (old, publish) = bench.accepted(round).await;
        let publishing = bench.store.lease(&publish.id, LEASE).await.unwrap().unwrap();
        let drafting = bench.leased(round).await;
        let new = draft_of(&drafting);
        let (here, there, written) = (bench.store.clone(), other.clone(), new.clone());
        let (failed, put) = both(
            async move { here.settle(&publishing, Settlement::Failed { reason: "edited".to_owned() }).await },
            async move { there.put_draft(&drafting, written, &story()).await },
        )
        .await;
        failed.unwrap();
        put.unwrap();
        assert_ne!(bench.draft_state(&old).await, DraftState::Open);
        assert_eq!(bench.draft_state(&new).await, DraftState::Open);
    }
}

async fn an_older_decision_is_not_written_after_a_newer_one(bench: Bench) {
    let other = bench.open_again().await;
    for round in 0..ROUNDS {
        let (_, older) = bench.accepted(round).await;
        let held = bench.store.lease(&older.id, LEASE).await.unwrap().unwrap();
        let (job, new) = bench.drafted(round).await;
        bench.store.settle(&job, Settlement::Drafted { draft: new.id.clone() }).await.unwrap();
        let (here, there, decided) = (bench.store.clone(), other.clone(), new.clone());
        // The older one's worker stops, and gives it back.
        let (given_back, accepted) = both(async move { here.settle(&held, Settlement::GiveBack).await }, async move {
            there.accept_draft(&decided.tenant, &decided.id, 1, &ann(), publish_job(&decided)).await
        })
        .await;
        let state = bench.job(&older).await.state;
        match accepted {
            Ok(_) => assert_eq!(state, JobState::Cancelled),
            Err(StoreError::Conflict) => assert_eq!((state, given_back.is_ok()), (JobState::Queued, true)),
            Err(other) => panic!("{other}"),
        }
    }
}

async fn a_job_that_ends_while_another_is_asked_for_is_no_conflict(bench: Bench) {
    let other = bench.open_again().await;
    for round in 0..ROUNDS {
        let held = bench.leased(round).await;
        let (here, there, new, ending) = (bench.store.clone(), other.clone(), bench.draft_job(round), held.clone());
        let (created, settled) = both(async move { here.create_job(new).await }, async move {
            there.settle(&ending, Settlement::Skipped { reason: "gone".to_owned() }).await
        })
        .await;
        settled.unwrap();
        match created.unwrap() {
            Created::New(job) => assert_ne!(job.id, held.id),
            Created::Anew(job) | Created::Already(job) => assert_eq!(job.id, held.id),
        }
    }
}

async fn a_retry_and_a_new_job_leave_one_that_lives(bench: Bench) {
    let other = bench.open_again().await;
    for round in 0..ROUNDS {
        let held = bench.leased(round).await;
        let failed = bench.store.settle(&held, Settlement::Failed { reason: "x".to_owned() }).await.unwrap();
        let (here, there, new) = (bench.store.clone(), other.clone(), bench.draft_job(round));
        let (retried, created) = both(async move { here.retry_job(&failed.tenant, &failed.id).await }, async move {
            there.create_job(new).await.unwrap()
        })
        .await;
        match (retried, created) {
            (Ok(Some(job)), Created::Already(live)) => assert_eq!(live.id, job.id),
            (Err(StoreError::Conflict), Created::New(_)) => {}
            both => panic!("{both:?}"),
        }
        assert_eq!(bench.count(&format!("jobs WHERE state = 'queued' AND issue_id = '{round}'")).await, 1);
    }
}

async fn nothing_is_remembered_of_a_site_that_withdraws_its_consent_or_leaves(bench: Bench) {
    let other = bench.open_again().await;
    for round in 0..ROUNDS {
        let agreed = TenantSettings { keep_examples: true, ..TenantSettings::default() };
        bench.store.install_tenant(&installation("site-1")).await.unwrap();
        bench.store.set_tenant_settings(&bench.tenant, &agreed).await.unwrap();
        let held = bench.leased(round).await;
        let (here, there, tenant) = (bench.store.clone(), other.clone(), bench.tenant.clone());
        let (put, withdrawn) =
            both(async move { here.put_draft(&held, draft_of(&held), &story()).await }, async move {
                match round % 2 {
                    0 => there.set_tenant_settings(&tenant, &TenantSettings::default()).await,
                    _ => there.set_connect_state(&tenant, TenantState::Uninstalled).await,
                }
            })
            .await;
        put.unwrap();
        withdrawn.unwrap();
        assert_eq!(bench.count("examples").await, 0, "round {round}");
    }
}

async fn a_site_that_is_first_seen_by_both_is_one_tenant(bench: Bench) {
    let other = bench.open_again().await;
    for round in 0..ROUNDS {
        let site = |installation: &str| ForgeSite {
            installation: InstallationId::new(format!("{installation}-{round}")),
            app_id: "app".to_owned(),
            cloud_id: CloudId::new(format!("cloud-{round}")),
            site_url: None,
            api_base_url: "https://api.atlassian.com/ex/jira/x".to_owned(),
        };
        let (here, there, one, two) = (bench.store.clone(), other.clone(), site("one"), site("two"));
        let (a, b) = both(async move { here.forge_tenant(&one, true).await.unwrap().unwrap() }, async move {
            there.forge_tenant(&two, true).await.unwrap().unwrap()
        })
        .await;
        assert_eq!(a.id, b.id);
        assert_eq!(bench.store.tenant(&a.id).await.unwrap().unwrap().forge.len(), 2);
    }
}
