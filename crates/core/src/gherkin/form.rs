//! The limits of the form that criteria have: how many scenarios, lines, words and questions.
//!
//! Their one home: the grammar that the model is held to, the rules that judge a set, the settings that people choose,
//! the prompts, the filters of the lab and the pages all read them here. The wide limits are what a set *may* be (what
//! the hand-written pairs keep); the narrow ones, `…_READ_BEST`, are what findings advise.

use std::ops::RangeInclusive;

/// Fewest scenarios of a set: one happy path, one negative and one edge case.
pub const FEWEST_SCENARIOS: u8 = 3;
/// Most scenarios of a set, reached where the story has as many rules; also what a project starts with.
pub const MOST_SCENARIOS: u8 = 8;
/// Scenarios that a person may ask for at most: the choice in the settings.
pub const SCENARIOS: RangeInclusive<u8> = FEWEST_SCENARIOS..=MOST_SCENARIOS;

/// Words of a title.
pub const TITLE_WORDS: RangeInclusive<usize> = 2..=16;
/// Words of a title that reads best.
pub const TITLE_WORDS_READ_BEST: RangeInclusive<usize> = 4..=12;
/// Words of a step, without its keyword.
pub const STEP_WORDS: RangeInclusive<usize> = 2..=26;
/// Words of a step that reads best, without its keyword.
pub const STEP_WORDS_READ_BEST: RangeInclusive<usize> = 4..=22;

/// `Given` and what follows it with `And` or `But`. (`When` is always one line.)
pub const GIVEN_LINES: RangeInclusive<usize> = 1..=3;
/// `Then` and what follows it with `And` or `But`.
pub const THEN_LINES: RangeInclusive<usize> = 1..=4;
/// Rows of an `Examples` table below its column names.
pub const EXAMPLE_ROWS: RangeInclusive<usize> = 2..=6;

/// Questions to the product owner, at most. None is fine.
pub const MOST_QUESTIONS: usize = 3;

/// Characters of a sentence that can be a rule; longer ones are samples, and would fill an answer that quotes them.
pub const RULE_CHARS: usize = 400;

/// Whether a set of so many scenarios is one.
pub fn is_a_set(scenarios: usize) -> bool {
    u8::try_from(scenarios).is_ok_and(|scenarios| SCENARIOS.contains(&scenarios))
}

/// Limits as people read them: "3 to 8".
pub fn said<T: std::fmt::Display>(limits: &RangeInclusive<T>) -> String {
    format!("{} to {}", limits.start(), limits.end())
}
