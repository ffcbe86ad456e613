//! One story's way through the engine: the answers that make up a set.

mod ask;
mod questions;
mod rules;
mod whole;

use std::time::{Duration, Instant};

use brine_core::gherkin::grammar::Lexicon;
use brine_core::gherkin::{self, Criteria};
use brine_core::prompt::{Prompt, Questions};
use tokio_util::sync::CancellationToken;

use super::manner::Manner;
use super::request::{DraftRequest, Usage, WriteError};
use crate::engine::Engine;

/// A story with fewer words leaves much open.
const THIN_WORDS: usize = 40;

pub(super) struct Run<'a> {
    engine: &'a Engine,
    request: &'a DraftRequest,
    template: Prompt,
    description: &'a str,
    cancel: CancellationToken,
    started: Instant,
    lexicon: Lexicon,
    usage: Usage,
    /// Of the request's seed and the story: with the same chances for every story, all would end alike.
    seed: u64,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        engine: &'a Engine,
        request: &'a DraftRequest,
        template: Prompt,
        description: &'a str,
        cancel: CancellationToken,
        started: Instant,
    ) -> Self {
        let lexicon = Lexicon::of(&request.story);
        let story = request.story.hash();
        let story = story.get(..16).and_then(|start| u64::from_str_radix(start, 16).ok()).unwrap_or_default();
        let seed = request.seed.wrapping_add(story);
        Self { engine, request, template, description, cancel, started, lexicon, usage: Usage::default(), seed }
    }

    /// What it cost so far.
    pub(super) fn usage(&self) -> Usage {
        self.usage
    }

    fn manner(&self) -> Manner {
        Manner { tuned: self.template.questions == Questions::Own }
    }

    fn is_thin(&self) -> bool {
        self.request.story.text().split_whitespace().count() < THIN_WORDS
    }

    fn note_first(&mut self) {
        if self.usage.first_scenario == Duration::ZERO {
            self.usage.first_scenario = self.started.elapsed();
        }
    }
}

fn parsed(text: &str) -> Result<Criteria, WriteError> {
    gherkin::parse(text).map_err(|error| WriteError::Engine(format!("the answer does not parse ({error})")))
}
