//! Nodes that stand on lines of their own.

use serde_json::Value;

use super::super::document::{attribute, children, kind, own_text, text_attribute};
use super::{CUT, Reader, inline, tidy};
use crate::adf::MAX_DEPTH;

impl Reader {
    /// The lines of sibling nodes. Inline nodes among them (which a well-formed document does not have here) make a paragraph.
    pub(super) fn blocks(&mut self, nodes: &[Value]) -> Vec<String> {
        if self.depth >= MAX_DEPTH {
            return if nodes.is_empty() { Vec::new() } else { vec![CUT.to_owned()] };
        }
        self.depth += 1;
        let mut lines = Vec::new();
        for group in nodes.chunk_by(|a, b| inline::is_inline(a) && inline::is_inline(b)) {
            // Once the cap is reached nothing more can be said: a document of a million nodes is not walked to its end.
            if self.left == 0 {
                break;
            }
            match group {
                [node] if !inline::is_inline(node) => lines.extend(self.block(node)),
                run => lines.extend(self.paragraph(run)),
            }
        }
        self.depth -= 1;
        lines
    }

    fn block(&mut self, node: &Value) -> Vec<String> {
        match kind(node) {
            "bulletList" | "orderedList" | "taskList" | "decisionList" => self.list(node),
            "table" => self.table(node),
            "codeBlock" => self.code(node),
            "panel" => self.panel(node),
            "expand" | "nestedExpand" => self.titled(node),
            "media" | "mediaGroup" | "mediaSingle" => self.media(node),
            "blockCard" | "embedCard" => self.card(node).into_iter().collect(),
            // The line break that it draws is there already.
            "rule" => Vec::new(),
            // Paragraphs, headings, quotations, layouts, captions, macros, and what Atlassian will invent.
            // A quotation gets no mark, because a rule that is quoted from a mail is a rule of the story all the same.
            _ => self.inside(node),
        }
    }

    /// Inline nodes as the lines between their hard breaks.
    pub(super) fn paragraph(&mut self, nodes: &[Value]) -> Vec<String> {
        self.inline(nodes).lines().map(tidy).filter(|line| !line.is_empty()).collect()
    }

    /// What the node holds, else the text that stands for it.
    fn inside(&mut self, node: &Value) -> Vec<String> {
        let inner = children(node);
        if !inner.is_empty() {
            return self.blocks(inner);
        }
        text_attribute(node, "text").map(|text| self.lines(text)).unwrap_or_default()
    }

    fn titled(&mut self, node: &Value) -> Vec<String> {
        let mut lines = text_attribute(node, "title").map(|title| self.lines(title)).unwrap_or_default();
        lines.extend(self.blocks(children(node)));
        lines
    }

    /// The kind of a panel is said where it says something: "info" is what the editor's default panel is called.
    fn panel(&mut self, node: &Value) -> Vec<String> {
        let mut lines = self.blocks(children(node));
        let label = match text_attribute(node, "panelType") {
            Some("note") => "Note: ",
            Some("tip") => "Tip: ",
            Some("warning") => "Warning: ",
            Some("error") => "Error: ",
            Some("success") => "Success: ",
            _ => return lines,
        };
        if let Some(first) = lines.first_mut() {
            first.insert_str(0, label);
        }
        lines
    }

    /// Code keeps its indentation, set off by two more spaces from the line that announces it.
    fn code(&mut self, node: &Value) -> Vec<String> {
        let code = own_text(node);
        let code = self.take(&code).trim_matches('\n');
        if code.trim().is_empty() {
            return Vec::new();
        }
        let announced = match text_attribute(node, "language") {
            Some(language) => format!("Code ({}):", tidy(language)),
            None => "Code:".to_owned(),
        };
        let lines = code.lines().filter(|line| !line.trim().is_empty());
        std::iter::once(announced).chain(lines.map(|line| format!("  {}", line.trim_end()))).collect()
    }

    /// A placeholder with the file's description; its id would say nothing to a reader.
    fn media(&mut self, node: &Value) -> Vec<String> {
        if kind(node) != "media" {
            return self.blocks(children(node));
        }
        let line = self.attachment(node);
        vec![tidy(&line)]
    }

    pub(super) fn attachment(&mut self, node: &Value) -> String {
        match text_attribute(node, "alt") {
            Some(alt) => format!("[attachment: {}]", self.take(alt)),
            None => "[attachment]".to_owned(),
        }
    }

    /// A link that Jira shows as a card: its address, and its name when the document has it.
    pub(super) fn card(&mut self, node: &Value) -> Option<String> {
        let data = attribute(node, "data");
        let of_data = |name: &str| data?.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty());
        let address = text_attribute(node, "url").or_else(|| of_data("url"));
        let name = of_data("name").filter(|name| Some(*name) != address);
        let card = match (name, address) {
            (Some(name), Some(address)) => format!("{name} ({address})"),
            (Some(only), None) | (None, Some(only)) => only.to_owned(),
            (None, None) => return None,
        };
        Some(tidy(self.take(&card)))
    }

    fn lines(&mut self, text: &str) -> Vec<String> {
        self.take(text).lines().map(tidy).filter(|line| !line.is_empty()).collect()
    }
}
