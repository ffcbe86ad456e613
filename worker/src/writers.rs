//! The writers in this process: one for each adapter that is in use, loaded when a job first needs it, and no more of them
//! than fit into memory.

use std::ops::Deref;
use std::sync::Arc;

use async_trait::async_trait;
use brine_core::failure::Failure;
use brine_core::jobs::AdapterChoice;
use tokio::sync::{Mutex, MutexGuard, Notify};

use crate::ports::{CriteriaWriter, Writers};

/// Loads the model with the adapter of this name, or alone. Takes seconds, and the memory of a whole model.
pub type Load = dyn Fn(Option<&str>) -> Result<Arc<dyn CriteriaWriter>, Failure> + Send + Sync;

/// See the module.
pub struct WriterPool {
    load: Arc<Load>,
    /// The adapter where nobody has chosen; none is the model alone.
    usual: Option<String>,
    most: usize,
    /// The one used last stands last. Whoever waits for room keeps the turn, so that all others wait behind it: nobody is
    /// passed over, and two models are never loaded at the same time.
    held: Mutex<Vec<Held>>,
    returned: Arc<Notify>,
}

struct Held {
    adapter: Option<String>,
    writer: Arc<dyn CriteriaWriter>,
}

/// A writer that a job uses; it stays in memory until this is dropped.
pub struct Lent {
    // Dropped in this order: whoever is told finds the writer idle.
    writer: Arc<dyn CriteriaWriter>,
    _back: Option<Back>,
}

/// Tells the pool that a writer may be idle now.
struct Back(Arc<Notify>);

impl Lent {
    /// A writer that is always in memory.
    pub fn for_good(writer: Arc<dyn CriteriaWriter>) -> Self {
        Self { writer, _back: None }
    }
}

impl Deref for Lent {
    type Target = dyn CriteriaWriter;

    fn deref(&self) -> &Self::Target {
        self.writer.as_ref()
    }
}

impl Drop for Back {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl WriterPool {
    /// A pool of at most `most` writers (at least one). Nothing is loaded yet.
    pub fn new(usual: Option<String>, most: usize, load: Arc<Load>) -> Self {
        Self { load, usual, most: most.max(1), held: Mutex::default(), returned: Arc::default() }
    }

    fn lend(&self, held: &Held) -> Lent {
        Lent { writer: Arc::clone(&held.writer), _back: Some(Back(Arc::clone(&self.returned))) }
    }

    /// Waits until one of the writers can go, and lets the one go that has been idle longest.
    async fn make_room(&self, held: &mut MutexGuard<'_, Vec<Held>>) {
        while held.len() >= self.most {
            // A return that came between looking and waiting is remembered by the notifier.
            match held.iter().position(|held| Arc::strong_count(&held.writer) == 1) {
                Some(idle) => {
                    let gone = held.remove(idle);
                    tracing::info!(adapter = shown(gone.adapter.as_deref()), "a model leaves the memory");
                }
                None => self.returned.notified().await,
            }
        }
    }
}

#[async_trait]
impl Writers for WriterPool {
    async fn writer(&self, choice: &AdapterChoice) -> Result<Lent, Failure> {
        let adapter = match choice {
            AdapterChoice::Inherit => self.usual.clone(),
            AdapterChoice::Plain => None,
            AdapterChoice::Named(name) => Some(name.clone()),
        };
        let mut held = self.held.lock().await;
        let found = match held.iter().position(|held| held.adapter == adapter) {
            Some(place) => held.remove(place),
            None => {
                self.make_room(&mut held).await;
                tracing::info!(adapter = shown(adapter.as_deref()), "a model is loaded");
                let (load, name) = (Arc::clone(&self.load), adapter.clone());
                let loaded = tokio::task::spawn_blocking(move || load(name.as_deref())).await;
                let writer =
                    loaded.map_err(|_| Failure::retry("a model could not be loaded; see the service's log"))??;
                Held { adapter, writer }
            }
        };
        let lent = self.lend(&found);
        held.push(found);
        Ok(lent)
    }
}

fn shown(adapter: Option<&str>) -> &str {
    adapter.unwrap_or(brine_core::jobs::PLAIN)
}
