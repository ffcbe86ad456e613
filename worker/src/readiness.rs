//! Whether this worker could take a job now: the model writes one token, and the database answers.

use std::sync::Arc;
use std::time::Duration;

use brine_core::jobs::AdapterChoice;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::ports::Writers;

/// While all is well. A probe waits behind the story that is being written.
const PAUSE: Duration = Duration::from_secs(30);
/// After a probe in vain.
const SHORT_PAUSE: Duration = Duration::from_secs(3);

/// What the newest probe found. Clones see the same.
#[derive(Clone, Debug)]
pub struct Readiness(watch::Receiver<Result<(), String>>);

impl Readiness {
    /// Nothing, or one sentence on what is wrong.
    ///
    /// # Errors
    /// That sentence.
    pub fn check(&self) -> Result<(), String> {
        self.0.borrow().clone()
    }
}

/// Probes now and then until `stop`.
pub fn watch(writers: Arc<dyn Writers>, stop: CancellationToken) -> Readiness {
    let (sender, receiver) = watch::channel(Err("the model is being loaded".to_owned()));
    tokio::spawn(async move {
        loop {
            let found = probe(writers.as_ref()).await;
            let pause = if found.is_ok() { PAUSE } else { SHORT_PAUSE };
            if let (Ok(()), Err(reason)) = (&*sender.borrow(), &found) {
                tracing::error!(reason, "this worker is not ready any more");
            }
            let _ = sender.send_replace(found);
            if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                return;
            }
        }
    });
    Readiness(receiver)
}

async fn probe(writers: &dyn Writers) -> Result<(), String> {
    let writer = writers.writer(&AdapterChoice::Inherit).await.map_err(|failure| failure.to_string())?;
    writer.probe().await.map_err(|error| error.to_string())
}
