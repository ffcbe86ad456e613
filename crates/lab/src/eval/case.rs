//! A story as the measures see it: its words, numbers and durations, and the facts and limits that its criteria must hold.

use std::collections::HashSet;

use brine_core::gherkin::content_words;
use brine_core::story::Story;

use super::EvalError;
use super::keywords::{Fact, Keywords, plain};
use super::quantities::Quantities;
use crate::data::Pair;

/// A story with fewer words is thin, when nobody said what kind it is.
const THIN_WORDS: usize = 40;

/// One story of an evaluation.
#[derive(Clone, Debug)]
pub struct Case {
    /// As it stands in the file.
    pub pair: Pair,
    /// As the product reads it.
    pub story: Story,
    /// What the criteria must hold.
    pub(crate) facts: Vec<Fact>,
    /// Limits whose two sides must be tested.
    pub(crate) traps: Vec<Limit>,
    /// The story's text, see [`plain`].
    pub(crate) text: String,
    /// The content words of the whole story.
    pub(crate) stems: HashSet<String>,
    /// The content words of each sentence.
    pub(crate) sentences: Vec<HashSet<String>>,
    /// Numbers and durations of the story.
    pub(crate) quantities: Quantities,
    /// It says little, so that its criteria must end with questions.
    pub(crate) thin: bool,
}

/// A limit: a scenario that stays within, and one that goes beyond.
#[derive(Clone, Debug)]
pub(crate) struct Limit {
    /// Found in a scenario at or within the limit.
    pub(crate) at: Keywords,
    /// Found in a scenario beyond it.
    pub(crate) beyond: Keywords,
}

impl Case {
    /// Takes the pair's story, facts and traps apart.
    ///
    /// # Errors
    /// When the pair holds no story, or a fact without keywords.
    pub fn new(pair: Pair) -> Result<Self, EvalError> {
        let wrong = |reason: String| EvalError::Story { id: pair.id.clone(), reason };
        let story = pair.story().map_err(|error| wrong(error.to_string()))?;
        let facts = pair.facts.iter().map(|line| Fact::parse(line)).collect::<Result<_, _>>().map_err(wrong)?;
        let limit = |at: &str, beyond: &str| {
            Ok::<_, String>(Limit { at: Keywords::parse(at)?, beyond: Keywords::parse(beyond)? })
        };
        let traps =
            pair.traps.iter().map(|trap| limit(&trap.at, &trap.beyond)).collect::<Result<_, _>>().map_err(wrong)?;
        let text = story.text();
        let sentences = story.sentences().iter().map(|sentence| content_words(&sentence.text)).collect();
        let thin = match pair.kind.as_str() {
            "" => text.split_whitespace().count() < THIN_WORDS,
            kind => kind == "thin",
        };
        Ok(Self {
            facts,
            traps,
            stems: content_words(&text),
            sentences,
            quantities: Quantities::of(&text),
            text: plain(&text),
            thin,
            story,
            pair,
        })
    }
}
