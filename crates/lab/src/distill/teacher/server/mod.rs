//! A server that speaks the protocol of chat completions. It can't be held to our grammar, so what it writes is judged
//! like anything else that comes from outside.

mod address;
mod patience;
mod reply;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use brine_core::clock::Clock;
use brine_core::prompt::{self, Prompt, Shape};
use brine_core::story::Story;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

pub use self::patience::Patience;
use self::reply::Trouble;
use super::{Identity, Teacher, TeacherError, Written};

/// The environment variable that holds the server's key.
pub const KEY: &str = "BRINE_TEACHER_KEY";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Which server, and how it is asked.
#[derive(Debug)]
pub struct ServerSettings {
    /// What the chat completions stand below, as in `http://localhost:8080/v1`.
    pub address: String,
    /// As the server calls it.
    pub model: String,
    /// A prompt for whole sets; the one for teachers when absent.
    pub prompt: Option<String>,
    /// Sent as a bearer token.
    pub key: Option<SecretString>,
    /// Longest time from a request to the end of its answer.
    pub deadline: Duration,
    /// With a server that is busy or down.
    pub patience: Patience,
}

/// Speaks to one server.
pub struct ServerTeacher {
    http: Client,
    endpoint: Url,
    keyed: bool,
    prompt: Prompt,
    identity: Identity,
    patience: Patience,
    clock: Clock,
    /// It was there once: from then on, no connection means that it is down for a while.
    reached: AtomicBool,
    on_pause: Box<dyn Fn(Duration) + Send + Sync>,
}

/// The key, when the environment has one.
pub fn key_from_environment() -> Option<SecretString> {
    let key = std::env::var(KEY).ok()?;
    let key = key.trim();
    (!key.is_empty()).then(|| SecretString::from(key))
}

impl ServerTeacher {
    /// Gets ready; nothing is sent yet.
    ///
    /// # Errors
    /// When address, prompt or key can't be used.
    pub fn new(settings: ServerSettings) -> Result<Self, TeacherError> {
        let endpoint = address::endpoint(&settings.address)?;
        let prompt = prompt_for_sets(settings.prompt.as_deref())?;
        let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        if let Some(key) = &settings.key {
            let bearer = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()));
            let mut bearer = bearer
                .map_err(|_| TeacherError::Unusable(format!("the key in {KEY} holds a character that no key has")))?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        // A redirect is never followed: the key and the stories would go along.
        let http = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(settings.deadline)
            .default_headers(headers)
            .user_agent(concat!("brine/", env!("CARGO_PKG_VERSION")))
            .build();
        let http = http.map_err(|_| {
            TeacherError::Unusable("the HTTP client cannot be set up: check TLS certificates and proxy".to_owned())
        })?;
        let identity = Identity {
            print: format!("server {} {}", settings.model, prompt.id()),
            teacher: settings.model,
            adapter: None,
            prompt: prompt.id(),
        };
        Ok(Self {
            http,
            endpoint,
            keyed: settings.key.is_some(),
            prompt,
            identity,
            patience: settings.patience,
            clock: Clock::system(),
            reached: AtomicBool::new(false),
            on_pause: Box::new(|_| ()),
        })
    }

    /// Told of each pause before it begins.
    #[must_use]
    pub fn on_pause(mut self, on_pause: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        self.on_pause = Box::new(on_pause);
        self
    }

    /// The key can be read on its way: there is one, and neither TLS nor a server on this machine.
    pub fn key_in_the_clear(&self) -> bool {
        self.keyed && address::in_the_clear(&self.endpoint)
    }

    /// Asks until there is an answer, or patience ends.
    async fn ask(&self, body: &Value) -> Result<Written, TeacherError> {
        let started = Instant::now();
        let named = |reason: String| format!("{}: {reason}", address::origin(&self.endpoint));
        for tries in 1.. {
            let (reason, after) = match self.attempt(body).await {
                Ok(written) => return Ok(written),
                Err(Trouble::Unusable(reason)) => return Err(TeacherError::Unusable(named(reason))),
                Err(Trouble::NoAnswer(reason)) => return Err(TeacherError::NoAnswer(named(reason))),
                Err(Trouble::Again { reason, .. }) if !self.reached.load(Ordering::Relaxed) => {
                    return Err(TeacherError::Unusable(named(reason)));
                }
                Err(Trouble::Again { reason, after }) => (reason, after),
            };
            let Some(pause) = self.patience.pause(tries, started.elapsed(), after) else {
                return Err(TeacherError::NoAnswer(named(format!("{reason}, {tries} times"))));
            };
            (self.on_pause)(pause);
            tokio::time::sleep(pause).await;
        }
        Err(TeacherError::NoAnswer(named("it was asked too often".to_owned())))
    }

    async fn attempt(&self, body: &Value) -> Result<Written, Trouble> {
        let sent = self.http.post(self.endpoint.clone()).json(body).send().await;
        let response = sent.map_err(|error| reply::broken(&error))?;
        self.reached.store(true, Ordering::Relaxed);
        reply::read(response, self.keyed, &self.clock).await
    }
}

impl Teacher for ServerTeacher {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    async fn write(&self, story: &Story, seed: u64, cancel: &CancellationToken) -> Result<Written, TeacherError> {
        let messages: Vec<Value> = self
            .prompt
            .render(story.summary(), story.description(), None)
            .into_iter()
            .map(|message| json!({ "role": message.role.name(), "content": message.content }))
            .collect();
        // Nothing that some servers refuse: temperature and length are theirs to choose.
        let body = json!({ "model": self.identity.teacher, "messages": messages, "seed": seed, "stream": false });
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(TeacherError::Stopped),
            answer = self.ask(&body) => answer,
        }
    }
}

/// The prompt of this name that asks for a whole set: a server is asked once for each story.
fn prompt_for_sets(name: Option<&str>) -> Result<Prompt, TeacherError> {
    let teacher = prompt::teacher();
    let sets = || prompt::all().iter().copied().filter(|prompt| prompt.shape == Shape::Set);
    let Some(name) = name else { return Ok(teacher) };
    if teacher.is_called(name) {
        return Ok(teacher);
    }
    sets().find(|prompt| prompt.is_called(name)).ok_or_else(|| {
        let known = std::iter::once(teacher).chain(sets()).map(|prompt| prompt.id()).collect::<Vec<_>>().join(", ");
        TeacherError::Unusable(format!("there is no prompt for whole sets called {name:?}; known ones: {known}"))
    })
}
