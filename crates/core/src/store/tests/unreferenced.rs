//! What the references of jobs and deliveries did for Postgres before they were dropped there.

use super::*;
use crate::ids::JobId;
use crate::store::unreferenced::nothing_left_of;

on_both![what_a_tenant_leaves_behind_is_found, nobody_without_a_tenant_gets_a_job];

async fn what_a_tenant_leaves_behind_is_found(bench: Bench) {
    let other = bench.store.install_tenant(&installation("site-2")).await.unwrap().id;
    bench.queued(1).await;
    let mut read = bench.store.pool.acquire().await.unwrap();
    assert!(nothing_left_of(&mut read, &other).await.is_ok());
    assert!(matches!(nothing_left_of(&mut read, &bench.tenant).await, Err(StoreError::Conflict)));
}

async fn nobody_without_a_tenant_gets_a_job(bench: Bench) {
    let nobodys = draft_job(&TenantId::from("nobody".to_owned()), 1);
    let told = NewJob { delivery: Some("created/1".to_owned()), ..nobodys.clone() };
    assert!(bench.store.create_job(nobodys).await.is_err());
    assert!(bench.store.create_plain(&[told]).await.is_err() || bench.count("jobs").await == 0);
    assert_eq!(bench.count("jobs").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_deletes_a_tenant_waits_for_those_who_make_jobs_for_it_and_finds_them() {
    let bench = Bench::on_postgres().await;
    let left = "SELECT COUNT(*) FROM pg_constraint WHERE contype = 'f' AND confrelid = 'tenants'::regclass
         AND conrelid IN ('jobs'::regclass, 'deliveries'::regclass)";
    assert_eq!(SERVER.sql(&bench.url, left).unwrap().trim(), "0");
    let mut making = bench.store.write().await.unwrap();
    bench.store.insert_job(making.connection(), &JobId::make(), &bench.draft_job(1)).await.unwrap().unwrap();
    let (store, tenant) = (bench.store.clone(), bench.tenant.clone());
    let deleting = tokio::spawn(async move {
        let mut write = store.write().await.unwrap();
        sqlx::query("DELETE FROM tenants WHERE id = $1")
            .bind(tenant.as_str())
            .execute(write.connection())
            .await
            .unwrap();
        nothing_left_of(write.connection(), &tenant).await
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!deleting.is_finished());
    making.commit().await.unwrap();
    assert!(matches!(deleting.await.unwrap(), Err(StoreError::Conflict)));
    assert!(bench.store.tenant(&bench.tenant).await.unwrap().is_some());
}
