//! D: scenarios that say nearly the same as an earlier one, and steps that stand word for word in an earlier scenario.

use std::collections::HashSet;

use brine_core::gherkin::similarity;

use super::super::keywords::plain;
use super::super::set::{Kind, Set};

/// Two scenarios that share more of their words than this say the same.
const SAME: f64 = 0.8;

/// Of each scenario, whether it says nearly the same as an earlier one.
pub(crate) fn duplicates(set: &Set) -> Vec<bool> {
    let texts: Vec<String> = set.scenarios.iter().map(|scenario| scenario.step_text()).collect();
    (0..texts.len())
        .map(|place| texts[..place].iter().any(|earlier| similarity(earlier, &texts[place]) > SAME))
        .collect()
}

/// Of each event and outcome, whether it stands in an earlier scenario too. States are left out: to start from the same
/// state is good style.
pub(crate) fn repeated_steps(set: &Set) -> Vec<bool> {
    let mut earlier: HashSet<String> = HashSet::new();
    let mut repeated = Vec::new();
    for scenario in &set.scenarios {
        let steps: Vec<String> =
            scenario.steps.iter().filter(|step| step.kind != Kind::Given).map(|step| plain(&step.text)).collect();
        repeated.extend(steps.iter().map(|step| earlier.contains(step)));
        earlier.extend(steps);
    }
    repeated
}

#[cfg(test)]
mod tests {
    use super::super::tests::set;
    use super::*;

    #[test]
    fn nearly_the_same_is_the_same_and_the_first_one_is_not_to_blame() {
        let text = "Scenario: A\n  Given a locked gift card of a customer\n  When support unlocks the card\n  Then it works\n\nScenario: B\n  Given the locked gift card of a customer\n  When support unlocks a card\n  Then it works\n\nScenario: C\n  Given a card\n  When a wrong PIN comes\n  Then it is counted\n";
        assert_eq!(duplicates(&set(text)), [false, true, false]);
    }

    #[test]
    fn shared_states_are_no_repetition_but_shared_outcomes_are() {
        let text = "Scenario: A\n  Given a card\n  When a PIN comes\n  Then it is counted\n\nScenario: B\n  Given a card\n  When no PIN comes\n  Then It is  counted\n";
        assert_eq!(repeated_steps(&set(text)), [false, false, false, true]);
    }
}
