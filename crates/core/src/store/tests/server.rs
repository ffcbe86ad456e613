//! What can happen to a server of databases, and to the processes that use it.

use std::sync::{Arc, Mutex};

use super::*;
use crate::failure::Failure;
use crate::settings::DatabaseSettings;

fn cipher() -> Cipher {
    Cipher::from_key(&[7; 32])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_restart_of_the_server_is_survived() {
    let server = Arc::new(Mutex::new(Postgres::start().unwrap()));
    let url = server.lock().unwrap().database().unwrap();
    let clock = Clock::system();
    let store = open(&url, &clock).await;
    let tenant = store.install_tenant(&installation("site-1")).await.unwrap().id;
    // Several connections are open, and one is in the middle of a transaction.
    let reads = (0..8).map(|_| store.ping());
    futures::future::try_join_all(reads).await.unwrap();
    let mut cut = store.write().await.unwrap();
    sqlx::query("UPDATE tenants SET base_url = 'cut'").execute(cut.connection()).await.unwrap();

    server.lock().unwrap().stop();
    let lost = cut.commit().await.unwrap_err();
    assert!(matches!(Failure::from(lost), Failure::Retry { .. }));
    let (asking, new) = (store.clone(), draft_job(&tenant, 1));
    let asked = tokio::spawn(async move { asking.create_job(new).await });
    let starts = Arc::clone(&server);
    tokio::task::spawn_blocking(move || starts.lock().unwrap().again().unwrap()).await.unwrap();
    if let Err(error) = asked.await.unwrap() {
        assert!(matches!(Failure::from(error), Failure::Retry { .. }));
    }

    let created = store.create_job(draft_job(&tenant, 1)).await.unwrap();
    let held = store.lease(&created.job().id, LEASE).await.unwrap().unwrap();
    store.renew(&held, LEASE).await.unwrap();
    futures::future::try_join_all((0..16).map(|_| store.ping())).await.unwrap();
    assert_ne!(store.tenant(&tenant).await.unwrap().unwrap().base_url, "cut");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_process_that_stands_still_in_a_transaction_does_not_stop_the_others() {
    let bench = Bench::on_postgres().await;
    let settings =
        DatabaseSettings { url: Some(bench.url.clone().into()), max_connections: 3, statement_timeout_seconds: 3 };
    let place = Place::of(&settings, Path::new("unused")).unwrap();
    let still = Store::open_at(&place, bench.clock.clone(), cipher()).await.unwrap();
    let other = Store::open_at(&place, bench.clock.clone(), cipher()).await.unwrap();
    let job = bench.queued(1).await;
    let mut holds = still.write_for(&bench.tenant).await.unwrap();
    sqlx::query("UPDATE jobs SET fence = fence").execute(holds.connection()).await.unwrap();

    assert!(other.cancel_job(&bench.tenant, &job.id).await.unwrap().is_some());
    holds.commit().await.unwrap_err();
    still.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_connection_has_its_limits_and_its_name() {
    let settings = DatabaseSettings {
        url: Some(SERVER.database().unwrap().into()),
        max_connections: 2,
        statement_timeout_seconds: 60,
    };
    let place = Place::of(&settings, Path::new("unused")).unwrap();
    let store = Store::open_at(&place, Clock::system(), cipher()).await.unwrap();
    for (name, value) in [
        ("statement_timeout", "1min"),
        ("lock_timeout", "30s"),
        ("idle_in_transaction_session_timeout", "20s"),
        ("transaction_isolation", "read committed"),
        ("application_name", "brine"),
    ] {
        let row = sqlx::query("SELECT current_setting($1) AS v").bind(name).fetch_one(&store.pool).await.unwrap();
        assert_eq!(sqlx::Row::get::<String, _>(&row, "v"), value, "{name}");
    }
}

const HOUR: i64 = 3_600_000;

/// Two machines, one an hour ahead and one an hour behind; then they change over while they run.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn machines_whose_clocks_are_wrong_agree_on_when_a_lease_ends() {
    let bench = Bench::on_postgres().await;
    let (ahead, behind) = (Clock::system(), Clock::system());
    ahead.set_machine_wrong_by(HOUR);
    behind.set_machine_wrong_by(-HOUR);
    let (fast, slow) = (open(&bench.url, &ahead).await, open(&bench.url, &behind).await);
    for (at, (mine, yours)) in (1..).zip([(&fast, &slow), (&slow, &fast)]) {
        let job = mine.create_job(bench.draft_job(at)).await.unwrap().job().clone();
        let held = yours.lease(&job.id, LEASE).await.unwrap().expect("it can begin at once");
        for clocks in [[HOUR, -HOUR], [-HOUR, HOUR]] {
            ahead.set_machine_wrong_by(clocks[0]);
            behind.set_machine_wrong_by(clocks[1]);
            assert!(mine.expired_leases().await.unwrap().is_empty());
            assert!(mine.lease(&job.id, LEASE).await.unwrap().is_none());
            yours.renew(&held, LEASE).await.unwrap();
            assert!(yours.still_held(&held).await.unwrap() <= LEASE);
            assert!((ahead.now() - behind.now()).abs() < HOUR / 60);
        }
    }
    ahead.advance(LEASE + Duration::from_secs(60));
    assert_eq!(fast.expired_leases().await.unwrap().len(), 2, "a worker that is gone is found in time");
}
