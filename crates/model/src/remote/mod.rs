//! Models that run elsewhere: a server that speaks the protocol of chat completions (vLLM, llama.cpp, or a service). It can't
//! be held to our grammar, so what it writes is judged like anything else that comes from outside.

mod address;
mod answer;
mod patience;
mod reply;
mod scenario;
mod writer;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use brine_core::clock::Clock;
use brine_core::prompt::Message;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

pub use self::answer::{AnswerError, criteria_in};
pub use self::patience::Patience;
use self::reply::Trouble;
pub use self::writer::RemoteWriter;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

/// Which server, and how it is asked.
#[derive(Debug)]
pub struct ChatSettings {
    /// What the chat completions stand below, as in `http://localhost:8080/v1`.
    pub address: String,
    /// As the server calls it.
    pub model: String,
    /// Sent as a bearer token.
    pub key: Option<SecretString>,
    /// The environment variable that the key comes from, for messages.
    pub key_variable: &'static str,
    /// Longest time from a request to the end of its answer.
    pub deadline: Duration,
    /// With a server that is busy or down.
    pub patience: Patience,
}

/// An answer as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The words.
    pub text: String,
    /// It ended at the server's limit, not of itself.
    pub cut_off: bool,
    /// Tokens of the question, as the server counts them.
    pub read_tokens: Option<u64>,
    /// Tokens of the answer, thoughts included.
    pub written_tokens: Option<u64>,
}

/// Why there is no answer. Messages hold no story text, no key and no path of an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemoteError {
    /// The caller stopped it.
    #[error("stopped before it was finished")]
    Stopped,
    /// Not to this request, or not now.
    #[error("{0}")]
    NoAnswer(String),
    /// Not to any request, until something is changed.
    #[error("{0}")]
    Unusable(String),
}

/// Speaks to one server.
pub struct ChatServer {
    http: Client,
    endpoint: Url,
    model: String,
    keyed: bool,
    key_variable: &'static str,
    patience: Patience,
    clock: Clock,
    /// It refused a schema once: it is not given one again.
    formless: AtomicBool,
    /// It was there once: from then on, no connection means that it is down for a while.
    reached: AtomicBool,
    on_pause: Box<dyn Fn(Duration) + Send + Sync>,
}

