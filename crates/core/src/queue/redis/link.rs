//! The connection: one that all calls of the process share, opened anew when it breaks.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Cmd, ErrorKind, FromRedisValue, RedisResult, Script, ServerErrorKind};

use super::super::QueueError;

/// An answer that matters little is not waited for longer than this.
pub(super) const SHORT: Duration = Duration::from_secs(2);
/// An answer that holds a ticket is waited for longer: should it be lost, the ticket comes back with the next comparison only.
pub(super) const LONG: Duration = Duration::from_secs(10);

/// During an outage nobody who clicks waits longer than this for a ticket to be added.
const WHILE_DOWN: Duration = Duration::from_millis(500);
const CONNECT: Duration = Duration::from_secs(3);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
const TRIES: usize = 5;

pub(super) struct Link {
    manager: ConnectionManager,
    down: AtomicBool,
    full: AtomicBool,
}

impl Link {
    pub(super) async fn open(client: Client) -> RedisResult<Self> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT))
            // Each call has its own.
            .set_response_timeout(None)
            .set_min_delay(FIRST_PAUSE)
            .set_max_delay(LONGEST_PAUSE)
            .set_number_of_retries(TRIES);
        let manager = ConnectionManager::new_with_config(client, config).await?;
        Ok(Self { manager, down: AtomicBool::new(false), full: AtomicBool::new(false) })
    }

    /// Calls a script.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        call: &Cmd,
        patience: Duration,
    ) -> Result<T, QueueError> {
        let mut connection = self.manager.clone();
        let answer = async {
            match call.query_async(&mut connection).await {
                Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                    script.load_async(&mut connection).await?;
                    call.query_async(&mut connection).await
                }
                answer => answer,
            }
        };
        self.noted(patience, answer).await
    }

    pub(super) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, QueueError> {
        let mut connection = self.manager.clone();
        self.noted(SHORT, command.query_async(&mut connection)).await
    }

    /// So long is an answer waited for that would be waited for as long as `usual`.
    pub(super) fn patience(&self, usual: Duration) -> Duration {
        let is_short = usual <= SHORT && self.down.load(Ordering::Relaxed);
        if is_short { usual.min(WHILE_DOWN) } else { usual }
    }

    /// That its memory is full is logged when it begins and when it ends.
    pub(super) fn note_memory(&self, has_room: bool) {
        if self.full.load(Ordering::Relaxed) == has_room {
            self.full.store(!has_room, Ordering::Relaxed);
            if has_room {
                tracing::info!("the queue's Redis takes tickets again");
            } else {
                tracing::warn!("the memory of the queue's Redis is full; new jobs wait in the database meanwhile");
            }
        }
    }

    /// An outage is logged when it begins and when it ends.
    async fn noted<T>(&self, patience: Duration, call: impl Future<Output = RedisResult<T>>) -> Result<T, QueueError> {
        let answer = match tokio::time::timeout(self.patience(patience), call).await {
            Ok(answer) => answer.map_err(QueueError::from),
            Err(_) => Err(QueueError::TimedOut),
        };
        match &answer {
            Ok(_) => {
                if self.down.swap(false, Ordering::Relaxed) {
                    tracing::info!("the queue's Redis does as it is asked again");
                }
            }
            Err(error) => {
                if !self.down.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "the queue's Redis does not do as it is asked; jobs wait in the database meanwhile");
                }
            }
        }
        answer
    }
}
