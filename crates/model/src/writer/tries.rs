//! Which of several tries at a scenario is the best, by what can be told without understanding: whether it repeats an earlier
//! scenario, how much of its rule it says and in which order, whether its outcome says something, whether a negative case ends
//! with a refusal, whether a table says a row twice, and how likely the model finds it.

use std::collections::HashSet;

use brine_core::gherkin::{self, Scenario, Tag};
use brine_core::prompt::Focus;

/// Two scenarios that share more of their words than this say the same.
const SAME: f64 = 0.7;
/// A scenario that says so much of its rule is not tried again.
const ENOUGH: f64 = 0.5;
/// What counts besides the share of the rule that is said: the share that is said in its order, a negative case that refuses,
/// the share of the summary that is said, and the mean logarithm of the likelihood (about -0.6, with a deviation of 0.24). Chosen on 24 dev stories:
/// of the facts, six tries cover 62 % by the rule's share alone, and 66 % with refusals and the summary; the order is what
/// tells a rule from its opposite.
const IN_ORDER: f64 = 0.2;
const REFUSES: f64 = 0.15;
const SUMMARY: f64 = 0.1;
/// At a limit, a cause that lies on the side that is to be tested, and an outcome that refuses there or does not, as it should.
const ON_ITS_SIDE: f64 = 0.3;
const AS_IT_SHOULD: f64 = 0.3;
const LIKELIHOOD: f64 = 0.05;
/// And what speaks against it: an outcome that only repeats its cause, a table with the same row twice, and a title without an end.
const NOTHING_NEW: f64 = 0.15;
const SAME_ROWS: f64 = 0.5;
const BREAKS_OFF: f64 = 0.15;

/// One try.
pub(super) struct Try {
    pub(super) scenario: Scenario,
    /// It says the same as an earlier scenario of the set.
    repeats: bool,
    /// The share of the rule's content words that it says, 0 to 1.
    said: f64,
    merit: f64,
}

impl Try {
    /// `likelihood` is the mean logarithm of the likelihood of its tokens.
    pub(super) fn new(scenario: Scenario, likelihood: f32, focus: &Focus, summary: &str, earlier: &[Scenario]) -> Self {
        let repeats = earlier.iter().any(|other| says_the_same(other, &scenario));
        let rule = focus.side.as_ref().map_or_else(|| focus.text(), |side| side.turned.clone());
        let (said, _) = gherkin::overlap(&scenario, &rule);
        let (topic, _) = gherkin::overlap(&scenario, summary);
        let refuses = gherkin::refuses(&scenario);
        let at_limit = focus.side.as_ref().map_or(0.0, |side| {
            ON_ITS_SIDE * share(side.holds(&gherkin::cause(&scenario))) + AS_IT_SHOULD * share(side.refuses == refuses)
        });
        let refuses = share(focus.side.is_none() && focus.tag == Tag::Negative && refuses);
        let breaks_off = share(gherkin::breaks_off(&scenario.title));
        let same_rows = share(has_same_rows(&scenario));
        let in_order = gherkin::in_order(&scenario, &rule);
        let nothing_new = share(gherkin::says_nothing_new(&scenario));
        let speaks_for = IN_ORDER * in_order + REFUSES * refuses + SUMMARY * topic + LIKELIHOOD * f64::from(likelihood);
        let merit =
            said + speaks_for + at_limit - NOTHING_NEW * nothing_new - SAME_ROWS * same_rows - BREAKS_OFF * breaks_off;
        Self { scenario, repeats, said, merit }
    }

    /// A model that was not tuned seldom says more when it is asked again.
    pub(super) fn is_enough(&self, tuned: bool) -> bool {
        !self.repeats && (self.said >= ENOUGH || !tuned)
    }

    pub(super) fn is_better(&self, other: &Self) -> bool {
        match (self.repeats, other.repeats) {
            (false, true) => true,
            (true, false) => false,
            _ => self.merit > other.merit,
        }
    }
}

fn share(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

fn has_same_rows(scenario: &Scenario) -> bool {
    let rows = scenario.examples.iter().flat_map(|examples| &examples.rows);
    let mut seen = HashSet::new();
    rows.into_iter().any(|row| !seen.insert(row))
}

fn says_the_same(a: &Scenario, b: &Scenario) -> bool {
    let steps =
        |scenario: &Scenario| scenario.steps.iter().map(|step| step.text.as_str()).collect::<Vec<_>>().join("\n");
    a.title.eq_ignore_ascii_case(&b.title) || gherkin::similarity(&steps(a), &steps(b)) > SAME
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use brine_core::gherkin::parse;
    use brine_core::story::Sentence;

    use super::*;

    const LOCKS: &str = "@negative\nScenario: Third wrong PIN locks the card\n  Given a card with 2 wrong PINs\n  \
                         When a third wrong PIN is entered\n  Then the card is locked for 24 hours\n";
    const REFUSED: &str = "@negative\nScenario: Third wrong PIN locks the card\n  Given a card with 2 wrong PINs\n  \
                         When a third wrong PIN is entered\n  Then the locked card is refused for 24 hours\n";
    const OPENS: &str =
        "@negative\nScenario: A person waits\n  Given a person\n  When time passes\n  Then all is well\n";

    fn attempt(text: &str, earlier: &[&str]) -> Try {
        let one = |text: &str| parse(text).unwrap().scenarios.remove(0);
        let text_of_rule = "Three wrong PINs lock the card for 24 hours.".to_owned();
        let rule = Sentence { index: 1, text: text_of_rule, bullet: false };
        let focus = Focus { rules: vec![rule], tag: Tag::Negative, beside: Vec::new(), side: None };
        let earlier: Vec<Scenario> = earlier.iter().map(|text| one(text)).collect();
        Try::new(one(text), -0.6, &focus, "Lock a card", &earlier)
    }

    #[test]
    fn what_says_most_of_its_rule_is_best_and_needs_no_other_try() {
        let (good, bad) = (attempt(LOCKS, &[]), attempt(OPENS, &[]));
        assert!(good.is_better(&bad) && !bad.is_better(&good));
        assert!(good.is_enough(true) && !bad.is_enough(true) && bad.is_enough(false));
    }

    #[test]
    fn of_negative_cases_that_say_as_much_the_one_that_refuses_is_better() {
        assert!(attempt(REFUSED, &[]).is_better(&attempt(LOCKS, &[])));
    }

    #[test]
    fn a_table_that_says_a_row_twice_is_worse_than_saying_less() {
        let table = |last: &str| {
            format!(
                "@edge-case\nScenario Outline: Wrong PINs lock the card\n  Given a card with 3 wrong PINs\n  When <hours> hours pass\n  \
                 Then the card is open\n\n  Examples:\n    | hours |\n    | 24 |\n    | {last} |\n"
            )
        };
        let (same, other) = (attempt(&table("24"), &[]), attempt(&table("25"), &[]));
        assert!(other.is_better(&same) && !same.is_better(&other));
    }

    #[test]
    fn a_repetition_is_worse_than_saying_little() {
        let (twin, bad) = (attempt(LOCKS, &[LOCKS]), attempt(OPENS, &[LOCKS]));
        assert!(bad.is_better(&twin) && !twin.is_better(&bad));
        assert!(!twin.is_enough(false) && !twin.is_enough(true));
    }
}
