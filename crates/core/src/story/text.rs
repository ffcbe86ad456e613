//! A story as a value that can only be made from text that makes sense as one.

use sha2::{Digest, Sha256};

use super::kind::Line;
use super::sentences::{Sentence, sentences};
use super::{kinds, markup};

/// Longest summary that Jira takes, in characters.
const SUMMARY_CHARS: usize = 255;
/// More than any description in Jira (32,767 characters), with room for files from elsewhere. Bytes.
const STORY_BYTES: usize = 4 * 1024 * 1024;

/// A summary of one line, and a description that may be empty. Line ends are `\n`; control characters are gone, and so is
/// the markup of Markdown and of Jira's wiki: whatever a description came from, it has the form that `adf::lines` gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    summary: String,
    description: String,
    sentences: Vec<Sentence>,
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
    /// A story from two plain texts. An empty summary is taken from the description's first line.
    pub fn new(summary: &str, description: &str) -> Result<Self, StoryError> {
        within_limits(summary.len() + description.len())?;
        Self::from_lines(summary, description.replace("\r\n", "\n").split(is_line_end).map(Line::open).collect())
    }

    /// A story from a summary and lines of which some are told already. An empty summary is taken from the first line.
    pub fn from_lines(summary: &str, description: Vec<Line>) -> Result<Self, StoryError> {
        within_limits(summary.len() + description.iter().map(|line| line.text.len() + 1).sum::<usize>())?;
        let above = summary.replace("\r\n", "\n");
        let above = above.split(is_line_end).filter(|line| !line.trim().is_empty()).map(Line::open);
        let mut lines: Vec<Line> = above.chain(description).collect();
        for line in &mut lines {
            line.text = clean(&line.text);
        }
        let Some(first) = lines.iter().position(|line| !line.is_blank()) else { return Err(StoryError::Empty) };
        lines.drain(..first);
        let lines = markup::read(lines);
        let Some((summary, mut body)) = titled(lines) else { return Err(StoryError::Empty) };
        kinds::tell(&mut body);
        let sentences = sentences(&summary, &body);
        let description = body.into_iter().map(|line| line.text).collect::<Vec<_>>().join("\n");
        Ok(Self { summary, description, sentences })
    }

    /// A story from plain text: the first line is the summary, the rest the description.
    pub fn from_text(text: &[u8]) -> Result<Self, StoryError> {
        within_limits(text.len())?;
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
        self.sentences.clone()
    }

    /// SHA-256 of the text, in hex: tells whether a story has changed.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.text().as_bytes()))
    }
}

fn within_limits(bytes: usize) -> Result<(), StoryError> {
    if bytes > STORY_BYTES { Err(StoryError::TooLarge { bytes }) } else { Ok(()) }
}

/// The first line as the summary, and what is below it without the empty lines around.
fn titled(mut lines: Vec<Line>) -> Option<(String, Vec<Line>)> {
    let first = lines.iter().position(|line| !line.is_blank())?;
    let mut body = lines.split_off(first + 1);
    let line = lines.pop()?;
    let (summary, overflow) = split_long_line(line.text.trim());
    body.drain(..body.iter().take_while(|line| line.is_blank()).count());
    if let Some(overflow) = overflow {
        body.insert(0, Line::open(overflow));
    }
    while body.pop_if(|line| line.is_blank()).is_some() {}
    Some((summary.to_owned(), body))
}

/// Cuts an overlong first line at a word's end, so that it can serve as a summary.
fn split_long_line(line: &str) -> (&str, Option<&str>) {
    let Some((limit, _)) = line.char_indices().nth(SUMMARY_CHARS) else { return (line, None) };
    let cut = line[..limit].rfind(char::is_whitespace).unwrap_or(limit);
    (line[..cut].trim_end(), Some(line[cut..].trim_start()))
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

/// Odd white space as plain spaces; control and invisible formatting characters out (zero-width joiners stay: emoji and
/// scripts need them).
fn clean(line: &str) -> String {
    line.chars()
        .filter_map(|c| match c {
            '\t' | '\u{a0}' => Some(' '),
            '\u{200c}' | '\u{200d}' => Some(c),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => None,
            c if c.is_control() || is_line_end(c) => None,
            c => Some(c),
        })
        .collect()
}
