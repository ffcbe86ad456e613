//! A draft as the panel shows it: the whole text for the editor, and scenario by scenario for the cards.

use brine_core::clock::Millis;
use brine_core::gherkin::{self, Basis, Criteria, Examples, Finding, Keyword, Language, Scenario, Tag};
use brine_core::ids::{AccountId, DraftId};
use brine_core::jobs::{Draft, DraftState, Provenance};
use brine_core::story::Note;
use serde::Serialize;

/// See the module.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DraftView {
    id: DraftId,
    version: i64,
    state: DraftState,
    /// What the words of Gherkin are in it.
    dialect: DialectView,
    text: String,
    scenarios: Vec<ScenarioView>,
    questions: Vec<String>,
    /// On the whole set; those on one scenario stand with it.
    findings: Vec<Finding>,
    notes: Vec<NoteView>,
    provenance: Provenance,
    created_at: Millis,
    updated_at: Millis,
    edited_by: Option<AccountId>,
}

/// The language of a draft, and its words for what the page writes and says itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct DialectView {
    language: Language,
    name: &'static str,
    feature: &'static str,
    given: &'static str,
    when: &'static str,
    then: &'static str,
}

/// A note, and the sentence that it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct NoteView {
    #[serde(flatten)]
    note: Note,
    text: String,
}

/// A scenario in the words of its language.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScenarioView {
    tag: Tag,
    title: String,
    steps: Vec<StepView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    examples: Option<Examples>,
    basis: Basis,
    findings: Vec<Finding>,
    /// Its first and last line in `text`, from 1.
    lines: [usize; 2],
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct StepView {
    keyword: &'static str,
    text: String,
}

impl From<Draft> for DraftView {
    fn from(draft: Draft) -> Self {
        let text = draft.criteria.to_text();
        let Criteria { language, scenarios, questions } = draft.criteria;
        let (on_scenarios, on_all): (Vec<Finding>, Vec<Finding>) =
            draft.findings.into_iter().partition(|finding| finding.scenario.is_some());
        // A line that names the language stands before the first one.
        let mut next_line = text.lines().position(|line| line.starts_with('@')).unwrap_or_default() + 1;
        let scenarios = scenarios
            .into_iter()
            .enumerate()
            .map(|(place, scenario)| {
                let first = next_line;
                let last = first + scenario.to_text(language).lines().count().max(1) - 1;
                // One blank line stands between two scenarios.
                next_line = last + 2;
                let findings = on_scenarios.iter().filter(|f| f.scenario == Some(place)).cloned().collect();
                ScenarioView::new(scenario, language, findings, [first, last])
            })
            .collect();
        Self {
            id: draft.id,
            version: draft.version,
            state: draft.state,
            dialect: language.into(),
            text,
            scenarios,
            questions,
            findings: on_all,
            notes: draft.notes.into_iter().map(NoteView::from).collect(),
            provenance: draft.provenance,
            created_at: draft.created_at,
            updated_at: draft.updated_at,
            edited_by: draft.edited_by,
        }
    }
}

impl From<Language> for DialectView {
    fn from(language: Language) -> Self {
        let dialect = language.dialect();
        let [given, when, then] = [Keyword::Given, Keyword::When, Keyword::Then].map(|keyword| dialect.step(keyword));
        let feature = dialect.feature.first().copied().unwrap_or_default();
        Self { language, name: language.name(), feature, given, when, then }
    }
}

impl From<Note> for NoteView {
    fn from(note: Note) -> Self {
        Self { text: note.to_string(), note }
    }
}

impl ScenarioView {
    /// The scenarios of a text that a writer has finished so far.
    pub(crate) fn so_far(text: &str) -> Vec<Self> {
        let Criteria { language, scenarios, .. } = gherkin::parse(text).unwrap_or_default();
        scenarios.into_iter().map(|scenario| Self::new(scenario, language, Vec::new(), [0, 0])).collect()
    }

    fn new(scenario: Scenario, language: Language, findings: Vec<Finding>, lines: [usize; 2]) -> Self {
        let Scenario { tag, title, steps, examples, basis } = scenario;
        let dialect = language.dialect();
        let steps = steps.into_iter().map(|step| StepView { keyword: dialect.step(step.keyword), text: step.text });
        let steps = steps.collect();
        Self { tag, title, steps, examples, basis, findings, lines }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::tests::data;

    #[test]
    fn the_lines_of_a_scenario_are_its_own() {
        for language in Language::ALL {
            let mut draft = data::draft();
            draft.criteria.language = language;
            let view = DraftView::from(draft);
            let lines: Vec<&str> = view.text.lines().collect();
            assert!(view.scenarios.len() > 1);
            for scenario in &view.scenarios {
                let [first, last] = scenario.lines;
                assert!(lines[first - 1].starts_with('@'));
                assert!(lines[first].ends_with(&scenario.title));
                let last_line = match &scenario.examples {
                    Some(examples) => examples.rows.last().unwrap().first().unwrap().clone(),
                    None => scenario.steps.last().unwrap().text.clone(),
                };
                assert!(lines[last - 1].contains(&last_line), "line {last} of {:?}", view.text);
            }
        }
    }

    #[test]
    fn a_finding_stands_with_its_scenario_or_with_the_set() {
        let mut draft = data::draft();
        draft.findings = vec![data::finding(Some(1)), data::finding(None)];
        let view = DraftView::from(draft);
        assert_eq!(view.scenarios[1].findings.len(), 1);
        assert!(view.scenarios[0].findings.is_empty());
        assert_eq!(view.findings.len(), 1);
    }
}
