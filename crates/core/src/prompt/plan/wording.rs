//! A clause of a rule as the words of a step.

use std::ops::RangeInclusive;

use super::clause::{bare, third_person};

/// Words of a step.
const WORDS: RangeInclusive<usize> = 4..=22;
/// What a clause may hold besides letters and digits: all that a step can be written with.
const KEPT: &str = " -'’/%€$£°.,:&+_@#\"“”";
/// Whoever speaks, and whatever is only wished for, is no part of criteria.
const UNFIT: &[&str] =
    &["i", "i'm", "me", "my", "we", "us", "our", "you", "your", "should", "shall", "want", "wants", "let's"];
/// Words that wish for what outcomes state.
const WISHES: &[&str] = &["should", "shall"];

/// With a small first letter, unless the story uses the word as a name.
pub(super) fn in_a_sentence(clause: &str, story: &str) -> String {
    let first = clause.split_whitespace().next().unwrap_or_default();
    let mut letters = first.chars();
    let Some(initial) = letters.next().filter(|c| c.is_uppercase()) else { return clause.to_owned() };
    let behind = letters.as_str();
    let small = format!("{}{behind}", initial.to_lowercase());
    let is_acronym = behind.chars().any(char::is_uppercase) || (behind.is_empty() && initial != 'A');
    if is_acronym || (stands_amid(story, first) && !stands_amid(story, &small)) {
        return clause.to_owned();
    }
    format!("{small}{}", clause.get(first.len()..).unwrap_or_default())
}

/// Whether a word stands in a text somewhere else than at the start of a sentence or line.
fn stands_amid(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let (before, behind) = (text.get(..at).unwrap_or_default(), text.get(at + word.len()..).unwrap_or_default());
        before.ends_with(' ')
            && !before.trim_end().ends_with(['.', ':', '!', '?', '-', '*', ')'])
            && !behind.starts_with(char::is_alphanumeric)
    })
}

/// Whether a clause is no longer than a step.
pub(super) fn has_room(clause: &str) -> bool {
    clause.split_whitespace().nth(*WORDS.end()).is_none()
}

/// Whether a clause can be a step as it is.
pub(super) fn is_fit(clause: &str) -> bool {
    let words: Vec<String> = clause.split_whitespace().map(bare).collect();
    WORDS.contains(&words.len())
        && clause.matches(['"', '“', '”']).count().is_multiple_of(2)
        && clause.chars().all(|c| c.is_alphanumeric() || KEPT.contains(c))
        && !words.iter().any(|word| UNFIT.contains(&word.as_str()))
}

/// "Robots shall take another route" as a fact: "robots take another route". Wishes for what is not to be stay as they are.
pub(super) fn in_present(clause: &str) -> String {
    let words: Vec<&str> = clause.split_whitespace().collect();
    let Some(place) = words.iter().position(|word| WISHES.contains(word)) else { return clause.to_owned() };
    let (subject, rest) = words.split_at(place);
    let (Some(last), Some(verb)) = (subject.last(), rest.get(1)) else { return clause.to_owned() };
    if bare(verb) != *verb || matches!(*verb, "not" | "only" | "also" | "never" | "always") {
        return clause.to_owned();
    }
    let last = bare(last);
    let plural = (last.ends_with('s') && !last.ends_with("ss")) || matches!(last.as_str(), "they" | "people");
    let fact = match (*verb, plural) {
        ("be", true) => "are".to_owned(),
        ("be", false) => "is".to_owned(),
        (verb, true) => verb.to_owned(),
        (verb, false) => third_person(verb),
    };
    let behind = rest.get(2..).unwrap_or_default();
    subject.iter().copied().chain([fact.as_str()]).chain(behind.iter().copied()).collect::<Vec<_>>().join(" ")
}
