//! Raw text without grammar or the product's prompt: what the bare model makes of a plain request. For evaluations
//! only; nothing that is shown to users comes from here.

use std::time::Instant;

use brine_core::prompt::{budget, seed};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::request::{DraftRequest, Usage, WriteError};
use super::{DESCRIPTION_TOKENS, Writer};
use crate::engine::{Batch, Caller, Event, Request, Sampling, Script};

/// Longest text; what is longer is cut, as every chat does.
const TOKENS: usize = 900;

/// A bare model's answer.
#[derive(Clone, Debug)]
pub struct FreeText {
    /// As the model wrote it.
    pub text: String,
    /// What it cost.
    pub usage: Usage,
}

/// Anything, once.
struct FreeScript(Option<String>);

impl Script for FreeScript {
    fn next(&mut self, _written: &str) -> Option<String> {
        self.0.take()
    }
}

impl Writer {
    /// Asks for criteria with the seed prompt and takes what comes; the request's prompt and number of scenarios play no
    /// part.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn free_text(&self, request: DraftRequest, cancel: CancellationToken) -> Result<FreeText, WriteError> {
        let started = Instant::now();
        let story = &request.story;
        let fitted = budget::fit(story.description(), DESCRIPTION_TOKENS, |text| self.engine.count(text));
        let messages = seed().render(story.summary(), &fitted.text);
        let stopped = |stopped| WriteError::of(stopped, request.deadline);
        let (events, mut inbox) = mpsc::unbounded_channel();
        let grammar = format!("start: text\ntext[max_tokens={TOKENS}]: /(.|\\n)*/\n");
        let deadline = started + request.deadline;
        let ask = Request {
            prompt: self.engine.encode(&messages).map_err(stopped)?,
            script: Box::new(FreeScript(Some(grammar))),
            sampling: Sampling {
                temperature: 0.5,
                top_p: 0.9,
                top_k: 40,
                seed: request.seed,
                line_tokens: usize::MAX,
                hurry_after: usize::MAX,
            },
            limit: TOKENS + 1,
        };
        let caller = Caller { deadline, cancel, events };
        self.engine.ask(Batch { requests: vec![ask], caller }).map_err(stopped)?;
        let mut usage = Usage::default();
        let mut text = String::new();
        let mut first = None;
        while let Some(event) = inbox.recv().await {
            match event {
                Event::Read { tokens } => usage.prompt_tokens = tokens,
                Event::Text(piece) => {
                    text.push_str(&piece);
                    // The first scenario is there once the second one begins.
                    if first.is_none() && text.matches("Scenario").count() > 1 {
                        first = Some(started.elapsed());
                    }
                }
                Event::Finished(Ok(mut answers)) => {
                    let Some(answer) = answers.pop() else { break };
                    usage.written_tokens = answer.tokens;
                    usage.total = started.elapsed();
                    usage.first_scenario = first.unwrap_or(usage.total);
                    return Ok(FreeText { text: answer.text, usage });
                }
                Event::Finished(Err(reason)) => return Err(stopped(reason)),
            }
        }
        Err(WriteError::Engine("the model's thread has ended".to_owned()))
    }
}
