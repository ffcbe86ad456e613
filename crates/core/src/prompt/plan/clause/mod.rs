//! Clauses of English rules: which parts of a sentence say something, and where.

mod pieces;
mod words;

pub(super) use self::pieces::{Piece, pieces};
pub(super) use self::words::{
    bare, base, is_cause, is_condition, is_determiner, is_preposition, is_verb, third_person, without_link,
};
use self::words::{ends_a_phrase, is_finite, is_plural, is_relative};

/// How notes without a verb begin that say of what is spoken of what it is, and those that say how many there can be.
const STATES: &[&str] =
    &["allowed", "available", "free", "mandatory", "optional", "possible", "required", "valid", "visible"];
const COUNTS: &[&str] =
    &["only", "no", "at most", "at least", "up to", "exactly", "more than", "less than", "fewer than", "not more than"];
/// What is counted stands among so many words.
const COUNTED: usize = 5;
/// Words of a condition, at most, and of a subject, where no comma tells where it begins.
const LONGEST_CONDITION: usize = 24;
const LONGEST_SUBJECT: usize = 4;

/// What a piece of a sentence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// It says something of something.
    Clause,
    /// Something is spoken of ("a card that is blocked"), and what is said of it is still to come.
    Subject,
    /// Neither.
    Other,
}

/// By where its verbs stand.
pub(super) fn form(text: &str) -> Form {
    let words: Vec<String> = text.split_whitespace().map(bare).collect();
    let opens = |word: &String| is_cause(word) || is_condition(word) || is_relative(word);
    if words.first().is_none_or(|first| is_finite(first)) {
        return Form::Other;
    }
    let is_verb = |place: &usize| is_finite(&words[*place]) || is_plural(&words, *place);
    let opening = words.iter().position(opens).unwrap_or(words.len());
    let said = (1..opening).filter(is_verb).count();
    let of_thing = (opening.max(1)..words.len()).filter(is_verb).count();
    let of_subject = words.get(opening).is_some_and(|word| is_relative(word));
    match (said, of_thing) {
        (1.., _) => Form::Clause,
        (0, 2..) if of_subject => Form::Clause,
        (0, 1) if of_subject => Form::Subject,
        _ => Form::Other,
    }
}

/// Where the verb of a clause stands among its words: the first one that is not said of its subject by the way.
pub(super) fn main_verb(words: &[&str]) -> Option<usize> {
    let words: Vec<String> = words.iter().map(|word| bare(word)).collect();
    // "With 3 successful runs there is": what comes before the subject has no verb, but what looks like one.
    let opens = is_preposition(words.first()?);
    let subject = (2..words.len()).find(|place| opens && is_determiner(&words[*place])).unwrap_or(0);
    let mut verbs = (subject + 1..words.len()).filter(|place| is_finite(&words[*place]) || is_plural(&words, *place));
    let first = verbs.next()?;
    let is_by_the_way = words[..first].iter().any(|word| is_relative(word));
    if is_by_the_way { verbs.next() } else { Some(first) }
}

/// Where what follows from a condition begins, when no comma says so, in bytes: "a person presses the button | the lift is
/// in use".
pub(super) fn second_subject(text: &str) -> Option<usize> {
    let mut before: Option<String> = None;
    // Later it is no condition that anybody follows.
    for word in text.split_whitespace().take(LONGEST_CONDITION) {
        let at = word.as_ptr() as usize - text.as_ptr() as usize;
        let word = bare(word);
        let begins = is_determiner(&word) && before.as_ref().is_some_and(|before| ends_a_phrase(before));
        let (first, second) = (text.get(..at)?, text.get(at..)?);
        if begins && form(first) == Form::Clause && form(second) == Form::Clause && is_soon(second) {
            return Some(at);
        }
        before = Some(word);
    }
    None
}

/// Whether a clause comes to its verb within a few words.
fn is_soon(clause: &str) -> bool {
    main_verb(&clause.split_whitespace().collect::<Vec<_>>()).is_some_and(|place| place <= LONGEST_SUBJECT)
}

/// A note as a clause: "Only one plan per person" is "there is only one plan per person", "Valid for a year" is "it is valid
/// for a year". None for what is no such note.
pub(super) fn completed(note: &str) -> Option<String> {
    let words: Vec<String> = note.split_whitespace().map(bare).collect();
    let first = words.first()?.as_str();
    let text = || Some(format!("{}{}", note.get(..1)?.to_lowercase(), note.get(1..)?));
    if words.iter().any(|word| is_finite(word) || is_cause(word) || (is_condition(word) && word != "than")) {
        return None;
    }
    if STATES.contains(&first) {
        return Some(format!("it is {}", text()?));
    }
    let counts = COUNTS.iter().any(|count| format!("{} ", words.join(" ")).starts_with(&format!("{count} ")));
    let is_many = words.iter().take(COUNTED).any(|word| word.len() > 3 && word.ends_with('s') && !word.ends_with("ss"));
    let is_number = note.starts_with(|c: char| c.is_ascii_digit()) && first.parse::<u32>().is_ok() && is_many;
    if !(counts || is_number) {
        return None;
    }
    Some(format!("there {} {}", if is_many { "are" } else { "is" }, text()?))
}
