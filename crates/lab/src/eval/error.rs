//! Why an evaluation can't be made. Each message is one line that says what to do.

use std::path::PathBuf;

use brine_model::ModelError;

use crate::data::DataError;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// The file of stories, or of outputs made elsewhere.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A model or its adapter.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A story's facts or traps.
    #[error("story {id}: {reason}")]
    Story {
        /// Which.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The list of stories as a whole.
    #[error("{0}")]
    Stories(String),
    /// The list of arms.
    #[error("arms: {0}")]
    Arms(String),
    /// A file or folder can't be read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The server that reads.
    #[error("the judge: {0}")]
    Judge(String),
    /// A chart or page can't be drawn.
    #[error("the report can't be drawn: {0}")]
    Report(String),
}

impl EvalError {
    /// For `map_err` on what happens to a file.
    pub(crate) fn file<E: std::fmt::Display>(path: impl Into<PathBuf>) -> impl FnOnce(E) -> Self {
        let path = path.into();
        move |reason| Self::File { path, reason: reason.to_string() }
    }
}
