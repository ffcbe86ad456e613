//! T: limits of the story that are tested unchanged and on both sides.

use super::super::case::Case;
use super::super::set::Set;

/// Of each limit, whether one scenario stays within it and another goes beyond. An outline can do both in its rows.
pub(crate) fn held(case: &Case, set: &Set) -> Vec<bool> {
    let texts: Vec<(String, bool)> = set.scenarios.iter().map(|one| (one.text(), !one.rows.is_empty())).collect();
    let both = |at: usize, beyond: usize| at != beyond || texts.get(at).is_some_and(|(_, table)| *table);
    case.traps
        .iter()
        .map(|limit| {
            let within = |(text, _): &(String, bool)| limit.at.held_by(text);
            let over = |(text, _): &(String, bool)| limit.beyond.held_by(text);
            let places = |side: &dyn Fn(&(String, bool)) -> bool| -> Vec<usize> {
                texts.iter().enumerate().filter(|(_, text)| side(text)).map(|(place, _)| place).collect()
            };
            let beyond = places(&over);
            places(&within).iter().any(|at| beyond.iter().any(|beyond| both(*at, *beyond)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{case_with, set};
    use super::*;

    #[test]
    fn both_sides_are_asked_for_in_different_scenarios() {
        let case = case_with(&[], &[("500 & holds|accepted", "501|more than 500 & refused")]);
        let within = "Scenario: A\n  Given 500 invoices\n  Then it holds all\n\n";
        let beyond = "Scenario: B\n  Given 501 invoices\n  Then it is refused\n\n";
        let mixed = "Scenario: C\n  Given 500 or 501 invoices\n  Then it holds or is refused\n\n";
        assert_eq!(held(&case, &set(&format!("{within}{beyond}"))), [true]);
        assert_eq!(held(&case, &set(within)), [false]);
        assert_eq!(held(&case, &set(beyond)), [false]);
        assert_eq!(held(&case, &set(mixed)), [false]);
        assert_eq!(held(&case, &set(&format!("{within}{}", beyond.replace("501", "601")))), [false]);
    }

    #[test]
    fn an_outline_can_hold_both_sides() {
        let case = case_with(&[], &[("500 & accepted", "501 & refused")]);
        let outline = "Scenario Outline: A\n  Given <n> invoices\n  Then it is <state>\n\n  Examples:\n    | n | state |\n    | 500 | accepted |\n    | 501 | refused |\n";
        assert_eq!(held(&case, &set(outline)), [true]);
    }
}
