//! One answer under all measures. What was lost counts as the worst value of every measure that its story is judged by.

use std::collections::BTreeMap;

use super::super::answer::Answer;
use super::super::case::Case;
use super::super::set::Set;
use super::gates::Gates;
use super::unsupported::unsupported;
use super::{Direction, Measure, duplicates, facts, precision, questions, style, traps};

/// What the measures say of one answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    /// A value for each measure that applies.
    pub values: BTreeMap<Measure, f64>,
    /// Scenarios or rules that the values of readers are means of.
    pub weights: BTreeMap<Measure, f64>,
    /// Facts that no scenario covers, in words.
    pub missing: Vec<String>,
    /// What outcomes hold that the story does not ("scenario 2: number 7").
    pub unsupported: Vec<String>,
    /// Why the answer is lost.
    pub lost: Option<String>,
}

/// Judges one answer.
pub fn judge(case: &Case, answer: &Answer) -> Judgement {
    let given = answer.as_given(case);
    let read = answer.repaired(case);
    let mut judgement = Judgement { lost: read.as_ref().err().cloned(), ..Judgement::default() };
    judgement.form(case, given.as_ref().ok());
    judgement.content(case, read.as_ref().ok());
    judgement.values.insert(Measure::Lost, share(read.is_err()));
    judgement.values.insert(Measure::ParsesRepaired, share(read.is_ok()));
    if let Some(cost) = &answer.cost {
        judgement.values.insert(Measure::FirstSeconds, cost.first_seconds);
        judgement.values.insert(Measure::Seconds, cost.seconds);
        let tokens = cost.written_tokens.map(|tokens| (Measure::WrittenTokens, tokens as f64));
        judgement.values.extend(tokens);
    }
    judgement
}

impl Judgement {
    fn form(&mut self, case: &Case, set: Option<&Set>) {
        let gates = Gates::of(set, case.pair.language.code());
        let each = [
            (Measure::Gates, gates.all()),
            (Measure::Parses, gates.parses),
            (Measure::OneWhen, gates.one_when),
            (Measure::StepOrder, gates.order),
            (Measure::Variables, gates.variables),
            (Measure::OneTag, gates.one_tag),
            (Measure::CaseKinds, gates.kinds),
            (Measure::Dialect, gates.dialect),
        ];
        self.values.extend(each.map(|(measure, passed)| (measure, share(passed))));
    }

    fn content(&mut self, case: &Case, set: Option<&Set>) {
        let covered = set.map_or_else(|| vec![false; case.facts.len()], |set| facts::covered(case, set));
        let missing = case.facts.iter().zip(&covered).filter(|(_, covered)| !**covered);
        self.missing = missing.map(|(fact, _)| fact.text.clone()).collect();
        self.rate(Measure::Facts, Some(covered));
        self.rate(
            Measure::Traps,
            Some(set.map_or_else(|| vec![false; case.traps.len()], |set| traps::held(case, set))),
        );

        let findings: Option<Vec<Vec<String>>> =
            set.map(|set| set.scenarios.iter().map(|scenario| unsupported(case, scenario)).collect());
        for (place, finding) in
            findings.iter().flatten().enumerate().flat_map(|(place, of)| of.iter().map(move |one| (place, one)))
        {
            self.unsupported.push(format!("scenario {}: {finding}", place + 1));
        }
        self.rate(Measure::Unsupported, findings.map(|all| all.iter().map(|found| !found.is_empty()).collect()));
        self.rate(Measure::Precision, set.map(|set| precision::speaks_of_story(case, set)));
        self.rate(Measure::Duplicates, set.map(duplicates::duplicates));
        self.rate(Measure::RepeatedSteps, set.map(duplicates::repeated_steps));
        self.rate(Measure::InterfaceWords, set.map(|set| style::interface_words(case, set)));

        let asks = set.map(|set| vec![!set.questions.is_empty()]);
        if case.thin {
            self.rate(Measure::ThinQuestions, asks);
        } else {
            self.rate(Measure::FullQuestions, asks);
        }
        if case.thin || set.is_some() {
            self.rate(Measure::AnsweredQuestions, set.map(|set| questions::answered(case, set)));
        }
        let scenarios = set.map_or(0, |set| set.scenarios.len());
        self.values.insert(Measure::Scenarios, scenarios as f64);
    }

    /// The share of `true`; without a set the worst value; without anything to judge, none.
    fn rate(&mut self, measure: Measure, holds: Option<Vec<bool>>) {
        let value = match holds {
            None => share(measure.direction() == Direction::Lower),
            Some(holds) if holds.is_empty() => return,
            Some(holds) => holds.iter().filter(|holds| **holds).count() as f64 / holds.len() as f64,
        };
        self.values.insert(measure, value);
    }
}

fn share(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::super::tests::case_with;
    use super::*;

    fn answer(criteria: &str) -> Answer {
        Answer { id: "a".to_owned(), criteria: criteria.to_owned(), ..Answer::default() }
    }

    #[test]
    fn a_lost_answer_has_the_worst_value_of_every_measure() {
        let case = case_with(&["lock :: lock"], &[("3", "4")]);
        for lost in [answer(" \n"), answer("Sorry, I can't."), Answer::lost("a", "timed out")] {
            let judgement = judge(&case, &lost);
            assert!(judgement.lost.is_some());
            for (measure, value) in &judgement.values {
                match measure.direction() {
                    Direction::Higher => assert_eq!(*value, 0.0, "{measure:?}"),
                    Direction::Lower => assert_eq!(*value, 1.0, "{measure:?}"),
                    Direction::Neither => {}
                }
            }
            for measure in
                [Measure::Facts, Measure::Traps, Measure::Unsupported, Measure::Precision, Measure::Duplicates]
            {
                assert!(judgement.values.contains_key(&measure), "{measure:?} is a blank");
            }
        }
    }

    #[test]
    fn chat_talk_fails_the_gates_but_its_gherkin_is_judged() {
        let case = case_with(&["lock :: lock"], &[]);
        let raw =
            "Sure:\n```\n**Scenario 1: Lock**\nGiven a gift card\nWhen 3 wrong PINs come\nThen it is locked\n```\n";
        let values = judge(&case, &answer(raw)).values;
        assert_eq!(values[&Measure::Parses], 0.0);
        assert_eq!(values[&Measure::ParsesRepaired], 1.0);
        assert_eq!(values[&Measure::Facts], 1.0);
        assert_eq!(values[&Measure::Lost], 0.0);
    }

    #[test]
    fn a_story_without_facts_has_no_value_rather_than_a_good_one() {
        let case = case_with(&[], &[]);
        let values = judge(&case, &answer("Scenario: A\n  Given a\n  When b\n  Then c\n")).values;
        assert!(!values.contains_key(&Measure::Facts) && !values.contains_key(&Measure::Traps));
    }

    #[test]
    fn the_report_names_what_is_missing_and_unsupported() {
        let case = case_with(&["lock :: lock", "unlock :: support & unlock"], &[]);
        let judgement =
            judge(&case, &answer("Scenario: A\n  Given a card\n  When a PIN comes\n  Then it is locked for 7 days\n"));
        assert_eq!(judgement.missing, ["unlock"]);
        assert_eq!(judgement.unsupported, ["scenario 1: duration 7 days"]);
    }
}
