//! A set of scenarios as the official grammar of Gherkin reads it: nothing is refused for style, so that the measures see
//! what a foreign model wrote as well as what ours did. Not the product's own reader, which is stricter.

use std::fmt::Write;

use gherkin::{Feature, GherkinEnv, StepType};

use super::dialect::Dialect;
use super::keywords::plain;

/// What the product adds to a scenario that rests on no sentence; it is no kind of case.
const ASSUMPTION: &str = "assumption";

/// Scenarios and questions of one answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Set {
    /// In the order of the text.
    pub(crate) scenarios: Vec<Scenario>,
    /// From comment lines.
    pub(crate) questions: Vec<String>,
    /// Of the keywords, as in `# language: de`.
    pub(crate) language: &'static str,
}

/// One scenario or outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scenario {
    /// What holds.
    pub(crate) title: String,
    /// Without `@`, and without the product's mark for assumptions.
    pub(crate) tags: Vec<String>,
    /// Those of a background come first.
    pub(crate) steps: Vec<Step>,
    /// The keyword is that of an outline.
    pub(crate) outline: bool,
    /// Column names of all tables of examples.
    pub(crate) columns: Vec<String>,
    /// Their rows.
    pub(crate) rows: Vec<Vec<String>>,
    /// As a reader sees it: all lines in their own keywords, without tags, so that no arm is known by its layout.
    pub(crate) shown: String,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// What it is in its place: an And after a When is an event.
    pub(crate) kind: Kind,
    /// It begins with the word for Given, When or Then itself.
    pub(crate) named: bool,
    /// As it was written.
    pub(crate) keyword: String,
    /// The words after the keyword.
    pub(crate) text: String,
}

/// What a step says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A state that is already true.
    Given,
    /// An event.
    When,
    /// An outcome.
    Then,
}

impl Set {
    /// Reads criteria as the user gets them: a feature file, whose first line is put there when it is not. Its language is
    /// the one that it names, or else the story's; a text that is none of it may still be English.
    ///
    /// # Errors
    /// What the parser says.
    pub(crate) fn read(criteria: &str, summary: &str, language: &str) -> Result<Self, String> {
        let own = Dialect::named_in(criteria);
        let first = own.unwrap_or_else(|| Dialect::of(language));
        let read = Self::read_as(criteria, summary, first);
        let english = Dialect::of("en");
        // "Scenario:" is Dutch and Italian as well; then the steps tell.
        let has_steps = |set: &Self| set.scenarios.iter().any(|scenario| !scenario.steps.is_empty());
        if read.as_ref().is_ok_and(has_steps) || own.is_some() || first.code == english.code {
            return read;
        }
        Self::read_as(criteria, summary, english).or(read)
    }

    fn read_as(criteria: &str, summary: &str, dialect: &'static Dialect) -> Result<Self, String> {
        let bare = !criteria.lines().any(|line| dialect.is_feature(line));
        let source = if bare {
            let name = summary.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("{}{criteria}\n", dialect.head(&name))
        } else {
            format!("{criteria}\n")
        };
        let env = GherkinEnv::new(dialect.code).map_err(|error| error.to_string())?;
        let feature = Feature::parse(&source, env).map_err(|error| error.to_string())?;
        let steps = |found: &[gherkin::Step]| steps(found, dialect);
        let background: Vec<Step> = feature.background.iter().flat_map(|background| steps(&background.steps)).collect();
        let scenario = |found: &gherkin::Scenario, before: &[Step]| scenario(found, before, dialect);
        let mut scenarios: Vec<Scenario> = feature.scenarios.iter().map(|found| scenario(found, &background)).collect();
        for rule in &feature.rules {
            let mut before = background.clone();
            before.extend(rule.background.iter().flat_map(|background| steps(&background.steps)));
            scenarios.extend(rule.scenarios.iter().map(|found| scenario(found, &before)));
        }
        if scenarios.is_empty() {
            return Err("there is no scenario".to_owned());
        }
        Ok(Self { scenarios, questions: questions(criteria), language: dialect.code })
    }
}

impl Scenario {
    /// Title, steps and examples, see [`plain`].
    pub(crate) fn text(&self) -> String {
        let steps = self.steps.iter().map(|step| step.text.as_str());
        let cells = self.rows.iter().flatten().map(String::as_str);
        let parts: Vec<&str> = std::iter::once(self.title.as_str()).chain(steps).chain(cells).collect();
        plain(&parts.join("\n"))
    }

    /// The words of the steps alone.
    pub(crate) fn step_text(&self) -> String {
        self.steps.iter().map(|step| step.text.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// Steps of one kind.
    pub(crate) fn steps_of(&self, kind: Kind) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.kind == kind)
    }
}

fn questions(criteria: &str) -> Vec<String> {
    criteria
        .lines()
        .filter_map(|line| line.trim().strip_prefix('#'))
        .filter_map(|comment| comment.trim().strip_prefix("Question:"))
        .map(|question| question.trim().to_owned())
        .filter(|question| !question.is_empty())
        .collect()
}

fn scenario(found: &gherkin::Scenario, background: &[Step], dialect: &Dialect) -> Scenario {
    let tags = found.tags.iter().map(|tag| tag.trim_start_matches('@').to_owned());
    let mut columns = Vec::new();
    let mut rows = Vec::new();
    for table in found.examples.iter().filter_map(|examples| examples.table.as_ref()) {
        let mut lines = table.rows.iter().cloned();
        columns.extend(lines.next().unwrap_or_default());
        rows.extend(lines);
    }
    Scenario {
        title: found.name.trim().to_owned(),
        tags: tags.filter(|tag| tag != ASSUMPTION).collect(),
        steps: background.iter().cloned().chain(steps(&found.steps, dialect)).collect(),
        outline: dialect.is_outline(&found.keyword),
        columns,
        rows,
        shown: shown(found, background),
    }
}

