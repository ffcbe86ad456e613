//! An answer in the form *quote, then write* as criteria: each scenario rests on the sentence that was quoted before it.

use brine_core::gherkin::grammar::{QUESTION, RULE, is_asked_again};
use brine_core::gherkin::{self, Basis, Criteria, Language, ParseError};
use brine_core::story::Story;

/// What is complete of an answer that is being written: all up to the last line that begins a quote or question.
pub(super) fn complete(so_far: &str) -> Option<&str> {
    so_far.rfind("\n\n#").map(|end| &so_far[..=end])
}

/// The criteria of an answer, or of its complete part.
///
/// # Errors
/// When they are no Gherkin, which the grammar rules out.
pub(super) fn criteria(answer: &str, story: &Story, language: Language) -> Result<Criteria, ParseError> {
    let mut quotes: Vec<Option<&str>> = Vec::new();
    let mut pending: Option<&str> = None;
    let mut asked: Vec<&str> = Vec::new();
    let mut text = String::new();
    for line in answer.lines() {
        if let Some(question) = line.strip_prefix(QUESTION).map(str::trim) {
            if question.is_empty() || asked.iter().any(|earlier| is_asked_again(question, earlier)) {
                continue;
            }
            asked.push(question);
        }
        if let Some(quote) = line.strip_prefix(RULE) {
            pending.get_or_insert(quote.trim());
            continue;
        }
        if line.starts_with('@') {
            quotes.push(pending.take());
        }
        text.push_str(line);
        text.push('\n');
    }
    let mut criteria = gherkin::parse_in(&text, language)?;
    let sentences = story.sentences();
    for (scenario, quote) in criteria.scenarios.iter_mut().zip(quotes) {
        let sentence = quote.and_then(|quote| sentences.iter().find(|sentence| sentence.text == quote));
        scenario.basis = match sentence {
            Some(sentence) => Basis::Sentence { index: sentence.index, text: sentence.text.clone() },
            None => Basis::Assumption,
        };
    }
    Ok(criteria)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const ANSWER: &str = "# Rule: Three wrong PINs lock the card.\n# Rule: Nothing else does.\n@happy-path\nScenario: Third wrong PIN locks\n  \
                          Given a card\n  When a third wrong PIN is entered\n  Then the card is locked\n\n# Rule: Nothing else does.\n\
                          @negative\nScenario: Other\n  Given a card\n  When a right PIN is entered\n  Then the card is open\n\n# Question: Why?\n";

    #[test]
    fn a_scenario_rests_on_what_was_quoted_before_it() {
        let story = Story::from_text(b"Lock\nThree wrong PINs lock the card. Nothing else does.\n").unwrap();
        let criteria = criteria(ANSWER, &story, Language::En).unwrap();
        let on = |place: usize| match &criteria.scenarios[place].basis {
            Basis::Sentence { index, .. } => *index,
            _ => panic!("{criteria:?}"),
        };
        assert_eq!((on(0), on(1)), (1, 2));
        assert_eq!(criteria.questions, ["Why?"]);
    }

    #[test]
    fn a_question_that_is_asked_again_with_another_end_is_left_out() {
        let story = Story::from_text(b"Lock\nThree wrong PINs lock the card. Nothing else does.\n").unwrap();
        let again = format!(
            "{ANSWER}# Question: Who may open the card?\n# Question: Who may open the card and when?\n# Question:"
        );
        assert_eq!(criteria(&again, &story, Language::En).unwrap().questions, ["Why?", "Who may open the card?"]);
    }

    #[test]
    fn what_is_complete_ends_before_the_next_quote() {
        let first = complete(&ANSWER[..ANSWER.find("@negative").unwrap()]).unwrap();
        assert!(first.ends_with("the card is locked\n") && first.starts_with("# Rule"), "{first}");
        assert_eq!(complete("# Rule: Three\n@happy-path\n"), None);
    }
}
