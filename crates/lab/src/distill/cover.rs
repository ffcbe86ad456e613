//! How much of a story its criteria cover.

use brine_core::gherkin::{Criteria, covers, to_test};
use brine_core::story::Story;

/// The share (0 to 1) of the story's rules that a scenario tests; the criteria's bases must have been looked for.
pub(crate) fn covered(criteria: &Criteria, story: &Story) -> f64 {
    let rules = to_test(story);
    let tested = rules.iter().filter(|rule| criteria.scenarios.iter().any(|scenario| covers(scenario, rule)));
    tested.count() as f64 / rules.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use brine_core::gherkin::{ground, parse};

    use super::super::tests::{GOOD, case};
    use super::*;

    #[test]
    fn rules_without_a_scenario_lower_the_share() {
        let share = |extra: &str| {
            let story = case(extra).story;
            let mut criteria = parse(GOOD).unwrap();
            ground(&mut criteria, &story);
            covered(&criteria, &story)
        };
        assert_eq!(share(""), 1.0);
        let more = share(" Reports go to the auditor every month. Invoices are printed on yellow paper.");
        assert!((0.4..0.7).contains(&more), "{more}");
    }
}
