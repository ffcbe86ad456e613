//! Which sentences of a story no scenario tests: what a product owner looks at before a set is called complete.

use super::{Basis, Criteria, overlap};
use crate::story::{LineKind, Sentence, Story};

/// A scenario that says so much of a sentence's content words tests it, whatever it was made of.
const SAID: f64 = 0.5;
/// Shorter sentences rule nothing ("See below.").
const FEWEST_WORDS: usize = 4;
/// Longer ones are no rules but samples: they are never offered to be tested either. Characters.
const LONGEST: usize = 400;

/// The sentences that can be rules and that no scenario rests on or says. The summary, which repeats the rest, is left out.
pub(super) fn not_covered(criteria: &Criteria, story: &Story) -> Vec<Sentence> {
    let can_be_asked = |sentence: &Sentence| {
        let words = sentence.text.split_whitespace().count();
        sentence.kind != LineKind::Summary
            && sentence.can_be_rule()
            && words >= FEWEST_WORDS
            && sentence.text.chars().count() <= LONGEST
    };
    let covered = |sentence: &Sentence| {
        criteria.scenarios.iter().any(|scenario| match &scenario.basis {
            Basis::Sentence { index, .. } if *index == sentence.index => true,
            _ => overlap(scenario, &sentence.text).0 >= SAID,
        })
    };
    let mut found: Vec<Sentence> = Vec::new();
    for sentence in story.sentences() {
        let again = found.iter().any(|known| known.text == sentence.text);
        if can_be_asked(&sentence) && !again && !covered(&sentence) {
            found.push(sentence);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::gherkin::parse;

    const STORY: &str = "Lock a gift card\nThree wrong PINs in a row lock the card for 24 hours. See below.\n\n\
                         - Support can unlock a card at any time.\n- The holder is told by mail.\n\n[attachment: flow.png]\n";
    const LOCKS: &str = "@happy-path\nScenario: Third wrong PIN locks\n  Given a gift card with 2 wrong PINs\n  \
                         When a third wrong PIN is entered\n  Then the card is locked for 24 hours\n";

    fn texts(criteria: &Criteria) -> Vec<String> {
        let story = Story::from_text(STORY.as_bytes()).unwrap();
        not_covered(criteria, &story).into_iter().map(|sentence| sentence.text).collect()
    }

    #[test]
    fn what_no_scenario_says_is_found_and_files_and_summary_are_not() {
        let criteria = parse(LOCKS).unwrap();
        assert_eq!(texts(&criteria), ["Support can unlock a card at any time.", "The holder is told by mail."]);
    }

    #[test]
    fn a_sentence_that_a_scenario_rests_on_is_covered_whatever_its_words() {
        let mut criteria = parse(&format!("{LOCKS}\n{}", LOCKS.replace("Third wrong", "Another"))).unwrap();
        criteria.scenarios[1].basis = Basis::Sentence { index: 3, text: "Support can unlock …".to_owned() };
        assert_eq!(texts(&criteria), ["The holder is told by mail."]);
    }
}
