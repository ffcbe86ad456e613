//! Meters in Redis, for all processes of one installation. Each call takes from its meters in one script, so that two
//! processes never take the same. While Redis is away every process counts for itself: the limits are Jira's to enforce in
//! the end, and work goes on.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use redis::aio::ConnectionManager;
use redis::{RedisResult, Script};
use secrecy::{ExposeSecret, SecretString};

use super::{Allowance, Held, InProcess, Limit, Need, Note, Window};
use crate::clock::{Clock, Millis};

/// A call that waits for Redis longer goes on without it.
const PATIENCE: Duration = Duration::from_millis(500);
/// After Redis failed, it is left alone for so long.
const REST_MS: Millis = 2000;

/// See the module.
pub struct Shared {
    redis: ConnectionManager,
    /// Of all keys: in braces, so that a script's keys lie in one slot.
    prefix: String,
    take: Script,
    note: Script,
    own: InProcess,
    clock: Clock,
    rests_until: AtomicI64,
}

impl Shared {
    /// Meters of the installation `name` in the Redis at this address. What is wrong there is told without the address: it may
    /// hold a password.
    ///
    /// # Errors
    /// When the address is none, or nobody answers there.
    pub async fn connect(url: &SecretString, name: &str, clock: Clock) -> Result<Self, redis::RedisError> {
        let client = redis::Client::open(url.expose_secret())?;
        Ok(Self::new(ConnectionManager::new(client).await?, name, clock))
    }

    /// Meters of the installation `name` behind this connection.
    pub fn new(redis: ConnectionManager, name: &str, clock: Clock) -> Self {
        Self {
            redis,
            prefix: format!("{{{name}}}:jira:"),
            take: Script::new(include_str!("take.lua")),
            note: Script::new(include_str!("note.lua")),
            own: InProcess::new(clock.clone()),
            clock,
            rests_until: AtomicI64::new(0),
        }
    }

    fn key(&self, kind: &str, name: impl fmt::Display) -> String {
        format!("{}{kind}:{name}", self.prefix)
    }

    /// None when Redis is away.
    async fn ask<T>(&self, asked: impl Future<Output = RedisResult<T>>) -> Option<T> {
        if self.clock.now() < self.rests_until.load(Ordering::Relaxed) {
            return None;
        }
        let reason = match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(error)) => error.category().to_owned(),
            Err(_) => "no answer in time".to_owned(),
        };
        self.rests_until.store(self.clock.now().saturating_add(REST_MS), Ordering::Relaxed);
        tracing::warn!(reason, "Redis is away: this process counts its calls to Jira for itself");
        None
    }
}

#[async_trait]
impl Allowance for Shared {
    async fn take(&self, need: &Need) -> Result<(), Held> {
        let mut script = self.take.prepare_invoke();
        for stop in &need.stops {
            script.key(self.key("stop", stop));
        }
        script.arg(need.stops.len()).arg(uuid::Uuid::now_v7().to_string()).arg(u8::from(need.slow.is_some()));
        if let Some(slow) = &need.slow {
            script.key(self.key("stop", slow));
        }
        for draw in &need.draws {
            let (kind, span) = match draw.window {
                Window::Aligned(span) => ("aligned", span),
                Window::Sliding(span) => ("sliding", span),
            };
            script.key(self.key("meter", &draw.meter)).arg(kind).arg(span).arg(draw.most).arg(draw.amount);
        }
        let mut redis = self.redis.clone();
        let Some((wait, place)) = self.ask(script.invoke_async::<(Millis, usize)>(&mut redis)).await else {
            return self.own.take(need).await;
        };
        let Some(place) = place.checked_sub(1) else {
            // Counted here, too, for the time when Redis is away.
            self.own.count(need);
            return Ok(());
        };
        let before = need.stops.len() + usize::from(need.slow.is_some());
        let draw = place.checked_sub(before).and_then(|draw| need.draws.get(draw));
        Err(Held { until: wait, by: draw.map_or(Limit::Asked, |draw| draw.limit) })
    }

    async fn note(&self, notes: &[Note]) {
        self.own.note(notes).await;
        for note in notes {
            let mut redis = self.redis.clone();
            let mut script = self.note.prepare_invoke();
            match note {
                Note::Stop { stop, until } => script.key(self.key("stop", stop)).arg("stop").arg(*until),
                Note::AtLeast { meter, span, drawn } => {
                    script.key(self.key("meter", meter)).arg("at least").arg(*drawn).arg(*span)
                }
                Note::Drawn { meter, span, amount } => {
                    script.key(self.key("meter", meter)).arg("drawn").arg(*amount).arg(*span)
                }
            };
            self.ask(script.invoke_async::<()>(&mut redis)).await;
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
