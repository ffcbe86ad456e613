//! Where the database is: a SQLite file, or a Postgres server.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::StoreError;
use crate::settings::DatabaseSettings;

/// What may stand behind the question mark of a URL of Postgres.
const OPTIONS: [&str; 12] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "hostaddr",
    "port",
    "user",
    "password",
    "dbname",
    "application_name",
    "options",
];

/// Where the database is. Shows no password.
#[derive(Clone, Debug)]
pub struct Place(pub(super) Kind);

#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// The URL of a file, or of memory.
    Sqlite(String),
    Postgres(DatabaseSettings, SecretString),
}

impl Place {
    /// What the settings say: Postgres, or else this SQLite file.
    pub fn of(settings: &DatabaseSettings, file: &Path) -> Result<Self, StoreError> {
        match &settings.url {
            Some(url) => postgres(url.expose_secret(), settings),
            None => Ok(Self::file(file)),
        }
    }

    /// A SQLite file.
    pub fn file(file: &Path) -> Self {
        let path = file.to_string_lossy();
        Self(Kind::Sqlite(format!("sqlite://{}", path.replace('%', "%25").replace('?', "%3f").replace('#', "%23"))))
    }
}

/// `sqlite:///path/brine.db`, `sqlite::memory:` or `postgres://user:password@host:5432/database`, with the usual settings.
impl FromStr for Place {
    type Err = StoreError;

    fn from_str(url: &str) -> Result<Self, StoreError> {
        match url.split_once(':') {
            Some(("sqlite", _)) => Ok(Self(Kind::Sqlite(url.to_owned()))),
            _ => postgres(url, &DatabaseSettings::default()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Sqlite(url) => f.write_str(url),
            Kind::Postgres(_, url) => {
                let url = Url::parse(url.expose_secret()).ok();
                let host = url.as_ref().and_then(Url::host_str).unwrap_or("localhost");
                write!(f, "postgres://{host}{}", url.as_ref().map_or("", Url::path))
            }
        }
    }
}

fn postgres(url: &str, settings: &DatabaseSettings) -> Result<Place, StoreError> {
    // No word of the text goes into an error: it may hold a password.
    let mut url = Url::parse(url).map_err(|_| StoreError::Place("it does not read as a URL".to_owned()))?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(StoreError::Place("it begins with something else".to_owned()));
    }
    let known = |key: &str| OPTIONS.contains(&key) || key.starts_with("options[");
    if let Some((key, _)) = url.query_pairs().find(|(key, _)| !known(key)) {
        let known = OPTIONS.join(", ");
        return Err(StoreError::Place(format!("there is no option {key:?} of Postgres; there are {known}")));
    }
    if !url.query_pairs().any(|(key, _)| key == "application_name") {
        url.query_pairs_mut().append_pair("application_name", "brine");
    }
    Ok(Place(Kind::Postgres(settings.clone(), SecretString::from(url.to_string()))))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn files_and_postgres_are_taken() {
        for url in [
            "sqlite:///srv/brine.db",
            "sqlite::memory:",
            "postgres://u@h/d",
            "postgresql://u:p%40@h:1/d?sslmode=require",
        ] {
            url.parse::<Place>().unwrap();
        }
        let odd = Place::file(Path::new("/srv/100%?/#.db"));
        assert_eq!(odd.to_string(), "sqlite:///srv/100%25%3f/%23.db");
    }

    #[test]
    fn no_password_is_ever_shown() {
        let place: Place = "postgres://brine:pa55word@db.example.com:5432/brine?password=pa55word".parse().unwrap();
        assert_eq!(place.to_string(), "postgres://db.example.com/brine");
        assert!(!format!("{place:?}").contains("pa55word"), "{place:?}");
        for bad in [
            "mysql://u:pa55word@h/d",
            "pa55word",
            "",
            "postgres://u:pa55word@h:port/d",
            "postgres://u@h/d?pas=pa55word",
        ] {
            let told = bad.parse::<Place>().unwrap_err().to_string();
            assert!(!told.contains("pa55word"), "{told}");
            assert!(told.contains("sqlite://") && told.contains("postgres://"), "{told}");
        }
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_told_without_the_password() {
        let place: Place = "postgres://brine:pa55word@127.0.0.1:1/brine".parse().unwrap();
        let Kind::Postgres(_, url) = place.0 else { panic!("postgres") };
        let opened = super::super::connect::first(&url, Duration::from_millis(10)).await;
        let told = opened.map(|_| ()).unwrap_err().to_string();
        assert!(!told.contains("pa55word") && told.contains("refused"), "{told}");
    }
}
