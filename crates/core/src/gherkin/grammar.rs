//! The grammar that decoding is held to, in the Lark dialect of the crate `llguidance`, part by part.
//!
//! An answer is a set: before each scenario the sentences of the story that it tests, letter by letter, and after the last
//! one the questions. What may come later depends on what was written, so each part gets a grammar of its own. Parts meet
//! only where no token of a byte-pair vocabulary reaches across: behind a keyword, or behind a line break that no line break
//! follows.
//!
//! Words are free; the tuned model knows how long a line is. Held are the form, the quotes, the tags that a set still lacks,
//! the numbers of outcomes, and that nothing is said twice.

use std::fmt::Write;

use super::form::{EXAMPLE_ROWS, GIVEN_LINES, MOST_QUESTIONS, THEN_LINES};
use super::{Dialect, Keyword, Tag};

/// What a line begins with that quotes the story, without the space before the sentence.
pub const RULE: &str = "# Rule:";
/// What a line begins with that holds a question, without the space before it.
pub const QUESTION: &str = "# Question:";

/// Text of a step or title: no space or full stop at its end.
const PLAIN: &str = r"[^\n <>]([^\n<>]*[^\n<>. ])?";
/// The same with placeholders.
const VARIED: &str = r"[^\n ]([^\n]*[^\n. ])?";

/// Characters of a cell and of a question: neither can be ended by a line break, as a title or a step that grows too long is.
const CELL_CHARS: usize = 60;
const QUESTION_CHARS: usize = 250;

/// Whether two questions are the same one: they begin with the same four words. Of the questions of 1,910 hand-written sets
/// no two do, while a model that goes round in a circle asks one anew with another end. (Not part of the grammar: a line that has
/// begun wrongly could not end any more.)
pub fn is_asked_again(question: &str, earlier: &str) -> bool {
    const SAME_BEGINNING: usize = 4;
    let begin = |text: &str| text.split_whitespace().take(SAME_BEGINNING).map(str::to_lowercase).collect::<Vec<_>>();
    begin(question) == begin(earlier)
}

/// What may follow a scenario.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct After {
    /// A further scenario.
    pub scenario: bool,
    /// A question.
    pub question: bool,
    /// Nothing.
    pub end: bool,
}

/// The start of an answer, up to what [`quote`] goes on from.
pub fn start() -> String {
    format!("start: \"{RULE}\"\n")
}

/// One of the sentences, then a further quote if `more`, or a tag out of `tags` and the keyword of a scenario.
pub fn quote(sentences: &[&str], more: bool, tags: &[Tag], dialect: &Dialect) -> String {
    let sentences = either(sentences.iter().map(|sentence| format!(" {sentence}")));
    let tags = either(tags.iter().map(Tag::to_string));
    let more = if more { format!("\"{RULE}\" | ") } else { String::new() };
    let keyword = keywords(dialect);
    format!("start: ({sentences}) \"\\n\" ({more}({tags}) \"\\n\" ({keyword}))\n")
}

/// Title and Given, up to the keyword of the event. `titles` stand already.
pub fn given(outline: bool, titles: &[&str], dialect: &Dialect) -> String {
    let text = if outline { VARIED } else { PLAIN };
    let mut grammar = format!(
        "start: TITLE {} STEP ({} STEP){{0,{}}} {}\nTITLE: / {text}/{}\n",
        line(dialect.step(Keyword::Given)),
        line(dialect.step(Keyword::And)),
        GIVEN_LINES.end() - 1,
        line(dialect.step(Keyword::When)),
        other_than(titles),
    );
    let _ = writeln!(grammar, "STEP: / {text}/");
    grammar
}

/// The event, up to the keyword of the outcome. `events` are those that stand already behind the same Given lines. Of an
/// outline without a placeholder so far, it must hold one.
pub fn event(outline: bool, placed: bool, events: &[&str], dialect: &Dialect) -> String {
    let text = if outline { VARIED } else { PLAIN };
    let placeholder = if outline && !placed { r" & /[^\n]*<[a-z][^\n<>]*>[^\n]*/" } else { "" };
    format!("start: EVENT {}\nEVENT: / {text}/{placeholder}{}\n", line(dialect.step(Keyword::Then)), other_than(events))
}

/// The outcome, up to what comes after the scenario. `event` is what happened, which is no outcome; outcomes hold no other
/// numbers than `numbers` (runs of digits). `columns` are those of the table of an outline.
pub fn outcome(event: &str, numbers: &[String], columns: &[String], after: After, dialect: &Dialect) -> String {
    let text = if columns.is_empty() { PLAIN } else { VARIED };
    let table =
        format!("\"\\n\\n  {}:\\n    |\"", escape_string(dialect.examples.first().copied().unwrap_or_default()));
    let tail = if columns.is_empty() { tail(after) } else { table };
    let numbers = only(numbers);
    format!(
        "start: FIRST (({} | {}) STEP){{0,{}}} ({tail})\nFIRST: / {text}/ & {numbers}{}\nSTEP: / {text}/ & {numbers}\n",
        line(dialect.step(Keyword::And)),
        line(dialect.step(Keyword::But)),
        THEN_LINES.end() - 1,
        other_than(&[event]),
    )
}

