//! What is to be read, in which order: everything of one story together, the arms mixed and without names, some scenarios a
//! second time on another sheet, and some that are wrong on purpose.

use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};

use super::super::EvalError;
use super::super::answer::Answer;
use super::super::arm::{Arm, Kind};
use super::super::case::Case;
use super::super::repair;
use super::super::run::Outputs;
use super::super::set::Set;
use super::key::{Key, Sabotage, Task};
use super::numbering::Numbering;
use super::sabotage::negated;

/// The same outputs give the same sheets.
const SEED: u64 = 29;
/// One in so many scenarios is read a second time, and one more in so many is wrong on purpose.
pub(super) const ONE_IN: usize = 10;

/// What is laid out for readers.
pub struct Plan<'a> {
    /// The stories.
    pub cases: &'a [Case],
    /// Who wrote.
    pub arms: &'a [Arm],
    /// What, arm by arm.
    pub outputs: &'a [Outputs],
    /// Pairs of arms whose sets are chosen from.
    pub choices: &'a [(String, String)],
    /// Whole sets are read against the story's facts, too.
    pub rules: bool,
}

/// A story's things to read that stand together.
pub(super) struct Group<'a> {
    pub(super) case: &'a Case,
    pub(super) tasks: Vec<Task>,
}

impl Plan<'_> {
    /// Lays everything out. Arms that no reader can learn from are left out: shuffled sets and the template filler.
    ///
    /// # Errors
    /// When a pair names an arm that is not there, or there is nothing to read.
    pub(super) fn key(&self) -> Result<Key, EvalError> {
        let arms: Vec<(&str, &Outputs)> = self
            .arms
            .iter()
            .zip(self.outputs)
            .filter(|(arm, _)| !matches!(arm.kind, Kind::Shuffled | Kind::Template))
            .map(|(arm, outputs)| (arm.name.as_str(), outputs))
            .collect();
        for name in self.choices.iter().flat_map(|(one, other)| [one, other]) {
            if !arms.iter().any(|(arm, _)| arm == name) {
                return Err(EvalError::Arms(format!("there is no arm called {name:?} to choose")));
            }
        }
        let mut chance = StdRng::seed_from_u64(SEED);
        let mut cases: Vec<&Case> = self.cases.iter().collect();
        cases.shuffle(&mut chance);

        let mut key = Numbering::default();
        let mut groups: Vec<Group<'_>> = cases.iter().map(|case| group(case, &arms)).collect();
        self.sabotage(&mut groups, &mut chance);
        for group in &mut groups {
            group.tasks.shuffle(&mut chance);
        }
        key.scenarios(groups, &mut chance);
        if self.rules {
            key.sheets("rules", rules(&cases, &arms, &mut chance));
        }
        key.sheets("choice", choices(&cases, &arms, self.choices, &mut chance));
        for (case, arm) in cases.iter().flat_map(|case| arms.iter().map(move |arm| (case, arm))) {
            if shown(case, arm.1).is_empty() {
                key.add(None, case, Task::Nothing { arm: arm.0.to_owned() });
            }
        }
        if key.0.to_read().next().is_none() {
            return Err(EvalError::Arms("no arm wrote anything that could be read".to_owned()));
        }
        Ok(key.0)
    }

    /// Whether a key of earlier sheets still speaks of these outputs. Arms and stories that one of both does not have are
    /// passed over: they have no value.
    ///
    /// # Errors
    /// The first arm that wrote something else for a story than what was read.
    pub(super) fn check(&self, key: &Key) -> Result<(), EvalError> {
        for entry in &key.entries {
            let Task::Scenario { arm, place, text, .. } = &entry.task else { continue };
            let outputs =
                self.arms.iter().position(|known| known.name == *arm).and_then(|place| self.outputs.get(place));
            let case = self.cases.iter().find(|case| case.pair.id == entry.story);
            let (Some(outputs), Some(case)) = (outputs, case) else { continue };
            if shown(case, outputs).get(*place) != Some(text) {
                let story = &entry.story;
                return Err(EvalError::Arms(format!(
                    "{arm} has written something else for {story} since its sheets were made; name another folder for sheets"
                )));
            }
        }
        Ok(())
    }

    /// Adds the scenarios that are wrong on purpose: by turns one of the story's own with its outcome denied, and one of
    /// another domain's story.
    fn sabotage(&self, groups: &mut [Group<'_>], chance: &mut StdRng) {
        let (mut due, mut turn) = (0, 0);
        for group in groups {
            due += group.tasks.len();
            while due >= ONE_IN {
                due -= ONE_IN;
                turn += 1;
                let denied = if turn % 2 == 1 { denied(group.case, chance) } else { None };
                let found = match denied {
                    Some(text) => Some((Sabotage::Negated, text)),
                    None => self.of_another(group.case, chance).map(|text| (Sabotage::OtherStory, text)),
                };
                group.tasks.extend(found.map(|(sabotage, text)| Task::Check { sabotage, text }));
            }
        }
    }

    fn of_another(&self, case: &Case, chance: &mut StdRng) -> Option<String> {
        let other = |one: &&Case| one.pair.domain != case.pair.domain && one.pair.language == case.pair.language;
        let others: Vec<&Case> = self.cases.iter().filter(other).collect();
        let scenarios = own_set(others.choose(chance)?)?.scenarios;
        scenarios.choose(chance).map(|scenario| scenario.shown.clone())
    }
}

