//! The filters: what an answer must pass to become a pair. Pure functions of story and answer.

use brine_core::gherkin::{self, Basis, Criteria, Finding, Rule};
use brine_model::remote::criteria_in;

use super::reason::{Reason, Rejection};
use super::teacher::Written;
use super::{cover, form};
use crate::data::{self, Pair};
use crate::eval::Case;
use crate::eval::measures::facts;

/// What can be set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Filters {
    /// Share of the story's rules that a scenario must rest on.
    pub cover: f64,
    /// Share of the story's facts that must be found; stories without facts pass.
    pub facts: Option<f64>,
}

/// An answer that passed.
#[derive(Clone, Debug, PartialEq)]
pub struct Passed {
    /// In our form, letter by letter.
    pub criteria: String,
    /// What the rules would still say of it.
    pub findings: usize,
    /// Share of the story's rules that a scenario rests on.
    pub covered: f64,
}

impl Passed {
    /// No other sample can be better.
    pub(crate) fn is_perfect(&self) -> bool {
        self.findings == 0 && self.covered >= 1.0
    }
}

/// Holds one answer against everything that a pair must keep.
///
/// # Errors
/// The first filter that it does not pass.
pub fn judge(case: &Case, written: &Written, filters: &Filters) -> Result<Passed, Rejection> {
    if written.cut_off {
        return Err(Rejection::new(Reason::CutOff, "the teacher reached its limit of length"));
    }
    let mut criteria = criteria_in(&written.text, case.pair.language)?;
    gherkin::ground(&mut criteria, &case.story);
    form::check(&criteria)?;
    let findings = gherkin::check(&criteria, &case.story);
    rules(&findings)?;
    if case.thin && criteria.questions.is_empty() {
        return Err(Rejection::new(Reason::NoQuestions, "the story says little and nothing is asked"));
    }
    let covered = cover::covered(&criteria, &case.story);
    if covered < filters.cover {
        return Err(Rejection::new(Reason::Cover, format!("{:.0} % of the rules", covered * 100.0)));
    }
    let text = as_taught(criteria);
    if let (Some(least), Some(share)) = (filters.facts, facts::share(case, &text))
        && share < least
    {
        return Err(Rejection::new(Reason::Facts, format!("{:.0} % of the facts", share * 100.0)));
    }
    let pair = Pair { criteria: text.clone(), ..case.pair.clone() };
    data::lesson(&pair).map_err(|error| Rejection::new(Reason::Lessons, error.to_string()))?;
    // What is not covered counts once, as `covered`.
    let findings = findings.iter().filter(|finding| finding.rule != Rule::NotCovered).count();
    Ok(Passed { criteria: text, findings, covered })
}

/// Refuses findings that must not be learned; of several, the one whose filter runs first.
fn rules(findings: &[Finding]) -> Result<(), Rejection> {
    let wrong = findings.iter().filter_map(|finding| Some((reason(finding.rule)?, finding)));
    match wrong.min_by_key(|(reason, _)| *reason) {
        None => Ok(()),
        Some((reason, finding)) => {
            let place = finding.scenario.map(|place| format!("scenario {}: ", place + 1)).unwrap_or_default();
            Err(Rejection::new(reason, format!("{place}{}", finding.message)))
        }
    }
}

/// The reason that a finding is; none for mere advice.
fn reason(rule: Rule) -> Option<Reason> {
    match rule {
        Rule::UngroundedNumber => Some(Reason::Number),
        Rule::UngroundedQuote => Some(Reason::Quote),
        Rule::DuplicateScenario | Rule::DuplicateTitle | Rule::DuplicateStep => Some(Reason::Duplicate),
        Rule::FirstPerson => Some(Reason::FirstPerson),
        Rule::Should | Rule::FullStop => Some(Reason::Wording),
        Rule::OneWhen | Rule::StepOrder | Rule::OutcomeIsEvent => Some(Reason::Steps),
        Rule::OutlineVariable => Some(Reason::Outline),
        Rule::Coverage => Some(Reason::Tags),
        Rule::Size => Some(Reason::Size),
        Rule::Assumption | Rule::StepLength | Rule::TitleLength | Rule::NotCovered => None,
    }
}

/// Without the mark of an assumption, which no model writes: Brine sets it.
fn as_taught(mut criteria: Criteria) -> String {
    for scenario in &mut criteria.scenarios {
        scenario.basis = Basis::Unknown;
    }
    criteria.to_text().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::tests::{GOOD, case, written};
    use super::*;

    const FILTERS: Filters = Filters { cover: 0.6, facts: None };

    fn but(from: &str, to: &str) -> Option<Reason> {
        assert!(GOOD.contains(from), "{from}");
        let text = GOOD.replacen(from, to, 1);
        judge(&case(""), &written(&text), &FILTERS).err().map(|rejection| rejection.reason)
    }

    #[test]
    fn good_criteria_pass_and_come_out_in_our_form() {
        let loose = format!("Here you are:\n```gherkin\n{}\n```", GOOD.replace("  Given", "      Given"));
        let passed = judge(&case(""), &written(&loose), &FILTERS).unwrap();
        assert_eq!(passed.criteria, GOOD.trim_end());
        assert!(passed.is_perfect(), "{passed:?}");
    }

    #[test]
    fn each_rule_has_its_reason() {
        assert_eq!(but("3rd time", "5 th time"), Some(Reason::Number));
        assert_eq!(but("gift card works", "gift card is \"Open\""), Some(Reason::Quote));
        assert_eq!(but("support unlocks it", "I unlock it now"), Some(Reason::FirstPerson));
        assert_eq!(but("works again", "works again."), Some(Reason::Wording));
        assert_eq!(but("Support unlocks a", "Support should unlock a"), Some(Reason::Wording));
        assert_eq!(
            but("Two wrong PINs leave the gift card open", "Third wrong PIN locks the gift card"),
            Some(Reason::Duplicate)
        );
        assert_eq!(but("# Question: Who is told?", ""), Some(Reason::NoQuestions));
        let cut = Written { text: GOOD.to_owned(), cut_off: true };
        assert_eq!(judge(&case(""), &cut, &FILTERS).unwrap_err().reason, Reason::CutOff);
    }

    #[test]
    fn advice_is_counted_and_does_not_refuse() {
        let short = GOOD.replacen("Support unlocks a locked gift card", "Support unlocks", 1);
        let passed = judge(&case(""), &written(&short), &FILTERS).unwrap();
        assert_eq!(passed.findings, 1);
        assert!(!passed.is_perfect());
    }

    #[test]
    fn a_mark_of_an_assumption_is_no_part_of_a_pair() {
        let marked = GOOD.replacen("@edge-case", "@edge-case @assumption", 1);
        assert_eq!(judge(&case(""), &written(&marked), &FILTERS).unwrap().criteria, GOOD.trim_end());
    }

    #[test]
    fn shares_are_limits() {
        let long = case(" Reports go to the auditor every month. Invoices are printed on yellow paper.");
        let strict = |cover| judge(&long, &written(GOOD), &Filters { cover, ..FILTERS }).err().map(|no| no.reason);
        assert_eq!(strict(1.0), Some(Reason::Cover));
        assert_eq!(strict(0.1), None);

        let mut pair = case("").pair;
        pair.facts = vec!["locked :: lock & 3".to_owned(), "told :: e-mail".to_owned()];
        let case = Case::new(pair).unwrap();
        let facts = |least| judge(&case, &written(GOOD), &Filters { facts: Some(least), ..FILTERS });
        assert_eq!(facts(0.6).unwrap_err().reason, Reason::Facts);
        assert!(facts(0.5).is_ok());
    }
}
