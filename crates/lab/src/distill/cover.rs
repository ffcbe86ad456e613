//! How much of a story its criteria cover: the sentences that can be rules, and which of them a scenario rests on.

use brine_core::gherkin::{Basis, Criteria, Scenario, overlap};
use brine_core::story::{Sentence, Story};

/// A scenario that rests on one sentence and says so much of another covers both.
const SAID: f64 = 0.5;
const SAID_WORDS: usize = 2;

/// The share (0 to 1) of the sentences that can be rules that a scenario rests on; the criteria's bases must have been
/// looked for.
pub(crate) fn covered(criteria: &Criteria, story: &Story) -> f64 {
    let mut rules: Vec<Sentence> = story.sentences().into_iter().filter(Sentence::can_be_rule).collect();
    if rules.len() > 1 {
        // The summary says again what the rules say.
        rules.retain(|rule| rule.index != 0);
    }
    let says = |rule: &Sentence| criteria.scenarios.iter().any(|scenario| rests_on(scenario, rule.index, &rule.text));
    rules.iter().filter(|rule| says(rule)).count() as f64 / rules.len().max(1) as f64
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
