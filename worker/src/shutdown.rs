//! Shutdown in two steps.

use tokio_util::sync::CancellationToken;

/// The two signals that end a worker. The caller sets the second one after a while, or at a second signal to the process.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    /// Take no more jobs; finish those in work.
    pub soft: CancellationToken,
    /// Stop those in work too, and give them back.
    pub hard: CancellationToken,
}

impl Shutdown {
    /// Two signals that nobody has given yet.
    pub fn new() -> Self {
        Self::default()
    }
}
