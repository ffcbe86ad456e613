//! The form that every set must have, whatever the story says. Judged on the answer exactly as the user gets it.

use super::super::dialect::Dialect;
use super::super::set::{Kind, Scenario, Set};

/// Whether a set keeps each part of the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gates {
    /// The crate `gherkin` reads it.
    pub(crate) parses: bool,
    /// Every scenario has exactly one event.
    pub(crate) one_when: bool,
    /// Every scenario goes Given, When, Then, and has all three.
    pub(crate) order: bool,
    /// Every placeholder has a column, and every column is used.
    pub(crate) variables: bool,
    /// Every scenario has exactly one tag.
    pub(crate) one_tag: bool,
    /// There is a happy path, a negative and an edge case.
    pub(crate) kinds: bool,
    /// Its keywords are those of the story's language.
    pub(crate) dialect: bool,
}

impl Gates {
    /// Of a set for a story in this language.
    pub(crate) fn of(set: Option<&Set>, language: &str) -> Self {
        let Some(set) = set else { return Self::default() };
        let all = |holds: fn(&Scenario) -> bool| set.scenarios.iter().all(holds);
        let tagged = |tag: &str| set.scenarios.iter().any(|scenario| scenario.tags.iter().any(|known| known == tag));
        Self {
            parses: true,
            one_when: all(|scenario| scenario.steps_of(Kind::When).count() == 1),
            order: all(in_order),
            variables: all(variables),
            one_tag: all(|scenario| scenario.tags.len() == 1),
            kinds: tagged("happy-path") && tagged("negative") && tagged("edge-case"),
            dialect: set.language == Dialect::of(language).code,
        }
    }

    pub(crate) fn all(self) -> bool {
        self.parses && self.one_when && self.order && self.variables && self.one_tag && self.kinds && self.dialect
    }
}

fn in_order(scenario: &Scenario) -> bool {
    let kinds: Vec<Kind> = scenario.steps.iter().map(|step| step.kind).collect();
    let begins = scenario.steps.first().is_some_and(|step| step.kind == Kind::Given && step.named);
    begins && kinds.is_sorted() && kinds.contains(&Kind::When) && kinds.contains(&Kind::Then)
}

fn variables(scenario: &Scenario) -> bool {
    if scenario.columns.is_empty() {
        return !scenario.outline && scenario.steps.iter().all(|step| placeholders(&step.text).is_empty());
    }
    let mut used = placeholders(&scenario.title);
    used.extend(scenario.steps.iter().flat_map(|step| placeholders(&step.text)));
    used.iter().all(|name| scenario.columns.contains(name)) && scenario.columns.iter().all(|name| used.contains(name))
}

/// The names in `<…>`.
pub(crate) fn placeholders(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, tail)) = rest.split_once('<') {
        let Some((name, after)) = tail.split_once('>') else { break };
        // "a < b" is no placeholder.
        if !name.is_empty() && !name.starts_with(' ') {
            found.push(name.to_owned());
        }
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const GOOD: &str = "@happy-path\nScenario: A\n  Given a\n  And b\n  When c\n  Then d\n\n@negative\nScenario: B\n  Given a\n  When c\n  Then d\n  But e\n\n@edge-case\nScenario Outline: C <x>\n  Given a <y>\n  When c\n  Then d\n\n  Examples:\n    | x | y |\n    | 1 | 2 |\n";

    fn gates(text: &str) -> Gates {
        Gates::of(Some(&Set::read(text, "x", "en").unwrap()), "en")
    }

    #[test]
    fn good_criteria_pass_all_and_nothing_passes_none() {
        assert!(gates(GOOD).all());
        assert_eq!(Gates::of(None, "en"), Gates::default());
    }

    #[test]
    fn each_fault_closes_its_own_gate() {
        let but = |from: &str, to: &str| gates(&GOOD.replacen(from, to, 1));
        let good = gates(GOOD);
        assert_eq!(but("When c\n", "When c\n  And f\n"), Gates { one_when: false, ..good });
        assert_eq!(but("  Given a\n  And b\n  When c\n", "  When c\n  Given a\n"), Gates { order: false, ..good });
        assert_eq!(but("Then d", "And d"), Gates { one_when: false, order: false, ..good });
        assert_eq!(but("C <x>", "C"), Gates { variables: false, ..good });
        assert_eq!(but("a <y>", "a <z>"), Gates { variables: false, ..good });
        assert_eq!(but("Then d", "Then <d>"), Gates { variables: false, ..good });
        assert_eq!(but("@happy-path", "@happy-path @negative"), Gates { one_tag: false, ..good });
        assert_eq!(but("@edge-case", "@negative"), Gates { kinds: false, ..good });
        assert_eq!(but("@happy-path\n", ""), Gates { one_tag: false, kinds: false, ..good });
    }

    #[test]
    fn a_step_that_starts_with_and_does_not_begin_a_scenario() {
        assert!(!gates("Scenario: A\n  When c\n  Then d\n").order);
    }

    #[test]
    fn a_german_story_wants_german_keywords() {
        let german = "@happy-path\nSzenario: A\n  Angenommen a\n  Wenn b\n  Dann c\n\n@negative\nSzenario: B\n  Angenommen a\n  Wenn b\n  Dann d\n\n@edge-case\nSzenario: C\n  Angenommen a\n  Und e\n  Wenn b\n  Dann f\n  Aber g\n";
        assert!(Gates::of(Some(&Set::read(german, "x", "de").unwrap()), "de").all());
        let foreign = Gates::of(Some(&Set::read(GOOD, "x", "de").unwrap()), "de");
        assert!(!foreign.dialect && foreign.parses && !foreign.all());
    }

    #[test]
    fn eight_scenarios_are_as_good_as_three() {
        let more: String =
            (0..5).map(|place| format!("\n@edge-case\nScenario: M{place}\n  Given a\n  When c\n  Then d\n")).collect();
        let text = format!("{GOOD}{more}");
        assert_eq!(Set::read(&text, "x", "en").unwrap().scenarios.len(), 8);
        assert!(gates(&text).all());
    }
}
