//! How much of a story its criteria speak of: the measure for pairs whose facts nobody has written down.

use std::collections::HashSet;

use brine_core::gherkin::{self, Basis, Language};
use brine_core::story::Story;

/// The share of the story's sentences (without the summary, when there are others) that some scenario rests on: those
/// that it shares its most telling words with. Criteria that do not name their language are in this one.
pub(super) fn coverage(story: &Story, criteria: &str, language: Language) -> f64 {
    let Ok(mut criteria) = gherkin::parse_in(criteria, language) else { return 0.0 };
    gherkin::ground(&mut criteria, story);
    let all = story.sentences();
    let sentences = if all.len() > 1 { &all[1..] } else { &all[..] };
    let rested_on: HashSet<usize> = criteria
        .scenarios
        .iter()
        .filter_map(|scenario| match &scenario.basis {
            Basis::Sentence { index, .. } => Some(*index),
            Basis::Assumption | Basis::Unknown => None,
        })
        .collect();
    let covered = sentences.iter().filter(|sentence| rested_on.contains(&sentence.index)).count();
    covered as f64 / sentences.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn each_sentence_that_a_scenario_rests_on_counts_once() {
        let text = "Three wrong PINs lock the card.\nSupport unlocks a locked card.";
        let story = Story::new("Lock gift cards", text).unwrap();
        let one = "@negative\nScenario: Third wrong PIN locks the card\n  Given a card with two wrong PINs\n  \
                   When a wrong PIN comes\n  Then the card is shut\n";
        assert_eq!(coverage(&story, one, Language::En), 0.5);
        assert_eq!(coverage(&story, &format!("{one}\n{one}"), Language::En), 0.5);
        let both = format!(
            "{one}\n@happy-path\nScenario: Support helps\n  Given a locked card\n  When support unlocks the card\n  Then it opens\n"
        );
        assert_eq!(coverage(&story, &both, Language::En), 1.0);
        assert_eq!(coverage(&story, "Sorry, I can't.", Language::En), 0.0);
        assert_eq!(coverage(&Story::new("Support unlocks cards", "").unwrap(), &both, Language::En), 1.0);
    }
}
