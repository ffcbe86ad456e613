//! Hears what other processes say: the bell of the queue, and the progress of jobs. One connection of its own, opened anew
//! whenever it breaks or falls silent.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use redis::{Client, Msg, RedisResult};
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, mpsc};

use super::super::events::{Events, Heard, JobEvent};
use super::link::Link;

/// How often a connection on which nothing is said is tried.
const SILENCE: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(3);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What is heard, where, and who is told.
pub(super) struct Ear {
    pub(super) client: Client,
    pub(super) bell_channel: String,
    pub(super) events_channel: String,
    /// Of this process: what it said itself is not heard again.
    pub(super) speaker: String,
    pub(super) bell: Arc<Notify>,
    pub(super) events: Events,
}

/// What is told in one message at most: more waits for the next.
const TOGETHER: usize = 64;

/// Progress on its way to other processes, in the order in which it was told.
#[derive(Serialize, Deserialize)]
struct Said {
    speaker: String,
    events: Vec<JobEvent>,
}

impl Ear {
    /// Listens for good.
    pub(super) async fn listen(self) {
        let mut pause = FIRST_PAUSE;
        loop {
            if let Ok(Ok(pubsub)) = tokio::time::timeout(PATIENCE, self.connect()).await {
                pause = FIRST_PAUSE;
                // Whatever was said while nobody listened was missed.
                self.bell.notify_one();
                self.events.tell_here(Heard::Missed);
                self.hear(pubsub).await;
            }
            tokio::time::sleep(pause.mul_f64(rand::random_range(0.5..=1.0))).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn connect(&self) -> RedisResult<redis::aio::PubSub> {
        let mut pubsub = self.client.get_async_pubsub().await?;
        pubsub.subscribe(&[&self.bell_channel, &self.events_channel]).await?;
        Ok(pubsub)
    }

    /// Returns when the connection is broken.
    async fn hear(&self, pubsub: redis::aio::PubSub) {
        let (mut sink, mut stream) = pubsub.split();
        loop {
            match tokio::time::timeout(SILENCE, stream.next()).await {
                Ok(Some(message)) => self.take(&message),
                Ok(None) => return,
                Err(_) => {
                    let answer = tokio::time::timeout(PATIENCE, sink.ping::<redis::Value>()).await;
                    if !matches!(answer, Ok(Ok(_))) {
                        return;
                    }
                }
            }
        }
    }

    fn take(&self, message: &Msg) {
        if message.get_channel_name() == self.bell_channel {
            return self.bell.notify_one();
        }
        match serde_json::from_slice::<Said>(message.get_payload_bytes()) {
            Ok(said) if said.speaker == self.speaker => {}
            Ok(said) => said.events.into_iter().for_each(|event| self.events.tell_here(Heard::Of(event))),
            // Another version of Brine may say what this one does not know.
            Err(_) => self.events.tell_here(Heard::Missed),
        }
    }
}

/// Tells the other processes what is told in this one. What cannot be told they find in the store. What is told while a message is
/// under way goes with the next one.
pub(super) async fn speak(link: Arc<Link>, channel: String, speaker: String, mut told: mpsc::Receiver<JobEvent>) {
    let mut events = Vec::new();
    while told.recv_many(&mut events, TOGETHER).await > 0 {
        let said = Said { speaker: speaker.clone(), events: std::mem::take(&mut events) };
        if let Ok(text) = serde_json::to_vec(&said) {
            let _ = link.ask::<i64>(redis::cmd("PUBLISH").arg(&channel).arg(text)).await;
        }
    }
}
