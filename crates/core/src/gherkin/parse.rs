//! Text to criteria: what people type in the panel, and the proof that what the model wrote is Gherkin.

use gherkin::GherkinEnv;

use super::lines::{Lines, lines, named_language};
use super::render::ASSUMPTION;
use super::{Basis, Criteria, Dialect, Examples, Keyword, Language, Scenario, Step, Tag};

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
    pub(super) fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

/// Reads scenarios with or without a `Feature:` line, in English or in the language that a `# language:` line names. A
/// scenario with `@assumption` has `Basis::Assumption`, every other one `Basis::Unknown`.
///
/// # Errors
/// The first line that can't be kept, with what to write instead.
pub fn parse(text: &str) -> Result<Criteria, ParseError> {
    parse_in(text, Language::default())
}

/// The same for a text that is in this language unless a `# language:` line says otherwise.
///
/// # Errors
/// As [`parse`].
pub fn parse_in(text: &str, language: Language) -> Result<Criteria, ParseError> {
    if text.len() > LIMIT {
        return Err(ParseError::new(1, format!("the text has {} bytes; the limit is {LIMIT}", text.len())));
    }
    let text = text.replace("\r\n", "\n");
    let language = named_language(&text)?.unwrap_or(language);
    let Lines { source, questions, added } = lines(&text, language)?;
    let here = |line: usize| line.saturating_sub(added).max(1);

    let env = GherkinEnv::new(language.code())
        .map_err(|_| ParseError::new(1, format!("the language {language} is not known to the parser")))?;
    let feature = gherkin::Feature::parse(&source, env).map_err(|error| {
        ParseError::new(here(line_of(&error)), "this line does not fit Gherkin here; check the lines around it")
    })?;
    let reader = Reader { here: &here, dialect: language.dialect() };
    let scenarios = feature.scenarios.iter().map(|found| reader.scenario(found)).collect::<Result<Vec<_>, _>>()?;
    if scenarios.is_empty() {
        let word = language.dialect().scenario_word(false);
        return Err(ParseError::new(1, format!("there is no scenario: begin one with a tag line and \"{word}: …\"")));
    }
    Ok(Criteria { language, scenarios, questions })
}

/// The crate keeps the position to itself but prints it: "Error at LINE:COLUMN: …".
fn line_of(error: &gherkin::ParseError) -> usize {
    let text = error.to_string();
    let digits = text.trim_start_matches("Error at ").split(':').next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(1)
}

/// Reads what the parser found in one language.
struct Reader<'a> {
    here: &'a dyn Fn(usize) -> usize,
    dialect: &'static Dialect,
}

impl Reader<'_> {
    fn scenario(&self, found: &gherkin::Scenario) -> Result<Scenario, ParseError> {
        let at = (self.here)(found.position.line);
        let (tag, assumption) = tag(&found.tags, at)?;
        let word = self.dialect.scenario_word(false);
        if found.name.trim().is_empty() {
            return Err(ParseError::new(at, format!("the scenario has no title: say what holds after \"{word}:\"")));
        }
        if found.steps.is_empty() {
            let [given, when, then, ..] = Keyword::ALL.map(|keyword| self.dialect.step(keyword));
            return Err(ParseError::new(at, format!("the scenario has no steps: it needs {given}, {when} and {then}")));
        }
        let steps = found.steps.iter().map(|found| self.step(found)).collect::<Result<Vec<_>, _>>()?;
        let examples = match found.examples.as_slice() {
            [] => None,
            [one] => Some(examples(one, (self.here)(one.position.line))?),
            [_, second, ..] => {
                return Err(ParseError::new(
                    (self.here)(second.position.line),
                    "one Examples table a scenario: put all rows into one",
                ));
            }
        };
        let outline = found.keyword == self.dialect.scenario_word(true);
        if outline && examples.is_none() {
            return Err(ParseError::new(at, format!("a {} needs an Examples table", found.keyword)));
        }
        let basis = if assumption { Basis::Assumption } else { Basis::Unknown };
        Ok(Scenario { tag, title: found.name.trim().to_owned(), steps, examples, basis })
    }

    fn step(&self, found: &gherkin::Step) -> Result<Step, ParseError> {
        let at = (self.here)(found.position.line);
        if found.docstring.is_some() || found.table.is_some() {
            return Err(ParseError::new(at, "a text block or table below a step can't be kept: say it in the step"));
        }
        // The parser may take "Étant donné que" for the keyword; the step then begins with "que".
        let line = format!("{}{}", found.keyword, found.value);
        let (keyword, text) =
            self.dialect.split_step(&line).ok_or_else(|| ParseError::new(at, "the step begins with no keyword"))?;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return Err(ParseError::new(at, format!("the step says nothing after {}", self.dialect.step(keyword))));
        }
        Ok(Step { keyword, text })
    }
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
