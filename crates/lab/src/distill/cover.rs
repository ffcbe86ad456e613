//! How much of a story its criteria cover: the rules that the product would plan a scenario for, and which of them one
//! rests on.

use brine_core::gherkin::form::MOST_SCENARIOS;
use brine_core::gherkin::{Basis, Criteria, Scenario, overlap};
use brine_core::prompt::plan;
use brine_core::story::{Sentence, Story};

/// A scenario that rests on one sentence and says so much of another covers both.
const SAID: f64 = 0.5;
const SAID_WORDS: usize = 2;

/// The share (0 to 1) of what the product would plan a scenario for that a scenario rests on; the criteria's bases must have
/// been looked for. Of rules that would share a scenario, one is enough.
pub(crate) fn covered(criteria: &Criteria, story: &Story) -> f64 {
    let mut groups: Vec<Vec<Sentence>> = Vec::new();
    for focus in plan(story, usize::from(MOST_SCENARIOS)) {
        if !groups.contains(&focus.rules) {
            groups.push(focus.rules);
        }
    }
    if groups.len() > 1 {
        // The summary says again what the rules say.
        groups.retain(|rules| rules.iter().any(|rule| rule.index != 0));
    }
    let says = |rule: &Sentence| criteria.scenarios.iter().any(|scenario| rests_on(scenario, rule.index, &rule.text));
    let covered = groups.iter().filter(|rules| rules.iter().any(says)).count();
    covered as f64 / groups.len().max(1) as f64
}

fn rests_on(scenario: &Scenario, sentence: usize, rule: &str) -> bool {
    if matches!(&scenario.basis, Basis::Sentence { index, .. } if *index == sentence) {
        return true;
    }
    let (share, words) = overlap(scenario, rule);
    share >= SAID && words >= SAID_WORDS
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
