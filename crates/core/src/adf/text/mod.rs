//! A document as plain text, in the form that sentences are split from: one line a paragraph, heading, table row or list
//! item; items begin with "- " or "1. ", deeper ones are indented; an empty line before headings and around lists, tables and
//! code.
//!
//! Whatever a person sees in Jira and that says something is kept; looks are not. Struck-out words were taken back by
//! whoever struck them, so they are left out. The result is untrusted input of the prompt, like all of the story.

mod block;
mod gaps;
mod inline;
mod list;
mod looks;
mod people;
mod table;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub use people::{Names, unnamed};

use crate::story::Line;

/// Longest text that a document becomes, in bytes. Jira's own limit is 32,767 characters of a description.
const MAX_BYTES: usize = 256 * 1024;
/// Stands where the text was cut, or where a document nests too deep.
const CUT: &str = "[…]";

/// The document as plain text, with nobody's name looked up; see `lines`.
pub fn to_text(doc: &Value) -> String {
    let lines = lines(doc, &Names::new());
    lines.into_iter().map(|line| line.text).collect::<Vec<_>>().join("\n")
}

/// The document as lines that know what they are: never fails, whatever the value is. `null` is no line; a plain text (which
/// Jira's older API gives) is its own lines. `names` are those of people whom a mention gives by their account alone; of
/// whom there is none becomes "a person".
pub fn lines(doc: &Value, names: &Names) -> Vec<Line> {
    let mut reader = Reader { left: MAX_BYTES, depth: 0, after_box: false, names };
    let lines = match doc {
        Value::String(text) => reader.take(text).lines().map(Line::open).collect(),
        Value::Array(nodes) => reader.blocks(nodes),
        node => reader.blocks(std::slice::from_ref(node)),
    };
    cut(lines, reader.left == 0)
}

/// Indents, bullets and repeated cells are not counted while reading, so the cut is made once more here.
fn cut(lines: Vec<Line>, mut is_cut: bool) -> Vec<Line> {
    let mut left = MAX_BYTES;
    let mut kept = Vec::with_capacity(lines.len());
    for mut line in lines {
        if line.text.len() > left {
            line.text.truncate(line.text.floor_char_boundary(left));
            is_cut = true;
            kept.push(line);
            break;
        }
        left = left.saturating_sub(line.text.len() + 1);
        kept.push(line);
    }
    if is_cut {
        kept.push(Line::open(CUT));
    }
    kept
}

/// How far the reading has come.
struct Reader<'a> {
    /// Bytes that may still be read.
    left: usize,
    /// Levels below the document.
    depth: usize,
    /// The line ends with something that Jira draws as a box of its own, such as a status.
    after_box: bool,
    names: &'a Names,
}

impl Reader<'_> {
    /// As much of the text as the size cap allows.
    fn take<'a>(&mut self, text: &'a str) -> &'a str {
        let end = text.floor_char_boundary(self.left);
        // The cap is reached as soon as something was cut, even when the last character did not fit into what was left.
        self.left = if end < text.len() { 0 } else { self.left - end };
        &text[..end]
    }
}

/// White space as one space, and none at the ends: a struck-out word leaves two spaces behind.
fn tidy(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
