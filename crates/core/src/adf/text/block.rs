//! Nodes that stand on lines of their own.

use serde_json::Value;

use super::super::document::{attribute, children, kind, own_text, text_attribute};
use super::gaps::{Block, joined};
use super::{CUT, Reader, inline, looks, tidy};
use crate::adf::MAX_DEPTH;
use crate::story::{Line, LineKind, code_block, is_title, strip_bullet};

impl Reader<'_> {
    /// The lines of sibling nodes. Inline nodes among them (which a well-formed document does not have here) make a paragraph.
    pub(super) fn blocks(&mut self, nodes: &[Value]) -> Vec<Line> {
        if self.depth >= MAX_DEPTH {
            return if nodes.is_empty() { Vec::new() } else { vec![Line::open(CUT)] };
        }
        self.depth += 1;
        let mut blocks = Vec::new();
        for group in nodes.chunk_by(|a, b| inline::is_inline(a) && inline::is_inline(b)) {
            // Once the cap is reached nothing more can be said: a document of a million nodes is not walked to its end.
            if self.left == 0 {
                break;
            }
            match group {
                [node] if !inline::is_inline(node) => {
                    blocks.push(Block { framed: kind(node) == "panel", lines: self.block(node) });
                }
                run => blocks.push(Block { framed: false, lines: self.paragraph(run) }),
            }
        }
        self.depth -= 1;
        joined(blocks)
    }

    /// What a list's item or a table's cell holds: no empty lines.
    pub(super) fn packed(&mut self, nodes: &[Value]) -> Vec<Line> {
        self.blocks(nodes).into_iter().filter(|line| !line.text.is_empty()).collect()
    }

    fn block(&mut self, node: &Value) -> Vec<Line> {
        match kind(node) {
            "bulletList" | "orderedList" | "taskList" | "decisionList" => self.list(node),
            "table" => self.table(node),
            "codeBlock" => self.code(node),
            "panel" => self.panel(node),
            "expand" | "nestedExpand" => self.titled(node),
            "media" | "mediaGroup" | "mediaSingle" => self.media(node),
            "blockCard" | "embedCard" => self.card(node).map(Line::open).into_iter().collect(),
            "heading" => told(LineKind::Heading, self.inside(node)),
            // The line break that it draws is there already.
            "rule" => Vec::new(),
            // Paragraphs, quotations, layouts, captions, macros, and what Atlassian will invent.
            // A quotation gets no mark, because a rule that is quoted from a mail is a rule of the story all the same.
            _ => self.inside(node),
        }
    }

    /// Inline nodes as the lines between their hard breaks.
    pub(super) fn paragraph(&mut self, nodes: &[Value]) -> Vec<Line> {
        let lines = open(&self.inline(nodes));
        match lines.as_slice() {
            [_] if looks::is_meta(nodes) => told(LineKind::Meta, lines),
            [line] if looks::is_bold(nodes) && is_title(&line.text) => told(LineKind::Heading, lines),
            _ => lines,
        }
    }

    /// What the node holds, else the text that stands for it.
    fn inside(&mut self, node: &Value) -> Vec<Line> {
        let inner = children(node);
        if !inner.is_empty() {
            return self.blocks(inner);
        }
        text_attribute(node, "text").map(|text| self.lines(text)).unwrap_or_default()
    }

    fn titled(&mut self, node: &Value) -> Vec<Line> {
        let title = text_attribute(node, "title").map(|title| self.lines(title)).unwrap_or_default();
        let title = Block { framed: false, lines: told(LineKind::Heading, title) };
        joined(vec![title, Block { framed: false, lines: self.blocks(children(node)) }])
    }

    /// The kind of a panel is said where it says something: "info" is what the editor's default panel is called.
    fn panel(&mut self, node: &Value) -> Vec<Line> {
        let mut lines = self.blocks(children(node));
        let label = match text_attribute(node, "panelType") {
            Some("note") => "Note:",
            Some("tip") => "Tip:",
            Some("warning") => "Warning:",
            Some("error") => "Error:",
            Some("success") => "Success:",
            _ => return lines,
        };
        match lines.first_mut() {
            Some(first) if first.kind.is_none() && strip_bullet(&first.text).is_none() => {
                first.text = format!("{label} {}", first.text);
            }
            Some(_) => lines.insert(0, Line::new(LineKind::Heading, label)),
            None => {}
        }
        lines
    }

    /// Code keeps its indentation, set off by two more spaces from the line that announces it.
    fn code(&mut self, node: &Value) -> Vec<Line> {
        let code = own_text(node);
        let code = self.take(&code);
        code_block(text_attribute(node, "language").unwrap_or_default(), code.lines())
    }

    /// A placeholder with the file's description; its id would say nothing to a reader.
    fn media(&mut self, node: &Value) -> Vec<Line> {
        if kind(node) != "media" {
            return self.blocks(children(node));
        }
        let line = self.attachment(node);
        open(&line)
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

    fn lines(&mut self, text: &str) -> Vec<Line> {
        open(self.take(text))
    }
}

fn open(text: &str) -> Vec<Line> {
    text.lines().map(tidy).filter(|line| !line.is_empty()).map(Line::open).collect()
}

/// Lines of which nothing was known until now.
fn told(kind: LineKind, mut lines: Vec<Line>) -> Vec<Line> {
    for line in lines.iter_mut().filter(|line| line.kind.is_none() && !line.text.is_empty()) {
        line.kind = Some(kind);
    }
    lines
}
