//! The sentences of a story that a set may quote, and how often each was.

use brine_core::gherkin::form::RULE_CHARS;
use brine_core::story::{LineKind, Sentence, Story};

/// A sentence is quoted once for what it says, and once for the other side of it.
const TIMES: usize = 2;

/// See the module.
pub(super) struct Quotes(Vec<Quote>);

struct Quote {
    sentence: Sentence,
    taken: usize,
}

impl Quotes {
    /// Those of a story as the model reads it.
    pub(super) fn of(story: &Story) -> Self {
        let mut quotes: Vec<Quote> = Vec::new();
        for sentence in story.sentences() {
            let known = quotes.iter().any(|quote| quote.sentence.text == sentence.text);
            if !known && sentence.can_be_rule() && sentence.text.chars().count() <= RULE_CHARS {
                quotes.push(Quote { sentence, taken: 0 });
            }
        }
        if quotes.is_empty() {
            let sentence = Sentence { index: 0, text: story.summary().to_owned(), kind: LineKind::Summary };
            quotes.push(Quote { sentence, taken: 0 });
        }
        Self(quotes)
    }

    /// One alone.
    pub(super) fn only(text: &str) -> Self {
        let sentence = Sentence { index: 0, text: text.to_owned(), kind: LineKind::Prose };
        Self(vec![Quote { sentence, taken: 0 }])
    }

    /// Those that may be quoted next; all of them when each was quoted often enough.
    pub(super) fn open(&self) -> Vec<&str> {
        let text = |quote: &'_ Quote| -> bool { !self.some_are_open() || quote.taken < TIMES };
        self.0.iter().filter(|quote| text(quote)).map(|quote| quote.sentence.text.as_str()).collect()
    }

    /// Whether one was not quoted often enough.
    pub(super) fn some_are_open(&self) -> bool {
        self.0.iter().any(|quote| quote.taken < TIMES)
    }

    /// Notes that this one was quoted.
    pub(super) fn take(&mut self, text: &str) {
        if let Some(quote) = self.0.iter_mut().find(|quote| quote.sentence.text == text) {
            quote.taken += 1;
        }
    }
}
