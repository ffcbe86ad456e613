#![allow(clippy::unwrap_used)]

use super::*;
use crate::data::Pair;
use crate::eval::{Answer, Arm};

/// Speaks of the lock, not of support.
const HALF: &str = "@happy-path\nScenario: Third wrong PIN locks the card\n  Given a card with 2 wrong PINs\n  \
                    When a wrong PIN comes\n  Then the card is locked\n";
/// Speaks of both.
const WHOLE: &str = "@happy-path\nScenario: Third wrong PIN locks the card\n  Given a card with 2 wrong PINs\n  \
                     When a wrong PIN comes\n  Then the card is locked\n\n@negative\nScenario: Support unlocks a card\n  \
                     Given a locked card\n  When support unlocks the card\n  Then the card is open\n";

fn cases(count: usize, facts: bool) -> Vec<Case> {
    let case = |number: usize| {
        let facts = if facts { vec!["lock :: locked".to_owned(), "unlock :: support".to_owned()] } else { Vec::new() };
        let description = "3 wrong PINs lock the card.\nSupport unlocks a locked card.".to_owned();
        let pair =
            Pair { id: number.to_string(), summary: "Lock cards".to_owned(), description, facts, ..Pair::default() };
        Case::new(pair).unwrap()
    };
    (0..count).map(case).collect()
}

/// The candidate's answers and those of what is in use, by the number of the story.
fn decision(count: usize, facts: bool, candidate: impl Fn(usize) -> &'static str, in_use: &'static str) -> Decision {
    let answers = |text: &dyn Fn(usize) -> &'static str| {
        let answer =
            |number: usize| Answer { id: number.to_string(), criteria: text(number).to_owned(), ..Answer::default() };
        Outputs { answers: (0..count).map(answer).collect(), ..Outputs::default() }
    };
    let outputs = [answers(&candidate), answers(&|_| in_use)];
    let arms = ["candidate=template", "in-use=template"].map(|arm| Arm::parse(arm).unwrap());
    decide(&Table::new(cases(count, facts), arms.to_vec(), &outputs), &outputs)
}

#[test]
fn one_that_covers_clearly_more_passes_with_facts_and_without() {
    for facts in [true, false] {
        let passed = decision(25, facts, |_| WHOLE, HALF);
        assert!(passed.passed(), "{:?}", passed.reasons);
        let report = passed.report("plain");
        assert!(report.contains("| +50.0 pp |") && report.contains("clearly better"), "{report}");
        assert_eq!(report.contains("facts covered | higher"), facts, "{report}");
        assert!(passed.lines.iter().any(|line| line.words().contains("100.0 %, +50.0 pp")));
    }
}

#[test]
fn one_that_is_the_same_or_worse_is_refused_with_the_reason() {
    let same = decision(25, true, |_| HALF, HALF);
    assert!(same.reasons.iter().any(|reason| reason.starts_with("none of these is clearly better")));
    let worse = decision(25, true, |_| HALF, WHOLE);
    assert!(worse.reasons.iter().any(|reason| reason.starts_with("clearly worse: F: facts")), "{:?}", worse.reasons);
}

#[test]
fn what_is_gained_here_does_not_make_up_for_answers_that_are_lost() {
    // Two in five are lost; the rest covers all.
    let lossy = decision(40, true, |number| if number % 5 < 2 { "" } else { WHOLE }, HALF);
    assert!(lossy.reasons.iter().any(|reason| reason.contains("answers lost")), "{:?}", lossy.reasons);
}

#[test]
fn few_pairs_are_refused_whatever_they_say() {
    let few = decision(19, true, |_| WHOLE, HALF);
    assert_eq!(few.reasons.len(), 1, "{:?}", few.reasons);
    assert!(few.reasons[0].contains("19 held-out pairs are too few"));
}
