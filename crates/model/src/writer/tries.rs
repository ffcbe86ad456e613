//! Which of several tries at a scenario is the best, by what can be told without understanding: whether it repeats an earlier
//! scenario, and how much of its rule it says.

use brine_core::gherkin::{self, Scenario};
use brine_core::prompt::Focus;

/// Two scenarios that share more of their words than this say the same.
const SAME: f64 = 0.7;
/// A scenario that says so much of its rule is not tried again.
const ENOUGH: f64 = 0.5;

/// One try.
pub(super) struct Try {
    pub(super) scenario: Scenario,
    /// It says the same as an earlier scenario of the set.
    repeats: bool,
    /// The share of the rule's content words that it says, 0 to 1.
    said: f64,
}

impl Try {
    pub(super) fn new(scenario: Scenario, focus: &Focus, earlier: &[Scenario]) -> Self {
        let repeats = earlier.iter().any(|other| says_the_same(other, &scenario));
        let (said, _) = gherkin::overlap(&scenario, &focus.text());
        Self { scenario, repeats, said }
    }

    /// A model that was not tuned seldom says more when it is asked again, and each try takes seconds.
    pub(super) fn is_enough(&self, tuned: bool) -> bool {
        !self.repeats && (self.said >= ENOUGH || !tuned)
    }

    pub(super) fn is_better(&self, other: &Self) -> bool {
        match (self.repeats, other.repeats) {
            (false, true) => true,
            (true, false) => false,
            _ => self.said > other.said,
        }
    }
}

fn says_the_same(a: &Scenario, b: &Scenario) -> bool {
    let steps =
        |scenario: &Scenario| scenario.steps.iter().map(|step| step.text.as_str()).collect::<Vec<_>>().join("\n");
    a.title.eq_ignore_ascii_case(&b.title) || gherkin::similarity(&steps(a), &steps(b)) > SAME
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use brine_core::gherkin::{Tag, parse};
    use brine_core::story::Sentence;

    use super::*;

    const LOCKS: &str = "@negative\nScenario: Third wrong PIN locks the card\n  Given a card with 2 wrong PINs\n  \
                         When a third wrong PIN is entered\n  Then the card is locked for 24 hours\n";
    const OPENS: &str =
        "@negative\nScenario: A person waits\n  Given a person\n  When time passes\n  Then all is well\n";

    fn attempt(text: &str, earlier: &[&str]) -> Try {
        let one = |text: &str| parse(text).unwrap().scenarios.remove(0);
        let text_of_rule = "Three wrong PINs lock the card for 24 hours.".to_owned();
        let rule = Sentence { index: 1, text: text_of_rule, bullet: false };
        let focus = Focus { rules: vec![rule], tag: Tag::Negative, beside: Vec::new() };
        Try::new(one(text), &focus, &earlier.iter().map(|text| one(text)).collect::<Vec<_>>())
    }

    #[test]
    fn what_says_most_of_its_rule_is_best_and_needs_no_other_try() {
        let (good, bad) = (attempt(LOCKS, &[]), attempt(OPENS, &[]));
        assert!(good.is_better(&bad) && !bad.is_better(&good));
        assert!(good.is_enough(true) && !bad.is_enough(true) && bad.is_enough(false));
    }

    #[test]
    fn a_repetition_is_worse_than_saying_little() {
        let (twin, bad) = (attempt(LOCKS, &[LOCKS]), attempt(OPENS, &[LOCKS]));
        assert!(bad.is_better(&twin) && !twin.is_better(&bad));
        assert!(!twin.is_enough(false) && !twin.is_enough(true));
    }
}
