//! Transactions that write, and how they keep out of each other's way.
//!
//! SQLite lets one writer in at a time: all writes of a process take turns and begin with `BEGIN IMMEDIATE`, so that reading
//! first and writing afterwards never meets a lock that cannot be had.
//!
//! On Postgres many processes write at once. A transaction of one statement, or of statements that each say what they expect
//! to find, needs nothing ([`Store::write`]). One that reads and then decides takes an advisory lock first, which is let go
//! with the transaction: that of its tenant ([`Store::write_for`]), or, where sites come and go, the one for that
//! ([`Store::write_sites`]).
//!
//! Deadlocks are impossible, so none is retried: locks are taken in the order sites, tenant, rows; of the transactions that
//! hold neither of the first two, each takes one row that others may want and waits for no second one. (Cleaning up skips
//! the rows that others hold.) Transactions read what is committed, so Postgres never refuses one for serialisation.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::{Any, AnyConnection, Transaction};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::codec::Fields;
use super::{Store, StoreError};
use crate::clock::Millis;
use crate::ids::TenantId;

/// Where sites are installed and leave. No tenant is called so.
const SITES: &str = "brine/sites";
/// The database is asked for the time at least so often.
const LONGEST_UNASKED: Duration = Duration::from_secs(60);

/// How writers keep out of each other's way.
#[derive(Clone, Debug)]
pub(super) enum Writers {
    /// One at a time in this process.
    TakeTurns(Arc<Semaphore>),
    /// The server sees to it.
    Together,
    /// There are none: opened for reading.
    None,
}

/// A transaction that may write. Rolled back unless committed.
pub(super) struct Write {
    tx: Transaction<'static, Any>,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Writers {
    pub(super) fn in_turn() -> Self {
        Self::TakeTurns(Arc::new(Semaphore::new(1)))
    }
}

impl Store {
    /// For single statements, and for those that each say what they expect to find.
    pub(super) async fn write(&self) -> Result<Write, StoreError> {
        let turn = match &self.writers {
            Writers::TakeTurns(turns) => {
                let turn = Arc::clone(turns).acquire_owned().await.map_err(|_| sqlx::Error::PoolClosed)?;
                Some(turn)
            }
            Writers::Together => None,
            Writers::None => return Err(StoreError::ReadOnly),
        };
        let tx = match turn {
            Some(_) => self.pool.begin_with("BEGIN IMMEDIATE").await?,
            None => self.pool.begin().await?,
        };
        let mut write = Write { tx, _turn: turn };
        self.ask_the_time(write.connection()).await?;
        Ok(write)
    }

    /// For reading and then deciding about what is one tenant's.
    pub(super) async fn write_for(&self, tenant: &TenantId) -> Result<Write, StoreError> {
        let mut write = self.write().await?;
        self.lock(&mut write, tenant.as_str()).await?;
        Ok(write)
    }

    /// For what decides which sites there are.
    pub(super) async fn write_sites(&self) -> Result<Write, StoreError> {
        let mut write = self.write().await?;
        self.lock(&mut write, SITES).await?;
        Ok(write)
    }

    /// For both.
    pub(super) async fn write_site(&self, tenant: &TenantId) -> Result<Write, StoreError> {
        let mut write = self.write_sites().await?;
        self.lock(&mut write, tenant.as_str()).await?;
        Ok(write)
    }

    /// Tenants whose names have the same hash wait for each other, and nothing else comes of it.
    async fn lock(&self, write: &mut Write, name: &str) -> Result<(), StoreError> {
        if self.on_postgres() {
            sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
                .bind(name)
                .execute(write.connection())
                .await?;
        }
        Ok(())
    }

    pub(super) fn on_postgres(&self) -> bool {
        matches!(self.writers, Writers::Together)
    }

    /// On Postgres every process goes by the server's clock, so that a lease ends at the same time for all of them, wherever
    /// they run and whatever their machines' clocks say.
    pub(super) async fn ask_the_time(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        if !self.on_postgres() || !self.clock.should_ask(LONGEST_UNASKED) {
            return Ok(());
        }
        let asked = Instant::now();
        let row = sqlx::query("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS now")
            .fetch_one(connection)
            .await?;
        let now: Millis = Fields::new("clock", &row).get("now")?;
        let half = Millis::try_from(asked.elapsed().as_millis() / 2).unwrap_or_default();
        self.clock.follow(now.saturating_add(half));
        Ok(())
    }
}

impl Write {
    pub(super) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.tx
    }

    pub(super) async fn roll_back(self) -> Result<(), StoreError> {
        Ok(self.tx.rollback().await?)
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.tx.commit().await?)
    }
}
