//! Lists: one line an item, whatever more it holds below it and indented.

use serde_json::Value;

use super::super::document::{attribute, children, kind, text_attribute};
use super::Reader;

impl Reader {
    pub(super) fn list(&mut self, node: &Value) -> Vec<String> {
        let ordered = kind(node) == "orderedList";
        let first = attribute(node, "order").and_then(number).unwrap_or(1);
        let mut lines = Vec::new();
        for (item, place) in children(node).iter().zip(0..) {
            if self.left == 0 {
                break;
            }
            // A list directly in a list (as task lists nest) is one level deeper, not an item.
            if matches!(kind(item), "bulletList" | "orderedList" | "taskList" | "decisionList") {
                let inner = self.blocks(std::slice::from_ref(item));
                lines.extend(inner.into_iter().map(|line| format!("  {line}")));
                continue;
            }
            let mark = if ordered { format!("{}. ", first.saturating_add(place)) } else { "- ".to_owned() };
            lines.extend(hang(&mark, self.item(item)));
        }
        lines
    }

    fn item(&mut self, item: &Value) -> Vec<String> {
        let mut lines = self.blocks(children(item));
        let Some(first) = lines.first_mut() else { return lines };
        match (kind(item), text_attribute(item, "state")) {
            ("taskItem" | "blockTaskItem", Some("DONE")) => first.push_str(" (done)"),
            ("decisionItem", Some("DECIDED")) => first.insert_str(0, "Decided: "),
            ("decisionItem", _) => first.insert_str(0, "Undecided: "),
            _ => {}
        }
        lines
    }
}

/// The mark before the first line, as much white space before the others. Nothing when there is nothing to mark.
fn hang(mark: &str, lines: Vec<String>) -> impl Iterator<Item = String> {
    let indent = " ".repeat(mark.len());
    lines.into_iter().enumerate().map(move |(place, line)| match place {
        0 => format!("{mark}{line}"),
        _ => format!("{indent}{line}"),
    })
}

/// A whole number that is not negative, also when it was written as "3.0".
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_f64().filter(|n| *n >= 0.0 && n.fract() == 0.0).map(|n| n as u64))
}
