//! Where the database is, and how it is used.

use secrecy::SecretString;
use url::Url;

use super::reader::Reader;

/// The database. Without a URL it is a SQLite file in the data folder, for one process.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// Postgres; holds a password. None: the file.
    pub url: Option<SecretString>,
    /// Connections of this process to Postgres, at most.
    pub max_connections: u32,
    /// A statement that takes longer is given up (Postgres).
    pub statement_timeout_seconds: u32,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self { url: None, max_connections: 10, statement_timeout_seconds: 30 }
    }
}

pub(super) fn read(reader: &mut Reader) -> Option<DatabaseSettings> {
    let key = "database.url";
    let url = reader.optional_text(key);
    if let Some(url) = &url
        && let Err(problem) = check(url)
    {
        reader.refuse(key, problem);
    }
    let max_connections = reader.number("database.max_connections", 1..=1000);
    let statement_timeout = reader.number("database.statement_timeout_seconds", 1..=3600);
    Some(DatabaseSettings {
        url: url.map(SecretString::from),
        max_connections: u32::try_from(max_connections?).ok()?,
        statement_timeout_seconds: u32::try_from(statement_timeout?).ok()?,
    })
}

/// What is wrong with it, without a word of it: it holds a password.
fn check(url: &str) -> Result<(), &'static str> {
    match Url::parse(url) {
        Ok(url) if matches!(url.scheme(), "postgres" | "postgresql") => Ok(()),
        Ok(url) if url.scheme() == "sqlite" => {
            Err("must be left out for SQLite: its file lies in data_dir, which one process at a time can lock")
        }
        _ => Err("must look like postgres://user:password@host:5432/database (signs such as @ and / in the password \
                  written as %40 and %2F)"),
    }
}