/// The rest of an examples table, from behind the first pipe of its header, up to what comes after the scenario.
pub fn examples(columns: &[String], after: After) -> String {
    let header = columns.iter().map(|column| format!(" {column} |")).collect::<String>();
    // The pipe is part of the cell: the lexer is greedy and never goes back, so a cell that may hold spaces could not end
    // before one.
    let cells = " CELL".repeat(columns.len());
    format!(
        "start: \"{}\" row{{{},{}}} ({})\nrow: \"\\n    |\"{cells}\nCELL: / [^ |\\n<>]([^|\\n<>]{{0,{CELL_CHARS}}}[^ |\\n<>])? \\|/\n",
        escape_string(&header),
        EXAMPLE_ROWS.start(),
        EXAMPLE_ROWS.end(),
        tail(after)
    )
}

/// One question, from behind [`QUESTION`]; then a further one where there is room. `asked` stand already; `must` asks for
/// one more.
pub fn question(asked: &[&str], must: bool) -> String {
    let further = format!("\"\\n{QUESTION}\"");
    let tail = match (asked.len() + 1 < MOST_QUESTIONS, must) {
        (true, true) => further,
        (true, false) => format!("{further} | \"\\n\""),
        (false, _) => "\"\\n\"".to_owned(),
    };
    format!("start: ASKED ({tail})\nASKED: / [^\\n ?][^\\n?]{{0,{QUESTION_CHARS}}}\\?/{}\n", other_than(asked))
}

/// The keyword of a scenario or outline.
fn keywords(dialect: &Dialect) -> String {
    either([false, true].into_iter().map(|outline| format!("{}:", dialect.scenario_word(outline))))
}

fn tail(after: After) -> String {
    let ends = [
        (after.scenario, format!("\"\\n\\n{RULE}\"")),
        (after.question, format!("\"\\n\\n{QUESTION}\"")),
        (after.end, "\"\\n\"".to_owned()),
    ];
    let ends: Vec<String> = ends.into_iter().filter(|(may, _)| *may).map(|(_, text)| text).collect();
    ends.join(" | ")
}

/// A line break and a keyword.
fn line(keyword: &str) -> String {
    format!("\"\\n  {}\"", escape_string(keyword))
}

/// None of these lines.
fn other_than(lines: &[&str]) -> String {
    let lines: Vec<String> = lines.iter().filter(|line| !line.is_empty()).map(|line| escape(line)).collect();
    if lines.is_empty() { String::new() } else { format!(" & ~/ ({})/", lines.join("|")) }
}

/// A text whose runs of digits are all among these.
fn only(numbers: &[String]) -> String {
    if numbers.is_empty() {
        return r"/[^0-9\n]*/".to_owned();
    }
    let numbers = numbers.join("|");
    format!(r"/[^0-9\n]*(({numbers})[^0-9\n]+)*({numbers})?/")
}

fn either(texts: impl Iterator<Item = String>) -> String {
    texts.map(|text| format!("\"{}\"", escape_string(&text))).collect::<Vec<_>>().join(" | ")
}

/// Inside `"…"` of a grammar.
fn escape_string(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A text as a regular expression that matches it, inside `/…/`.
fn escape(text: &str) -> String {
    regex::escape(text).replace('/', r"\/")
}

/// The placeholders of a scenario's text that is an outline, each once, in order.
pub fn columns(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some((_, tail)) = rest.split_once('<') {
        let Some((name, after)) = tail.split_once('>') else { break };
        let usable = !name.trim().is_empty() && name.trim() == name && !name.contains(['<', '|', '\n']);
        if usable && !found.iter().any(|known| known == name) {
            found.push(name.to_owned());
        }
        rest = after;
    }
    found
}

/// The runs of digits of a text, each once.
pub fn digits(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for run in text.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()) {
        if !found.iter().any(|known| known == run) {
            found.push(run.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gherkin::Language;

    #[test]
    fn numbers_are_runs_of_digits_each_once() {
        assert_eq!(digits("1,000 EUR until 14:30, v17 and 30"), ["1", "000", "14", "30", "17"]);
        assert!(digits("none").is_empty());
    }

    #[test]
    fn placeholders_are_columns() {
        assert_eq!(columns("a <plan> and <largest file>, < 5 and <plan>"), ["plan", "largest file"]);
    }

    #[test]
    fn what_may_follow_is_offered() {
        let after = After { scenario: true, question: false, end: true };
        let grammar = outcome("x", &["3".to_owned()], &[], after, Language::En.dialect());
        assert!(grammar.contains(r##"("\n\n# Rule:" | "\n")"##), "{grammar}");
        assert!(!grammar.contains("Question"), "{grammar}");
    }
}
