//! Which sentences of a story a set tests, and which none does: what a product owner looks at before it is called complete.

use super::form::RULE_CHARS;
use super::{Basis, Criteria, Scenario, overlap};
use crate::story::{LineKind, Sentence, Story};

/// A scenario that says so much of a sentence's content words, and so many of them, tests it, whatever it was made of.
const SAID: f64 = 0.5;
const SAID_WORDS: usize = 2;
/// Shorter sentences rule nothing ("See below.").
const FEWEST_WORDS: usize = 4;

/// The sentences that a set should test: those that can be rules, each once. The summary, which says again what the rules
/// say, is among them only when nothing else is.
pub fn to_test(story: &Story) -> Vec<Sentence> {
    let mut found: Vec<Sentence> = Vec::new();
    for sentence in story.sentences() {
        let words = sentence.text.split_whitespace().count();
        let fits = words >= FEWEST_WORDS && sentence.text.chars().count() <= RULE_CHARS;
        let again = found.iter().any(|known| known.text == sentence.text);
        if sentence.kind != LineKind::Summary && sentence.can_be_rule() && fits && !again {
            found.push(sentence);
        }
    }
    if found.is_empty() {
        found.extend(story.sentences().into_iter().next());
    }
    found
}

/// Whether a scenario tests a sentence: it rests on it, or says it.
pub fn covers(scenario: &Scenario, sentence: &Sentence) -> bool {
    if matches!(&scenario.basis, Basis::Sentence { index, .. } if *index == sentence.index) {
        return true;
    }
    let (share, words) = overlap(scenario, &sentence.text);
    share >= SAID && words >= SAID_WORDS
}

/// The rules that no scenario tests.
pub(super) fn not_covered(criteria: &Criteria, story: &Story) -> Vec<Sentence> {
    let mut rules = to_test(story);
    rules.retain(|rule| !criteria.scenarios.iter().any(|scenario| covers(scenario, rule)));
    rules
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