/// All lines of a scenario.
fn shown(found: &gherkin::Scenario, background: &[Step]) -> String {
    let mut text = format!("{}: {}\n", found.keyword.trim(), found.name.trim());
    for step in background {
        let _ = writeln!(text, "  {} {}", step.keyword, step.text);
    }
    let table = |text: &mut String, rows: &[Vec<String>]| {
        for row in rows {
            let _ = writeln!(text, "    | {} |", row.join(" | "));
        }
    };
    for step in &found.steps {
        let _ = writeln!(text, "  {} {}", step.keyword.trim(), step.value.trim());
        if let Some(block) = &step.docstring {
            let _ = writeln!(text, "    \"\"\"\n{}\n    \"\"\"", block.trim());
        }
        table(&mut text, step.table.as_ref().map_or(&[], |table| &table.rows));
    }
    for examples in &found.examples {
        let _ = writeln!(text, "  {}:", examples.keyword.trim());
        table(&mut text, examples.table.as_ref().map_or(&[], |table| &table.rows));
    }
    text
}

fn steps(found: &[gherkin::Step], dialect: &Dialect) -> Vec<Step> {
    found
        .iter()
        .map(|step| Step {
            kind: match step.ty {
                StepType::Given => Kind::Given,
                StepType::When => Kind::When,
                StepType::Then => Kind::Then,
            },
            named: !dialect.joins(&step.keyword),
            keyword: step.keyword.trim().to_owned(),
            text: step.value.split_whitespace().collect::<Vec<_>>().join(" "),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_set_is_read_with_its_kinds_tables_and_questions() {
        let text = "@edge-case @assumption\nScenario Outline: Limit of <plan>\n  Given a \"<plan>\" user\n  And a project\n  When they add one\n  Then <limit> is kept\n  But no more\n\n  Examples:\n    | plan | limit |\n    | Free | 3 |\n\n# Question: And then?\n# a note\n";
        let set = Set::read(text, "Limit  projects", "en").unwrap();
        let scenario = &set.scenarios[0];
        assert_eq!(scenario.tags, ["edge-case"]);
        assert!(scenario.outline);
        let kinds: Vec<Kind> = scenario.steps.iter().map(|step| step.kind).collect();
        assert_eq!(kinds, [Kind::Given, Kind::Given, Kind::When, Kind::Then, Kind::Then]);
        assert_eq!((scenario.columns.len(), scenario.rows.len()), (2, 1));
        assert!(scenario.text().contains("free"));
        assert_eq!(set.questions, ["And then?"]);
    }

    #[test]
    fn a_background_belongs_to_every_scenario() {
        let text =
            "Feature: x\n  Background:\n    Given a shop\n\n  Scenario: A\n    When it opens\n    Then it is open\n";
        assert_eq!(Set::read(text, "y", "en").unwrap().scenarios[0].steps.len(), 3);
    }

    #[test]
    fn prose_and_fences_are_no_gherkin() {
        assert!(Set::read("Sure! Here are the criteria:\n", "x", "en").is_err());
        assert!(Set::read("```gherkin\nScenario: A\n  Given a\n```\n", "x", "en").is_err());
        assert!(Set::read("", "x", "en").is_err());
    }

    const GERMAN: &str = "@happy-path\nSzenario: Karte\n  Angenommen eine Karte\n  Und eine PIN\n  Wenn sie passt\n  Dann geht es\n\n@edge-case\nSzenariogrundriss: Rest <n>\n  Angenommen <n> Karten\n  Wenn x\n  Dann y\n\n  Beispiele:\n    | n |\n    | 3 |\n\n# Question: Und dann?\n";

    #[test]
    fn a_story_in_another_language_has_its_dialect() {
        let set = Set::read(GERMAN, "Karten", "de").unwrap();
        assert_eq!((set.language, set.scenarios.len(), set.questions.len()), ("de", 2, 1));
        let named: Vec<bool> = set.scenarios[0].steps.iter().map(|step| step.named).collect();
        assert_eq!(named, [true, false, true, true]);
        assert!(set.scenarios[1].outline && set.scenarios[1].rows == [["3"]]);
        let whole = format!("# language: de\nFunktionalität: Karten\n\n{GERMAN}");
        assert_eq!(Set::read(&whole, "Karten", "en").unwrap(), set, "a text may name its language itself");
        let english = "Scenario: A\n  Given a\n  When b\n  Then c\n";
        for language in ["de", "it", "nl"] {
            assert_eq!(Set::read(english, "Karten", language).unwrap().language, "en");
        }
        assert!(Set::read(GERMAN, "Karten", "en").is_err());
    }

    #[test]
    fn a_reader_sees_every_line_but_no_tag_and_no_comment() {
        let text = "# Rule: x\n@negative\nScenario Outline:  A <n>\n  Given  a\n  When b <n>\n  Then c\n\n  Examples:\n  |n|\n  | 3 |\n";
        let shown = &Set::read(text, "x", "en").unwrap().scenarios[0].shown;
        assert_eq!(
            shown,
            "Scenario Outline: A <n>\n  Given a\n  When b <n>\n  Then c\n  Examples:\n    | n |\n    | 3 |\n"
        );
    }
}
