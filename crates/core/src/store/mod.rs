//! The only truth: tenants, jobs, drafts and settings in SQL, a file per table, the tenant in every signature (but for
//! the few that serve the queue and the export). The queue can be rebuilt from here at any time.
//!
//! SQLite and Postgres take the same statements (but for a few that say so) and the same migrations. How writers keep out
//! of each other's way stands in `write`, how versions live beside each other in `connect`.

mod bulk;
mod codec;
mod connect;
mod crashes;
mod create;
mod decisions;
mod departures;
mod drafts;
mod error;
mod examples;
mod forge;
mod jobs;
mod leases;
mod many;
mod orders;
mod place;
mod project_settings;
mod settlement;
mod story_days;
mod tenant_settings;
mod tenants;
#[cfg(test)]
mod tests;
mod unreferenced;
mod waiting;
mod workers;
mod write;
mod written;

use std::path::Path;
use std::time::Duration;

use sqlx::AnyPool;

use crate::clock::{Clock, Millis};
use crate::secret::Cipher;

use crashes::{DEFAULT_BEAT_MS, DEFAULT_MAX_CRASHES};
use place::Kind;
use write::Writers;

pub use bulk::{FoundPage, FoundStory, LiveRun, NewBulkRun};
pub use create::{Created, NewJob};
pub use error::StoreError;
pub use examples::Example;
pub use forge::{ForgeInstall, ForgeSite, SystemToken};
pub use jobs::JobFilter;
pub use orders::{FailedFilter, Retried};
pub use place::Place;
pub use project_settings::ProjectSettings;
pub use settlement::Settlement;
pub use tenant_settings::TenantSettings;
pub use tenants::{ConnectInstall, Installation, Tenant, TenantState};
pub use waiting::WaitingJob;
pub use workers::WorkerRow;

const DEFAULT_MAX_ATTEMPTS: u32 = 5;

/// The database. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
    writers: Writers,
    clock: Clock,
    cipher: Cipher,
    max_attempts: u32,
    max_crashes: u32,
    beat_ms: Millis,
}

impl Store {
    /// Opens the database at this URL (see [`Place`]) with the usual settings.
    pub async fn open(url: &str, clock: Clock, cipher: Cipher) -> Result<Self, StoreError> {
        Self::open_at(&url.parse()?, clock, cipher).await
    }

    /// Opens the database (a file is made when there is none) and brings its tables up to date. On Postgres, `clock` and
    /// its clones go by the server's time from here on.
    pub async fn open_at(place: &Place, clock: Clock, cipher: Cipher) -> Result<Self, StoreError> {
        let pool = connect::open(place).await?;
        let writers = match place.0 {
            Kind::Sqlite(_) => Writers::in_turn(),
            Kind::Postgres(..) => Writers::Together,
        };
        let store = Self::new(pool, writers, clock, cipher);
        let mut connection = store.pool.acquire().await?;
        store.ask_the_time(&mut connection).await?;
        drop(connection);
        Ok(store)
    }

    /// See [`Store::open_at_to_read`].
    pub async fn open_to_read(url: &str, clock: Clock, cipher: Cipher) -> Result<Self, StoreError> {
        Self::open_at_to_read(&url.parse()?, clock, cipher).await
    }

    /// Opens the database for reading alone, also while a service uses it. Its tables must have all that this version asks
    /// for; they are not changed.
    pub async fn open_at_to_read(place: &Place, clock: Clock, cipher: Cipher) -> Result<Self, StoreError> {
        let pool = connect::open_to_read(place).await?;
        Ok(Self::new(pool, Writers::None, clock, cipher))
    }

    fn new(pool: AnyPool, writers: Writers, clock: Clock, cipher: Cipher) -> Self {
        let (max_attempts, max_crashes) = (DEFAULT_MAX_ATTEMPTS, DEFAULT_MAX_CRASHES);
        Self { pool, writers, clock, cipher, max_attempts, max_crashes, beat_ms: DEFAULT_BEAT_MS }
    }

    /// The URL of a SQLite file.
    pub fn sqlite_url(file: &Path) -> String {
        Place::file(file).to_string()
    }

    /// How often a job made through this store is tried.
    #[must_use]
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// How many workers may end in the middle of a job before it is given up.
    #[must_use]
    pub fn with_max_crashes(mut self, crashes: u32) -> Self {
        self.max_crashes = crashes;
        self
    }

    /// How often workers renew their leases: those of one worker end within so long of each other.
    #[must_use]
    pub fn with_beat(mut self, beat: Duration) -> Self {
        self.beat_ms = Millis::try_from(beat.as_millis()).unwrap_or(DEFAULT_BEAT_MS);
        self
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").fetch_one(&self.pool).await?;
        Ok(())
    }

    /// Finishes what is under way and closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
