//! What happened to a story on its way into the prompt.

use serde::{Deserialize, Serialize};

/// Shown with the draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "note")]
pub enum Note {
    /// The description was too long for the model: only its first sentences were read.
    Trimmed {
        /// Sentences that were read.
        read: usize,
        /// Sentences in all.
        of: usize,
    },
    /// The story does not seem to be in English, which is the only language the model knows.
    NotEnglish {
        /// The language that it seems to be in, in English ("German").
        language: String,
    },
}
