//! One story with the criteria that a good analyst wrote for it, and files of them (JSON Lines).

use std::io::Write;
use std::path::{Path, PathBuf};

use brine_core::gherkin::Language;
use brine_core::story::{Story, StoryError};
use serde::{Deserialize, Serialize};

/// A story and its criteria.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Pair {
    /// Names the pair in reports.
    pub id: String,
    /// What the product is about; whole domains are held out for measuring.
    #[serde(default)]
    pub domain: String,
    /// "as-a", "prose", "rules", "messy" or "thin"; of stories as Jira holds them "sections", "table", "bug" and the like.
    #[serde(default)]
    pub kind: String,
    /// Of the story, as Gherkin's dialects are called ("en", "de").
    #[serde(default, skip_serializing_if = "Language::is_default")]
    pub language: Language,
    /// Jira's summary.
    pub summary: String,
    /// Jira's description as plain text.
    #[serde(default)]
    pub description: String,
    /// Scenarios and questions as Gherkin text without a `Feature:` line; empty in a file of stories alone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub criteria: String,
    /// What the criteria must cover, for measuring: `fact :: keyword|alternative & keyword`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<String>,
    /// Limits that must be tested on both sides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub traps: Vec<Trap>,
    /// Where a pair came from, when it was not written by hand for this set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<serde_json::Value>,
}

/// A limit of the story: keywords of a scenario that stays within it, and of one that goes beyond.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trap {
    /// `keyword|alternative & keyword`.
    pub at: String,
    /// The same form.
    pub beyond: String,
}

/// Why a file of pairs can't be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The file can't be read or written.
    #[error("{}: {cause}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's words.
        cause: std::io::Error,
    },
    /// A line is not a pair.
    #[error("{}, line {line}: {reason}", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

impl Pair {
    /// The story as the product would read it.
    ///
    /// # Errors
    /// When the two fields hold no story.
    pub fn story(&self) -> Result<Story, StoryError> {
        Story::new(&self.summary, &self.description)
    }
}

/// Reads a file with one pair a line; empty lines are passed over.
///
/// # Errors
/// The first line that is not a pair, by its number.
pub fn read(path: &Path) -> Result<Vec<Pair>, DataError> {
    let text = std::fs::read_to_string(path).map_err(|cause| DataError::Io { path: path.to_owned(), cause })?;
    let mut pairs = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |reason: String| DataError::Line { path: path.to_owned(), line: number + 1, reason };
        let pair: Pair = serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
        pair.story().map_err(|error| wrong(error.to_string()))?;
        pairs.push(pair);
    }
    Ok(pairs)
}

/// Writes one pair a line; the file is replaced whole or not at all.
///
/// # Errors
/// When the file can't be written.
pub fn write(path: &Path, pairs: &[Pair]) -> Result<(), DataError> {
    let io = |cause| DataError::Io { path: path.to_owned(), cause };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = readable_by_all().tempfile_in(folder).map_err(io)?;
    for pair in pairs {
        let line = serde_json::to_string(pair).map_err(|error| io(error.into()))?;
        writeln!(file, "{line}").map_err(io)?;
    }
    file.persist(path).map_err(|error| io(error.error))?;
    Ok(())
}

/// Temporary files are for their owner alone; this one becomes an ordinary file.
fn readable_by_all() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    builder
}
