//! The grammar that decoding is held to, in the Lark dialect of the crate `llguidance`, made for one story.
//!
//! A scenario is written in parts, because what may come later depends on what was written: the head (tag to `Then`), the
//! outcome, and, for an outline, the table with the columns that its steps use. Letters are free; numbers, symbols and, in
//! the outcome, quoted values can only be those that the story or the scenario's own head holds.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::Tag;
use super::words::{numbers, quotes};
use crate::story::Story;

/// Story words with digits or symbols that the model may repeat letter by letter.
const MOST_LITERALS: usize = 96;
const LONGEST_LITERAL: usize = 32;
const MOST_QUOTES: usize = 24;
const LONGEST_QUOTE: usize = 60;
/// Letters beyond A to Z that the story uses.
const MOST_LETTERS: usize = 400;

/// What the model may write about one story.
#[derive(Clone, Debug)]
pub struct Lexicon {
    letters: String,
    literals: Vec<String>,
    quotes: Vec<String>,
}

/// Whether a scenario is an outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outline {
    /// A plain scenario.
    No,
    /// As the model likes.
    Maybe,
}

impl Lexicon {
    /// The letters, numbers, odd words and quoted values of a story.
    pub fn of(story: &Story) -> Self {
        let text = story.text();
        let letters: BTreeSet<char> =
            text.chars().filter(|c| !c.is_ascii() && c.is_alphabetic()).take(MOST_LETTERS).collect();
        let mut literals: BTreeSet<String> = numbers(&text).into_iter().collect();
        for word in text.split_whitespace() {
            let word = word.trim_matches(|c: char| !(c.is_alphanumeric() || matches!(c, '%' | '€' | '$' | '£' | '°')));
            if is_literal(word) {
                literals.insert(word.to_owned());
            }
        }
        literals.retain(|literal| literal.chars().count() <= LONGEST_LITERAL);
        Self {
            letters: letters.into_iter().collect(),
            literals: literals.into_iter().take(MOST_LITERALS).collect(),
            quotes: kept_quotes(quotes(&text)),
        }
    }

    /// From the tag line to the word `Then`.
    pub fn head(&self, tags: &[Tag], outline: Outline) -> String {
        let tags = tags.iter().map(|tag| format!("\"{tag}\\n\"")).collect::<Vec<_>>().join(" | ");
        let mut grammar =
            format!("start: ({tags}) {}\n", if outline == Outline::Maybe { "(plain | outline)" } else { "plain" });
        grammar.push_str("plain: \"Scenario:\" TITLE \"\\n  Given\" STEP (\"\\n  And\" STEP){0,2} \"\\n  When\" STEP \"\\n  Then\"\n");
        if outline == Outline::Maybe {
            grammar.push_str(
                "outline: \"Scenario Outline:\" TITLE \"\\n  Given\" STEP (\"\\n  And\" STEP){0,2} \"\\n  When\" VARIED \"\\n  Then\"\n",
            );
            let word = self.word();
            let placeholder = r#""?<[a-z][a-z ]{1,18}[a-z]>"?"#;
            let _ = writeln!(grammar, "VARIED: /( {word}){{2,10}} {placeholder}( {word}){{0,8}}/{}", Self::STYLE);
        }
        let sample = r#""[A-Za-z0-9][A-Za-z0-9 .:@_\-]{0,26}[A-Za-z0-9]""#;
        let quoted = self.alternatives(sample, &self.quotes);
        self.terminals(&mut grammar, &quoted);
        grammar
    }

    /// From the first outcome to the line break after the last one. `head` is what was written before it: its quoted
    /// values and placeholders may be repeated.
    pub fn outcome(&self, head: &str) -> String {
        let columns = columns(head);
        let end = if columns.is_empty() { "\\n" } else { "\\n\\n  Examples:\\n    |" };
        let mut grammar = format!("start: STEP ((\"\\n  And\" | \"\\n  But\") STEP){{0,3}} \"{end}\"\n");
        let mut known = kept_quotes(quotes(head));
        known.extend(self.quotes.iter().cloned());
        known.truncate(MOST_QUOTES);
        let placeholders =
            columns.iter().map(|column| format!("\"?<{}>\"?", escape(column))).collect::<Vec<_>>().join("|");
        let quoted = self.alternatives(&placeholders, &known);
        self.terminals(&mut grammar, &quoted);
        grammar
    }

