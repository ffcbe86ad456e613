//! Making and taking apart nodes.

use serde_json::{Value, json};

/// A whole document out of top-level nodes.
pub fn document(nodes: Vec<Value>) -> Value {
    json!({"type": "doc", "version": 1, "content": nodes})
}

/// The node's `type`; empty when it has none.
pub(super) fn kind(node: &Value) -> &str {
    node.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// The node's children.
pub(super) fn children(node: &Value) -> &[Value] {
    node.get("content").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// An attribute of the node.
pub(super) fn attribute<'a>(node: &'a Value, name: &str) -> Option<&'a Value> {
    node.get("attrs")?.get(name)
}

/// An attribute that is a text and not blank.
pub(super) fn text_attribute<'a>(node: &'a Value, name: &str) -> Option<&'a str> {
    attribute(node, name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// The words directly in the node's text children, without their marks.
pub(super) fn own_text(node: &Value) -> String {
    children(node).iter().filter_map(|child| child.get("text")?.as_str()).collect()
}

/// A heading's level. One without a level is read as the highest, so that it closes whatever stands above it.
pub(super) fn level(heading: &Value) -> i64 {
    attribute(heading, "level").and_then(Value::as_i64).unwrap_or(1)
}

pub(super) fn heading(level: u8, words: &str) -> Value {
    json!({"type": "heading", "attrs": {"level": level}, "content": [text(words)]})
}

pub(super) fn paragraph(words: &str) -> Value {
    json!({"type": "paragraph", "content": [text(words)]})
}

pub(super) fn emphasised_paragraph(words: &str) -> Value {
    json!({"type": "paragraph", "content": [{"type": "text", "text": words, "marks": [{"type": "em"}]}]})
}

pub(super) fn code_block(language: &str, code: &str) -> Value {
    json!({"type": "codeBlock", "attrs": {"language": language}, "content": [text(code)]})
}

pub(super) fn bullet_list(items: &[String]) -> Value {
    let items: Vec<Value> =
        items.iter().map(|item| json!({"type": "listItem", "content": [paragraph(item)]})).collect();
    json!({"type": "bulletList", "content": items})
}

pub(super) fn rule() -> Value {
    json!({"type": "rule"})
}

/// Plain words: Jira turns nothing in a text node into a link or a mention.
fn text(words: &str) -> Value {
    json!({"type": "text", "text": words})
}
