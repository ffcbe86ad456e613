//! Which sentence the happy path rests on.

use std::collections::HashSet;

use super::signs::{is_background, is_goal, refusals};
use crate::gherkin::content_words;
use crate::story::Sentence;

/// With so many rules, "As a clerk, I want …" needs no scenario of its own: people write the happy path for a rule.
const RULES_FOR_A_PATH: usize = 3;
/// How much a refusal, or a place further down, speaks against a rule.
const REFUSAL: f64 = 0.2;
const PLACE: f64 = 0.2;

/// What the happy path rests on, and the other sentences that want scenarios.
pub(super) struct Path<'a> {
    pub(super) goal: &'a Sentence,
    pub(super) rules: Vec<&'a Sentence>,
}

impl<'a> Path<'a> {
    /// The rule that speaks most of what summary and goal speak of; with few rules the goal sentence itself; without any
    /// the summary. Of 636 hand-written happy paths of stories without a goal sentence, 40 % rest on the rule chosen so (32 %
    /// on the first one that allows something); of 137 of one or two sentences, 84 % (on the summary 6 %); of 488 with
    /// a goal sentence, 49 % (on that sentence 29 %).
    pub(super) fn of(sentences: &'a [Sentence]) -> Option<Self> {
        let (summary, others) = sentences.split_first()?;
        let wish = others.iter().find(|sentence| is_goal(&sentence.text));
        let mut rules: Vec<&Sentence> =
            others.iter().filter(|rule| wish.is_none_or(|wish| wish.index != rule.index)).collect();
        if rules.iter().filter(|rule| !is_background(&rule.text)).count() >= RULES_FOR_A_PATH {
            rules.retain(|rule| !is_background(&rule.text));
        }
        if let Some(wish) = wish.filter(|_| rules.len() < RULES_FOR_A_PATH) {
            return Some(Self { goal: wish, rules });
        }
        let mut topic = content_words(&summary.text);
        topic.extend(wish.into_iter().flat_map(|wish| content_words(&wish.text)));
        let fit: Vec<f64> = rules.iter().enumerate().map(|(place, rule)| fit(rule, &topic, place)).collect();
        // Of equals the first.
        let best = (0..rules.len()).rev().max_by(|a, b| fit[*a].total_cmp(&fit[*b]));
        let goal = best.map_or(summary, |best| rules.remove(best));
        Some(Self { goal, rules })
    }
}

fn fit(rule: &Sentence, topic: &HashSet<String>, place: usize) -> f64 {
    let words = content_words(&rule.text);
    let shared = words.intersection(topic).count() as f64;
    shared / (words.len().max(1) as f64).sqrt() - REFUSAL * refusals(&rule.text) as f64 - PLACE * place as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::story::Story;

    fn goal(text: &str) -> usize {
        let sentences = Story::from_text(text.as_bytes()).unwrap().sentences();
        Path::of(&sentences).unwrap().goal.index
    }

    #[test]
    fn the_rule_that_speaks_of_the_summary_is_the_happy_path() {
        let background = "Swap shifts between colleagues\nHR corrects the plan by hand today.\n";
        assert_eq!(goal(&format!("{background}Two colleagues can swap shifts of one week.\nA swap is logged.\n")), 2);
    }

    #[test]
    fn what_only_tells_why_is_no_rule_where_there_are_some() {
        let background = "Swap shifts\nToday HR swaps shifts by hand.\nCustomers complained last week.\n";
        let rules = "Two colleagues can swap shifts of one week.\nA swap is logged.\nIt is told today when it fails.\n";
        let of = |text: &str| {
            let sentences = Story::from_text(text.as_bytes()).unwrap().sentences();
            let path = Path::of(&sentences).unwrap();
            let mut all: Vec<usize> = path.rules.iter().map(|rule| rule.index).chain([path.goal.index]).collect();
            all.sort_unstable();
            all
        };
        assert_eq!(of(&format!("{background}{rules}")), [3, 4, 5]);
        assert_eq!(of(background), [1, 2]);
    }

    #[test]
    fn a_wish_needs_no_scenario_of_its_own_when_there_are_rules() {
        let wish = "Export\nAs a clerk, I want to export orders.\n";
        assert_eq!(goal(&format!("{wish}Orders hold 9 rows.\n")), 1);
        assert_eq!(goal(&format!("{wish}No order is lost.\nAn export holds 9 orders.\nIt is blue.\n")), 3);
    }

    #[test]
    fn a_single_rule_is_better_than_the_summary_and_the_summary_than_nothing() {
        assert_eq!(goal("Lock a card\nThree wrong PINs lock the card.\n"), 1);
        assert_eq!(goal("Lock a card\n"), 0);
    }
}
