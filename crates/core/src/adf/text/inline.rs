//! Nodes within a line.

use serde_json::Value;

use super::super::document::{attribute, children, kind, text_attribute};
use super::Reader;
use super::people::name_of;
use crate::adf::iso_date;
use crate::story::address_worth_saying;

/// Whether the node stands within a line. Unknown nodes do when they carry text themselves.
pub(super) fn is_inline(node: &Value) -> bool {
    match kind(node) {
        "text" | "hardBreak" | "mention" | "emoji" | "inlineCard" | "status" | "date" | "mediaInline"
        | "placeholder" | "inlineExtension" => true,
        _ => node.is_string() || node.get("text").is_some_and(Value::is_string),
    }
}

impl Reader<'_> {
    /// The nodes one after the other; hard breaks and blocks among them begin a line.
    pub(super) fn inline(&mut self, nodes: &[Value]) -> String {
        let mut line = String::new();
        self.after_box = false;
        // Neighbours with one link are one link to the reader: half of its words may be bold.
        for group in nodes.chunk_by(|a, b| link_of(a) == link_of(b)) {
            let start = line.len();
            for node in group {
                if self.left == 0 {
                    return line;
                }
                self.inline_node(node, &mut line);
            }
            if let Some(address) = group.first().and_then(link_of) {
                self.address(address, start, &mut line);
            }
        }
        line
    }

    fn inline_node(&mut self, node: &Value, line: &mut String) {
        if has_mark(node, "strike") {
            return;
        }
        let after_box = std::mem::take(&mut self.after_box);
        match kind(node) {
            "hardBreak" => line.push('\n'),
            "mention" => self.mention(node, line),
            "emoji" => {
                let emoji = text_attribute(node, "text").or_else(|| text_attribute(node, "shortName"));
                line.push_str(self.take(emoji.unwrap_or_default()));
            }
            "inlineCard" => {
                let card = self.card(node).unwrap_or_default();
                self.word(&card, line);
            }
            "status" => {
                let status = self.take(text_attribute(node, "text").unwrap_or_default()).to_owned();
                self.word(&status, line);
            }
            "date" => self.word(&date(node).unwrap_or_default(), line),
            "mediaInline" => {
                let attachment = self.attachment(node);
                self.word(&attachment, line);
            }
            // The editor's hint to whoever fills in a template; nobody has written it.
            "placeholder" => {}
            _ => self.words(node, after_box, line),
        }
    }

    /// A text node, or something unknown that holds text or children.
    fn words(&mut self, node: &Value, after_box: bool, line: &mut String) {
        let own = node.as_str().or_else(|| node.get("text")?.as_str());
        if let Some(text) = own {
            let text = self.take(text);
            if after_box && text.starts_with(char::is_alphanumeric) {
                line.push(' ');
            }
            // Without it, ten to the power of two would read as one hundred and two.
            if is_superscript(node) && text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+') {
                line.push('^');
            }
            line.push_str(text);
        } else if !children(node).is_empty() {
            let inner: Vec<String> = self.packed(children(node)).into_iter().map(|line| line.text).collect();
            line.push_str(&inner.join("\n"));
        } else if let Some(text) = text_attribute(node, "text") {
            let text = self.take(text).to_owned();
            self.word(&text, line);
        }
    }

    fn mention(&mut self, node: &Value, line: &mut String) {
        let name = name_of(node).or_else(|| self.names.get(text_attribute(node, "id")?).map(String::as_str));
        let person = match name {
            Some(name) => format!("@{}", self.take(name)),
            None => "a person".to_owned(),
        };
        self.word(&person, line);
    }

    /// Appends something that Jira draws as a box of its own: it must not grow together with the words around it.
    fn word(&mut self, word: &str, line: &mut String) {
        if line.ends_with(char::is_alphanumeric) && !word.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        self.after_box = true;
    }

    /// Where a link leads, unless its words say so already.
    fn address(&mut self, address: &str, start: usize, line: &mut String) {
        let shown = line[start..].trim();
        let Some(address) = address_worth_saying(shown, address).filter(|_| !shown.is_empty()) else { return };
        let address = self.take(address);
        let trailing = line.len() - line.trim_end_matches(' ').len();
        line.truncate(line.len() - trailing);
        line.push_str(" (");
        line.push_str(address);
        line.push(')');
        line.extend(std::iter::repeat_n(' ', trailing));
    }
}

fn marks(node: &Value) -> &[Value] {
    node.get("marks").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn has_mark(node: &Value, name: &str) -> bool {
    marks(node).iter().any(|mark| kind(mark) == name)
}

fn is_superscript(node: &Value) -> bool {
    marks(node).iter().any(|mark| kind(mark) == "subsup" && text_attribute(mark, "type") == Some("sup"))
}

fn link_of(node: &Value) -> Option<&str> {
    if has_mark(node, "strike") {
        return None;
    }
    marks(node).iter().find(|mark| kind(mark) == "link").and_then(|mark| text_attribute(mark, "href"))
}

/// A date node's day: its time stamp is a text of milliseconds, and was a number once.
fn date(node: &Value) -> Option<String> {
    let stamp = attribute(node, "timestamp")?;
    let millis = stamp.as_i64().or_else(|| stamp.as_str()?.trim().parse().ok())?;
    iso_date(millis)
}
