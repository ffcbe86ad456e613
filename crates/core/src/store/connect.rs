//! Pools of connections, and tables that are brought up to date.
//!
//! Migrations only add (and may drop indexes and references, which no statement names). So a process of an older version runs on beside a database that a newer one has migrated, and starts
//! on it as well: migrations that it does not know are none of its business. No statement says `*`, because Postgres refuses
//! a prepared one whose columns have become more. Processes that start at the same time wait for each other (sqlx holds an
//! advisory lock of Postgres while it migrates; a SQLite file has one process).

use std::sync::Once;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Connection, Executor};

use super::StoreError;
use super::codec::Fields;
use super::place::{Kind, Place};
use super::unreferenced::drop_references;
use crate::settings::DatabaseSettings;

const READERS: u32 = 8;
/// Another process (a backup, `sqlite3` in a shell) may hold the file for a moment.
const BUSY_TIMEOUT: &str = "PRAGMA busy_timeout = 10000";
/// So long a caller waits for a free connection, and for a server that is being started again.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(300);
/// "the database system is starting up"
const STARTING: &str = "57P03";
/// A lost file, or one on a slow disk.
const PATIENCE_WITH_FILE: Duration = Duration::from_secs(30);

/// Connects, and brings the tables up to date.
pub(super) async fn open(place: &Place) -> Result<AnyPool, StoreError> {
    match &place.0 {
        Kind::Sqlite(url) => {
            let pool = sqlite(url).await?;
            migrate(&mut *pool.acquire().await?).await?;
            Ok(pool)
        }
        Kind::Postgres(settings, url) => {
            // Waiting for another process that migrates, or building an index, takes as long as it takes: a connection
            // without time limits, and closed afterwards. Also, its error says more than a pool's when there is no server.
            let mut connection = first(url, PATIENCE).await?;
            migrate(&mut connection).await?;
            drop_references(&mut connection).await?;
            connection.close().await?;
            postgres(settings, url).await
        }
    }
}

/// `Migrator::run` cannot be used in a task: see the comment in sqlx on what it calls.
async fn migrate(connection: &mut AnyConnection) -> Result<(), StoreError> {
    Ok(migrations().run_direct(None, connection, false).await?)
}

/// A server that is just being started is waited for.
pub(super) async fn first(url: &SecretString, patience: Duration) -> Result<AnyConnection, StoreError> {
    let (options, start) = (options(url.expose_secret())?, Instant::now());
    loop {
        match AnyConnection::connect_with(&options).await {
            Err(error) if is_starting(&error) && start.elapsed() < patience => tokio::time::sleep(PAUSE).await,
            connected => return Ok(connected?),
        }
    }
}

fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(cause) => cause.kind() == std::io::ErrorKind::ConnectionRefused,
        sqlx::Error::Database(cause) => cause.code().as_deref() == Some(STARTING),
        _ => false,
    }
}

/// Connects for reading alone. The tables are not changed, and must have all that this version asks for.
pub(super) async fn open_to_read(place: &Place) -> Result<AnyPool, StoreError> {
    let (url, first) = match &place.0 {
        Kind::Sqlite(url) => (format!("{url}?mode=ro"), BUSY_TIMEOUT),
        Kind::Postgres(_, url) => (url.expose_secret().to_owned(), "SET default_transaction_read_only = on"),
    };
    let pool = AnyPoolOptions::new()
        .max_connections(1)
        .after_connect(move |connection, _| Box::pin(async move { connection.execute(first).await.map(|_| ()) }))
        .connect_with(options(&url)?)
        .await?;
    let row = match sqlx::query("SELECT MAX(version) AS version FROM _sqlx_migrations").fetch_one(&pool).await {
        // An empty database has no such table.
        Err(sqlx::Error::Database(_)) => return Err(StoreError::OlderVersion),
        row => row?,
    };
    let found: Option<i64> = Fields::new("_sqlx_migrations", &row).get("version")?;
    if found < migrations().iter().map(|migration| migration.version).max() {
        return Err(StoreError::OlderVersion);
    }
    Ok(pool)
}

async fn sqlite(url: &str) -> Result<AnyPool, StoreError> {
    let in_memory = url.contains(":memory:");
    let url = match url.contains('?') {
        false if !in_memory => format!("{url}?mode=rwc"),
        _ => url.to_owned(),
    };
    let pool = AnyPoolOptions::new()
        // Each connection to ":memory:" is a database of its own: there must be one, and it must stay.
        .max_connections(if in_memory { 1 } else { READERS })
        .min_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(PATIENCE_WITH_FILE)
        .after_connect(|connection, _| Box::pin(async move { connection.execute(BUSY_TIMEOUT).await.map(|_| ()) }))
        .connect_with(options(&url)?)
        .await?;
    if !in_memory {
        pool.execute("PRAGMA journal_mode = WAL").await?;
    }
    Ok(pool)
}

/// A pool finds out which of its connections the server has closed (a restart) before it hands one out, and makes new ones.
async fn postgres(settings: &DatabaseSettings, url: &SecretString) -> Result<AnyPool, StoreError> {
    let limits = limits(settings.statement_timeout_seconds);
    let pool = AnyPoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(true)
        .after_connect(move |connection, _| {
            let limits = limits.clone();
            Box::pin(async move { connection.execute(AssertSqlSafe(limits)).await.map(|_| ()) })
        })
        .connect_with(options(url.expose_secret())?)
        .await?;
    Ok(pool)
}

/// Of a process that was stopped in the middle of a transaction, the server lets go before others give up waiting for it.
/// Transactions see what others have committed when each of their statements begins; the server's own default may differ.
fn limits(statement_seconds: u32) -> String {
    let statement = u64::from(statement_seconds) * 1000;
    format!(
        "SET statement_timeout = {statement}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {}; \
         SET default_transaction_isolation = 'read committed'",
        statement / 2,
        statement / 3
    )
}

fn options(url: &str) -> Result<AnyConnectOptions, StoreError> {
    static DRIVERS: Once = Once::new();
    DRIVERS.call_once(sqlx::any::install_default_drivers);
    Ok(url.parse()?)
}

pub(super) fn migrations() -> Migrator {
    let mut migrations = sqlx::migrate!("../../migrations");
    migrations.set_ignore_missing(true);
    migrations
}
