//! Settings: built-in defaults, then brine.toml, then the environment. They are checked together at start, and whatever
//! is wrong is told at once, field by field. `default.toml` beside this file is their documentation.

mod connect;
mod data_dir;
mod forge;
mod jobs;
mod limits;
mod model;
mod operations;
mod queue;
mod reader;
mod server;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use secrecy::SecretString;

pub use connect::Connect;
pub use data_dir::{DataDir, DataDirError};
pub use forge::Forge;
pub use jobs::JobsSettings;
pub use limits::Limits;
pub use model::{ModelServer, ModelSettings};
pub use operations::Operations;
pub use queue::QueueSettings;
pub use server::Server;

use reader::Reader;

/// The defaults, with a line on each setting.
pub const DEFAULT_TOML: &str = include_str!("default.toml");

/// Everything that an operator can set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The web server.
    pub server: Server,
    /// The folder of the database, the key and the lock.
    pub data_dir: PathBuf,
    /// The key that seals secrets, when it does not lie in that folder.
    pub secret_key: SecretKey,
    /// Health and metrics.
    pub operations: Operations,
    /// Atlassian Connect.
    pub connect: Connect,
    /// Atlassian Forge.
    pub forge: Forge,
    /// Limits at the door.
    pub limits: Limits,
    /// The language model.
    pub model: ModelSettings,
    /// The jobs and their workers.
    pub jobs: JobsSettings,
    /// The queue.
    pub queue: QueueSettings,
}

/// Where the key that seals secrets comes from.
#[derive(Clone, Debug)]
pub enum SecretKey {
    /// The file of the data folder; made when there is none.
    InDataDir,
    /// A file that must be there.
    File(PathBuf),
    /// Itself, in hexadecimal digits.
    Given(SecretString),
}

/// Settings that cannot be used: one line for each thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .problems.join("\n"))]
pub struct SettingsError {
    /// One sentence each: the field, its bound, and the value given.
    pub problems: Vec<String>,
}

impl Settings {
    /// The settings of this process: defaults, the given file, and the environment.
    pub fn load(config: Option<&Path>) -> Result<Self, SettingsError> {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())));
        Self::from_sources(config, environment)
    }

    /// The settings out of the defaults, the given file, and these variables.
    pub fn from_sources(
        config: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(config, environment);
        let server = server::read(&mut reader);
        let data_dir = reader.text("data_dir");
        let secret_key = secret_key(&mut reader);
        let operations = operations::read(&mut reader);
        let connect = connect::read(&mut reader);
        let forge = forge::read(&mut reader);
        let limits = limits::read(&mut reader);
        let model = model::read(&mut reader);
        let jobs = jobs::read(&mut reader);
        let queue = queue::read(&mut reader);
        if let (Some(server), Some(connect)) = (&server, &connect) {
            connect.check_against(server, &mut reader);
        }
        if let (Some(server), Some(forge)) = (&server, &forge) {
            forge.check_against(server, &mut reader);
        }
        let problems = reader.finish();
        let read = || {
            let data_dir = data_dir?.into();
            let (secret_key, operations, connect) = (secret_key?, operations?, connect?);
            let (forge, limits, model, jobs) = (forge?, limits?, model?, jobs?);
            let (server, queue) = (server?, queue?);
            Some(Self { server, data_dir, secret_key, operations, connect, forge, limits, model, jobs, queue })
        };
        if problems.is_empty() { read() } else { None }.ok_or(SettingsError { problems })
    }
}

fn secret_key(reader: &mut Reader) -> Option<SecretKey> {
    match (reader.optional_text("secret_key_file"), reader.optional_text("secret_key")) {
        (Some(_), Some(_)) => {
            reader.refuse("secret_key", "is given beside secret_key_file; leave one of them out");
            None
        }
        (Some(file), None) => Some(SecretKey::File(file.into())),
        (None, Some(key)) => Some(SecretKey::Given(key.into())),
        (None, None) => Some(SecretKey::InDataDir),
    }
}

/// Whether a URL points to this machine itself, where plain http is nobody else's to read.
fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
