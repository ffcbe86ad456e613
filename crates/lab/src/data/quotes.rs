//! Which sentences of a story a hand-written scenario rests on: what the model learns to quote before it writes.
//!
//! Words are weighed by how few sentences of the story hold them, so no language needs a list of words that say nothing.

use std::collections::{BTreeSet, HashMap};

use brine_core::story::{Sentence, Story};

/// So many first letters of a word tell it from others, whatever its ending.
const STEM: usize = 6;
/// Shorter words say nothing, unless they hold a digit.
const SHORTEST: usize = 3;
/// A sentence that shares less than this with a scenario is not what it rests on.
const LEAST: f64 = 0.5;
/// A second sentence must be this near to the first, and say so much that the first does not.
const NEAR: f64 = 0.8;
const MORE: f64 = 1.5;
/// A sentence is quoted so often at most, while another is this near.
const OFTEN: usize = 2;
const INSTEAD: f64 = 0.6;

/// A story's sentences and how telling their words are. Words stand in order: sums of fractions depend on it, and a run that
/// goes on must find the lessons that it began with.
pub(super) struct Quotes {
    sentences: Vec<Sentence>,
    words: Vec<BTreeSet<String>>,
    weight: HashMap<String, f64>,
    quoted: Vec<usize>,
}

impl Quotes {
    pub(super) fn of(story: &Story) -> Self {
        let sentences: Vec<Sentence> = story.sentences().into_iter().filter(Sentence::can_be_rule).collect();
        let words: Vec<BTreeSet<String>> = sentences.iter().map(|sentence| words(&sentence.text)).collect();
        let mut weight: HashMap<String, f64> = HashMap::new();
        for word in words.iter().flatten() {
            *weight.entry(word.clone()).or_default() += 1.0;
        }
        for held_by in weight.values_mut() {
            *held_by = (1.0 + sentences.len() as f64 / *held_by).ln();
        }
        let quoted = vec![0; sentences.len()];
        Self { sentences, words, weight, quoted }
    }

    /// The one or two sentences that the scenario with this text rests on, in the story's order; notes that they were
    /// quoted. The summary when nothing is near.
    pub(super) fn for_scenario(&mut self, text: &str) -> Vec<String> {
        let said = words(text);
        let mut near: Vec<(f64, usize)> =
            (0..self.sentences.len()).map(|place| (self.score(place, &said), place)).collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let found = match near.first() {
            Some((best, _)) if *best >= LEAST => self.chosen(&near, &said),
            _ => vec![0],
        };
        for place in &found {
            self.quoted[*place] += 1;
        }
        found.into_iter().map(|place| self.sentences[place].text.clone()).collect()
    }

    fn chosen(&self, near: &[(f64, usize)], said: &BTreeSet<String>) -> Vec<usize> {
        let (most, first) = near[0];
        let fresh = near.iter().find(|(score, place)| self.quoted[*place] < OFTEN && *score >= INSTEAD * most);
        let (score, first) = if self.quoted[first] < OFTEN { near[0] } else { *fresh.unwrap_or(&near[0]) };
        let mut found = vec![first];
        if let Some((other, second)) = near.iter().find(|(_, place)| *place != first)
            && *other > NEAR * score
            && self.quoted[*second] < OFTEN
        {
            let more = self.words[*second].intersection(said).filter(|word| !self.words[first].contains(*word));
            if more.map(|word| self.weight[word]).sum::<f64>() > MORE {
                found.push(*second);
            }
        }
        found.sort_unstable();
        found
    }

    fn score(&self, place: usize, said: &BTreeSet<String>) -> f64 {
        let weight = |word: &String| self.weight.get(word).copied().unwrap_or(0.0);
        let all: f64 = self.words[place].iter().map(weight).sum();
        self.words[place].intersection(said).map(weight).sum::<f64>() / (3.0 + all).sqrt()
    }
}

fn words(text: &str) -> BTreeSet<String> {
    let telling = |word: &&str| word.chars().count() > SHORTEST || word.contains(|c: char| c.is_numeric());
    let stem = |word: &str| word.to_lowercase().chars().take(STEM).collect();
    text.split(|c: char| !c.is_alphanumeric()).filter(telling).map(stem).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_scenario_quotes_the_sentence_whose_rare_words_it_says() {
        let story = "Lock a card\nThree wrong PINs lock the card.\nA locked card is opened by the branch.\n";
        let mut quotes = Quotes::of(&Story::from_text(story.as_bytes()).unwrap());
        let branch = "Scenario: Branch opens the card\n  Given a locked card\n  When the branch opens it\n";
        assert_eq!(quotes.for_scenario(branch), ["A locked card is opened by the branch."]);
        let wrong = "Scenario: Card stays open\n  When a second wrong PIN is entered\n  Then three are not reached\n";
        assert_eq!(quotes.for_scenario(wrong), ["Three wrong PINs lock the card."]);
        assert_eq!(quotes.for_scenario("Scenario: Nothing of it"), ["Lock a card"]);
    }

    #[test]
    fn the_same_pair_gives_the_same_quotes_every_time() {
        let pairs = crate::data::read(concat!(env!("CARGO_MANIFEST_DIR"), "/data/dev_new.jsonl").as_ref()).unwrap();
        let lessons = || pairs.iter().map(|pair| crate::data::lesson(pair).unwrap()).collect::<Vec<_>>();
        let first = lessons();
        assert!((0..5).all(|_| lessons() == first));
    }

    #[test]
    fn a_sentence_is_not_quoted_for_ever_where_others_are_near() {
        let story = "Exports\nAn export holds invoices up to 500 pieces.\nAn export holds orders up to 200 pieces.\n";
        let mut quotes = Quotes::of(&Story::from_text(story.as_bytes()).unwrap());
        let text = "Given invoices\nWhen the export holds pieces";
        let found: Vec<String> = (0..3).flat_map(|_| quotes.for_scenario(text)).collect();
        assert_eq!(found.iter().filter(|quote| quote.contains("invoices")).count(), 2, "{found:?}");
    }
}
