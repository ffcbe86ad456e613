//! A story as a value that can only be made from text that makes sense as one.

use sha2::{Digest, Sha256};

use super::sentences::{Sentence, sentences};

/// Longest summary that Jira takes, in characters.
const SUMMARY_CHARS: usize = 255;
/// More than any description in Jira (32,767 characters), with room for files from elsewhere. Bytes.
const STORY_BYTES: usize = 4 * 1024 * 1024;

/// A summary of one line, and a description that may be empty. Line ends are `\n`; control characters are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    summary: String,
    description: String,
}

/// Why a text is no story.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoryError {
    /// Nothing but white space.
    #[error("the story is empty: give a summary on the first line, and the description below it")]
    Empty,
    /// Not text.
    #[error("the story is not text (UTF-8 expected)")]
    Binary,
    /// Too long to be one story.
    #[error("the story has {bytes} bytes; the limit is {STORY_BYTES}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
}

impl Story {
    /// A story from Jira's two fields. An empty summary is taken from the description's first line.
    pub fn new(summary: &str, description: &str) -> Result<Self, StoryError> {
        let bytes = summary.len() + description.len();
        if bytes > STORY_BYTES {
            return Err(StoryError::TooLarge { bytes });
        }
        let description = clean(description);
        let summary = clean(summary);
        let mut summary_lines = summary.lines().filter(|line| !line.trim().is_empty());
        let (first, rest) = match summary_lines.next() {
            Some(line) => (line, description.as_str()),
            None => description.split_once('\n').unwrap_or((description.as_str(), "")),
        };
        if first.trim().is_empty() {
            return Err(StoryError::Empty);
        }
        let (first, overflow) = split_long_line(first.trim());
        let mut body: Vec<&str> = Vec::new();
        body.extend(overflow);
        body.extend(summary_lines);
        body.push(rest.trim());
        Ok(Self { summary: first.to_owned(), description: body.join("\n").trim().to_owned() })
    }

    /// A story from plain text: the first line is the summary, the rest the description.
    pub fn from_text(text: &[u8]) -> Result<Self, StoryError> {
        if text.len() > STORY_BYTES {
            return Err(StoryError::TooLarge { bytes: text.len() });
        }
        let text = std::str::from_utf8(text).map_err(|_| StoryError::Binary)?;
        if text.contains('\0') {
            return Err(StoryError::Binary);
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
        let (summary, description) = text.split_once('\n').unwrap_or((text, ""));
        Self::new(summary, description)
    }

    /// One line, never empty.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// Lines of plain text; may be empty.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Summary and description as one text.
    pub fn text(&self) -> String {
        format!("{}\n{}", self.summary, self.description)
    }

    /// The summary and each sentence or bullet of the description, in order.
    pub fn sentences(&self) -> Vec<Sentence> {
        sentences(&self.summary, &self.description)
    }

    /// SHA-256 of the text, in hex: tells whether a story has changed.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.text().as_bytes()))
    }
}

/// Cuts an overlong first line at a word's end, so that it can serve as a summary.
fn split_long_line(line: &str) -> (&str, Option<&str>) {
    let Some((limit, _)) = line.char_indices().nth(SUMMARY_CHARS) else { return (line, None) };
    let cut = line[..limit].rfind(char::is_whitespace).unwrap_or(limit);
    (line[..cut].trim_end(), Some(line[cut..].trim_start()))
}

/// Line ends to `\n`; control and invisible formatting characters out (zero-width joiners stay: emoji and scripts need them).
fn clean(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .filter_map(|c| match c {
            '\r' | '\u{2028}' | '\u{2029}' => Some('\n'),
            '\t' | '\u{a0}' => Some(' '),
            '\n' | '\u{200c}' | '\u{200d}' => Some(c),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => None,
            c if c.is_control() => None,
            c => Some(c),
        })
        .collect()
}
