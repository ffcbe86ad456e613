//! The lines of a text before its structure is read: each must begin with something that criteria can keep.
//!
//! Lines are handed on with the written variant of their keyword, so that the parser only meets words that Brine writes:
//! it lacks a few of the official variants ("Ed" in Italian). Comments become empty lines; all lines keep their numbers.

use super::dialect::after_colon;
use super::parse::ParseError;
use super::render::{NOTE, QUESTION};
use super::{Dialect, Keyword, Language};

/// What the structure is read from.
pub(super) struct Lines {
    /// With a line of a feature, added where the text has none.
    pub(super) source: String,
    /// Lines that were added before the text's first.
    pub(super) added: usize,
    /// From comment lines, in order.
    pub(super) questions: Vec<String>,
}

/// The language that a text says it is in, on a comment line before anything else.
pub(super) fn named_language(text: &str) -> Result<Option<Language>, ParseError> {
    let is_comment = |line: &str| line.is_empty() || line.starts_with('#');
    let head = text.lines().map(str::trim).enumerate().take_while(|(_, line)| is_comment(line));
    let Some((number, code)) = head.into_iter().find_map(|(number, line)| Some((number, language_code(line)?))) else {
        return Ok(None);
    };
    let known = || Language::ALL.map(Language::code).join(", ");
    let unknown =
        || ParseError::new(number + 1, format!("the language \"{code}\" is not known: use one of {}", known()));
    Language::from_code(code).map(Some).ok_or_else(unknown)
}

/// What stands behind `# language:`.
fn language_code(line: &str) -> Option<&str> {
    let line = line.strip_prefix('#')?.trim_start().strip_prefix("language")?;
    line.trim_start().strip_prefix(':').map(str::trim)
}

/// Takes a text apart that is in this language.
pub(super) fn lines(text: &str, language: Language) -> Result<Lines, ParseError> {
    let dialect = language.dialect();
    let mut kept = Vec::new();
    let mut questions = Vec::new();
    let mut feature = false;
    let mut begun = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        let wrong = |message: String| ParseError::new(number + 1, message);
        let Some(comment) = line.strip_prefix('#').map(str::trim) else {
            begun |= !line.is_empty();
            feature |= dialect.is_feature(line);
            kept.push(known(line, dialect).map_err(|unknown| wrong(unknown.message(line, language)))?);
            continue;
        };
        if let Some(question) = comment.strip_prefix(QUESTION.trim_start_matches('#').trim()) {
            questions.push(question.trim().to_owned());
        } else if language_code(line).is_some() {
            if begun {
                return Err(wrong("the language stands on the first line".to_owned()));
            }
        } else if !comment.is_empty() && !comment.starts_with(NOTE.trim_start_matches('#').trim()) {
            return Err(wrong(format!("a comment can't be kept; a question is written \"{QUESTION}…?\"")));
        }
        kept.push(String::new());
    }
    kept.push(String::new());
    let text = kept.join("\n");
    let word = dialect.feature.first().copied().unwrap_or_default();
    let (source, added) = if feature { (text, 0) } else { (format!("{word}: criteria\n\n{text}"), 2) };
    Ok(Lines { source, added, questions })
}

/// Why a line can't be kept.
enum Unknown {
    /// It opens something that criteria do not have.
    NotKept(&'static str),
    /// A step without words.
    Empty(Keyword),
    /// It begins with nothing known.
    Start,
}

/// The line as the parser shall see it.
fn known(line: &str, dialect: &Dialect) -> Result<String, Unknown> {
    if line.is_empty() || line.starts_with(['@', '|']) {
        return Ok(line.to_owned());
    }
    for words in [dialect.feature, dialect.scenario, dialect.outline, dialect.examples] {
        if let (Some(rest), Some(word)) = (after_colon(line, words), words.first()) {
            return Ok(format!("{word}: {rest}"));
        }
    }
    for (words, what) in [(dialect.background, "Background"), (dialect.rule, "Rule")] {
        if after_colon(line, words).is_some() {
            return Err(Unknown::NotKept(what));
        }
    }
    match dialect.split_step(line) {
        Some((keyword, "")) => Err(Unknown::Empty(keyword)),
        Some((keyword, rest)) => Ok(format!("{} {rest}", dialect.step(keyword))),
        None => Err(Unknown::Start),
    }
}

impl Unknown {
    fn message(&self, line: &str, language: Language) -> String {
        let dialect = language.dialect();
        match self {
            Self::NotKept(what) => format!("a {what} can't be kept: write its steps into the scenarios"),
            Self::Empty(keyword) => format!("the step says nothing after {}", dialect.step(*keyword)),
            Self::Start => {
                let other = Language::ALL.into_iter().find(|other| known(line, other.dialect()).is_ok());
                let hint = other.map_or_else(String::new, |other| {
                    format!(
                        "; this line is {}, for which the first line must say \"# language: {other}\"",
                        other.name()
                    )
                });
                let [given, when, then, and, but] = Keyword::ALL.map(|keyword| dialect.step(keyword));
                format!(
                    "expected a tag line, \"{}: …\", or a step that begins with {given}, {when}, {then}, {and} or {but}{hint}",
                    dialect.scenario_word(false),
                )
            }
        }
    }
}
