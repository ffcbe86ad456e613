//! What the words of a sentence say of it as a rule: refusals, limits, and how much there is to test.

use std::sync::LazyLock;

use regex::Regex;

use crate::gherkin::{Tag, numbers};

/// Words that speak of refusal.
const REFUSAL: &[&str] = &[
    "not",
    "cannot",
    "can't",
    "never",
    "refuse",
    "refused",
    "reject",
    "rejected",
    "invalid",
    "error",
    "errors",
    "fail",
    "fails",
    "failed",
    "deny",
    "denied",
    "forbidden",
    "without",
    "missing",
    "only",
    "no",
    "unless",
    "block",
    "blocked",
    "wrong",
    "must",
    "nobody",
    "unauthorised",
    "unauthorized",
    "expired",
    "don't",
    "doesn't",
];
/// Words that speak of limits, time and repetition.
const LIMIT: &[&str] = &[
    "after", "before", "within", "until", "limit", "limits", "maximum", "minimum", "most", "least", "more", "less",
    "longer", "than", "empty", "again", "twice", "already", "same", "several", "when", "if", "while", "between", "per",
    "up",
];

/// "As a clerk, I want …".
pub(super) fn is_goal(sentence: &str) -> bool {
    let start = sentence.to_lowercase();
    start.starts_with("as a ")
        || start.starts_with("as an ")
        || start.starts_with("as the ")
        || start.contains("i want ")
}

/// Words that tell how things are or went before the change, and words of a rule, with which a sentence tells more.
static BACKGROUND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let last = "last (week|month|year|night|time|spring|summer|autumn|winter|(mon|tues|wednes|thurs|fri|satur|sun)day)";
    Regex::new(&format!(
        r"(?i)\b(today|nowadays|currently|yesterday|at the moment|complain(s|ed|ts?)?|incident|{last})\b"
    ))
    .ok()
});
const OF_A_RULE: &[&str] = &["must", "should", "shall", "cannot", "can", "may", "never", "only", "if", "when", "from"];

/// Whether a sentence only tells why the story was written: "Today HR does it by hand". Of the sentences of
/// hand-written stories criteria say at least half of the words in 76 of 100; of 112 that speak of the past or of complaints (by
/// a longer list than this one) in 44 of 100.
pub(super) fn is_background(sentence: &str) -> bool {
    BACKGROUND.as_ref().is_some_and(|background| background.is_match(sentence)) && count(sentence, OF_A_RULE) == 0
}

/// The kind of case that a rule asks for.
pub(super) fn tag_of(rule: &str) -> Tag {
    if refusals(rule) > limits(rule) { Tag::Negative } else { Tag::EdgeCase }
}

/// How much a sentence looks like a rule that can be tested.
pub(super) fn weight(sentence: &str) -> usize {
    2 * numbers(sentence).len()
        + 2 * count(sentence, REFUSAL)
        + count(sentence, LIMIT)
        + usize::from(sentence.split_whitespace().count() > 4)
}

/// How often it speaks of refusal.
pub(super) fn refusals(rule: &str) -> usize {
    count(rule, REFUSAL)
}

/// How often it speaks of limits, time and repetition.
pub(super) fn limits(rule: &str) -> usize {
    count(rule, LIMIT) + numbers(rule).len()
}

fn count(text: &str, signs: &[&str]) -> usize {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '\''));
    words.filter(|word| signs.contains(&word.to_lowercase().as_str())).count()
}
