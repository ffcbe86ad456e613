//! The run: every arm writes for every story, and each answer is on the disk before the next one is begun.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use brine_model::catalogue::Folder;

use super::EvalError;
use super::answer::Answer;
use super::arm::Arm;
use super::case::Case;
use super::ledger::{self, Ledger};
use super::makers::{Job, Maker};
use super::mutate::{Change, mutant};

/// Stories that are changed for M, for each arm: every change is a whole set to write.
const MUTATED: usize = 12;

/// What an evaluation runs with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of everything that comes out.
    pub out: PathBuf,
    /// Where model files lie.
    pub models: Folder,
    /// A model gives up on a story after so long.
    pub deadline: Duration,
    /// So many stories are written a second time by models.
    pub repeats: usize,
    /// Stories are changed, too.
    pub mutations: bool,
    /// Nothing is written: what lies in the folder is measured, whatever wrote it.
    pub measure_only: bool,
}

/// How far a run is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The arm at work.
    pub arm: &'a str,
    /// What it is at: "stories", "again", "deleted" …
    pub pass: &'a str,
    /// Answers that are there.
    pub done: usize,
    /// Of so many.
    pub of: usize,
}

/// Everything that one arm wrote.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    /// To the stories, in their order; the samples of a story stand together.
    pub answers: Vec<Answer>,
    /// To some stories once more.
    pub(crate) again: Vec<Answer>,
    /// To changed stories.
    pub(crate) changed: BTreeMap<Change, Vec<Answer>>,
}

/// Runs all arms, one after the other.
///
/// # Errors
/// When an arm can't begin, or a file can't be written. An answer that fails is a lost answer, no error.
pub async fn run(
    cases: &[Case],
    arms: &[Arm],
    options: &Options,
    mut on: impl FnMut(Progress<'_>),
) -> Result<Vec<Outputs>, EvalError> {
    check(cases, arms)?;
    let folder = options.out.join("outputs");
    std::fs::create_dir_all(&folder).map_err(EvalError::file(&folder))?;
    for arm in arms.iter().filter(|_| !options.measure_only) {
        Maker::check(arm, &options.models)?;
    }
    let mut all = Vec::new();
    for arm in arms {
        on(Progress { arm: &arm.name, pass: "getting ready", done: 0, of: cases.len() });
        let maker =
            if options.measure_only { None } else { Some(Maker::new(arm, cases, &options.models, options.deadline)?) };
        let mut run = Run { arm, maker, folder: &folder, on: &mut on };
        all.push(run.all(cases, options).await?);
    }
    Ok(all)
}

fn check(cases: &[Case], arms: &[Arm]) -> Result<(), EvalError> {
    if cases.is_empty() {
        return Err(EvalError::Stories("there is no story".to_owned()));
    }
    if arms.is_empty() {
        return Err(EvalError::Arms("there is none; name some with --arms FILE or --arm NAME=KIND".to_owned()));
    }
    let twice = |names: Vec<&str>| {
        let mut seen = std::collections::HashSet::new();
        names.into_iter().find(|name| !seen.insert(*name)).map(str::to_owned)
    };
    if let Some(id) = twice(cases.iter().map(|case| case.pair.id.as_str()).collect()) {
        return Err(EvalError::Stories(format!("two stories are called {id:?}")));
    }
    match twice(arms.iter().map(|arm| arm.name.as_str()).collect()) {
        Some(name) => Err(EvalError::Arms(format!("two are called {name:?}"))),
        None => Ok(()),
    }
}

struct Run<'a, F> {
    arm: &'a Arm,
    /// None when only what was written is measured.
    maker: Option<Maker>,
    folder: &'a Path,
    on: &'a mut F,
}

impl<F: FnMut(Progress<'_>)> Run<'_, F> {
    async fn all(&mut self, cases: &[Case], options: &Options) -> Result<Outputs, EvalError> {
        let samples = self.arm.model().map_or(1, |model| model.samples);
        let job = |case: &Case, sample| Job { id: case.pair.id.clone(), story: case.story.clone(), sample };
        let jobs = cases.iter().flat_map(|case| (0..samples).map(move |sample| job(case, sample))).collect();
        let mut outputs = Outputs { answers: self.pass("stories", jobs).await?, ..Outputs::default() };
        if self.arm.model().is_none() {
            return Ok(outputs);
        }
        let repeated = spread(cases, options.repeats).into_iter().map(|case| job(case, 0)).collect();
        outputs.again = self.pass("again", repeated).await?;
        for change in Change::ALL.into_iter().filter(|_| options.mutations) {
            let mutants = cases.iter().filter_map(|case| Some((case, mutant(case, change)?)));
            let jobs: Vec<Job> = mutants.map(|(case, mutant)| Job { story: mutant.story, ..job(case, 0) }).collect();
            let jobs = spread(&jobs, MUTATED).into_iter().cloned().collect();
            outputs.changed.insert(change, self.pass(change.name(), jobs).await?);
        }
        Ok(outputs)
    }

    async fn pass(&mut self, pass: &str, jobs: Vec<Job>) -> Result<Vec<Answer>, EvalError> {
        let name = if pass == "stories" { String::new() } else { format!(".{pass}") };
        let path = self.folder.join(format!("{}{name}.jsonl", self.arm.name));
        let Some(maker) = &self.maker else {
            // What an earlier run did not write a second time, or with changes, is not asked for.
            return if pass == "stories" || path.exists() { ledger::written(&path, &jobs) } else { Ok(Vec::new()) };
        };
        let mut ledger = Ledger::open(path)?;
        let mut answers = Vec::new();
        for job in &jobs {
            (self.on)(Progress { arm: &self.arm.name, pass, done: answers.len(), of: jobs.len() });
            let kept = ledger.kept(maker.print(job).as_deref());
            let answer = match kept {
                Some(kept) => kept,
                None => {
                    let answer = maker.answer(job).await;
                    ledger.add(&answer)?;
                    answer
                }
            };
            answers.push(answer);
        }
        (self.on)(Progress { arm: &self.arm.name, pass, done: answers.len(), of: jobs.len() });
        ledger.close(&answers)?;
        Ok(answers)
    }
}

/// `count` items from all over the list.
pub(crate) fn spread<T>(items: &[T], count: usize) -> Vec<&T> {
    let count = count.min(items.len());
    (0..count).filter_map(|place| items.get(place * items.len() / count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_taken_from_all_over_and_each_once() {
        assert_eq!(spread(&[1, 2, 3, 4, 5, 6], 3), [&1, &3, &5]);
        assert_eq!(spread(&[1, 2], 5), [&1, &2]);
        assert!(spread::<u8>(&[], 5).is_empty());
    }
}
