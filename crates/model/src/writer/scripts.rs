//! The grammars of an answer, part by part.

use brine_core::gherkin::Tag;
use brine_core::gherkin::form::{self, MOST_QUESTIONS};
use brine_core::gherkin::grammar::{Lexicon, Outline, Start, columns};

use crate::engine::Script;

const FEWEST_SCENARIOS: usize = form::FEWEST_SCENARIOS as usize;

/// The place of the outcome among the parts of a scenario.
pub(super) const OUTCOME: usize = 1;

/// What the next part of a scenario is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Head,
    Outcome,
    Examples,
    Done,
}

/// Writes one scenario with one of `tags`, and stops.
pub(super) struct ScenarioScript {
    lexicon: Lexicon,
    tags: Vec<Tag>,
    outline: Outline,
    lead: &'static str,
    /// Where this scenario begins in the answer.
    start: usize,
    part: Part,
    given: Start,
}

impl ScenarioScript {
    pub(super) fn new(lexicon: Lexicon, tags: Vec<Tag>, outline: Outline) -> Self {
        Self { lexicon, tags, outline, lead: "@", start: 0, part: Part::Head, given: Start::default() }
    }

    /// The same with a start that is given.
    pub(super) fn with_start(self, given: Start) -> Self {
        Self { given, ..self }
    }
}

impl Script for ScenarioScript {
    fn next(&mut self, written: &str) -> Option<String> {
        let so_far = written.get(self.start..).unwrap_or_default();
        match self.part {
            Part::Head => {
                self.part = Part::Outcome;
                Some(self.lexicon.head(self.lead, &self.tags, self.outline, &self.given))
            }
            Part::Outcome => {
                self.part = if columns(so_far).is_empty() { Part::Done } else { Part::Examples };
                Some(self.lexicon.outcome(so_far, &self.given))
            }
            Part::Examples => {
                self.part = Part::Done;
                Some(self.lexicon.examples(&columns(so_far)))
            }
            Part::Done => None,
        }
    }
}

/// Writes a whole set: as few scenarios as the form allows to `most`, the first a happy path, at least one negative and one edge case, then
/// questions.
pub(super) struct SetScript {
    lexicon: Lexicon,
    outline: Outline,
    most: usize,
    scenario: Option<ScenarioScript>,
    scenarios: usize,
    questions: usize,
    /// The tags that may come in a free place.
    free: Vec<Tag>,
    missing: Vec<Tag>,
    /// A choice what to write next was given to the model.
    choosing: bool,
}

impl SetScript {
    pub(super) fn new(lexicon: Lexicon, outline: Outline, most: usize, free: Vec<Tag>) -> Self {
        let missing = vec![Tag::Negative, Tag::EdgeCase];
        let most = most.max(FEWEST_SCENARIOS);
        Self { lexicon, outline, most, scenario: None, scenarios: 0, questions: 0, free, missing, choosing: false }
    }

    fn begin(&mut self, lead: &'static str, written: &str) -> Option<String> {
        let places = self.most - self.scenarios;
        let tags = match self.scenarios {
            0 => vec![Tag::HappyPath],
            _ if self.missing.len() >= places => self.missing.clone(),
            _ => self.free.clone(),
        };
        self.scenarios += 1;
        let start = written.len();
        let (lexicon, outline) = (self.lexicon.clone(), self.outline);
        let mut scenario =
            ScenarioScript { lexicon, tags, outline, lead, start, part: Part::Head, given: Start::default() };
        let grammar = scenario.next(written);
        self.scenario = Some(scenario);
        grammar
    }

    /// Notes which kind the finished scenario was.
    fn finish(&mut self, written: &str) {
        if let Some(scenario) = self.scenario.take() {
            let text = written.get(scenario.start..).unwrap_or_default();
            let name = text.trim_start().lines().next().unwrap_or_default();
            self.missing.retain(|tag| Tag::from_name(name) != Some(*tag));
        }
    }
}

impl Script for SetScript {
    fn next(&mut self, written: &str) -> Option<String> {
        if let Some(grammar) = self.scenario.as_mut().and_then(|scenario| scenario.next(written)) {
            return Some(grammar);
        }
        self.finish(written);
        if std::mem::take(&mut self.choosing) {
            if written.ends_with('@') {
                return self.begin("", written);
            }
            if written.ends_with("# Question:") {
                self.questions += 1;
                return Some(self.lexicon.question());
            }
            return None;
        }
        if self.scenarios == 0 {
            return self.begin("@", written);
        }
        if self.scenarios < FEWEST_SCENARIOS || (!self.missing.is_empty() && self.scenarios < self.most) {
            return self.begin("\n@", written);
        }
        let scenario = self.scenarios < self.most && self.questions == 0;
        let question = self.questions < MOST_QUESTIONS;
        self.choosing = scenario || question;
        // Questions stand in lines of their own, with one blank line before the first.
        let lead = if self.questions == 0 { "\n" } else { "" };
        self.choosing.then(|| Lexicon::next(lead, scenario, question))
    }
}

/// Writes one question and stops.
pub(super) struct QuestionScript {
    lexicon: Option<Lexicon>,
}

impl QuestionScript {
    pub(super) fn new(lexicon: Lexicon) -> Self {
        Self { lexicon: Some(lexicon) }
    }
}

impl Script for QuestionScript {
    fn next(&mut self, _written: &str) -> Option<String> {
        self.lexicon.take().map(|lexicon| lexicon.question())
    }
}

/// Writes question lines: at least `least`, at most [`MOST_QUESTIONS`], as many as the model likes.
pub(super) struct QuestionsScript {
    lexicon: Lexicon,
    least: usize,
    written: usize,
    /// The start of a question was offered to the model.
    offered: bool,
}

impl QuestionsScript {
    pub(super) fn new(lexicon: Lexicon, least: usize) -> Self {
        Self { lexicon, least, written: 0, offered: false }
    }
}

impl Script for QuestionsScript {
    fn next(&mut self, written: &str) -> Option<String> {
        if std::mem::take(&mut self.offered) {
            let taken = written.ends_with("# Question:");
            self.written += 1;
            return taken.then(|| self.lexicon.question());
        }
        if self.written == MOST_QUESTIONS {
            return None;
        }
        self.offered = true;
        Some(match self.written < self.least {
            true => "start: \"# Question:\"\n".to_owned(),
            false => Lexicon::next("", false, true),
        })
    }
}
