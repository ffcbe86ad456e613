//! One story's way through the engine: a whole set as one answer, told scenario by scenario.

use std::time::Instant;

use brine_core::gherkin::{Criteria, Language};
use brine_core::prompt::Message;
use brine_core::story::Story;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::quotes::Quotes;
use super::read;
use super::request::{DraftEvent, DraftRequest, Usage, WriteError};
use super::script::{SetScript, Wanted};
use crate::engine::{Batch, Caller, Engine, Event, Request, Sampling, Stopped};

/// After so many tokens, lines end where they can.
const SET_TOKENS: usize = 1_000;
/// Room for the end of an answer that was told to hurry.
const HURRIED_TOKENS: usize = 600;
/// A line of so many tokens ends where it can.
pub(super) const LINE_TOKENS: usize = 48;
/// A story with fewer words leaves much open.
const THIN_WORDS: usize = 40;
/// Questions about a thin story, at least.
const THIN_QUESTIONS: usize = 2;

pub(super) struct Run<'a> {
    pub(super) engine: &'a Engine,
    pub(super) request: &'a DraftRequest,
    /// The story as the model reads it.
    pub(super) story: &'a Story,
    pub(super) language: Language,
    pub(super) cancel: CancellationToken,
    pub(super) started: Instant,
}

impl Run<'_> {
    /// The set that answers `messages`, and what it cost.
    pub(super) async fn set(
        &self,
        messages: &[Message],
        on: &mut (impl FnMut(DraftEvent) + Send),
    ) -> Result<(Criteria, Usage), WriteError> {
        let most = usize::from(self.request.max_scenarios);
        let (events, mut inbox) = mpsc::unbounded_channel();
        let caller = Caller { deadline: self.started + self.request.deadline, cancel: self.cancel.clone(), events };
        let request = self.ask(messages, most).map_err(|stopped| self.error(stopped))?;
        self.engine.ask(Batch { requests: vec![request], caller }).map_err(|stopped| self.error(stopped))?;
        let mut told = Told { shown: 0, most };
        let mut usage = Usage::default();
        let mut read = Instant::now();
        let mut text = String::new();
        told.begin(on);
        while let Some(event) = inbox.recv().await {
            match event {
                Event::Read { tokens } => {
                    usage.prompt_tokens = tokens;
                    read = Instant::now();
                }
                Event::Text(piece) => {
                    text.push_str(&piece);
                    let complete =
                        read::complete(&text).and_then(|text| read::criteria(text, self.story, self.language).ok());
                    if told.scenarios(complete.as_ref(), on) && usage.first_scenario.is_zero() {
                        usage.first_scenario = self.started.elapsed();
                    }
                }
                Event::Finished(Ok(mut answers)) => {
                    let answer = answers.pop().ok_or_else(|| WriteError::Engine("there is no answer".to_owned()))?;
                    usage.written_tokens = answer.tokens;
                    usage.writing = read.elapsed();
                    let broken = |error| WriteError::Engine(format!("the answer does not parse ({error})"));
                    let criteria = read::criteria(&answer.text, self.story, self.language).map_err(broken)?;
                    told.scenarios(Some(&criteria), on);
                    return Ok((criteria, usage));
                }
                Event::Finished(Err(stopped)) => return Err(self.error(stopped)),
            }
        }
        Err(WriteError::Engine("the model's thread has ended".to_owned()))
    }

    fn ask(&self, messages: &[Message], most: usize) -> Result<Request, Stopped> {
        let text = self.story.text();
        let thin = self.request.story.text().split_whitespace().count() < THIN_WORDS;
        let wanted = Wanted { most, questions: if thin { THIN_QUESTIONS } else { 0 }, language: self.language };
        let sampling = Sampling {
            temperature: TEMPERATURE,
            top_p: 0.9,
            top_k: 20,
            seed: self.seed(),
            line_tokens: LINE_TOKENS,
            hurry_after: SET_TOKENS,
        };
        Ok(Request {
            prompt: self.engine.encode(messages)?,
            script: Box::new(SetScript::new(wanted, Quotes::of(self.story), &text)),
            sampling,
            limit: SET_TOKENS + HURRIED_TOKENS,
        })
    }

    /// Of the request and the story: with the same chances for every story, all would end alike.
    fn seed(&self) -> u64 {
        let story = self.request.story.hash();
        let story = story.get(..16).and_then(|start| u64::from_str_radix(start, 16).ok()).unwrap_or(0);
        self.request.seed.wrapping_add(story)
    }

    fn error(&self, stopped: Stopped) -> WriteError {
        WriteError::of(stopped, self.request.deadline)
    }
}

/// Little: a tuned model's likeliest words are its best ones.
const TEMPERATURE: f64 = 0.2;

/// What was told of a set so far.
struct Told {
    shown: usize,
    most: usize,
}

impl Told {
    fn begin(&self, on: &mut (impl FnMut(DraftEvent) + Send)) {
        if self.shown < self.most {
            on(DraftEvent::Writing { scenario: self.shown + 1, of: self.most });
        }
    }

    /// Tells of scenarios that are new; whether there were any.
    fn scenarios(&mut self, criteria: Option<&Criteria>, on: &mut (impl FnMut(DraftEvent) + Send)) -> bool {
        let new = criteria.map(|criteria| &criteria.scenarios[..]).and_then(|all| all.get(self.shown..));
        let new = new.unwrap_or_default();
        for scenario in new {
            on(DraftEvent::Scenario(Box::new(scenario.clone())));
            self.shown += 1;
            self.begin(on);
        }
        !new.is_empty()
    }
}
