//! Atlassian Document Format, both ways: a description as plain text for the model, and criteria as nodes for Jira.
//!
//! Everything here is a pure function of `serde_json::Value`. Typed nodes would be wrong for us: Jira's schema grows,
//! and a node that we do not know must come back from a write exactly as it was read.

mod date;
mod document;
mod hash;
pub mod section;
mod text;
mod write;

#[cfg(test)]
mod samples;

pub use date::{iso_date, start_of_day};
pub use document::document;
pub use text::{Names, lines, to_text, unnamed};
pub use write::{Attribution, criteria_nodes, scenario_nodes};

use serde_json::Value;

use crate::story::{Story, StoryError};

/// An issue's summary and description as the story that a person wrote: our own section is not part of it.
pub fn story(summary: &str, description: Option<&Value>, names: &Names) -> Result<Story, StoryError> {
    let lines = description.map(|doc| lines(&section::without(doc), names)).unwrap_or_default();
    Story::from_lines(summary, lines)
}

/// How deep a document is followed. Jira's own editor stays under a dozen levels; what nests deeper was made by a machine.
const MAX_DEPTH: usize = 64;
