//! U: outcomes that the story does not support. The headline of an evaluation; lower is better.
//!
//! What is looked for in the Then part of a scenario, each by a rule that a reader can check by hand:
//! - a number (digits or word) that the story does not hold, however it is written there;
//! - a duration whose amount and unit together the story does not hold ("30 days" where it says "30 hours");
//! - quoted text that neither the story nor the scenario's own Given and When hold: sample values are fine;
//! - a name or state with a capital letter inside the step that neither story nor Given and When hold;
//! - a state behind words such as "is set to" whose words the story does not hold;
//! - a role (from a list of nouns) that the story does not name.
//!
//! Of a story in another language only numbers and quoted text are looked at: capital letters, units of time, roles and states
//! are told by the rules of English.
//!
//! Cells of examples count where a Then uses their column and no earlier step does. What this cannot see: an outcome
//! invented in plain words ("an e-mail is sent"), and a rule turned round with the story's own words. Its false alarms
//! are what the human reference gets.

use super::super::case::Case;
use super::super::keywords::plain;
use super::super::set::{Kind, Scenario};
use super::gates::placeholders;
use super::unsupported_words::{capitals, durations, numbers, quotes, roles, states};

/// What a Then part may rest on.
pub(super) struct Source<'a> {
    pub(super) case: &'a Case,
    /// The scenario's own Given and When, see [`plain`].
    pub(super) head: String,
}

/// What the story does not support in a scenario's outcome, each with what it is ("number 7"); empty when all is well.
pub(crate) fn unsupported(case: &Case, scenario: &Scenario) -> Vec<String> {
    let before: Vec<&str> =
        scenario.steps.iter().filter(|step| step.kind != Kind::Then).map(|step| step.text.as_str()).collect();
    let mut head = before.join("\n");
    let introduced = placeholders(&head);
    for (column, cell) in cells(scenario) {
        if introduced.contains(column) {
            head.push('\n');
            head.push_str(cell);
        }
    }
    let source = Source { case, head: plain(&head) };
    let outcomes: Vec<&str> = scenario.steps_of(Kind::Then).map(|step| step.text.as_str()).collect();
    let used = placeholders(&outcomes.join("\n"));
    let invented = cells(scenario)
        .filter(|(column, _)| used.contains(column) && !introduced.contains(column))
        .map(|(_, cell)| cell.as_str());
    let mut found: Vec<String> = Vec::new();
    for text in outcomes.iter().copied().chain(invented) {
        for finding in in_outcome(&source, text) {
            if !found.contains(&finding) {
                found.push(finding);
            }
        }
    }
    found
}

fn cells(scenario: &Scenario) -> impl Iterator<Item = (&String, &String)> {
    scenario.rows.iter().flat_map(|row| scenario.columns.iter().zip(row))
}

fn in_outcome(source: &Source, text: &str) -> Vec<String> {
    let text = text.replace(['\u{201c}', '\u{201d}', '\u{201e}', '\u{ab}', '\u{bb}'], "\"");
    let bare = unquoted(&text);
    let mut found = quotes(source, &text);
    if !source.case.pair.language.is_default() {
        found.extend(numbers(source, &bare));
        return found;
    }
    found.extend(durations(source, &bare));
    found.extend(numbers(source, &bare));
    found.extend(capitals(source, &bare));
    found.extend(states(source, &bare));
    found.extend(roles(source, &bare));
    found
}

/// The text without quoted parts and placeholders.
fn unquoted(text: &str) -> String {
    let outside: Vec<&str> = text.split('"').step_by(2).collect();
    let text = outside.join(" … ");
    placeholders(&text).iter().fold(text.clone(), |text, name| text.replace(&format!("<{name}>"), "…"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::super::set::Set;
    use super::super::tests::{case, set};
    use super::*;

    const STORY: &str = "A card is locked for 24 hours after 3 wrong PINs. Support can unlock it. The state is \"Locked\". Only the fraud manager sees the Risk Report.";

    fn outcome(given: &str, then: &str) -> Vec<String> {
        let case = case("Lock a card", STORY);
        let set = set(&format!("Scenario: A\n  Given {given}\n  When a wrong PIN comes\n  Then {then}\n"));
        unsupported(&case, &set.scenarios[0])
    }

    #[test]
    fn what_the_story_says_is_supported_however_it_is_written() {
        for then in [
            "the card is locked for 24 hours",
            "the card is locked for a day",
            "the card is locked after the third PIN",
            "the card is \"Locked\"",
            "the card is set to locked",
            "the fraud manager sees the Risk Report",
            "Support can unlock the card",
            "one of the two PINs is shown",
        ] {
            assert_eq!(outcome("a card", then), Vec::<String>::new(), "{then}");
        }
    }

    #[test]
    fn what_the_story_does_not_say_is_found() {
        for (then, finding) in [
            ("the card is locked for 48 hours", "duration 48 hours"),
            ("the card is locked for 3 days", "duration 3 days"),
            ("the card is locked for an hour or a week", "duration a week"),
            ("the card is locked after 5 PINs", "number 5"),
            ("the card is locked after five PINs", "number five"),
            ("the message \"Try again\" is shown", "quote \"Try again\""),
            ("the card goes to Pending", "name Pending"),
            ("the card is marked as suspicious", "state suspicious"),
            ("the administrator is told", "role administrator"),
        ] {
            assert_eq!(outcome("a card", then), [finding], "{then}");
        }
    }

    #[test]
    fn sample_values_of_the_given_are_fine_but_rules_are_not() {
        assert!(outcome("a card \"GC-1042\"", "the card \"gc-1042\" is locked").is_empty());
        assert!(outcome("a customer Anna", "the card of Anna is locked").is_empty());
        assert_eq!(outcome("a card", "the card \"GC-1042\" is locked"), ["quote \"GC-1042\""]);
        assert_eq!(outcome("a limit of 5", "the limit of 5 holds"), ["number 5"]);
    }

    #[test]
    fn cells_that_only_an_outcome_uses_must_be_the_storys() {
        let case = case("Lock a card", STORY);
        let table = "Scenario Outline: A\n  Given a card after <n> PINs\n  When one comes\n  Then <n> counts and it is <state>\n\n  Examples:\n    | n | state |\n    | 3 | locked |\n    | 9 | free for 7 days |\n";
        let found = unsupported(&case, &set(table).scenarios[0]);
        assert_eq!(found, ["duration 7 days"]);
    }

    #[test]
    fn in_another_language_numbers_and_quotes_are_looked_at_alone() {
        let mut pair =
            case("Karte sperren", "Nach 3 falschen PINs ist die Karte 24 Stunden \u{201e}Gesperrt\u{201c}.").pair;
        pair.language = brine_core::gherkin::Language::De;
        let case = Case::new(pair).unwrap();
        let of = |then: &str| {
            let text = format!("Szenario: A\n  Angenommen eine Karte\n  Wenn eine PIN kommt\n  Dann {then}\n");
            unsupported(&case, &Set::read(&text, "x", "de").unwrap().scenarios[0])
        };
        assert_eq!(of("ist die Karte 24 Stunden lang \"Gesperrt\""), Vec::<String>::new());
        assert_eq!(of("bekommt die Aufsicht eine Nachricht"), Vec::<String>::new(), "nouns are no names");
        assert_eq!(of("ist die Karte 48 Stunden \"Verloren\""), ["quote \"Verloren\"", "number 48"]);
    }
}
