//! What can go wrong with the database.

use crate::failure::Failure;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database itself: its file, its disk, its locks.
    #[error("the database failed: {0}")]
    Database(#[source] sqlx::Error),
    /// The tables could not be brought up to date.
    #[error("the database cannot be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// Opened for reading alone, when the tables are older or newer than this program.
    #[error(
        "the database is of another version of Brine; start `brine serve` of this version once, or use that version"
    )]
    OtherVersion,
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
            StoreError::Corrupt { .. } => Failure::Permanent { reason },
            _ => Failure::Retry { reason },
        }
    }
}