impl ChatServer {
    /// Gets ready; nothing is sent yet.
    ///
    /// # Errors
    /// When address or key can't be used.
    pub fn new(settings: ChatSettings) -> Result<Self, RemoteError> {
        let variable = settings.key_variable;
        let endpoint = address::endpoint(&settings.address, variable)?;
        let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        if let Some(key) = &settings.key {
            let bearer = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()));
            let mut bearer = bearer.map_err(|_| {
                RemoteError::Unusable(format!("the key in {variable} holds a character that no key has"))
            })?;
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
            RemoteError::Unusable("the HTTP client cannot be set up: check TLS certificates and proxy".to_owned())
        })?;
        Ok(Self {
            http,
            endpoint,
            model: settings.model,
            keyed: settings.key.is_some(),
            key_variable: variable,
            patience: settings.patience,
            clock: Clock::system(),
            formless: AtomicBool::new(false),
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

    /// What the server calls its model.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The key can be read on its way: there is one, and neither TLS nor a server on this machine.
    pub fn key_in_the_clear(&self) -> bool {
        self.keyed && address::in_the_clear(&self.endpoint)
    }

    /// Asks until there is an answer, patience ends, or `cancel` stops it.
    ///
    /// # Errors
    /// See [`RemoteError`].
    pub async fn ask(&self, messages: &[Message], seed: u64, cancel: &CancellationToken) -> Result<Reply, RemoteError> {
        let body = self.body(messages, seed);
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(RemoteError::Stopped),
            answer = self.until_answered(&body, None) => answer,
        }
    }

    /// Asks for JSON of a schema. A server that refuses to be given one is asked without it: what it answers must be checked
    /// in any case.
    ///
    /// # Errors
    /// See [`RemoteError`].
    pub async fn ask_json(
        &self,
        messages: &[Message],
        schema: &Value,
        seed: u64,
        cancel: &CancellationToken,
    ) -> Result<Reply, RemoteError> {
        if self.formless.load(Ordering::Relaxed) {
            return self.ask(messages, seed, cancel).await;
        }
        let plain = self.body(messages, seed);
        let mut body = plain.clone();
        let schema = json!({ "name": "answer", "strict": true, "schema": schema });
        body["response_format"] = json!({ "type": "json_schema", "json_schema": schema });
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(RemoteError::Stopped),
            answer = self.until_answered(&body, Some(&plain)) => answer,
        }
    }

    /// Nothing that some servers refuse: temperature and length are theirs to choose.
    fn body(&self, messages: &[Message], seed: u64) -> Value {
        let turn = |message: &Message| json!({ "role": message.role.name(), "content": message.content });
        let messages: Vec<Value> = messages.iter().map(turn).collect();
        json!({ "model": self.model, "messages": messages, "seed": seed, "stream": false })
    }

    /// Whether the server answers at all and takes our key: asks for its list of models, which costs nothing.
    ///
    /// # Errors
    /// When it does not.
    pub async fn alive(&self) -> Result<(), RemoteError> {
        let named = |reason: String| RemoteError::Unusable(format!("{}: {reason}", address::origin(&self.endpoint)));
        let sent = self.http.get(address::models(&self.endpoint)).timeout(PROBE_TIMEOUT).send().await;
        let status = sent.map_err(|_| named("it does not answer".to_owned()))?.status().as_u16();
        match status {
            401 | 403 => Err(named(format!("it does not accept the key in {} (status {status})", self.key_variable))),
            500.. => Err(named(format!("it answered with status {status}"))),
            // Some servers have no such list.
            _ => Ok(()),
        }
    }

    /// Asks until there is an answer; once `body` is refused, it goes on with the plainer one.
    async fn until_answered(&self, body: &Value, plainer: Option<&Value>) -> Result<Reply, RemoteError> {
        let (mut body, mut plainer) = (body, plainer);
        let asked_formally = plainer.is_some();
        let started = Instant::now();
        let named = |reason: String| format!("{}: {reason}", address::origin(&self.endpoint));
        for tries in 1.. {
            let (reason, after) = match self.attempt(body).await {
                Ok(written) => {
                    self.formless.fetch_or(asked_formally && plainer.is_none(), Ordering::Relaxed);
                    return Ok(written);
                }
                Err(Trouble::Refused(reason)) => match plainer.take() {
                    Some(other) => {
                        body = other;
                        continue;
                    }
                    None => return Err(RemoteError::NoAnswer(named(reason))),
                },
                Err(Trouble::Unusable(reason)) => return Err(RemoteError::Unusable(named(reason))),
                Err(Trouble::NoAnswer(reason)) => return Err(RemoteError::NoAnswer(named(reason))),
                Err(Trouble::Again { reason, .. }) if !self.reached.load(Ordering::Relaxed) => {
                    return Err(RemoteError::Unusable(named(reason)));
                }
                Err(Trouble::Again { reason, after }) => (reason, after),
            };
            let Some(pause) = self.patience.pause(tries, started.elapsed(), after) else {
                return Err(RemoteError::NoAnswer(named(format!("{reason}, {tries} times"))));
            };
            (self.on_pause)(pause);
            tokio::time::sleep(pause).await;
        }
        Err(RemoteError::NoAnswer(named("it was asked too often".to_owned())))
    }

    async fn attempt(&self, body: &Value) -> Result<Reply, Trouble> {
        let sent = self.http.post(self.endpoint.clone()).json(body).send().await;
        let response = sent.map_err(|error| reply::broken(&error))?;
        self.reached.store(true, Ordering::Relaxed);
        reply::read(response, self.keyed, self.key_variable, &self.clock).await
    }
}
