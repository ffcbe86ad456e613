//! The only truth: tenants, jobs, drafts and settings in SQL, a file per table, the tenant in every signature (but for
//! the few that serve the queue and the export). The queue can be rebuilt from here at any time.
//!
//! SQLite lets one writer in at a time. All writes of a process take turns here ([`Store::write`]) and begin with
//! `BEGIN IMMEDIATE`, so that reading first and writing afterwards never meets a lock that cannot be had.

mod bulk;
mod codec;
mod departures;
mod drafts;
mod error;
mod examples;
mod forge;
mod jobs;
mod leases;
mod orders;
mod project_settings;
mod retries;
mod settlement;
mod story_days;
mod tenant_settings;
mod tenants;
#[cfg(test)]
mod tests;
mod workers;

use std::path::Path;
use std::sync::{Arc, Once};
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::{Any, AnyConnection, AnyPool, Executor, Transaction};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clock::Clock;
use crate::secret::Cipher;

pub use bulk::{FoundPage, FoundStory, LiveRun, NewBulkRun};
pub use error::StoreError;
pub use examples::Example;
pub use forge::{ForgeInstall, ForgeSite, SystemToken};
pub use jobs::{Created, JobFilter, NewJob};
pub use project_settings::ProjectSettings;
pub use settlement::Settlement;
pub use tenant_settings::TenantSettings;
pub use tenants::{ConnectInstall, Installation, Tenant, TenantState};
pub use workers::WorkerRow;

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

const READERS: u32 = 8;
const DEFAULT_MAX_ATTEMPTS: u32 = 5;
/// Another process (a backup, `sqlite3` in a shell) may hold the file for a moment.
const BUSY_TIMEOUT: &str = "PRAGMA busy_timeout = 10000";

/// The database. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
    writers: Arc<Semaphore>,
    clock: Clock,
    cipher: Cipher,
    max_attempts: u32,
}

/// A transaction that holds the turn to write. Rolled back unless committed.
struct Write {
    tx: Transaction<'static, Any>,
    _turn: OwnedSemaphorePermit,
}

impl Store {
    /// Opens the database at `sqlite:///path/brine.db` (made when there is none) and brings its tables up to date.
    pub async fn open(url: &str, clock: Clock, cipher: Cipher) -> Result<Self, StoreError> {
        install_drivers();
        let in_memory = url.contains(":memory:");
        let url = match url.contains('?') {
            false if !in_memory => format!("{url}?mode=rwc"),
            _ => url.to_owned(),
        };
        let options: AnyConnectOptions = url.parse()?;
        let pool = AnyPoolOptions::new()
            // Each connection to ":memory:" is a database of its own: there must be one, and it must stay.
            .max_connections(if in_memory { 1 } else { READERS })
            .min_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .acquire_timeout(Duration::from_secs(30))
            .after_connect(|connection, _| Box::pin(async move { connection.execute(BUSY_TIMEOUT).await.map(|_| ()) }))
            .connect_with(options)
            .await?;
        if !in_memory {
            pool.execute("PRAGMA journal_mode = WAL").await?;
        }
        MIGRATIONS.run(&pool).await?;
        let writers = Arc::new(Semaphore::new(1));
        Ok(Self { pool, writers, clock, cipher, max_attempts: DEFAULT_MAX_ATTEMPTS })
    }

    /// Opens the database at `sqlite:///path/brine.db` for reading alone, also while a service uses it. Its tables must be
    /// of this version; they are not changed.
    pub async fn open_to_read(url: &str, clock: Clock, cipher: Cipher) -> Result<Self, StoreError> {
        install_drivers();
        let options: AnyConnectOptions = format!("{url}?mode=ro").parse()?;
        let pool = AnyPoolOptions::new()
            .max_connections(1)
            .after_connect(|connection, _| Box::pin(async move { connection.execute(BUSY_TIMEOUT).await.map(|_| ()) }))
            .connect_with(options)
            .await?;
        let row = sqlx::query("SELECT MAX(version) AS version FROM _sqlx_migrations").fetch_one(&pool).await?;
        let found: i64 = codec::Fields::new("_sqlx_migrations", &row).get("version")?;
        if Some(found) != MIGRATIONS.iter().map(|migration| migration.version).max() {
            return Err(StoreError::OtherVersion);
        }
        // No turn to write is ever given.
        let writers = Arc::new(Semaphore::new(0));
        writers.close();
        Ok(Self { pool, writers, clock, cipher, max_attempts: DEFAULT_MAX_ATTEMPTS })
    }

    /// The URL of a SQLite file.
    pub fn sqlite_url(file: &Path) -> String {
        let path = file.to_string_lossy();
        format!("sqlite://{}", path.replace('%', "%25").replace('?', "%3f").replace('#', "%23"))
    }

    /// How often a job made through this store is tried.
    #[must_use]
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").fetch_one(&self.pool).await?;
        Ok(())
    }

    /// Finishes what is under way and closes the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn write(&self) -> Result<Write, StoreError> {
        let turn = Arc::clone(&self.writers).acquire_owned().await.map_err(|_| sqlx::Error::PoolClosed)?;
        let tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Write { tx, _turn: turn })
    }
}

fn install_drivers() {
    static DRIVERS: Once = Once::new();
    DRIVERS.call_once(sqlx::any::install_default_drivers);
}

impl Write {
    fn connection(&mut self) -> &mut AnyConnection {
        &mut self.tx
    }

    async fn commit(self) -> Result<(), StoreError> {
        Ok(self.tx.commit().await?)
    }
}
