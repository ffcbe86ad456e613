//! The two files of a run: pairs that were accepted, and answers that were rejected. What stands in them is done.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::filters::Passed;
use super::log::Log;
use super::{DistillError, Provenance, Reason, Rejection};
use crate::data::Pair;

/// Longest part of a rejected answer that is kept, in characters.
const ANSWER_CHARS: usize = 16_384;

/// Where results go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// Accepted pairs.
    pub pairs: PathBuf,
    /// Rejected answers.
    pub rejected: PathBuf,
}

impl Files {
    /// Rejected answers go beside the pairs when nothing else is said: `pairs.jsonl` and `pairs.rejected.jsonl`.
    pub fn new(pairs: PathBuf, rejected: Option<PathBuf>) -> Self {
        let rejected = rejected.unwrap_or_else(|| pairs.with_extension("rejected.jsonl"));
        Self { pairs, rejected }
    }
}

/// What became of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Accepted,
    Rejected(Reason),
}

/// A line of the file of rejected answers.
#[derive(Debug, Serialize, Deserialize)]
struct Rejected {
    id: String,
    reason: Reason,
    detail: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    answer: String,
    provenance: Provenance,
}

/// The open files.
pub(crate) struct Ledger {
    pairs: Log,
    rejected: Log,
    done: HashMap<String, Fate>,
}

impl Ledger {
    /// Opens the files of a run whose stories have these prints.
    pub(crate) fn open(files: &Files, prints: &BTreeSet<&str>) -> Result<Self, DistillError> {
        if files.pairs == files.rejected {
            return Err(DistillError::Options("pairs and rejected answers can't go to the same file".to_owned()));
        }
        let mut pairs = Log::open(&files.pairs)?;
        let mut rejected = Log::open(&files.rejected)?;
        let mut done = read(&pairs, prints, accepted)?;
        done.extend(read(&rejected, prints, refused)?);
        pairs.mend()?;
        rejected.mend()?;
        Ok(Self { pairs, rejected, done })
    }

    pub(crate) fn is_done(&self, print: &str) -> bool {
        self.done.contains_key(print)
    }

    /// Every story that is done, by now.
    pub(crate) fn fates(&self) -> impl Iterator<Item = Fate> {
        self.done.values().copied()
    }

    pub(crate) fn accept(&mut self, pair: Pair, passed: Passed, from: Provenance) -> Result<(), DistillError> {
        let print = from.print.clone();
        let io =
            |error: serde_json::Error| DistillError::Io { path: self.pairs.path().to_owned(), cause: error.into() };
        let provenance = Some(serde_json::to_value(from).map_err(io)?);
        self.pairs.add(&Pair { criteria: passed.criteria, language: passed.language, provenance, ..pair })?;
        self.done.insert(print, Fate::Accepted);
        Ok(())
    }

    pub(crate) fn reject(
        &mut self,
        id: &str,
        answer: &str,
        why: Rejection,
        provenance: Provenance,
    ) -> Result<(), DistillError> {
        let print = provenance.print.clone();
        let answer = answer.chars().take(ANSWER_CHARS).collect();
        let Rejection { reason, detail } = why;
        self.rejected.add(&Rejected { id: id.to_owned(), reason, detail, answer, provenance })?;
        self.done.insert(print, Fate::Rejected(reason));
        Ok(())
    }
}

/// What is done by the lines of a file.
fn read(
    log: &Log,
    prints: &BTreeSet<&str>,
    line: fn(&str) -> Option<(String, Fate)>,
) -> Result<HashMap<String, Fate>, DistillError> {
    let mut done = HashMap::new();
    for (number, text) in log.lines().iter().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        let ours = line(text).filter(|(print, _)| prints.contains(print.as_str()));
        let other = || DistillError::OtherRun { path: log.path().to_owned(), line: number + 1 };
        let (print, fate) = ours.ok_or_else(other)?;
        done.insert(print, fate);
    }
    Ok(done)
}

fn accepted(line: &str) -> Option<(String, Fate)> {
    let pair: Pair = serde_json::from_str(line).ok()?;
    let provenance: Provenance = serde_json::from_value(pair.provenance?).ok()?;
    Some((provenance.print, Fate::Accepted))
}

fn refused(line: &str) -> Option<(String, Fate)> {
    let rejected: Rejected = serde_json::from_str(line).ok()?;
    Some((rejected.provenance.print, Fate::Rejected(rejected.reason)))
}
