//! What stands behind the numbers on the sheets: arm, story and text of each. Readers never see it.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::EvalError;

/// The file beside the sheets.
const FILE: &str = "key.jsonl";

/// Everything that is to be read, by its number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// In the order of the sheets.
    pub(crate) entries: Vec<Entry>,
}

/// One thing to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// As it stands on the sheet.
    pub(crate) number: u32,
    /// Which sheet; none for what has nothing to be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sheet: Option<String>,
    /// The story's name.
    pub(crate) story: String,
    /// What is asked of the reader.
    #[serde(flatten)]
    pub(crate) task: Task,
}

/// What is asked of the reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "kebab-case")]
pub(crate) enum Task {
    /// Points for one scenario of an arm.
    Scenario {
        /// Who wrote it.
        arm: String,
        /// Its place in the set, from 0.
        place: usize,
        /// The number under which the same one stands a first time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        again: Option<u32>,
        /// As it is shown.
        text: String,
    },
    /// Points for a scenario that is wrong on purpose.
    Check {
        /// How it was made wrong.
        sabotage: Sabotage,
        /// As it is shown.
        text: String,
    },
    /// What an arm's whole set makes of the story's rules.
    Rules {
        /// Who wrote it.
        arm: String,
        /// The rules, in words.
        rules: Vec<String>,
        /// The set.
        text: String,
    },
    /// Which of two sets one would rather start from.
    Choice {
        /// Who wrote A.
        first: String,
        /// Who wrote B.
        second: String,
        /// Set A.
        a: String,
        /// Set B.
        b: String,
    },
    /// An arm that wrote nothing for the story: a loss, not a blank.
    Nothing {
        /// Which arm.
        arm: String,
    },
}

/// How a scenario was made wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Sabotage {
    /// Its outcome says the opposite.
    Negated,
    /// It belongs to another story.
    OtherStory,
}

impl Key {
    /// Reads the key of a folder of sheets; none when there is no such folder yet.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn read(folder: &Path) -> Result<Option<Self>, EvalError> {
        let path = folder.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(EvalError::file(path)(error)),
        };
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let entry = |(number, line): (usize, &str)| {
            serde_json::from_str(line).map_err(|error| EvalError::file(&path)(format!("line {}: {error}", number + 1)))
        };
        Ok(Some(Self { entries: lines.map(entry).collect::<Result<_, _>>()? }))
    }

    /// Writes it into the folder; the file is there whole or not at all.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub(super) fn write(&self, folder: &Path) -> Result<(), EvalError> {
        let path = folder.join(FILE);
        std::fs::create_dir_all(folder).map_err(EvalError::file(folder))?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(EvalError::file(&path))?;
        for entry in &self.entries {
            let line = serde_json::to_string(entry).map_err(EvalError::file(&path))?;
            writeln!(file, "{line}").map_err(EvalError::file(&path))?;
        }
        file.persist(&path).map_err(EvalError::file(&path))?;
        Ok(())
    }

    /// By number.
    pub(crate) fn numbered(&self) -> HashMap<u32, &Entry> {
        self.entries.iter().map(|entry| (entry.number, entry)).collect()
    }

    /// What readers have before them.
    pub(crate) fn to_read(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !matches!(entry.task, Task::Nothing { .. }))
    }
}
