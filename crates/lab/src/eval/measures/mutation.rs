//! M: whether criteria follow the story. A deleted sentence's scenario goes, an added sentence's comes, and a sentence
//! said in other words leaves the rest as it was.

use std::collections::HashSet;

use brine_core::gherkin::{content_words, similarity};

use super::super::set::Set;

/// A scenario speaks of a sentence when it holds so much of the words that only this sentence has.
const ENOUGH: f64 = 0.5;
/// Two scenarios that share more of their words than this are the same.
const SAME: f64 = 0.8;

/// Whether some scenario speaks of the sentence whose own words these are.
fn speaks_of(set: &Set, own: &HashSet<String>) -> bool {
    set.scenarios.iter().any(|scenario| {
        let shared = content_words(&scenario.text()).intersection(own).count();
        shared as f64 / own.len().max(1) as f64 >= ENOUGH
    })
}

/// The sentence had a scenario before it was deleted, and has none after. A sentence that never had one counts as a
/// failure: there was nothing to go.
pub(crate) fn went(before: Option<&Set>, after: Option<&Set>, own: &HashSet<String>) -> bool {
    matches!((before, after), (Some(before), Some(after)) if speaks_of(before, own) && !speaks_of(after, own))
}

/// The sentence had no scenario before it was added, and has one after.
pub(crate) fn came(before: Option<&Set>, after: Option<&Set>, own: &HashSet<String>) -> bool {
    went(after, before, own)
}

/// The share of scenarios that are still there.
pub(crate) fn stayed(before: Option<&Set>, after: Option<&Set>) -> f64 {
    let (Some(before), Some(after)) = (before, after) else { return 0.0 };
    let texts: Vec<String> = after.scenarios.iter().map(|scenario| scenario.step_text()).collect();
    let still_there = before
        .scenarios
        .iter()
        .filter(|one| texts.iter().any(|text| similarity(&one.step_text(), text) > SAME))
        .count();
    still_there as f64 / before.scenarios.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::super::tests::set;
    use super::*;

    const LOCK: &str = "Scenario: Lock\n  Given a card\n  When 3 wrong PINs come\n  Then the card is locked\n\n";
    const UNLOCK: &str =
        "Scenario: Unlock\n  Given a locked card\n  When support unlocks it\n  Then the card works\n\n";

    #[test]
    fn a_scenario_goes_only_if_it_was_there_and_is_no_more() {
        let own = content_words("support unlocks");
        let (both, lock) = (set(&format!("{LOCK}{UNLOCK}")), set(LOCK));
        assert!(went(Some(&both), Some(&lock), &own));
        assert!(!went(Some(&both), Some(&both), &own), "it is still there");
        assert!(!went(Some(&lock), Some(&lock), &own), "it was never there");
        assert!(!went(Some(&both), None, &own), "a lost answer shows nothing");
        assert!(came(Some(&lock), Some(&both), &own));
        assert!(!came(Some(&both), Some(&both), &own));
    }

    #[test]
    fn what_stays_is_counted_by_scenario() {
        let (both, lock) = (set(&format!("{LOCK}{UNLOCK}")), set(LOCK));
        assert_eq!(stayed(Some(&both), Some(&lock)), 0.5);
        assert_eq!(stayed(Some(&lock), Some(&both)), 1.0);
        assert_eq!(stayed(Some(&lock), None), 0.0);
    }
}