/// One of the story's own scenarios with its outcome denied.
fn denied(case: &Case, chance: &mut StdRng) -> Option<String> {
    let own = own_set(case)?;
    let all: Vec<String> = own.scenarios.iter().filter_map(|one| negated(one, own.language)).collect();
    all.choose(chance).cloned()
}

/// The set that a person wrote for the story, as far as the file has one.
fn own_set(case: &Case) -> Option<Set> {
    Set::read(&case.pair.criteria, case.story.summary(), case.pair.language.code()).ok()
}

/// The scenarios of an arm's first answer as they are shown, and its questions.
fn read(case: &Case, answer: &Answer) -> (Vec<String>, Vec<String>) {
    match answer.repaired(case) {
        Ok(set) => (set.scenarios.into_iter().map(|scenario| scenario.shown).collect(), set.questions),
        // What no parser reads, a person may still read.
        Err(_) if answer.error.is_none() => (repair::pieces(&answer.criteria, case.pair.language.code()), Vec::new()),
        Err(_) => (Vec::new(), Vec::new()),
    }
}

fn first<'a>(case: &Case, outputs: &'a Outputs) -> Option<&'a Answer> {
    outputs.answers.iter().find(|answer| answer.id == case.pair.id && answer.sample == 0)
}

fn shown(case: &Case, outputs: &Outputs) -> Vec<String> {
    first(case, outputs).map(|answer| read(case, answer).0).unwrap_or_default()
}

/// Scenarios and questions in one text; none when there is no scenario.
fn whole(case: &Case, outputs: &Outputs) -> Option<String> {
    let (mut parts, questions) = read(case, first(case, outputs)?);
    if parts.is_empty() {
        return None;
    }
    parts.extend((!questions.is_empty()).then(|| questions.iter().map(|one| format!("# Question: {one}\n")).collect()));
    Some(parts.join("\n"))
}

fn group<'a>(case: &'a Case, arms: &[(&str, &Outputs)]) -> Group<'a> {
    let of = |(arm, outputs): &(&str, &Outputs)| {
        let arm = (*arm).to_owned();
        let scenario = move |(place, text)| Task::Scenario { arm: arm.clone(), place, again: None, text };
        shown(case, outputs).into_iter().enumerate().map(scenario).collect::<Vec<_>>()
    };
    Group { case, tasks: arms.iter().flat_map(of).collect() }
}

fn rules<'a>(cases: &[&'a Case], arms: &[(&str, &Outputs)], chance: &mut StdRng) -> Vec<Group<'a>> {
    let task = |case: &Case, (arm, outputs): &(&str, &Outputs)| {
        let rules = case.facts.iter().map(|fact| fact.text.clone()).collect();
        Some(Task::Rules { arm: (*arm).to_owned(), rules, text: whole(case, outputs)? })
    };
    let group = |case: &&'a Case| {
        let mut tasks: Vec<Task> = arms.iter().filter_map(|arm| task(case, arm)).collect();
        tasks.shuffle(chance);
        Group { case, tasks }
    };
    cases.iter().filter(|case| !case.facts.is_empty()).map(group).collect()
}

/// Every pair in one order, and then every pair in the other: who has just seen A before B does not choose from memory.
fn choices<'a>(
    cases: &[&'a Case],
    arms: &[(&str, &Outputs)],
    pairs: &[(String, String)],
    chance: &mut StdRng,
) -> Vec<Group<'a>> {
    let set = |case: &Case, name: &str| {
        arms.iter().find(|(arm, _)| *arm == name).and_then(|(_, outputs)| whole(case, outputs))
    };
    let mut there = Vec::new();
    for (one, other) in pairs {
        for case in cases {
            let (Some(a), Some(b)) = (set(case, one), set(case, other)) else { continue };
            let (first, second) = (one.clone(), other.clone());
            let task = Task::Choice { first, second, a, b };
            there.push((*case, if chance.random_bool(0.5) { turned(task) } else { task }));
        }
    }
    there.shuffle(chance);
    let mut back: Vec<(&Case, Task)> = there.iter().map(|(case, task)| (*case, turned(task.clone()))).collect();
    back.shuffle(chance);
    there.into_iter().chain(back).map(|(case, task)| Group { case, tasks: vec![task] }).collect()
}

fn turned(task: Task) -> Task {
    match task {
        Task::Choice { first, second, a, b } => Task::Choice { first: second, second: first, a: b, b: a },
        other => other,
    }
}
