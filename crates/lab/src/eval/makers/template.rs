//! The template filler: the story's sentences in fixed frames. It covers what can be covered by copying, and shows how far
//! a measure can be had without understanding.

use brine_core::gherkin::Tag;
use brine_core::gherkin::form::FEWEST_SCENARIOS;
use brine_core::story::Story;

const FEWEST: usize = FEWEST_SCENARIOS as usize;
/// Fewer than the form allows: the table of measures was made with it, and more of the same frames show nothing new.
const MOST: usize = 6;
/// Words of a sentence that make a title.
const TITLE_WORDS: usize = 8;

/// Three to six scenarios, one for each sentence; the summary serves when there is no description.
pub(super) fn fill(story: &Story) -> String {
    let sentences = story.sentences();
    let body = if sentences.len() > 1 { &sentences[1..] } else { &sentences[..] };
    let count = body.len().clamp(FEWEST, MOST);
    let scenarios = body.iter().cycle().take(count).enumerate().map(|(place, sentence)| {
        let tag = match place {
            0 => Tag::HappyPath,
            place if place % 2 == 1 => Tag::Negative,
            _ => Tag::EdgeCase,
        };
        frame(tag, place + 1, story.summary(), &sentence.text)
    });
    scenarios.collect::<Vec<_>>().join("\n")
}

fn frame(tag: Tag, number: usize, summary: &str, sentence: &str) -> String {
    let sentence = sentence.trim_end_matches(['.', '!', ';', ':']);
    let title = sentence.split_whitespace().take(TITLE_WORDS).collect::<Vec<_>>().join(" ");
    // Angle brackets would make a placeholder.
    let safe = |text: &str| text.replace(['<', '>'], "");
    format!(
        "{tag}\nScenario: {}\n  Given the story {}\n  When rule {number} applies\n  Then {}\n",
        safe(&title),
        safe(summary),
        safe(sentence)
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::super::measures::tests::case;
    use super::super::super::measures::{Measure, judge};
    use super::*;
    use crate::eval::Answer;

    #[test]
    fn it_passes_the_gates_for_stories_of_any_length() {
        for description in ["", "One rule.", "A. B <x>: c. D | e. F. G. H. I. J."] {
            let case = case("A summary", description);
            let answer = Answer { criteria: fill(&case.story), ..Answer::default() };
            assert_eq!(judge(&case, &answer).values[&Measure::Gates], 1.0, "{description:?}");
        }
    }
}
