//! The file of an arm's answers, written story by story, so that a broken run goes on where it stopped.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::EvalError;
use super::answer::Answer;
use super::makers::Job;

/// One open file of answers.
pub(crate) struct Ledger {
    path: PathBuf,
    file: File,
    /// Answers of earlier runs, by what they depend on.
    kept: HashMap<String, Answer>,
}

impl Ledger {
    /// Opens the file and keeps its answers that say what they depend on; a last line that was cut off is dropped, and so
    /// are lost answers, which are tried again. The others are written back when they are used.
    pub(crate) fn open(path: PathBuf) -> Result<Self, EvalError> {
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(EvalError::file(&path)(error)),
        };
        let answers = text.lines().filter_map(|line| serde_json::from_str::<Answer>(line).ok());
        let kept: HashMap<String, Answer> = answers
            .filter(|answer| answer.error.is_none())
            .filter_map(|answer| Some((answer.print.clone()?, answer)))
            .collect();
        rewrite(&path, kept.values())?;
        let file = OpenOptions::new().append(true).open(&path).map_err(EvalError::file(&path))?;
        Ok(Self { path, file, kept })
    }

    /// The answer of an earlier run that depends on the same.
    pub(crate) fn kept(&self, print: Option<&str>) -> Option<Answer> {
        self.kept.get(print?).cloned()
    }

    /// Adds an answer; it is on the disk when this returns.
    pub(crate) fn add(&mut self, answer: &Answer) -> Result<(), EvalError> {
        let line = serde_json::to_string(answer).map_err(EvalError::file(&self.path))?;
        writeln!(self.file, "{line}").and_then(|()| self.file.sync_data()).map_err(EvalError::file(&self.path))
    }

    /// Leaves exactly these answers in the file, in their order.
    pub(crate) fn close(self, answers: &[Answer]) -> Result<(), EvalError> {
        rewrite(&self.path, answers.iter())
    }
}

/// The answers to these jobs that lie in a file, whatever wrote them; a job without one is lost.
pub(crate) fn written(path: &Path, jobs: &[Job]) -> Result<Vec<Answer>, EvalError> {
    let text = std::fs::read_to_string(path).map_err(EvalError::file(path))?;
    let answers: HashMap<(String, u32), Answer> = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Answer>(line).ok())
        .map(|answer| ((answer.id.clone(), answer.sample), answer))
        .collect();
    let of = |job: &Job| answers.get(&(job.id.clone(), job.sample)).cloned();
    let lost = |job: &Job| Answer::lost(&job.id, "there is no output for this story");
    Ok(jobs.iter().map(|job| of(job).unwrap_or_else(|| lost(job))).collect())
}

/// The file is replaced whole or not at all.
fn rewrite<'a>(path: &Path, answers: impl Iterator<Item = &'a Answer>) -> Result<(), EvalError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(EvalError::file(path))?;
    for answer in answers {
        let line = serde_json::to_string(answer).map_err(EvalError::file(path))?;
        writeln!(file, "{line}").map_err(EvalError::file(path))?;
    }
    file.persist(path).map_err(EvalError::file(path))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn answer(id: &str, print: Option<&str>) -> Answer {
        let (id, print) = (id.to_owned(), print.map(str::to_owned));
        Answer { id, criteria: "x".to_owned(), print, ..Answer::default() }
    }

    #[test]
    fn a_broken_run_goes_on_behind_its_last_whole_answer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let mut ledger = Ledger::open(path.clone()).unwrap();
        ledger.add(&answer("1", Some("p1"))).unwrap();
        ledger.add(&answer("2", Some("p2"))).unwrap();
        ledger.add(&Answer { error: Some("late".to_owned()), ..answer("3", Some("p3")) }).unwrap();
        drop(ledger);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}{{\"id\": \"4\", \"crit")).unwrap();

        let mut ledger = Ledger::open(path.clone()).unwrap();
        assert_eq!(ledger.kept(Some("p2")), Some(answer("2", Some("p2"))));
        assert_eq!(ledger.kept(Some("p3")), None, "a lost answer is tried again");
        assert_eq!(ledger.kept(None), None);
        ledger.add(&answer("4", Some("p4"))).unwrap();
        let all = [answer("2", Some("p2")), answer("4", Some("p4"))];
        ledger.close(&all).unwrap();
        let lines: Vec<Answer> =
            std::fs::read_to_string(&path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines, all);
    }

    #[test]
    fn answers_that_do_not_say_what_they_depend_on_are_not_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        Ledger::open(path.clone()).unwrap().add(&answer("1", None)).unwrap();
        assert!(Ledger::open(path).unwrap().kept.is_empty());
    }
}
