//! What both sides of a service share: database, queue, events. In one process they are a file and memory; between processes
//! Postgres and Redis.

use std::path::Path;
use std::sync::Arc;

use brine_core::clock::Clock;
use brine_core::jira::limits::{Allowance, InProcess};
use brine_core::queue::{EmbeddedQueue, Events, Queue};
use brine_core::secret::{Cipher, SecretError};
use brine_core::settings::{DataDir, SecretKey, Settings};
use brine_core::store::Store;

use super::Role;
use crate::Failed;

/// See the module.
pub(super) struct Shared {
    pub(super) store: Store,
    pub(super) queue: Arc<dyn Queue>,
    pub(super) events: Events,
    /// What may be asked of Jira.
    pub(super) allowance: Arc<dyn Allowance>,
    pub(super) clock: Clock,
    /// Held as long as the process uses the database's file.
    _data: Option<DataDir>,
}

impl Shared {
    pub(super) async fn open(settings: &Settings, role: Role) -> Result<Self, Failed> {
        let clock = Clock::system();
        let data = DataDir::lock(&settings.data_dir).map_err(Failed::input)?;
        let cipher = cipher(settings, Cipher::load_or_create)?;
        let url = Store::sqlite_url(&data.database());
        let store = Store::open(&url, clock.clone(), cipher).await.map_err(Failed::ours)?;
        let store = store.with_max_attempts(settings.jobs.max_attempts);
        // The lock on the folder says that whoever held these leases is gone.
        let released = store.release_orphans().await.map_err(Failed::ours)?;
        let _ = role;
        tracing::info!(released, "the database is open");
        let queue: Arc<dyn Queue> = Arc::new(EmbeddedQueue::new(clock.clone()));
        let events = Events::new();
        let allowance = Arc::new(InProcess::new(clock.clone()));
        Ok(Self { store, queue, events, allowance, clock, _data: Some(data) })
    }
}

/// The service's database, for reading beside it.
pub(crate) async fn reader(settings: &Settings, clock: &Clock) -> Result<Store, Failed> {
    let database = DataDir::database_in(&settings.data_dir);
    if !database.is_file() {
        let reason =
            format!("there is no database {}; is data_dir (BRINE_DATA_DIR) the service's?", database.display());
        return Err(Failed::input(reason));
    }
    let url = Store::sqlite_url(&database);
    Store::open_to_read(&url, clock.clone(), cipher(settings, Cipher::load)?).await.map_err(Failed::input)
}

/// The key that seals secrets; `in_data_dir` reads the file of the data folder.
fn cipher(settings: &Settings, in_data_dir: fn(&Path) -> Result<Cipher, SecretError>) -> Result<Cipher, Failed> {
    match &settings.secret_key {
        SecretKey::InDataDir => in_data_dir(&DataDir::key_file_in(&settings.data_dir)),
        SecretKey::File(path) => Cipher::load(path),
        SecretKey::Given(key) => Cipher::parse(key),
    }
    .map_err(Failed::input)
}
