//! F: the facts of the story that the criteria hold. A fact counts when one scenario holds all its keyword groups.

use super::super::case::Case;
use super::super::set::Set;

/// Of each fact, whether it is covered.
pub(crate) fn covered(case: &Case, set: &Set) -> Vec<bool> {
    let texts: Vec<String> = set.scenarios.iter().map(|scenario| scenario.text()).collect();
    case.facts.iter().map(|fact| texts.iter().any(|text| fact.keywords.held_by(text))).collect()
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
    fn titles_and_examples_count() {
        let case = case_with(&["free :: free & 3"], &[]);
        let outline = set(
            "Scenario Outline: Limit\n  Given a <plan>\n  Then <n>\n\n  Examples:\n    | plan | n |\n    | Free | 3 |\n",
        );
        assert_eq!(covered(&case, &outline), [true]);
        assert_eq!(covered(&case, &set("Scenario: Free has 3\n  Given x\n  Then y\n")), [true]);
    }
}
