//! The run: each story is asked for, judged, and on the disk before the next one is begun.

use std::collections::BTreeSet;

use brine_core::adf::iso_date;
use brine_core::clock::Clock;
use tokio_util::sync::CancellationToken;

use super::choice::{Sample, best};
use super::filters::{Filters, judge};
use super::ledger::{Files, Ledger};
use super::teacher::{Teacher, TeacherError};
use super::{DistillError, Provenance, Reason, Rejection, Summary, Work};
use crate::eval::{Case, spread};

/// So many stories in a row without an answer end the run: something is wrong with the teacher, not with them.
const LOST_IN_A_ROW: usize = 3;

/// What a run writes with.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Of the first sample; the next one has the next seed.
    pub seed: u64,
    /// Answers to each story, of which the best is kept.
    pub samples: u32,
    /// What a pair must keep.
    pub filters: Filters,
    /// At most so many stories, taken from all over the file.
    pub limit: Option<usize>,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Stories that are done or had no answer.
    pub done: usize,
    /// Of so many.
    pub of: usize,
    /// Pairs in the file.
    pub accepted: usize,
    /// Rejected stories.
    pub rejected: usize,
}

/// Everything that a run needs.
pub struct Run<'a, T> {
    /// The stories.
    pub work: &'a Work,
    /// Who writes.
    pub teacher: &'a T,
    /// With what.
    pub options: Options,
    /// Where to.
    pub files: &'a Files,
    /// Gives the date.
    pub clock: &'a Clock,
    /// Ends the run before its next story, and the story at work without a result.
    pub cancel: &'a CancellationToken,
}

impl<T: Teacher> Run<'_, T> {
    /// Asks for every story that has no result in the files yet.
    ///
    /// # Errors
    /// When the files are those of another run or can't be written, or the teacher can't be used. What was written by then
    /// is kept.
    pub async fn write(&self, mut on: impl FnMut(Progress)) -> Result<Summary, DistillError> {
        let prints = self.work.prints(&self.print());
        let mut ledger = Ledger::open(self.files, &prints.iter().map(String::as_str).collect::<BTreeSet<_>>())?;
        let all: Vec<(&Case, &String)> = self.work.cases.iter().zip(&prints).collect();
        let chosen = spread(&all, self.options.limit.unwrap_or(all.len()));
        let mut summary = Summary::default();
        let mut in_a_row = 0;
        for (place, (case, print)) in chosen.iter().enumerate() {
            on(progress(&ledger, place, chosen.len()));
            if ledger.is_done(print) {
                continue;
            }
            if self.cancel.is_cancelled() {
                summary.stopped = true;
                break;
            }
            match self.story(case, print, &mut ledger).await {
                Ok(()) => in_a_row = 0,
                Err(Failed::Run(error)) => return Err(error),
                Err(Failed::Teacher(TeacherError::Stopped)) => {
                    summary.stopped = true;
                    break;
                }
                Err(Failed::Teacher(TeacherError::NoAnswer(reason))) => {
                    summary.lost += 1;
                    in_a_row += 1;
                    if in_a_row == LOST_IN_A_ROW {
                        return Err(DistillError::GivenUp { stories: in_a_row, reason });
                    }
                    summary.lost_reason = Some(reason);
                }
                Err(Failed::Teacher(error)) => return Err(error.into()),
            }
        }
        if !summary.stopped {
            on(progress(&ledger, chosen.len(), chosen.len()));
        }
        summary.count(ledger.fates());
        Ok(summary)
    }

    /// What all results of this run depend on.
    fn print(&self) -> String {
        let Options { seed, samples, filters, limit: _ } = self.options;
        format!("{}\0{seed} {samples} {filters:?}", self.teacher.identity().print)
    }

    async fn story(&self, case: &Case, print: &str, ledger: &mut Ledger) -> Result<(), Failed> {
        let id = &case.pair.id;
        if let Some(leak) = self.work.leaks.get(id) {
            let why = Rejection::new(Reason::Leak, format!("shares \"{}\" with {}", leak.words, leak.other));
            return Ok(ledger.reject(id, "", why, self.provenance(case, print, 0))?);
        }
        let mut samples = Vec::new();
        for number in 0..self.options.samples.max(1) {
            let written = self.teacher.write(&case.story, self.seed(number), self.cancel).await?;
            let verdict = judge(case, &written, &self.options.filters);
            let enough = verdict.as_ref().is_ok_and(|passed| passed.is_perfect());
            samples.push(Sample { number, text: written.text, verdict });
            if enough {
                break;
            }
        }
        let Some(Sample { number, text, verdict }) = best(samples) else { return Ok(()) };
        let provenance = self.provenance(case, print, number);
        match verdict {
            Ok(passed) => ledger.accept(case.pair.clone(), passed, provenance)?,
            Err(why) => ledger.reject(id, &text, why, provenance)?,
        }
        Ok(())
    }

    fn seed(&self, sample: u32) -> u64 {
        self.options.seed.wrapping_add(u64::from(sample))
    }

    fn provenance(&self, case: &Case, print: &str, sample: u32) -> Provenance {
        let identity = self.teacher.identity();
        Provenance {
            teacher: identity.teacher.clone(),
            adapter: identity.adapter.clone(),
            prompt: identity.prompt.clone(),
            seed: self.seed(sample),
            sample,
            brine: env!("CARGO_PKG_VERSION").to_owned(),
            date: iso_date(self.clock.now()).unwrap_or_default(),
            print: print.to_owned(),
            story: case.pair.provenance.clone(),
        }
    }
}

/// Why a story has no result.
enum Failed {
    Run(DistillError),
    Teacher(TeacherError),
}

impl From<DistillError> for Failed {
    fn from(error: DistillError) -> Self {
        Self::Run(error)
    }
}

impl From<TeacherError> for Failed {
    fn from(error: TeacherError) -> Self {
        Self::Teacher(error)
    }
}

fn progress(ledger: &Ledger, done: usize, of: usize) -> Progress {
    let mut counts = Summary::default();
    counts.count(ledger.fates());
    Progress { done, of, accepted: counts.accepted, rejected: counts.rejected.values().sum() }
}
