//! What the engine is asked, and what it tells.

use std::time::Instant;

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::sampler::Sampling;

/// The grammar of an answer, part by part: what may come later can depend on what was written.
pub trait Script: Send {
    /// The Lark grammar of the next part, given the answer so far; none when the answer is complete.
    fn next(&mut self, written: &str) -> Option<String>;
}

/// Answers that are written side by side. What their prompts begin with alike is read once.
pub(crate) struct Batch {
    /// At least one.
    pub(crate) requests: Vec<Request>,
    pub(crate) caller: Caller,
}

/// Who waits for the answers.
pub(crate) struct Caller {
    pub(crate) deadline: Instant,
    /// Decoding stops before the next token once this is cancelled.
    pub(crate) cancel: CancellationToken,
    pub(crate) events: UnboundedSender<Event>,
}

/// One answer to one prompt.
pub(crate) struct Request {
    /// Tokens of the conversation up to the model's turn.
    pub(crate) prompt: Vec<u32>,
    pub(crate) script: Box<dyn Script>,
    pub(crate) sampling: Sampling,
    /// Most tokens that the answer may have.
    pub(crate) limit: usize,
}

/// In this order: `Read`, any number of `Text`, then `Finished`.
#[derive(Debug)]
pub(crate) enum Event {
    /// The prompts were read; so many of their tokens were new.
    Read { tokens: usize },
    /// The next piece of the first request's answer, in whole characters.
    Text(String),
    /// The end: an answer to each request.
    Finished(Result<Vec<Answer>, Stopped>),
}

/// A complete answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) tokens: usize,
}

/// Why there are no complete answers.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stopped {
    #[error("cancelled")]
    Cancelled,
    #[error("the deadline passed")]
    Deadline,
    #[error("the prompt has {tokens} tokens; there is room for {room}")]
    TooLong { tokens: usize, room: usize },
    #[error("the answer did not end within {0} tokens")]
    Endless(usize),
    #[error("{0}")]
    Failed(String),
}
