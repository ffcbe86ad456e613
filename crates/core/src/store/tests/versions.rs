//! Old and new versions beside each other, and several processes that start at once.

use super::*;

on_both![a_newer_version_may_have_migrated_the_database];

/// What a later version of Brine would do: more columns, and a note that it did.
async fn migrate_further(bench: &Bench) {
    for table in ["jobs", "drafts", "tenants", "forge_installations", "project_settings", "tenant_settings", "examples"]
    {
        let added = format!("ALTER TABLE {table} ADD COLUMN later TEXT");
        sqlx::query(sqlx::AssertSqlSafe(added)).execute(&bench.store.pool).await.unwrap();
    }
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         SELECT 9999, 'later', success, checksum, 1 FROM _sqlx_migrations WHERE version = 1",
    )
    .execute(&bench.store.pool)
    .await
    .unwrap();
}

async fn a_newer_version_may_have_migrated_the_database(bench: Bench) {
    // All statements have been prepared before: on Postgres a prepared one must not find more columns than it had.
    for issue in 1..=2 {
        let (draft, publish) = bench.accepted(issue).await;
        bench.store.cancel_job(&bench.tenant, &publish.id).await.unwrap();
        bench.store.tenant_settings(&bench.tenant).await.unwrap();
        assert!(bench.store.latest_draft(&bench.tenant, &draft.issue_id).await.unwrap().is_some());
        if issue == 1 {
            migrate_further(&bench).await;
        }
    }
    let started = bench.open_again().await;
    assert_eq!(started.count_jobs(&bench.tenant).await.unwrap().len(), 2);
    started.create_job(bench.draft_job(3)).await.unwrap();
    let reader = Store::open_to_read(&bench.url, bench.clock.clone(), Cipher::from_key(&[7; 32])).await.unwrap();
    assert!(reader.tenant(&bench.tenant).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_that_start_at_once_on_an_empty_database_all_start() {
    let url = SERVER.database().unwrap();
    let starting = (0..4).map(|_| {
        let url = url.clone();
        tokio::spawn(async move { Store::open(&url, Clock::system(), Cipher::from_key(&[7; 32])).await.unwrap() })
    });
    let mut stores = Vec::new();
    for store in starting.collect::<Vec<_>>() {
        stores.push(store.await.unwrap());
    }
    let tenant = stores[0].install_tenant(&installation("site-1")).await.unwrap();
    for store in &stores {
        assert!(store.tenant(&tenant.id).await.unwrap().is_some());
    }
    let known = i64::try_from(connect::migrations().iter().count()).unwrap();
    let noted = SERVER.sql(&url, "SELECT COUNT(*) FROM _sqlx_migrations WHERE success").unwrap();
    assert_eq!(noted.trim(), known.to_string());
}
