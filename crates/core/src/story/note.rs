//! What happened to a story on its way into the prompt.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Shown with the draft. Its `Display` is the sentence that people read.
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
    /// The story seems to be in a language that criteria can't be written in: they are in English. Stored under the name
    /// that it had when English was the only language, so that every version of Brine reads every draft.
    #[serde(rename = "not_english")]
    AnotherLanguage {
        /// The language that it seems to be in, in English ("Turkish").
        language: String,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trimmed { read, of } => {
                write!(f, "The story is long: only the first {read} of its {of} sentences were read.")
            }
            Self::AnotherLanguage { language } => {
                write!(
                    f,
                    "The story seems to be in {language}. Brine does not write criteria in it: check these with care."
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn notes_of_older_drafts_are_read() {
        let note: Note = serde_json::from_str(r#"{"note":"not_english","language":"Turkish"}"#).unwrap();
        assert_eq!(note, Note::AnotherLanguage { language: "Turkish".to_owned() });
        assert!(note.to_string().contains("seems to be in Turkish"));
    }
}
