//! Criteria out of a server's answer: thoughts, talk and the code fence around them are taken off, and nothing else is
//! mended. What does not keep our form is of no use as an example of it.

use brine_core::gherkin::{self, Criteria, Dialect, LANGUAGE, Language, QUESTION};

/// Why an answer is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Nothing in it looks like criteria.
    #[error("there is no scenario in the answer")]
    NoCriteria,
    /// It is not Gherkin as we write it.
    #[error("{0}")]
    Parse(String),
}

/// Reasoning models of open servers put their thoughts before this.
const THOUGHTS_END: &str = "</think>";
const FENCE: &str = "```";

/// Reads the criteria in an answer. They are in the language that they name; where they name none, in this one or in
/// English.
///
/// # Errors
/// When there are none, or they are not Gherkin as we write it.
pub fn criteria_in(text: &str, language: Language) -> Result<Criteria, AnswerError> {
    let text = text.rsplit_once(THOUGHTS_END).map_or(text, |(_, said)| said);
    let of = |line: &str| Language::from_code(line.trim().strip_prefix(LANGUAGE.trim_end())?.trim());
    let language = text.lines().find_map(of).unwrap_or(language);
    match read(text, language) {
        Err(first) if !language.is_default() => read(text, Language::default()).map_err(|second| match first {
            AnswerError::NoCriteria => second,
            AnswerError::Parse(_) => first,
        }),
        found => found,
    }
}

fn read(text: &str, language: Language) -> Result<Criteria, AnswerError> {
    let dialect = language.dialect();
    let fenced = fenced(text, dialect);
    let criteria = lines(fenced.as_deref().unwrap_or(text), dialect);
    if criteria.is_empty() {
        return Err(AnswerError::NoCriteria);
    }
    // Talk behind the criteria may begin like a step: "Then you can …".
    let apart =
        criteria.windows(2).any(|pair| matches!(pair, [before, step] if before.is_empty() && is_step(step, dialect)));
    if apart {
        return Err(AnswerError::Parse("a step stands behind an empty line".to_owned()));
    }
    gherkin::parse_in(&criteria.join("\n"), language).map_err(|error| AnswerError::Parse(error.to_string()))
}

/// The first code block that holds a scenario; one that is not closed goes to the end.
fn fenced(text: &str, dialect: &Dialect) -> Option<String> {
    let holds_scenario = |lines: &[&str]| lines.iter().any(|line| dialect.is_scenario(line));
    let mut block: Option<Vec<&str>> = None;
    for line in text.lines() {
        let fence = line.trim_start().starts_with(FENCE);
        match (&mut block, fence) {
            (None, true) => block = Some(Vec::new()),
            (None, false) => {}
            (Some(lines), false) => lines.push(line),
            (Some(lines), true) if holds_scenario(lines) => break,
            (Some(_), true) => block = None,
        }
    }
    block.filter(|lines| holds_scenario(lines)).map(|lines| lines.join("\n"))
}

/// From the first line that begins criteria to the last one that can belong to them.
fn lines<'text>(text: &'text str, dialect: &Dialect) -> Vec<&'text str> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let leads = |line: &str| line.starts_with('@') || dialect.is_feature(line) || dialect.is_scenario(line);
    let belongs = |line: &str| {
        let table = line.starts_with('|') || dialect.is_examples(line);
        leads(line) || table || is_step(line, dialect) || line.starts_with(QUESTION.trim_end())
    };
    let first = lines.iter().position(|line| leads(line));
    let last = lines.iter().rposition(|line| belongs(line));
    match (first, last) {
        (Some(first), Some(last)) => lines.get(first..=last).unwrap_or_default().to_vec(),
        _ => Vec::new(),
    }
}

fn is_step(line: &str, dialect: &Dialect) -> bool {
    dialect.split_step(line).is_some_and(|(_, text)| !text.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    const SCENARIO: &str =
        "@happy-path\nScenario: A card is locked\n  Given a card\n  When a PIN is wrong\n  Then it is locked\n";

    fn is_none(text: &str) -> bool {
        criteria_in(text, Language::En) == Err(AnswerError::NoCriteria)
    }

    fn is_broken(text: &str) -> bool {
        matches!(criteria_in(text, Language::En), Err(AnswerError::Parse(_)))
    }

    #[test]
    fn criteria_are_found_in_talk_fences_and_behind_thoughts() {
        let plain = criteria_in(SCENARIO, Language::En).unwrap();
        for around in [
            format!("Sure, here they are:\n\n{SCENARIO}\nI hope this helps!"),
            format!("Here:\n```gherkin\n{SCENARIO}```\nThen you can run them.\n"),
            format!("```\nnpm install\n```\n```\n{SCENARIO}"),
            format!("<think>\nScenario: no\n</think>\n{SCENARIO}"),
            format!("Feature: Cards\n\n{SCENARIO}"),
            SCENARIO.replace('\n', "\r\n"),
        ] {
            assert_eq!(criteria_in(&around, Language::En).unwrap(), plain, "{around}");
        }
        let asked =
            criteria_in(&format!("{SCENARIO}\n# Question: Who can unlock it?\n\nRegards"), Language::En).unwrap();
        assert_eq!(asked.questions, ["Who can unlock it?"]);
    }

    #[test]
    fn what_is_no_criteria_is_told_from_what_is_broken() {
        assert!(is_none(""));
        assert!(is_none("I can't help with that."));
        assert!(is_none("When I think of it, no."));
        assert!(is_broken("@happy-path\nScenario: A\n  - Given a card\n  Then b\n"));
        assert!(is_broken("**Scenario: A**\nScenario: A\n  Given b\n"), "it has no tag");
        assert!(is_broken(&format!("{SCENARIO}\nThen you can run them.")));
    }

    #[test]
    fn criteria_are_read_in_the_language_of_the_story_or_that_they_name() {
        let german = "@negative\nSzenario: Gesperrt\n  Angenommen eine Karte\n  Wenn sie gilt\n  Dann geht es\n";
        let language = |text: &str, language| criteria_in(text, language).map(|criteria| criteria.language);
        assert_eq!(language(&format!("Gerne:\n{german}\nBis bald!"), Language::De), Ok(Language::De));
        assert_eq!(language(&format!("```\n# language: de\n{german}```"), Language::En), Ok(Language::De));
        assert_eq!(language(SCENARIO, Language::De), Ok(Language::En), "an English answer is better than none");
        assert!(matches!(language("@negative\nSzenario: x\n  Falls eins\n", Language::De), Err(AnswerError::Parse(_))));
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(text in any::<String>()) {
            let _ = criteria_in(&text, Language::De);
        }

        #[test]
        fn nor_does_anything_that_looks_like_criteria(
            lines in proptest::collection::vec(
                "(```|</think>|@|@negative|Feature:|Scenario:|Scenario Outline:|Examples:|\\||  Given|When|Then|And|# Question:|#|Rule:|Background:|\"\"\"){0,2}[ \\t|<>@\"a-zé🙂\\\\]{0,9}",
                0..14,
            )
        ) {
            let _ = criteria_in(&lines.join("\n"), Language::Fr);
        }
    }
}
