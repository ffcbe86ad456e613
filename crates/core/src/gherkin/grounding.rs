//! Which sentence of the story a scenario rests on, by the words that they share.

use std::collections::{BTreeSet, HashMap};

use super::words::content_words;
use super::{Basis, Criteria, Scenario};
use crate::story::{Sentence, Story};

/// Two shared content words are taken as a connection; in a short sentence one of three is enough.
const SHARED_WORDS: usize = 2;
const SHARED_SHARE: f64 = 0.34;

/// Sets every scenario's basis to the sentence that it shares the most telling words with, or to `Basis::Assumption`.
pub fn ground(criteria: &mut Criteria, story: &Story) {
    let sentences = story.sentences();
    let index = Index::new(&sentences);
    for scenario in &mut criteria.scenarios {
        let best = index.best(&said(scenario));
        scenario.basis = match best.and_then(|place| sentences.get(place)) {
            Some(sentence) => Basis::Sentence { index: sentence.index, text: sentence.text.clone() },
            None => Basis::Assumption,
        };
    }
}

/// How much of a sentence a scenario says: shared content words over the sentence's (0 to 1), and their number.
pub fn overlap(scenario: &Scenario, sentence: &str) -> (f64, usize) {
    let sentence = content_words(sentence);
    let shared = content_words(&plain_text(scenario)).intersection(&sentence).count();
    (shared as f64 / sentence.len().max(1) as f64, shared)
}

fn said(scenario: &Scenario) -> BTreeSet<String> {
    content_words(&plain_text(scenario)).into_iter().collect()
}

fn plain_text(scenario: &Scenario) -> String {
    let mut text = scenario.title.clone();
    for step in &scenario.steps {
        text.push('\n');
        text.push_str(&step.text);
    }
    for row in scenario.examples.iter().flat_map(|examples| &examples.rows) {
        text.push('\n');
        text.push_str(&row.join(" "));
    }
    text
}

/// Content words by sentence, each word weighed by how few sentences hold it.
struct Index {
    /// Sorted: sums of fractions depend on their order, and that of a hash is another one each time.
    words: Vec<BTreeSet<String>>,
    weight: HashMap<String, f64>,
}

impl Index {
    fn new(sentences: &[Sentence]) -> Self {
        let words_of = |sentence: &Sentence| content_words(&sentence.text).into_iter().collect();
        let words: Vec<BTreeSet<String>> = sentences.iter().map(words_of).collect();
        let mut weight: HashMap<String, f64> = HashMap::new();
        for word in words.iter().flatten() {
            *weight.entry(word.clone()).or_default() += 1.0;
        }
        for held_by in weight.values_mut() {
            *held_by = (1.0 + sentences.len() as f64 / *held_by).ln();
        }
        Self { words, weight }
    }

    /// The sentence with the heaviest shared words; of equals a later one, because the summary repeats the rest.
    fn best(&self, scenario: &BTreeSet<String>) -> Option<usize> {
        let mut best: Option<(f64, usize)> = None;
        for (place, sentence) in self.words.iter().enumerate() {
            let shared: Vec<&String> = sentence.intersection(scenario).collect();
            let share = shared.len() as f64 / sentence.len().max(1) as f64;
            let connected = shared.len() >= SHARED_WORDS || (shared.len() == 1 && share >= SHARED_SHARE);
            let score = self.weight_of(&shared);
            if connected && best.is_none_or(|(heaviest, _)| score >= heaviest) {
                best = Some((score, place));
            }
        }
        best.map(|(_, place)| place)
    }

    fn weight_of(&self, words: &[&String]) -> f64 {
        words.iter().filter_map(|word| self.weight.get(*word)).sum()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::gherkin::parse;

    #[test]
    fn of_sentences_with_the_same_words_the_later_one_is_meant_every_time() {
        let text = "Green doors\nGreen doors open slowly behind tall fences. Fences tall behind slowly open doors green.\n\
                    Doors open. Fences open. Tall fences. Doors green.\n";
        let story = Story::from_text(text.as_bytes()).unwrap();
        let scenario =
            "@happy-path\nScenario: Green doors open slowly behind tall fences\n  Given x\n  When y\n  Then z\n";
        for _ in 0..200 {
            let mut criteria = parse(scenario).unwrap();
            ground(&mut criteria, &story);
            assert!(matches!(criteria.scenarios[0].basis, Basis::Sentence { index: 2, .. }));
        }
    }
}
