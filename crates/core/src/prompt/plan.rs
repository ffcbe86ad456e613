//! One scenario for each rule of the story: which sentences are rules, and what kind of case each asks for.

use crate::gherkin::{Tag, numbers};
use crate::story::{Sentence, Story};

/// The rule that the model is to write a scenario for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Focus {
    /// The sentence of the story.
    pub rule: String,
    /// Its index in `Story::sentences()`.
    pub sentence: usize,
    /// The kind of case.
    pub tag: Tag,
    /// Titles of scenarios that were written for the same sentence: this one is another.
    pub beside: Vec<String>,
}

impl Focus {
    /// The kind of case in plain words, for the prompt.
    pub fn kind(&self) -> &'static str {
        match self.tag {
            Tag::HappyPath => "the normal case, in which the goal is reached",
            Tag::Negative => "a case that is refused or fails",
            Tag::EdgeCase => "a case at a limit or out of the ordinary",
            Tag::Security => "a security case",
            Tag::Performance => "a performance case",
            Tag::Accessibility => "an accessibility case",
        }
    }
}

/// Words that speak of refusal.
const REFUSAL: &[&str] = &[
    "not",
    "cannot",
    "can't",
    "never",
    "refuse",
    "refused",
    "reject",
    "rejected",
    "invalid",
    "error",
    "errors",
    "fail",
    "fails",
    "failed",
    "deny",
    "denied",
    "forbidden",
    "without",
    "missing",
    "only",
    "no",
    "unless",
    "block",
    "blocked",
    "wrong",
    "must",
    "nobody",
    "unauthorised",
    "unauthorized",
    "expired",
    "don't",
    "doesn't",
];
/// Words that speak of limits, time and repetition.
const LIMIT: &[&str] = &[
    "after", "before", "within", "until", "limit", "limits", "maximum", "minimum", "most", "least", "more", "less",
    "longer", "than", "empty", "again", "twice", "already", "same", "several", "when", "if", "while", "between", "per",
    "up",
];
/// How many scenarios a set has at least.
const FEWEST: usize = 3;

/// 3 to `most` scenarios: the goal first, then the story's rules in its order, with at least one negative and one edge case.
///
/// When there are more rules than places, those that say least are left out; when there are fewer, rules are taken again.
pub fn plan(story: &Story, most: usize) -> Vec<Focus> {
    let most = most.max(FEWEST);
    let sentences = story.sentences();
    let goal = sentences.iter().find(|sentence| is_goal(&sentence.text)).or(sentences.first());
    let Some(goal) = goal else { return Vec::new() };
    let mut rules: Vec<&Sentence> =
        sentences.iter().filter(|sentence| sentence.index != 0 && sentence.index != goal.index).collect();
    let keep = most - 1;
    if rules.len() > keep {
        let mut by_weight = rules.clone();
        by_weight.sort_by_key(|sentence| std::cmp::Reverse(weight(&sentence.text)));
        by_weight.truncate(keep);
        rules.retain(|sentence| by_weight.iter().any(|kept| kept.index == sentence.index));
    }
    let mut plan = vec![focus(goal, Tag::HappyPath)];
    plan.extend(rules.iter().map(|sentence| focus(sentence, tag_of(&sentence.text))));
    let spare: Vec<&Sentence> = if rules.is_empty() { vec![goal] } else { rules };
    let mut again = spare.iter().cycle();
    while plan.len() < FEWEST {
        let Some(sentence) = again.next() else { break };
        let tag = if has(&plan, Tag::Negative) { Tag::EdgeCase } else { Tag::Negative };
        plan.push(focus(sentence, tag));
    }
    ensure_tag(&mut plan, Tag::Negative, refusals);
    ensure_tag(&mut plan, Tag::EdgeCase, limits);
    plan
}

fn focus(sentence: &Sentence, tag: Tag) -> Focus {
    Focus { rule: sentence.text.clone(), sentence: sentence.index, tag, beside: Vec::new() }
}

fn has(plan: &[Focus], tag: Tag) -> bool {
    plan.iter().any(|focus| focus.tag == tag)
}

/// Gives `tag` to the rule that speaks most of it, when none has it and without taking the last of another kind.
fn ensure_tag(plan: &mut [Focus], tag: Tag, signs: fn(&str) -> usize) {
    if has(plan, tag) {
        return;
    }
    let many = |wanted: Tag| plan.iter().filter(|focus| focus.tag == wanted).count() > 1;
    let free = |focus: &Focus| {
        focus.tag != Tag::HappyPath && (many(focus.tag) || !matches!(focus.tag, Tag::Negative | Tag::EdgeCase))
    };
    let places: Vec<usize> = (1..plan.len()).filter(|place| free(&plan[*place])).collect();
    let best = places.into_iter().max_by_key(|place| signs(&plan[*place].rule));
    if let Some(focus) = best.and_then(|place| plan.get_mut(place)) {
        focus.tag = tag;
    }
}

/// "As a clerk, I want …".
fn is_goal(sentence: &str) -> bool {
    let start = sentence.to_lowercase();
    start.starts_with("as a ")
        || start.starts_with("as an ")
        || start.starts_with("as the ")
        || start.contains("i want ")
}

fn tag_of(rule: &str) -> Tag {
    if refusals(rule) > limits(rule) { Tag::Negative } else { Tag::EdgeCase }
}

/// How much a sentence looks like a rule that can be tested.
fn weight(sentence: &str) -> usize {
    2 * numbers(sentence).len()
        + 2 * count(sentence, REFUSAL)
        + count(sentence, LIMIT)
        + usize::from(sentence.split_whitespace().count() > 4)
}

fn refusals(rule: &str) -> usize {
    count(rule, REFUSAL)
}

fn limits(rule: &str) -> usize {
    count(rule, LIMIT) + numbers(rule).len()
}

fn count(text: &str, signs: &[&str]) -> usize {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '\''));
    words.filter(|word| signs.contains(&word.to_lowercase().as_str())).count()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rules_keep_their_order_and_get_fitting_tags() {
        let text = "Lock a gift card\nAs a holder, I want my card locked, so that nobody spends it.\n\
                    - Three wrong PINs lock the card for 24 hours.\n- A locked card cannot be used.\n";
        let plan = plan(&Story::from_text(text.as_bytes()).unwrap(), 6);
        let seen: Vec<(usize, Tag)> = plan.iter().map(|focus| (focus.sentence, focus.tag)).collect();
        assert_eq!(seen, [(1, Tag::HappyPath), (2, Tag::EdgeCase), (3, Tag::Negative)]);
    }

    #[test]
    fn the_rules_that_say_most_stay_when_there_are_too_many() {
        let text = "Export\nNice to have.\nExports hold at most 500 rows.\nWe talked about it.\nAn empty export is refused.\nIt is blue.\n";
        let plan = plan(&Story::from_text(text.as_bytes()).unwrap(), 3);
        let seen: Vec<usize> = plan.iter().map(|focus| focus.sentence).collect();
        assert_eq!(seen, [0, 2, 4]);
    }

    proptest! {
        #[test]
        fn every_plan_has_the_three_kinds(text in "[A-Za-z0-9 .\n-]{1,300}", most in 3usize..=6) {
            if let Ok(story) = Story::from_text(text.as_bytes()) {
                let plan = plan(&story, most);
                prop_assert!((3..=most).contains(&plan.len()), "{plan:?}");
                prop_assert_eq!(plan[0].tag, Tag::HappyPath);
                prop_assert!(has(&plan, Tag::Negative) && has(&plan, Tag::EdgeCase), "{:?}", plan);
            }
        }
    }
}
