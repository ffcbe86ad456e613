//! Changed stories for M: one sentence deleted, one added, one said in other words.

use std::collections::HashSet;

use brine_core::gherkin::content_words;
use brine_core::story::{Sentence, Story};

use super::case::Case;

/// What an added sentence says; no domain lacks it, and few stories have it.
const ADDED: &str = "An auditor can export the history of changes as a spreadsheet.";
/// So many words must belong to a sentence alone, or its scenario can't be told from others.
const OWN_WORDS: usize = 3;

/// What was done to a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    /// A rule is gone.
    Deleted,
    /// A rule has come.
    Added,
    /// A rule is introduced in other words.
    Reworded,
}

impl Change {
    pub(crate) const ALL: [Change; 3] = [Change::Deleted, Change::Added, Change::Reworded];

    /// In file names.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Change::Deleted => "deleted",
            Change::Added => "added",
            Change::Reworded => "reworded",
        }
    }
}

/// A changed story, and the words by which the sentence in question is known.
#[derive(Clone, Debug)]
pub(crate) struct Mutant {
    pub(crate) story: Story,
    pub(crate) own_words: HashSet<String>,
}

/// The story after the change; none when no sentence of its description is known by words of its own.
pub(crate) fn mutant(case: &Case, change: Change) -> Option<Mutant> {
    let story = &case.story;
    let (sentence, own) = rule(case)?;
    let (description, own_words) = match change {
        Change::Deleted => (without(story.description(), &sentence.text), own),
        Change::Reworded => (story.description().replacen(&sentence.text, &reworded(&sentence.text), 1), own),
        Change::Added => {
            let mut own_words = content_words(ADDED);
            own_words.retain(|word| !case.stems.contains(word));
            (format!("{}\n{ADDED}", story.description()), own_words)
        }
    };
    let story = Story::new(story.summary(), &description).ok()?;
    (story != case.story && own_words.len() >= OWN_WORDS).then_some(Mutant { story, own_words })
}

/// The sentence of the description with the most words of its own; never the only one, and never the goal.
fn rule(case: &Case) -> Option<(Sentence, HashSet<String>)> {
    let sentences = case.story.sentences();
    let own = |place: usize| -> HashSet<String> {
        let others = || case.sentences.iter().enumerate().filter(|(other, _)| *other != place);
        let words = case.sentences.get(place).into_iter().flatten();
        words.filter(|word| !others().any(|(_, held)| held.contains(*word))).cloned().collect()
    };
    let goal = |text: &str| text.to_lowercase().contains("i want");
    let rules = sentences.into_iter().skip(1).filter(|sentence| !goal(&sentence.text));
    let rules: Vec<Sentence> = rules.filter(|sentence| case.story.description().contains(&sentence.text)).collect();
    if rules.len() < 2 {
        return None;
    }
    rules
        .into_iter()
        .map(|sentence| (own(sentence.index), sentence))
        .map(|(own, sentence)| (sentence, own))
        .max_by_key(|(_, own)| own.len())
}

/// The text without the sentence, and without a bullet that it leaves empty.
fn without(description: &str, sentence: &str) -> String {
    let rest = description.replacen(sentence, "", 1);
    let lines = rest.lines().filter(|line| line.contains(char::is_alphanumeric));
    lines.collect::<Vec<_>>().join("\n")
}

/// The same rule behind a turn of phrase; names and abbreviations keep their capital.
fn reworded(sentence: &str) -> String {
    let mut chars = sentence.chars();
    let (first, second) = (chars.next(), chars.next());
    match (first, second) {
        (Some(first), Some(second)) if first.is_uppercase() && !second.is_uppercase() => {
            format!("Please note that {}{}", first.to_lowercase(), &sentence[first.len_utf8()..])
        }
        _ => format!("Please note: {sentence}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::measures::tests::case;
    use super::*;

    const STORY: &str = "As a clerk, I want cards locked.\n- A card is locked after 3 wrong PINs.\n- Support can reopen it within twelve hours by phone.";

    #[test]
    fn one_rule_goes_with_its_bullet() {
        let mutant = mutant(&case("Lock cards", STORY), Change::Deleted).unwrap();
        assert_eq!(
            mutant.story.description(),
            "As a clerk, I want cards locked.\n- A card is locked after 3 wrong PINs."
        );
        assert!(mutant.own_words.contains("phon") && !mutant.own_words.contains("card"));
    }

    #[test]
    fn one_rule_comes_or_is_reworded_and_the_rest_stays() {
        let case = case("Lock cards", STORY);
        let added = mutant(&case, Change::Added).unwrap();
        assert!(added.story.description().starts_with(STORY) && added.own_words.contains("auditor"));
        let reworded = mutant(&case, Change::Reworded).unwrap().story;
        assert!(
            reworded.description().ends_with("- Please note that support can reopen it within twelve hours by phone.")
        );
    }

    #[test]
    fn a_story_of_one_rule_is_left_alone() {
        assert!(mutant(&case("Lock cards", "A card is locked after 3 wrong PINs."), Change::Deleted).is_none());
    }
}
