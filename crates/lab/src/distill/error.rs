//! Why a run can't begin or go on. Each message is one line that says what to do, without story text and without the key.

use std::io::ErrorKind;
use std::path::PathBuf;

use brine_model::ModelError;

use super::teacher::TeacherError;
use crate::data::DataError;
use crate::eval::EvalError;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum DistillError {
    /// A file of stories or pairs.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A story's facts or traps.
    #[error(transparent)]
    Story(#[from] EvalError),
    /// The teacher's model or adapter.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The list of stories as a whole, or what was asked for.
    #[error("{0}")]
    Options(String),
    /// The teacher can't answer any story.
    #[error("the teacher can't be used: {0}")]
    Teacher(String),
    /// The teacher did not answer several stories in a row.
    #[error(
        "{stories} stories in a row had no answer ({reason}); what was written is kept, and the same command goes on"
    )]
    GivenUp {
        /// How many.
        stories: usize,
        /// Of the last one.
        reason: String,
    },
    /// A file holds something else than this run's results.
    #[error(
        "{}, line {line}, was not written with these stories and options; give the same as then, or name another file",
        path.display()
    )]
    OtherRun {
        /// Which file.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// Another process writes to the file.
    #[error("{} is in use by another run", .0.display())]
    InUse(PathBuf),
    /// A file can't be read or written.
    #[error("{}: {cause}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's words.
        cause: std::io::Error,
    },
}

impl DistillError {
    /// Whether the input, the options or the teacher's settings are at fault.
    pub fn is_input(&self) -> bool {
        match self {
            Self::GivenUp { .. } | Self::InUse(_) => false,
            Self::Io { cause, .. } => matches!(
                cause.kind(),
                ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::IsADirectory | ErrorKind::NotADirectory
            ),
            _ => true,
        }
    }
}

impl From<TeacherError> for DistillError {
    fn from(error: TeacherError) -> Self {
        Self::Teacher(error.to_string())
    }
}
