//! Progress of jobs, told to whoever listens in this process. Nothing is kept: a listener first reads the store, and reads
//! it again when it has missed something.

use tokio::sync::broadcast;

use crate::ids::{JobId, TenantId};
use crate::jobs::Progress;

/// More than all stages of all jobs that run at once; a listener that falls further behind reads the store.
const CAPACITY: usize = 1024;

/// A job has come further.
#[derive(Clone, Debug)]
pub struct JobEvent {
    /// Whose.
    pub tenant: TenantId,
    /// Which job.
    pub job: JobId,
    /// Where it stands now.
    pub progress: Progress,
}

/// The channel. Clones are the same channel.
#[derive(Clone, Debug)]
pub struct Events {
    sender: broadcast::Sender<JobEvent>,
}

impl Events {
    /// A channel without listeners.
    pub fn new() -> Self {
        Self { sender: broadcast::Sender::new(CAPACITY) }
    }

    /// Tells those who listen now.
    pub fn publish(&self, event: JobEvent) {
        // An error means that nobody listens.
        let _ = self.sender.send(event);
    }

    /// Listens from now on, to all tenants: the caller picks its own.
    pub fn subscribe(&self) -> broadcast::Receiver<JobEvent> {
        self.sender.subscribe()
    }
}

impl Default for Events {
    fn default() -> Self {
        Self::new()
    }
}
