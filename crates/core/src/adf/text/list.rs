//! Lists: one line an item, whatever more it holds below it and indented.

use serde_json::Value;

use super::super::document::{attribute, children, kind, text_attribute};
use super::Reader;
use crate::story::{Line, LineKind};

impl Reader<'_> {
    pub(super) fn list(&mut self, node: &Value) -> Vec<Line> {
        let ordered = kind(node) == "orderedList";
        let first = attribute(node, "order").and_then(number).unwrap_or(1);
        let mut lines = Vec::new();
        for (item, place) in children(node).iter().zip(0..) {
            if self.left == 0 {
                break;
            }
            // A list directly in a list (as task lists nest) is one level deeper, not an item.
            if matches!(kind(item), "bulletList" | "orderedList" | "taskList" | "decisionList") {
                lines.extend(self.packed(std::slice::from_ref(item)).into_iter().map(|line| shifted("  ", line)));
                continue;
            }
            let mark = if ordered { format!("{}. ", first.saturating_add(place)) } else { "- ".to_owned() };
            lines.extend(hang(&mark, self.item(item)));
        }
        lines
    }

    fn item(&mut self, item: &Value) -> Vec<Line> {
        let mut lines = self.packed(children(item));
        let label = match (kind(item), text_attribute(item, "state")) {
            ("taskItem" | "blockTaskItem", Some("DONE")) => "[x] ",
            ("taskItem" | "blockTaskItem", _) => "[ ] ",
            ("decisionItem", Some("DECIDED")) => "Decided: ",
            ("decisionItem", _) => "Undecided: ",
            _ => return lines,
        };
        if let Some(first) = lines.first_mut() {
            first.text.insert_str(0, label);
        }
        lines
    }
}

/// The mark before the first line, as much white space before the others. Nothing when there is nothing to mark.
fn hang(mark: &str, lines: Vec<Line>) -> impl Iterator<Item = Line> {
    let indent = " ".repeat(mark.len());
    lines.into_iter().enumerate().map(move |(place, line)| match place {
        // A heading or a row that begins an item is an item; code and who-and-when keep what they are.
        0 if matches!(line.kind, Some(LineKind::Code | LineKind::Meta)) => shifted(mark, line),
        0 => Line::open(format!("{mark}{}", line.text)),
        _ => shifted(&indent, line),
    })
}

fn shifted(before: &str, line: Line) -> Line {
    Line { text: format!("{before}{}", line.text), kind: line.kind }
}

/// A whole number that is not negative, also when it was written as "3.0".
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_f64().filter(|n| *n >= 0.0 && n.fract() == 0.0).map(|n| n as u64))
}
