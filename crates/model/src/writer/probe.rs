//! Whether the model can write: one token, through the same thread, weights and grammar mask as a story's.

use std::time::{Duration, Instant};

use brine_core::prompt::{Message, Role};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{WriteError, Writer};
use crate::engine::{Batch, Caller, Event, Request, Sampling, Script};

/// A probe waits behind the story that is being written.
const PATIENCE: Duration = Duration::from_secs(120);

/// One word, which is one token.
struct OneWord(Option<String>);

impl Script for OneWord {
    fn next(&mut self, _written: &str) -> Option<String> {
        self.0.take()
    }
}

impl Writer {
    /// Writes one token.
    ///
    /// # Errors
    /// When the model's thread is gone, or its arithmetic fails.
    pub async fn probe(&self) -> Result<(), WriteError> {
        let failed = |reason: crate::engine::Stopped| WriteError::Engine(reason.to_string());
        let messages = [Message { role: Role::User, content: "Ready?".to_owned() }];
        let (events, mut inbox) = mpsc::unbounded_channel();
        let cancel = CancellationToken::new();
        let _stop = cancel.clone().drop_guard();
        let request = Request {
            prompt: self.engine.encode(&messages).map_err(failed)?,
            script: Box::new(OneWord(Some("start: \"Yes\"\n".to_owned()))),
            sampling: Sampling {
                temperature: 0.0,
                top_p: 1.0,
                top_k: 1,
                seed: 0,
                line_tokens: usize::MAX,
                hurry_after: usize::MAX,
            },
            limit: 8,
        };
        let caller = Caller { deadline: Instant::now() + PATIENCE, cancel, events };
        self.engine.ask(Batch { requests: vec![request], caller }).map_err(failed)?;
        while let Some(event) = inbox.recv().await {
            match event {
                Event::Finished(Ok(answers)) if answers.iter().any(|answer| answer.text == "Yes") => return Ok(()),
                Event::Finished(Ok(_)) => return Err(WriteError::Engine("it wrote something else".to_owned())),
                Event::Finished(Err(reason)) => return Err(failed(reason)),
                Event::Read { .. } | Event::Text(_) => {}
            }
        }
        Err(WriteError::Engine("the model's thread has ended".to_owned()))
    }
}
