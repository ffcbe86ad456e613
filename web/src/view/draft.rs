//! A draft as the panel shows it: the whole text for the editor, and scenario by scenario for the cards.

use brine_core::clock::Millis;
use brine_core::gherkin::{Basis, Criteria, Examples, Finding, Scenario, Step, Tag};
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
    text: String,
    scenarios: Vec<ScenarioView>,
    questions: Vec<String>,
    /// On the whole set; those on one scenario stand with it.
    findings: Vec<Finding>,
    notes: Vec<Note>,
    provenance: Provenance,
    created_at: Millis,
    updated_at: Millis,
    edited_by: Option<AccountId>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ScenarioView {
    tag: Tag,
    title: String,
    steps: Vec<Step>,
    #[serde(skip_serializing_if = "Option::is_none")]
    examples: Option<Examples>,
    basis: Basis,
    findings: Vec<Finding>,
    /// Its first and last line in `text`, from 1.
    lines: [usize; 2],
}

impl From<Draft> for DraftView {
    fn from(draft: Draft) -> Self {
        let text = draft.criteria.to_text();
        let Criteria { language, scenarios, questions } = draft.criteria;
        let (on_scenarios, on_all): (Vec<Finding>, Vec<Finding>) =
            draft.findings.into_iter().partition(|finding| finding.scenario.is_some());
        let mut next_line = 1;
        let scenarios = scenarios
            .into_iter()
            .enumerate()
            .map(|(place, scenario)| {
                let first = next_line;
                let last = first + scenario.to_text(language).lines().count().max(1) - 1;
                // One blank line stands between two scenarios.
                next_line = last + 2;
                let findings = on_scenarios.iter().filter(|f| f.scenario == Some(place)).cloned().collect();
                ScenarioView::new(scenario, findings, [first, last])
            })
            .collect();
        Self {
            id: draft.id,
            version: draft.version,
            state: draft.state,
            text,
            scenarios,
            questions,
            findings: on_all,
            notes: draft.notes,
            provenance: draft.provenance,
            created_at: draft.created_at,
            updated_at: draft.updated_at,
            edited_by: draft.edited_by,
        }
    }
}

impl ScenarioView {
    fn new(scenario: Scenario, findings: Vec<Finding>, lines: [usize; 2]) -> Self {
        let Scenario { tag, title, steps, examples, basis } = scenario;
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
        let view = DraftView::from(data::draft());
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
