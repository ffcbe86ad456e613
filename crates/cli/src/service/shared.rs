//! What both sides of a service share: database, queue, events. In one process they are a file and memory; between processes
//! Postgres and Redis.

use std::path::Path;
use std::sync::Arc;

use brine_core::clock::Clock;
use brine_core::jira::limits::{Allowance, InProcess, Shared as SharedAllowance};
use brine_core::queue::{Events, Queue};
use brine_core::secret::{Cipher, SecretError};
use brine_core::settings::{DataDir, SecretKey, Settings};
use brine_core::store::{Place, Store};

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
        must_be_shared(settings, role)?;
        let data = match settings.database.url {
            None => Some(DataDir::lock(&settings.data_dir).map_err(Failed::input)?),
            Some(_) => None,
        };
        // What others share must not be sealed with a key that each of them makes for itself.
        let cipher = match data {
            Some(_) => cipher(settings, Cipher::load_or_create)?,
            None => cipher(settings, Cipher::load)?,
        };
        let place = place(settings)?;
        let store = Store::open_at(&place, clock.clone(), cipher).await.map_err(Failed::ours)?;
        let store = store.with_max_attempts(settings.jobs.max_attempts).with_max_crashes(settings.jobs.max_crashes);
        let store = store.with_beat(settings.jobs.beat());
        // The lock on the folder says that whoever held these leases is gone; on Postgres nothing is done.
        let released = store.release_orphans().await.map_err(Failed::ours)?;
        tracing::info!(database = %place, released, "the database is open");
        let (queue, events) = brine_core::queue::open(&settings.queue, clock.clone()).await.map_err(Failed::input)?;
        let allowance = allowance(settings, &clock).await?;
        Ok(Self { store, queue, events, allowance, clock, _data: data })
    }
}

/// What counts the calls to Jira: for all processes together where they share a Redis.
async fn allowance(settings: &Settings, clock: &Clock) -> Result<Arc<dyn Allowance>, Failed> {
    let Some(url) = &settings.queue.url else { return Ok(Arc::new(InProcess::new(clock.clone()))) };
    let shared = SharedAllowance::connect(url, &settings.queue.name, clock.clone()).await;
    Ok(Arc::new(shared.map_err(|error| Failed::input(format!("the Redis of queue.url cannot be used: {error}")))?))
}

/// The sides of a service find each other in the database and the queue alone.
fn must_be_shared(settings: &Settings, role: Role) -> Result<(), Failed> {
    let mut missing = Vec::new();
    if settings.database.url.is_none() {
        missing.push("a Postgres database (BRINE_DATABASE_URL)");
    }
    if settings.queue.url.is_none() {
        missing.push("a Redis server (BRINE_REDIS_URL)");
    }
    match role {
        Role::Web | Role::Worker if !missing.is_empty() => Err(Failed::input(format!(
            "web sides and workers share {}; set it, or run everything in one process with `brine serve`",
            missing.join(" and ")
        ))),
        _ => Ok(()),
    }
}

/// The service's database, for reading beside it.
pub(crate) async fn reader(settings: &Settings, clock: &Clock) -> Result<Store, Failed> {
    let database = DataDir::database_in(&settings.data_dir);
    if settings.database.url.is_none() && !database.is_file() {
        let reason =
            format!("there is no database {}; is data_dir (BRINE_DATA_DIR) the service's?", database.display());
        return Err(Failed::input(reason));
    }
    let cipher = cipher(settings, Cipher::load)?;
    Store::open_at_to_read(&place(settings)?, clock.clone(), cipher).await.map_err(Failed::input)
}

fn place(settings: &Settings) -> Result<Place, Failed> {
    Place::of(&settings.database, &DataDir::database_in(&settings.data_dir)).map_err(Failed::input)
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
