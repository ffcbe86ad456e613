//! F: the facts of the story that the criteria hold. A fact counts when one scenario holds all its keyword groups.

use super::super::case::Case;
use super::super::set::Set;

/// Of each fact, whether it is covered.
pub(crate) fn covered(case: &Case, set: &Set) -> Vec<bool> {
    let texts: Vec<String> = set.scenarios.iter().map(|scenario| scenario.text()).collect();
    case.facts.iter().map(|fact| texts.iter().any(|text| fact.keywords.held_by(text))).collect()
}

/// The share (0 to 1) of a story's facts that criteria hold; none when the story has no facts.
pub(crate) fn share(case: &Case, criteria: &str) -> Option<f64> {
    if case.facts.is_empty() {
        return None;
    }
    let held = Set::read(criteria, case.story.summary(), case.pair.language.code())
        .map(|set| covered(case, &set))
        .unwrap_or_default();
    Some(held.iter().filter(|held| **held).count() as f64 / case.facts.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{case_with, set};
    use super::*;

    #[test]
    fn one_scenario_must_hold_the_whole_fact() {
        let case = case_with(&["lock :: lock & 3|three", "unlock :: support & unlock"], &[]);
        let together = set("Scenario: A\n  Given three wrong PINs\n  Then it is Locked\n");
        assert_eq!(covered(&case, &together), [true, false]);
        let apart =
            set("Scenario: A\n  Given three wrong PINs\n  Then x\n\nScenario: B\n  Given y\n  Then it is locked\n");
        assert_eq!(covered(&case, &apart), [false, false]);
    }

    #[test]
    fn the_share_is_of_all_facts() {
        let text = "Scenario: A\n  Given 3 wrong PINs\n  Then it is locked\n";
        assert_eq!(share(&case_with(&["lock :: lock & 3", "unlock :: unlock"], &[]), text), Some(0.5));
        assert_eq!(share(&case_with(&["lock :: lock & 3"], &[]), "Sing a song"), Some(0.0));
        assert_eq!(share(&case_with(&[], &[]), text), None);
    }

    #[test]
    fn titles_and_examples_count() {
        let case = case_with(&["free :: free & 3"], &[]);
        let outline = set(
            "Scenario Outline: Limit\n  Given a <plan>\n  Then <n>\n\n  Examples:\n    | plan | n |\n    | Free | 3 |\n",
        );
        assert_eq!(covered(&case, &outline), [true]);
        assert_eq!(covered(&case, &set("Scenario: Free has 3\n  Given x\n  Then y\n")), [true]);
    }
}
