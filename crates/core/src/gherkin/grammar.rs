//! The grammar that decoding is held to, in the Lark dialect of the crate `llguidance`, made for one story.
//!
//! A scenario is written in parts, because what may come later depends on what was written: the head (tag to `Then`), the
//! outcome, and, for an outline, the table with the columns that its steps use. Letters are free; numbers, symbols and, in
//! the outcome, quoted values can only be those that the story or the scenario's own head holds. Only the head may besides
//! say the numbers next to those of the story: the other side of a limit.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::Tag;
use super::form::{EXAMPLE_ROWS, GIVEN_LINES, STEP_WORDS, THEN_LINES, TITLE_WORDS};
use super::words::{neighbours, numbers, quotes};
use crate::story::Story;

/// Story words with digits or symbols that the model may repeat letter by letter.
const MOST_LITERALS: usize = 96;
const MOST_NEIGHBOURS: usize = 32;
const LONGEST_LITERAL: usize = 32;
const MOST_QUOTES: usize = 24;
const LONGEST_QUOTE: usize = 60;
/// Letters beyond A to Z that the story uses.
const MOST_LETTERS: usize = 400;

/// Criteria are written in the third person.
const PERSONS: &str =
    "I|I['’][a-z]+|[Mm]e|[Mm]y|[Ww]e|[Ww]e['’][a-z]+|[Uu]s|[Oo]ur|[Yy]ou|[Yy]our|[Yy]ours|[Yy]ou['’][a-z]+";

/// Outcomes are facts. Words that begin so are none (a model that may not end the word there writes "shouldbe"), but for shoulders.
const SHOULD: &str = "[Ss]hould([A-Za-df-z][A-Za-z]*|e|e[A-Za-qs-z][A-Za-z]*)?";

/// Words that speak of a refusal, with whatever a model that may not end them there would append ("refusedAgain").
const REFUSALS: &str = "|([Rr]efus|[Rr]eject|[Dd]eni|[Dd]eclin|[Ii]gnor|[Bb]locked)[A-Za-z'’\\-\\/]*";

/// What the model may write about one story.
#[derive(Clone, Debug)]
pub struct Lexicon {
    letters: String,
    literals: Vec<String>,
    /// Numbers next to those of the story.
    neighbours: Vec<String>,
    quotes: Vec<String>,
}

