//! What can go wrong with the database.

use crate::failure::Failure;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database itself: its file, its disk, its locks, its server, the way to it.
    #[error("the database failed: {0}")]
    Database(#[source] sqlx::Error),
    /// The tables could not be brought up to date.
    #[error("the database cannot be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The URL of the database is not one.
    #[error(
        "the database's URL cannot be used: {0}. It must look like sqlite:///path/brine.db or \
         postgres://user:password@host:5432/database"
    )]
    Place(String),
    /// Opened for reading alone, when the tables lack what this program asks for.
    #[error(
        "the database is of an older version of Brine; start the service of this version once, or use that version"
    )]
    OlderVersion,
    /// Opened for reading alone.
    #[error("the database was opened for reading alone")]
    ReadOnly,
    /// There is no such row, or it is another tenant's.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Somebody else changed it in the meantime.
    #[error("somebody else changed this in the meantime; load it again")]
    Conflict,
    /// The job was taken from this worker: its lease ran out, or a person cancelled it.
    #[error("the job is no longer this worker's: its lease ran out, or it was cancelled")]
    LeaseLost,
    /// A row that this version cannot read.
    #[error("{table} {id}: the stored {column} cannot be read; was it written by a newer Brine?")]
    Corrupt {
        /// Where.
        table: &'static str,
        /// Which row.
        id: String,
        /// Which part of it.
        column: &'static str,
    },
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(inner) if inner.is_unique_violation() => Self::Conflict,
            other => Self::Database(other),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let reason = error.to_string();
        match error {
            StoreError::LeaseLost => Failure::NotOurs { reason },
            StoreError::Corrupt { .. } | StoreError::Place(_) | StoreError::ReadOnly => Failure::Permanent { reason },
            _ => Failure::Retry { reason },
        }
    }
}