    /// The rest of an examples table, from behind the first pipe of its header.
    pub fn examples(&self, columns: &[String]) -> String {
        let header = columns.iter().map(|column| format!(" {column} |")).collect::<String>();
        let cells = " CELL \" |\"".repeat(columns.len());
        format!(
            "start: \"{header}\" row{{2,6}} \"\\n\"\nrow: \"\\n    |\"{cells}\nCELL: /( {word}){{1,4}}/\n",
            word = self.word(),
        )
    }

    /// One question for the product owner, on a comment line.
    pub fn question(&self) -> String {
        format!(
            "start: \"# Question:\" ASKED \"?\\n\"\nASKED: /( {word}){{5,24}}/{style}\n",
            word = self.word(),
            style = Self::STYLE
        )
    }

    /// Steps and titles end without punctuation and never begin in the first person.
    const STYLE: &str = r" & ~/(?s:.*)[.,;:]/ & ~/ (I|I'm|My|We|Our|You|Your)( (?s:.*))?/";

    fn terminals(&self, grammar: &mut String, quoted: &str) {
        let (word, style) = (self.word(), Self::STYLE);
        let either = if quoted.is_empty() { word.clone() } else { format!("({word}|{quoted})") };
        let _ = writeln!(grammar, "TITLE: /( {word}){{4,12}}/{style} & ~/(?s:.*)[Ss]hould(?s:.*)/");
        let _ = writeln!(grammar, "STEP: /( {either}){{4,22}}/{style}");
    }

    /// Letters with hyphens or apostrophes inside, or a literal of the story; brackets and commas around it.
    fn word(&self) -> String {
        let letter = format!("[A-Za-z{}]", self.letters);
        let plain = format!(r"{letter}{{1,24}}([\-'’\/]{letter}{{1,24}}){{0,2}}");
        let known = self.alternatives(&plain, &[]);
        format!(r"\(?({known})[,;]?\)?")
    }

    fn alternatives(&self, first: &str, quoted: &[String]) -> String {
        let mut all: Vec<String> = Vec::new();
        if !first.is_empty() {
            all.push(first.to_owned());
        }
        if quoted.is_empty() && !first.starts_with('"') && !first.is_empty() {
            all.extend(self.literals.iter().map(|literal| escape(literal)));
        }
        all.extend(quoted.iter().map(|quote| format!("\"{}\"", escape(quote))));
        all.join("|")
    }
}

/// The placeholders of a scenario's text that is an outline, each once, in order.
pub fn columns(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    if !text.contains("Scenario Outline:") {
        return found;
    }
    let mut rest = text;
    while let Some((_, tail)) = rest.split_once('<') {
        let Some((name, after)) = tail.split_once('>') else { break };
        if !found.iter().any(|known| known == name) {
            found.push(name.to_owned());
        }
        rest = after;
    }
    found
}

fn kept_quotes(quotes: Vec<String>) -> Vec<String> {
    let usable = |quote: &String| {
        let trimmed = quote.trim() == quote && !quote.is_empty() && quote.chars().count() <= LONGEST_QUOTE;
        trimmed && !quote.contains(['\n', '<', '>', '|', '"', '\\'])
    };
    quotes.into_iter().filter(usable).take(MOST_QUOTES).collect()
}

/// A word that letters alone can't make, and that is safe inside a step.
fn is_literal(word: &str) -> bool {
    let odd = word.chars().any(|c| !c.is_alphabetic() && !matches!(c, '-' | '\'' | '’' | '/'));
    let kept = |c: char| c.is_alphanumeric() || "-'’/%€$£°.,:&+_@#".contains(c);
    odd && word.chars().all(kept) && !word.contains("//") && word.chars().any(char::is_alphanumeric)
}

/// A text as a regular expression that matches it, inside `/…/`.
fn escape(text: &str) -> String {
    regex::escape(text).replace('/', r"\/")
}