/// What is given of a scenario before it is written.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// How its title begins.
    pub opening: Option<String>,
    /// Nothing is refused: it lies on the other side of a refusal.
    pub goes_well: bool,
    /// The event, where it is given.
    pub cause: Option<String>,
    /// The outcomes that there can be, one or several of them in this order; none: it is written freely.
    pub outcomes: Vec<String>,
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
        let neighbours = neighbours(&text);
        let (shares, others) = shares(&text, &neighbours);
        literals.extend(shares);
        literals.retain(|literal| literal.chars().count() <= LONGEST_LITERAL);
        Self {
            letters: letters.into_iter().collect(),
            literals: literals.into_iter().take(MOST_LITERALS).collect(),
            neighbours: others.into_iter().chain(neighbours).take(MOST_NEIGHBOURS).collect(),
            quotes: kept_quotes(quotes(&text)),
        }
    }

    /// From the tag line to the word `Then`. `lead` stands before the tag's name: "@", a line break and "@", or nothing
    /// when the sign was written already.
    pub fn head(&self, lead: &str, tags: &[Tag], outline: Outline, start: &Start) -> String {
        let lead = lead.replace('\n', "\\n");
        let tags = tags.iter().map(|tag| format!("\"{lead}{}\\n\"", tag.name())).collect::<Vec<_>>().join(" | ");
        let body = if outline == Outline::Maybe { "(plain | outline)" } else { "plain" };
        let mut grammar = format!("start: ({tags}) {body}\n");
        let event = start.cause.as_ref().map_or("step", |_| "CAUSE");
        let _ = writeln!(
            grammar,
            "plain: \"Scenario:\" title \"\\n  Given\" step (\"\\n  And\" step){{{},{}}} \"\\n  When\" {event} \"\\n  Then\"",
            GIVEN_LINES.start() - 1,
            GIVEN_LINES.end() - 1,
        );
        if let Some(cause) = &start.cause {
            let _ = writeln!(grammar, "CAUSE: / {}/", escape(cause));
        }
        if outline == Outline::Maybe {
            let _ = writeln!(
                grammar,
                "outline: \"Scenario Outline:\" title \"\\n  Given\" step (\"\\n  And\" step){{{},{}}} \"\\n  When\" varied \"\\n  Then\"\n\
                 varied: FIRST WORD{{1,9}} PLACEHOLDER WORD{{0,8}}\n\
                 PLACEHOLDER: / \"<[a-z][a-z ]{{1,18}}[a-z]>\"/",
                GIVEN_LINES.start() - 1,
                GIVEN_LINES.end() - 1,
            );
        }
        let sample = r#""[A-Za-z0-9][A-Za-z0-9 .:@_\-]{0,26}[A-Za-z0-9]""#.to_owned();
        let quoted = std::iter::once(sample).chain(self.quotes.iter().map(|quote| in_quotes(quote)));
        words(&mut grammar, start, &self.word(&self.neighbours), quoted);
        grammar
    }

    /// From the first outcome to the line break after the last one. `head` is what was written before it: its quoted
    /// values and placeholders may be repeated.
    pub fn outcome(&self, head: &str, start: &Start) -> String {
        let columns = columns(head);
        if columns.is_empty() && !start.outcomes.is_empty() {
            return some_of(&start.outcomes);
        }
        let end = if columns.is_empty() { "\\n" } else { "\\n\\n  Examples:\\n    |" };
        let mut grammar = format!(
            "start: step ((\"\\n  And\" | \"\\n  But\") step){{{},{}}} \"{end}\"\n",
            THEN_LINES.start() - 1,
            THEN_LINES.end() - 1,
        );
        let mut known = kept_quotes(quotes(head));
        known.extend(self.quotes.iter().cloned());
        known.truncate(MOST_QUOTES);
        let placeholders = columns.iter().map(|column| in_quotes(&format!("<{column}>")));
        let known: Vec<String> = known.iter().map(|quote| in_quotes(quote)).collect();
        words(&mut grammar, start, &self.word(&[]), placeholders.chain(known));
        grammar
    }

    /// The rest of an examples table, from behind the first pipe of its header.
    pub fn examples(&self, columns: &[String]) -> String {
        let header = columns.iter().map(|column| format!(" {column} |")).collect::<String>();
        let cells = " WORD{1,4} \" |\"".repeat(columns.len());
        let (fewest, most) = (EXAMPLE_ROWS.start(), EXAMPLE_ROWS.end());
        let word = self.word(&[]);
        format!("start: \"{header}\" row{{{fewest},{most}}} \"\\n\"\nrow: \"\\n    |\"{cells}\nWORD: / ({word})/\n")
    }

    /// What follows a scenario or question of a set that may end: a further scenario, a question, or nothing;
    /// `lead` is the blank line before it, if any.
    pub fn next(lead: &str, scenario: bool, question: bool) -> String {
        let lead = lead.replace('\n', "\\n");
        let more = [(scenario, "@"), (question, "# Question:")];
        let more: Vec<String> =
            more.iter().filter(|(may, _)| *may).map(|(_, text)| format!("\"{lead}{text}\"")).collect();
        format!("start: ({})?\n", more.join(" | "))
    }

    /// One question for the product owner, from behind "# Question:" to the end of the line.
    pub fn question(&self) -> String {
        format!("start: WORD (\",\"? WORD){{4,15}} \"?\\n\"\nWORD: / ({})/\n", self.word(&[]))
    }

    /// Letters with hyphens inside or a possessive at the end, or a literal of the story or of `more`.
    fn word(&self, more: &[String]) -> String {
        let letter = format!("[A-Za-z{}]", self.letters);
        let plain = format!(r"{letter}{{1,20}}([\-\/]{letter}{{1,20}}){{0,2}}(['’]s)?");
        std::iter::once(plain)
            .chain(self.literals.iter().chain(more).map(|literal| escape(literal)))
            .collect::<Vec<_>>()
            .join("|")
    }
}

