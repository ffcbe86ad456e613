//! Takes what points to a person, a company or a machine out of texts that are used for tuning: each finding becomes a
//! neutral stand-in ("person1@example.com"), the same one wherever it stands in the texts of one pair, so that criteria
//! still say what their story says. Limits, times and dates stay as they are: they are what is learned.
//!
//! What patterns can't know (names in plain words) goes by a list of words. Redacting twice gives the same as once.

mod numbers;
mod rules;
mod stand_in;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, HashMap, HashSet};

use rules::{Found, RULES};
pub use stand_in::Kind;
use stand_in::{is_stand_in, joins_after, joins_before};
pub use words::{Words, WordsError};

use crate::gherkin::{Dialect, LANGUAGE, Language, QUESTION};

/// What a replacement leaves can, next to what it stands beside, look like a new finding: then it is looked at again.
const ROUNDS: usize = 8;

/// Redacts the texts of one pair.
pub struct Redactor<'w> {
    words: &'w Words,
    known: HashMap<(Kind, String), String>,
    taken: HashSet<String>,
    counts: Counts,
}

/// How often something of each kind was replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<Kind, usize>);

/// A part of a text: still to be looked at, or done with.
enum Piece {
    Free(String),
    Done(String),
}

impl<'w> Redactor<'w> {
    /// One that has seen nothing yet. `words` are replaced wherever they stand.
    pub fn new(words: &'w Words) -> Self {
        Self { words, known: HashMap::new(), taken: HashSet::new(), counts: Counts::default() }
    }

    /// The text without what points to anybody.
    pub fn text(&mut self, text: &str) -> String {
        let mut now = text.to_owned();
        for _ in 0..ROUNDS {
            let next = self.pass(&now);
            if next == now {
                break;
            }
            now = next;
        }
        now
    }

    /// Gherkin text: tags and keywords stay, whatever the list of words says.
    pub fn criteria(&mut self, text: &str) -> String {
        let named = |line: &str| Language::from_code(line.trim().strip_prefix(LANGUAGE.trim_end())?.trim());
        let dialect = text.lines().find_map(named).unwrap_or_default().dialect();
        let line = |line: &str| {
            let (keyword, rest) = split_keyword(line, dialect);
            format!("{keyword}{}\n", self.text(rest))
        };
        text.lines().map(line).collect()
    }

    /// What was replaced so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    fn pass(&mut self, text: &str) -> String {
        let mut pieces = self.spare(text);
        for rule in RULES.iter() {
            pieces = self.replace(pieces, |text| rule.find(text));
        }
        let words = self.words;
        pieces = self.replace(pieces, |text| words.find(text));
        joined(pieces)
    }

    /// Stand-ins of an earlier run are done with, and their numbers are not given again.
    fn spare(&mut self, text: &str) -> Vec<Piece> {
        let found = stand_in::find(text);
        self.taken.extend(found.iter().filter_map(|range| text.get(range.clone()).map(str::to_owned)));
        let parts = found.into_iter().map(|range| (range.clone(), text[range].to_owned()));
        cut(text, parts.collect())
    }

    fn replace(&mut self, pieces: Vec<Piece>, find: impl Fn(&str) -> Vec<Found>) -> Vec<Piece> {
        let mut all = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Done(_) => all.push(piece),
                Piece::Free(text) => {
                    let found = find(&text).into_iter();
                    let parts = found.map(|found| (found.range, self.stand_in(found.kind, found.key))).collect();
                    all.extend(cut(&text, parts));
                }
            }
        }
        all
    }

    fn stand_in(&mut self, kind: Kind, key: String) -> String {
        *self.counts.0.entry(kind).or_default() += 1;
        if let Some(known) = self.known.get(&(kind, key.clone())) {
            return known.clone();
        }
        let free = |number: &usize| !self.taken.contains(&kind.stand_in(*number));
        let number = (1..=kind.most()).find(free).unwrap_or(kind.most());
        let stand_in = kind.stand_in(number);
        debug_assert!(is_stand_in(&stand_in), "{stand_in}");
        self.taken.insert(stand_in.clone());
        self.known.insert((kind, key), stand_in.clone());
        stand_in
    }
}

impl Counts {
    /// Adds what another pair had.
    pub fn add(&mut self, other: &Counts) {
        for (kind, count) in &other.0 {
            *self.0.entry(*kind).or_default() += count;
        }
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts: Vec<String> = self.0.iter().map(|(kind, count)| format!("{count} × {}", kind.title())).collect();
        f.write_str(if parts.is_empty() { "nothing" } else { "" })?;
        f.write_str(&parts.join(", "))
    }
}

/// The text with some of its parts, in order, replaced and done with.
fn cut(text: &str, parts: Vec<(std::ops::Range<usize>, String)>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut end = 0;
    for (range, replacement) in parts {
        pieces.push(Piece::Free(text[end..range.start].to_owned()));
        pieces.push(Piece::Done(replacement));
        end = range.end;
    }
    pieces.push(Piece::Free(text[end..].to_owned()));
    pieces
}

/// The text again; a space keeps a stand-in apart from what it would grow together with ("key-1" and "92 days").
fn joined(pieces: Vec<Piece>) -> String {
    let mut text = String::new();
    let mut after_stand_in = false;
    for piece in pieces {
        let (part, is_stand_in) = match piece {
            Piece::Free(part) => (part, false),
            Piece::Done(part) => (part, true),
        };
        if part.is_empty() {
            continue;
        }
        if (after_stand_in && joins_after(&part)) || (is_stand_in && joins_before(&text)) {
            text.push(' ');
        }
        text.push_str(&part);
        after_stand_in = is_stand_in;
    }
    text
}

/// The part of a line that belongs to the form of Gherkin, and the rest. A line of tags is all form, and that of the language.
fn split_keyword<'line>(line: &'line str, dialect: &Dialect) -> (&'line str, &'line str) {
    let text = line.trim();
    if text.starts_with('@') || text.starts_with(LANGUAGE.trim_end()) {
        return (line, "");
    }
    let question = || text.strip_prefix(QUESTION.trim_end());
    let step = || dialect.split_step(text).map(|(_, rest)| rest);
    let rest = dialect.after_heading(text).or_else(question).or_else(step).unwrap_or(text);
    // What is left of the line stands at its end.
    line.split_at(line.trim_end().len() - rest.len())
}
