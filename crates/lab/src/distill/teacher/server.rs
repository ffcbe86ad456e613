//! A server that speaks the protocol of chat completions. It can't be held to our grammar, so what it writes is judged
//! like anything else that comes from outside.

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;

use std::time::Duration;

use brine_core::prompt::{self, Prompt};
use brine_core::story::Story;
use brine_model::remote::{ChatServer, ChatSettings, Patience, RemoteError};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::{Identity, Teacher, TeacherError, Written};

/// The environment variable that holds the server's key.
pub const KEY: &str = "BRINE_TEACHER_KEY";

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
    server: ChatServer,
    prompt: Prompt,
    identity: Identity,
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
        let prompt = prompt_for_sets(settings.prompt.as_deref())?;
        let identity = Identity {
            print: format!("server {} {}", settings.model, prompt.id()),
            teacher: settings.model.clone(),
            adapter: None,
            prompt: prompt.id(),
        };
        let server = ChatServer::new(ChatSettings {
            address: settings.address,
            model: settings.model,
            key: settings.key,
            key_variable: KEY,
            deadline: settings.deadline,
            patience: settings.patience,
        })?;
        Ok(Self { server, prompt, identity })
    }

    /// Told of each pause before it begins.
    #[must_use]
    pub fn on_pause(mut self, on_pause: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        self.server = self.server.on_pause(on_pause);
        self
    }

    /// The key can be read on its way: there is one, and neither TLS nor a server on this machine.
    pub fn key_in_the_clear(&self) -> bool {
        self.server.key_in_the_clear()
    }
}

impl Teacher for ServerTeacher {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    async fn write(&self, story: &Story, seed: u64, cancel: &CancellationToken) -> Result<Written, TeacherError> {
        let messages = self.prompt.render(story.summary(), story.description());
        let reply = self.server.ask(&messages, seed, cancel).await?;
        Ok(Written { text: reply.text, cut_off: reply.cut_off })
    }
}

impl From<RemoteError> for TeacherError {
    fn from(error: RemoteError) -> Self {
        match error {
            RemoteError::Stopped => Self::Stopped,
            RemoteError::NoAnswer(reason) => Self::NoAnswer(reason),
            RemoteError::Unusable(reason) => Self::Unusable(reason),
        }
    }
}

/// The prompt of this name that asks for a whole set: a server is asked once for each story.
fn prompt_for_sets(name: Option<&str>) -> Result<Prompt, TeacherError> {
    prompt::for_server(name).map_err(|known| {
        let name = name.unwrap_or_default();
        TeacherError::Unusable(format!("there is no prompt for whole sets called {name:?}; known ones: {known}"))
    })
}