/// One or several of these outcomes, in their order.
fn some_of(outcomes: &[String]) -> String {
    let mut grammar = "start: from0 \"\\n\"\n".to_owned();
    for (place, outcome) in outcomes.iter().enumerate() {
        let (later, outcome) = (place + 1, escape(outcome));
        let rest =
            if later < outcomes.len() { format!(" (\"\\n  And\" from{later})? | from{later}") } else { String::new() };
        let _ = writeln!(grammar, "from{place}: OUTCOME{place}{rest}\nOUTCOME{place}: / {outcome}/");
    }
    grammar
}

/// Titles and steps of as many words as the form has: they end without punctuation and never begin in the first person.
/// Words are counted by the grammar, not inside a terminal, whose automaton would grow beyond its limit.
fn words(grammar: &mut String, start: &Start, word: &str, quoted: impl Iterator<Item = String>) {
    let quoted = quoted.collect::<Vec<_>>().join("|");
    let value = if quoted.is_empty() { "WORD" } else { "(WORD | QUOTED)" };
    let title = match start.opening.as_deref() {
        Some(opening) => {
            let given = opening.split_whitespace().count();
            let fewest = TITLE_WORDS.start().saturating_sub(given).max(1);
            let most = TITLE_WORDS.end().saturating_sub(given).max(fewest);
            format!("/ {}/ WORD (\",\"? WORD){{{},{}}}", escape(opening), fewest - 1, most - 1)
        }
        None => format!("FIRST (\",\"? WORD){{{},{}}}", TITLE_WORDS.start() - 1, TITLE_WORDS.end() - 1),
    };
    let (fewest, most) = (STEP_WORDS.start() - 1, STEP_WORDS.end() - 1);
    let _ = writeln!(grammar, "title: {title}\nstep: FIRST (\",\"? {value}){{{fewest},{most}}}");
    let refusals = if start.goes_well { REFUSALS } else { "" };
    let _ = writeln!(grammar, "FIRST: / ({word})/ & ~/ ({PERSONS}|{SHOULD}{refusals})/");
    let _ = writeln!(grammar, "WORD: / ({word})/ & ~/ ({PERSONS}|{SHOULD}{refusals})/");
    if !quoted.is_empty() {
        let _ = writeln!(grammar, "QUOTED: / ({quoted})/");
    }
}

/// The numbers of the text behind which a sign stands apart ("80 %"), with the sign; and their neighbours with it.
fn shares(text: &str, neighbours: &[String]) -> (Vec<String>, Vec<String>) {
    let signed = |number: &String, among: &str| -> Option<String> {
        let signs = ['%', '€', '$', '£'];
        signs.into_iter().map(|sign| format!("{number} {sign}")).find(|signed| among.contains(signed.as_str()))
    };
    let said: Vec<String> = numbers(text).iter().filter_map(|number| signed(number, text)).collect();
    let next_to = |number: &String| {
        let value: u32 = number.parse().ok()?;
        let of = |signed: &String| {
            signed.split_once(' ').and_then(|(other, sign)| Some((other.parse::<u32>().ok()?, sign.to_owned())))
        };
        let sign = said.iter().filter_map(of).find(|(other, _)| other.abs_diff(value) == 1).map(|(_, sign)| sign)?;
        Some(format!("{number} {sign}"))
    };
    let others = neighbours.iter().filter_map(next_to).collect();
    (said, others)
}

fn in_quotes(text: &str) -> String {
    format!("\"{}\"", escape(text))
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
