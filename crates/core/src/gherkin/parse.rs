//! Text to criteria: what people type in the panel, and the proof that what the model wrote is Gherkin.

use gherkin::GherkinEnv;

use super::render::{ASSUMPTION, QUESTION};
use super::{Basis, Criteria, Examples, Keyword, Scenario, Step, Tag};

/// Longer text is refused before it is parsed. Bytes.
const LIMIT: usize = 64 * 1024;

/// Why a text is not a set of criteria, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct ParseError {
    /// From 1.
    pub line: usize,
    /// One sentence that says what to do.
    pub message: String,
}

impl ParseError {
    fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

/// Reads scenarios with or without a `Feature:` line. A scenario with `@assumption` has `Basis::Assumption`, every other
/// one `Basis::Unknown`.
///
/// # Errors
/// The first line that can't be kept, with what to write instead.
pub fn parse(text: &str) -> Result<Criteria, ParseError> {
    if text.len() > LIMIT {
        return Err(ParseError::new(1, format!("the text has {} bytes; the limit is {LIMIT}", text.len())));
    }
    let text = text.replace("\r\n", "\n");
    let questions = check_lines(&text)?;
    let bare = !text.lines().any(|line| line.trim_start().starts_with("Feature:"));
    let (source, added_lines) =
        if bare { (format!("Feature: criteria\n\n{text}\n"), 2) } else { (format!("{text}\n"), 0) };
    let here = |line: usize| line.saturating_sub(added_lines).max(1);

    let env = GherkinEnv::default();
    let feature = gherkin::Feature::parse(&source, env).map_err(|error| {
        ParseError::new(here(line_of(&error)), "this line does not fit Gherkin here; check the lines around it")
    })?;
    if let Some(background) = &feature.background {
        return Err(ParseError::new(
            here(background.position.line),
            "a Background can't be kept: put its steps into the scenarios",
        ));
    }
    if let Some(rule) = feature.rules.first() {
        return Err(ParseError::new(here(rule.position.line), "a Rule can't be kept: list its scenarios without it"));
    }
    let scenarios = feature.scenarios.iter().map(|found| scenario(found, &here)).collect::<Result<Vec<_>, _>>()?;
    if scenarios.is_empty() {
        return Err(ParseError::new(1, "there is no scenario: begin one with a tag line and \"Scenario: …\""));
    }
    Ok(Criteria { scenarios, questions })
}

/// The crate keeps the position to itself but prints it: "Error at LINE:COLUMN: …".
fn line_of(error: &gherkin::ParseError) -> usize {
    let text = error.to_string();
    let digits = text.trim_start_matches("Error at ").split(':').next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(1)
}

/// Every line begins with something known; gives the questions.
fn check_lines(text: &str) -> Result<Vec<String>, ParseError> {
    const STARTS: [&str; 14] = [
        "@",
        "|",
        "Feature:",
        "Scenario:",
        "Scenario Outline:",
        "Example:",
        "Scenario Template:",
        "Examples:",
        "Scenarios:",
        "Given ",
        "When ",
        "Then ",
        "And ",
        "But ",
    ];
    let mut questions = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            let comment = comment.trim();
            if let Some(question) = comment.strip_prefix("Question:") {
                questions.push(question.trim().to_owned());
            } else if !comment.is_empty() {
                return Err(ParseError::new(
                    number + 1,
                    format!("a comment can't be kept; a question is written \"{QUESTION}…?\""),
                ));
            }
        } else if let Some(what) = ["Background:", "Rule:"].iter().find(|start| line.starts_with(**start)) {
            let what = what.trim_end_matches(':');
            return Err(ParseError::new(
                number + 1,
                format!("a {what} can't be kept: write its steps into the scenarios"),
            ));
        } else if !line.is_empty() && !STARTS.iter().any(|start| line.starts_with(start)) {
            return Err(ParseError::new(
                number + 1,
                "expected a tag line, \"Scenario: …\", or a step that begins with Given, When, Then, And or But",
            ));
        }
    }
    Ok(questions)
}

fn scenario(found: &gherkin::Scenario, here: &impl Fn(usize) -> usize) -> Result<Scenario, ParseError> {
    let at = here(found.position.line);
    let (tag, assumption) = tag(&found.tags, at)?;
    if found.name.trim().is_empty() {
        return Err(ParseError::new(at, "the scenario has no title: say what holds after \"Scenario:\""));
    }
    if found.steps.is_empty() {
        return Err(ParseError::new(at, "the scenario has no steps: it needs Given, When and Then"));
    }
    let steps = found.steps.iter().map(|found| step(found, here)).collect::<Result<Vec<_>, _>>()?;
    let examples = match found.examples.as_slice() {
        [] => None,
        [one] => Some(examples(one, here(one.position.line))?),
        [_, second, ..] => {
            return Err(ParseError::new(
                here(second.position.line),
                "one Examples table a scenario: put all rows into one",
            ));
        }
    };
    let outline = found.keyword.contains("Outline") || found.keyword.contains("Template");
    if outline && examples.is_none() {
        return Err(ParseError::new(at, "a Scenario Outline needs an Examples table"));
    }
    let basis = if assumption { Basis::Assumption } else { Basis::Unknown };
    Ok(Scenario { tag, title: found.name.trim().to_owned(), steps, examples, basis })
}

fn tag(tags: &[String], line: usize) -> Result<(Tag, bool), ParseError> {
    let known = || Tag::ALL.map(|tag| tag.to_string()).join(", ");
    let mut kind = None;
    let mut assumption = false;
    for name in tags {
        let name = name.trim_start_matches('@');
        if name == ASSUMPTION.trim_start_matches('@') {
            assumption = true;
        } else if let Some(tag) = Tag::from_name(name) {
            if kind.replace(tag).is_some() {
                return Err(ParseError::new(line, "one tag a scenario"));
            }
        } else {
            return Err(ParseError::new(line, format!("unknown tag @{name}: use one of {}", known())));
        }
    }
    let kind = kind.ok_or_else(|| ParseError::new(line, format!("the scenario has no tag: use one of {}", known())))?;
    Ok((kind, assumption))
}

fn step(found: &gherkin::Step, here: &impl Fn(usize) -> usize) -> Result<Step, ParseError> {
    let at = here(found.position.line);
    if found.docstring.is_some() || found.table.is_some() {
        return Err(ParseError::new(at, "a text block or table below a step can't be kept: say it in the step"));
    }
    let keyword = match found.keyword.trim() {
        "Given" => Keyword::Given,
        "When" => Keyword::When,
        "Then" => Keyword::Then,
        "And" => Keyword::And,
        "But" => Keyword::But,
        _ => return Err(ParseError::new(at, "a step begins with Given, When, Then, And or But")),
    };
    let text = found.value.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Err(ParseError::new(at, format!("the step says nothing after {keyword}")));
    }
    Ok(Step { keyword, text })
}

fn examples(found: &gherkin::Examples, line: usize) -> Result<Examples, ParseError> {
    let mut rows = found.table.iter().flat_map(|table| table.rows.iter().cloned());
    let columns = rows.next().filter(|columns| !columns.is_empty());
    let columns = columns.ok_or_else(|| ParseError::new(line, "the Examples table needs a row of column names"))?;
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        return Err(ParseError::new(line, "the Examples table needs at least one row of values"));
    }
    if rows.iter().any(|row| row.len() != columns.len()) {
        return Err(ParseError::new(
            line,
            "every row of the Examples table needs as many cells as there are column names",
        ));
    }
    Ok(Examples { columns, rows })
}
