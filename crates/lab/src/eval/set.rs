//! A set of scenarios as the official grammar of Gherkin reads it: nothing is refused for style, so that the measures see
//! what a foreign model wrote as well as what ours did. Not the product's own reader, which is stricter.

use brine_core::gherkin::{Dialect, Keyword, LANGUAGE, Language};
use gherkin::{Feature, GherkinEnv, StepType};

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
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// What it is in its place: an And after a When is an event.
    pub(crate) kind: Kind,
    /// It begins with Given, When or Then itself.
    pub(crate) named: bool,
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
    /// Reads criteria as the user gets them: a feature file, whose first line is put there when it is not. It is in the
    /// language that it names; where it names none, in this one or in English.
    ///
    /// # Errors
    /// What the parser says.
    pub(crate) fn read(criteria: &str, summary: &str, language: Language) -> Result<Self, String> {
        let (named, text) = named_language(criteria);
        let read = |language| Self::read_in(&text, summary, language);
        match named {
            Some(language) => read(language),
            None => read(language).or_else(|error| if language.is_default() { Err(error) } else { read(Language::En) }),
        }
    }

    fn read_in(criteria: &str, summary: &str, language: Language) -> Result<Self, String> {
        let dialect = language.dialect();
        let bare = !criteria.lines().any(|line| dialect.is_feature(line));
        let source = if bare {
            let name = summary.split_whitespace().collect::<Vec<_>>().join(" ");
            let word = dialect.feature.first().copied().unwrap_or_default();
            format!("{word}: {name}\n\n{criteria}\n")
        } else {
            format!("{criteria}\n")
        };
        let env = GherkinEnv::new(language.code()).map_err(|error| error.to_string())?;
        let feature = Feature::parse(&source, env).map_err(|error| error.to_string())?;
        let scenario = |found: &gherkin::Scenario, background: &[Step]| scenario(found, background, dialect);
        let steps = |found: &[gherkin::Step]| steps(found, dialect);
        let background: Vec<Step> = feature.background.iter().flat_map(|background| steps(&background.steps)).collect();
        let mut scenarios: Vec<Scenario> = feature.scenarios.iter().map(|found| scenario(found, &background)).collect();
        for rule in &feature.rules {
            let mut before = background.clone();
            before.extend(rule.background.iter().flat_map(|background| steps(&background.steps)));
            scenarios.extend(rule.scenarios.iter().map(|found| scenario(found, &before)));
        }
        if scenarios.is_empty() {
            return Err("there is no scenario".to_owned());
        }
        Ok(Self { scenarios, questions: questions(criteria) })
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

/// The language that a text names, and the text without that line.
fn named_language(criteria: &str) -> (Option<Language>, String) {
    let code = |line: &str| Language::from_code(line.trim().strip_prefix(LANGUAGE.trim_end())?.trim());
    let named = criteria.lines().find_map(code);
    let rest = criteria.lines().filter(|line| code(line).is_none());
    (named, rest.map(|line| format!("{line}\n")).collect())
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
        outline: dialect.outline.contains(&found.keyword.trim()),
        columns,
        rows,
    }
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
            named: dialect
                .split_step(&step.keyword)
                .is_some_and(|(keyword, _)| !matches!(keyword, Keyword::And | Keyword::But)),
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
        let set = Set::read(text, "Limit  projects", Language::En).unwrap();
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
        assert_eq!(Set::read(text, "y", Language::En).unwrap().scenarios[0].steps.len(), 3);
    }

    #[test]
    fn prose_and_fences_are_no_gherkin() {
        for text in ["Sure! Here are the criteria:\n", "```gherkin\nScenario: A\n  Given a\n```\n", ""] {
            assert!(Set::read(text, "x", Language::En).is_err(), "{text}");
        }
    }

    #[test]
    fn a_set_is_read_in_the_language_that_it_names_or_else_in_that_of_its_story() {
        let german = "@negative\nSzenariogrundriss: Karte <art>\n  Angenommen eine <art>\n  Und ein Kunde\n  Wenn er zahlt\n  Dann gilt sie\n\n  Beispiele:\n    | art |\n    | neu |\n";
        for (text, language) in [
            (german.to_owned(), Language::De),
            (format!("# language: de\n{german}"), Language::En),
            (format!("# language: de\nFunktionalität: Karten\n{german}"), Language::Fr),
        ] {
            let set = Set::read(&text, "x", language).unwrap();
            assert!(set.scenarios[0].outline);
            assert_eq!(
                set.scenarios[0].steps.iter().map(|step| step.named).collect::<Vec<_>>(),
                [true, false, true, true]
            );
        }
        let english = "@negative\nScenario: A card\n  Given a card\n  When it is used\n  Then it works\n";
        assert!(Set::read(english, "x", Language::De).is_ok(), "a foreign model may answer in English");
        assert!(Set::read(german, "x", Language::En).is_err());
    }
}
