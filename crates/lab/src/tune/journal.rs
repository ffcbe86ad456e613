//! `progress.jsonl`: a line for each step, so that a run in the background can be watched; charts and reports are made
//! of it.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::TuneError;
use super::files;

const FILE: &str = "progress.jsonl";

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Entry {
    /// A step was made.
    Step {
        /// From 1.
        step: usize,
        /// Mean over the step's learned tokens, in nats, before the step.
        loss: f64,
        /// Learned tokens of the step.
        targets: usize,
        /// Learning rate.
        rate: f64,
        /// Length of the gradient before clipping.
        gradient: f64,
        /// Read so far.
        tokens: usize,
        /// Of training so far.
        seconds: f64,
    },
    /// The dev trees were measured.
    Dev {
        /// Steps made before.
        step: usize,
        /// Mean over the learned tokens, in nats.
        loss: f64,
    },
}

impl Entry {
    /// Steps made by then.
    pub fn step(&self) -> usize {
        match self {
            Entry::Step { step, .. } | Entry::Dev { step, .. } => *step,
        }
    }
}

/// The open file, and what is in it.
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    pub(crate) entries: Vec<Entry>,
}

impl Journal {
    /// Opens the journal of the run in `folder`, without what was written after `step`: those steps are made again.
    ///
    /// # Errors
    /// When it can't be read or written.
    pub(crate) fn open(folder: &Path, step: usize) -> Result<Self, TuneError> {
        let path = folder.join(FILE);
        let io = |cause: std::io::Error| TuneError::io(&path, cause);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(cause) => return Err(io(cause)),
        };
        // A line that the machine went down in is no entry.
        let mut entries: Vec<Entry> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        entries.retain(|entry| entry.step() <= step && step > 0);
        let lines: String =
            entries.iter().filter_map(|entry| serde_json::to_string(entry).ok()).map(|line| line + "\n").collect();
        files::replace(&path, lines.as_bytes())?;
        let file = OpenOptions::new().append(true).open(&path).map_err(io)?;
        Ok(Self { path, file, entries })
    }

    /// # Errors
    /// When it can't be written.
    pub(crate) fn write(&mut self, entry: Entry) -> Result<(), TuneError> {
        let io = |cause: std::io::Error| TuneError::io(&self.path, cause);
        let line = serde_json::to_string(&entry).map_err(|error| io(error.into()))? + "\n";
        self.file.write_all(line.as_bytes()).map_err(io)?;
        self.entries.push(entry);
        Ok(())
    }

    /// The mean loss of the last `steps` steps, weighted by their tokens; none before the first.
    pub(crate) fn recent_loss(&self, steps: usize) -> Option<f64> {
        let losses = self.entries.iter().rev().filter_map(|entry| match entry {
            Entry::Step { loss, targets, .. } => Some((loss * *targets as f64, *targets as f64)),
            Entry::Dev { .. } => None,
        });
        let (sum, weight) = losses.take(steps).fold((0.0, 0.0), |(a, b), (c, d)| (a + c, b + d));
        (weight > 0.0).then(|| sum / weight)
    }

    /// The first and the last measured dev loss, when it was measured more than once.
    pub(crate) fn dev_losses(&self) -> Option<(f64, f64)> {
        let mut losses = self.entries.iter().filter_map(|entry| match entry {
            Entry::Dev { loss, .. } => Some(*loss),
            Entry::Step { .. } => None,
        });
        Some((losses.next()?, losses.next_back()?))
    }
}
