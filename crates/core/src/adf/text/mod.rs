//! A document as plain text, in the form that sentences are split from: one line a paragraph, heading, table row or list
//! item; items begin with "- " or "1. ", deeper ones are indented.
//!
//! Whatever a person sees in Jira and that says something is kept; looks are not. Struck-out words were taken back by
//! whoever struck them, so they are left out. The result is untrusted input of the prompt, like all of the story.

mod block;
mod inline;
mod list;
mod table;

#[cfg(test)]
mod tests;

use serde_json::Value;

/// Longest text that a document becomes, in bytes. Jira's own limit is 32,767 characters of a description.
const MAX_BYTES: usize = 256 * 1024;
/// Stands where the text was cut, or where a document nests too deep.
const CUT: &str = "[…]";

/// The document as plain text: never fails, whatever the value is. `null` is the empty text; a plain text (which Jira's
/// older API gives) is itself.
pub fn to_text(doc: &Value) -> String {
    let mut reader = Reader { left: MAX_BYTES, depth: 0, after_box: false };
    let lines = match doc {
        Value::String(text) => reader.take(text).lines().map(str::to_owned).collect(),
        Value::Array(nodes) => reader.blocks(nodes),
        node => reader.blocks(std::slice::from_ref(node)),
    };
    // Indents, bullets and repeated cells are not counted while reading, so the cut is made once more here.
    let mut text = lines.join("\n");
    if text.len() > MAX_BYTES || reader.left == 0 {
        text.truncate(text.floor_char_boundary(MAX_BYTES));
        text.push('\n');
        text.push_str(CUT);
    }
    text
}

/// How far the reading has come.
struct Reader {
    /// Bytes that may still be read.
    left: usize,
    /// Levels below the document.
    depth: usize,
    /// The line ends with something that Jira draws as a box of its own, such as a status.
    after_box: bool,
}

impl Reader {
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
