//! Scenarios that are wrong on purpose: a reader who lets them pass does not read.

use super::super::set::{Kind, Scenario};

/// English words before which an outcome can be denied, and the denied form of what stands there already.
const VERBS: [&str; 9] = ["is", "are", "was", "were", "can", "may", "will", "must", "has"];

/// The scenario with its first outcome denied, or no longer denied; none when that can't be done safely: in an outline the
/// outcome may be a placeholder, and other languages deny in other ways.
pub(super) fn negated(scenario: &Scenario, language: &str) -> Option<String> {
    if scenario.outline || language != "en" {
        return None;
    }
    let outcome = scenario.steps_of(Kind::Then).next()?;
    let words: Vec<&str> = outcome.text.split(' ').collect();
    // "No alarm is raised" can't be denied by a word.
    if words.iter().any(|word| matches!(*word, "no" | "No" | "none" | "nobody" | "nothing")) {
        return None;
    }
    let denied = words.iter().position(|word| *word == "not");
    let changed = match denied {
        Some(place) => [&words[..place], &words[place + 1..]].concat().join(" "),
        None => {
            let place = words.iter().position(|word| VERBS.contains(word))?;
            [&words[..=place], &["not"], &words[place + 1..]].concat().join(" ")
        }
    };
    let line = |text: &str| format!("{} {text}\n", outcome.keyword);
    scenario
        .shown
        .contains(&line(&outcome.text))
        .then(|| scenario.shown.replacen(&line(&outcome.text), &line(&changed), 1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::super::measures::tests::set;
    use super::*;

    fn of(outcome: &str) -> Option<String> {
        let set = set(&format!("Scenario: A\n  Given a\n  When b\n  Then {outcome}\n  And it is c\n"));
        let text = negated(&set.scenarios[0], "en")?;
        Some(text.lines().find(|line| line.trim().starts_with("Then")).unwrap().trim().to_owned())
    }

    #[test]
    fn an_outcome_is_turned_either_way() {
        assert_eq!(of("the card is locked").unwrap(), "Then the card is not locked");
        assert_eq!(of("the card is not locked").unwrap(), "Then the card is locked");
        assert_eq!(of("the card opens"), None);
        assert_eq!(of("no alarm is raised"), None);
        let outline = set(
            "Scenario Outline: A <x>\n  Given a\n  When b\n  Then it is <x>\n\n  Examples:\n    | x |\n    | 1 |\n",
        );
        assert_eq!(negated(&outline.scenarios[0], "en"), None);
    }
}
