//! Criteria out of a teacher's answer: thoughts, talk and the code fence around them are taken off, and nothing else is
//! mended. What does not keep our form is of no use as an example of it.

use brine_core::gherkin::{self, Criteria, QUESTION};

use super::reason::{Reason, Rejection};

/// What the first line of criteria begins with.
const LEADS: [&str; 4] = ["@", "Feature:", "Scenario:", "Scenario Outline:"];
const STEPS: [&str; 5] = ["Given ", "When ", "Then ", "And ", "But "];
const TABLES: [&str; 3] = ["|", "Examples:", "Scenarios:"];
/// Reasoning models of open servers put their thoughts before this.
const THOUGHTS_END: &str = "</think>";
const FENCE: &str = "```";

/// Reads the criteria in an answer.
///
/// # Errors
/// When there are none, or they are not Gherkin as we write it.
pub(crate) fn read(text: &str) -> Result<Criteria, Rejection> {
    let text = text.rsplit_once(THOUGHTS_END).map_or(text, |(_, said)| said);
    let fenced = fenced(text);
    let criteria = lines(fenced.as_deref().unwrap_or(text));
    if criteria.is_empty() {
        return Err(Rejection::new(Reason::NoCriteria, "there is no scenario in the answer"));
    }
    // Talk behind the criteria may begin like a step: "Then you can …".
    let apart = criteria.windows(2).any(|pair| matches!(pair, [before, step] if before.is_empty() && is_step(step)));
    if apart {
        return Err(Rejection::new(Reason::Parse, "a step stands behind an empty line"));
    }
    gherkin::parse(&criteria.join("\n")).map_err(|error| Rejection::new(Reason::Parse, error.to_string()))
}

/// The first code block that holds a scenario; one that is not closed goes to the end.
fn fenced(text: &str) -> Option<String> {
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

fn holds_scenario(lines: &[&str]) -> bool {
    lines.iter().any(|line| line.trim_start().starts_with("Scenario"))
}

/// From the first line that begins criteria to the last one that can belong to them.
fn lines(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let starts = |line: &str, with: &[&str]| with.iter().any(|start| line.starts_with(start));
    let belongs = |line: &str| {
        starts(line, &LEADS) || is_step(line) || starts(line, &TABLES) || line.starts_with(QUESTION.trim_end())
    };
    let first = lines.iter().position(|line| starts(line, &LEADS));
    let last = lines.iter().rposition(|line| belongs(line));
    match (first, last) {
        (Some(first), Some(last)) => lines.get(first..=last).unwrap_or_default().to_vec(),
        _ => Vec::new(),
    }
}

fn is_step(line: &str) -> bool {
    STEPS.iter().any(|start| line.starts_with(start))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    const SCENARIO: &str =
        "@happy-path\nScenario: A card is locked\n  Given a card\n  When a PIN is wrong\n  Then it is locked\n";

    fn reason(text: &str) -> Reason {
        read(text).unwrap_err().reason
    }

    #[test]
    fn criteria_are_found_in_talk_fences_and_behind_thoughts() {
        let plain = read(SCENARIO).unwrap();
        for around in [
            format!("Sure, here they are:\n\n{SCENARIO}\nI hope this helps!"),
            format!("Here:\n```gherkin\n{SCENARIO}```\nThen you can run them.\n"),
            format!("```\nnpm install\n```\n```\n{SCENARIO}"),
            format!("<think>\nScenario: no\n</think>\n{SCENARIO}"),
            format!("Feature: Cards\n\n{SCENARIO}"),
            SCENARIO.replace('\n', "\r\n"),
        ] {
            assert_eq!(read(&around).unwrap(), plain, "{around}");
        }
        let asked = read(&format!("{SCENARIO}\n# Question: Who can unlock it?\n\nRegards")).unwrap();
        assert_eq!(asked.questions, ["Who can unlock it?"]);
    }

    #[test]
    fn what_is_no_criteria_is_told_from_what_is_broken() {
        assert_eq!(reason(""), Reason::NoCriteria);
        assert_eq!(reason("I can't help with that."), Reason::NoCriteria);
        assert_eq!(reason("When I think of it, no."), Reason::NoCriteria);
        assert_eq!(reason("@happy-path\nScenario: A\n  - Given a card\n  Then b\n"), Reason::Parse);
        assert_eq!(reason("**Scenario: A**\nScenario: A\n  Given b\n"), Reason::Parse, "it has no tag");
        assert_eq!(reason(&format!("{SCENARIO}\nThen you can run them.")), Reason::Parse);
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(text in any::<String>()) {
            let _ = read(&text);
        }

        #[test]
        fn nor_does_anything_that_looks_like_criteria(
            lines in proptest::collection::vec(
                "(```|</think>|@|@negative|Feature:|Scenario:|Scenario Outline:|Examples:|\\||  Given|When|Then|And|# Question:|#|Rule:|Background:|\"\"\"){0,2}[ \\t|<>@\"a-zé🙂\\\\]{0,9}",
                0..14,
            )
        ) {
            let _ = read(&lines.join("\n"));
        }
    }
}
