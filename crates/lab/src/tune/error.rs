//! Why a run can't start or go on. Each message is one line that says what to do.

use std::path::PathBuf;

use brine_model::ModelError;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum TuneError {
    /// A setting is unknown or out of its bounds.
    #[error("the settings can't be used: {0}")]
    Settings(String),
    /// The base model can't be used.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The data can't be used.
    #[error("the data can't be used: {0}")]
    Data(String),
    /// The folder holds a run already.
    #[error("{} holds a run already; go on with --resume, or name another folder", .0.display())]
    Occupied(PathBuf),
    /// The adapter can't be begun with.
    #[error("the adapter in {} can't be begun with: {reason}", folder.display())]
    From {
        /// The adapter's.
        folder: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// There is nothing to go on with.
    #[error("{} holds no checkpoint; start anew without --resume", .0.display())]
    NoCheckpoint(PathBuf),
    /// The checkpoint is of another run.
    #[error("{} is of a run with other {what}; give the same as then, or start anew in another folder", path.display())]
    OtherRun {
        /// The checkpoint.
        path: PathBuf,
        /// "data", "settings" or "base model".
        what: &'static str,
    },
    /// The checkpoint can't be read.
    #[error("{} can't be used: {reason}", path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Loss or gradient is no number any more.
    #[error(
        "the {what} at step {step} is not a number: training went astray. The last checkpoint is kept; start anew with a \
         lower learning_rate (now {learning_rate}) or clip"
    )]
    Astray {
        /// "loss" or "gradient".
        what: &'static str,
        /// From 1.
        step: usize,
        /// The highest, from the settings.
        learning_rate: f64,
    },
    /// The machine has too little memory.
    #[error(
        "out of memory: {0}. Set max_tokens or rank lower, or free some. A checkpoint, if there is one, is kept: go on with \
         --resume"
    )]
    Memory(String),
    /// The arithmetic failed.
    #[error("the arithmetic of training failed: {0}")]
    Compute(candle_core::Error),
    /// A file can't be read or written.
    #[error("{}: {cause}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's words.
        cause: std::io::Error,
    },
}

impl TuneError {
    pub(crate) fn io(path: impl Into<PathBuf>, cause: impl Into<std::io::Error>) -> Self {
        Self::Io { path: path.into(), cause: cause.into() }
    }
}

impl From<candle_core::Error> for TuneError {
    fn from(error: candle_core::Error) -> Self {
        let text = error.to_string();
        let lower = text.to_lowercase();
        if lower.contains("out of memory") || lower.contains("out_of_memory") {
            return Self::Memory(text);
        }
        Self::Compute(error)
    }
}
