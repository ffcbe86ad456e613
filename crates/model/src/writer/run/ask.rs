//! Questions to the engine.

use std::time::Instant;

use brine_core::prompt::Message;
use tokio::sync::mpsc;

use super::super::request::WriteError;
use super::Run;
use crate::engine::{Answer, Batch, Caller, Event, Request, Sampling, Script, Stopped};

/// Room for the end of an answer that was told to hurry: lines of the fewest words, though they may be long ones.
const HURRIED_TOKENS: usize = 320;

/// One answer that is wanted.
pub(super) struct Ask {
    pub(super) messages: Vec<Message>,
    pub(super) script: Box<dyn Script>,
    pub(super) sampling: Sampling,
    /// The rule, whose words and whose order of them are favoured.
    pub(super) favoured: String,
    /// So many tokens at the start of the answer are given, and say nothing of the rule.
    pub(super) given: usize,
}

impl Run<'_> {
    /// Answers that are written side by side, in the order of asking; `so_far` sees the first one grow.
    pub(super) async fn ask(
        &mut self,
        asks: Vec<Ask>,
        so_far: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Vec<Answer>, WriteError> {
        let (events, mut inbox) = mpsc::unbounded_channel();
        let requests = asks.into_iter().map(|ask| self.request(ask)).collect::<Result<Vec<_>, _>>();
        let requests = requests.map_err(|stopped| self.error(stopped))?;
        let deadline = self.started + self.request.deadline;
        let caller = Caller { deadline, cancel: self.cancel.clone(), events };
        self.engine.ask(Batch { requests, caller }).map_err(|stopped| self.error(stopped))?;
        let mut text = String::new();
        let mut read = Instant::now();
        while let Some(event) = inbox.recv().await {
            match event {
                Event::Read { tokens } => {
                    self.usage.prompt_tokens += tokens;
                    read = Instant::now();
                }
                Event::Text(piece) => {
                    text.push_str(&piece);
                    so_far(&text);
                }
                Event::Finished(Ok(answers)) => {
                    self.usage.written_tokens += answers.iter().map(|answer| answer.tokens).sum::<usize>();
                    self.usage.writing += read.elapsed();
                    return Ok(answers);
                }
                Event::Finished(Err(stopped)) => return Err(self.error(stopped)),
            }
        }
        Err(WriteError::Engine("the model's thread has ended".to_owned()))
    }

    /// One answer.
    pub(super) async fn ask_one(
        &mut self,
        ask: Ask,
        so_far: &mut (dyn FnMut(&str) + Send),
    ) -> Result<String, WriteError> {
        let mut answers = self.ask(vec![ask], so_far).await?;
        answers.pop().map(|answer| answer.text).ok_or_else(|| WriteError::Engine("there is no answer".to_owned()))
    }

    fn request(&self, ask: Ask) -> Result<Request, Stopped> {
        let Ask { messages, script, sampling, favoured, given } = ask;
        let limit = sampling.hurry_after + HURRIED_TOKENS;
        let (prompt, favoured) = (self.engine.encode(&messages)?, self.engine.favoured(&favoured, given));
        Ok(Request { prompt, script, sampling, favoured, limit })
    }

    fn error(&self, stopped: Stopped) -> WriteError {
        match stopped {
            Stopped::Cancelled => WriteError::Cancelled,
            Stopped::Deadline => WriteError::Deadline(self.request.deadline),
            other => WriteError::Engine(other.to_string()),
        }
    }
}
