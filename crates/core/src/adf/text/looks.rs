//! What a paragraph is by what Jira draws in it.

use serde_json::Value;

use super::super::document::kind;
use super::inline::has_mark;

/// All of its words are bold: how people make headings who do not look for the menu.
pub(super) fn is_bold(nodes: &[Value]) -> bool {
    let is_blank = |node: &Value| node["text"].as_str().is_some_and(|text| text.trim().is_empty());
    let is_bold = |node: &Value| kind(node) == "text" && has_mark(node, "strong");
    nodes.iter().any(is_bold) && nodes.iter().all(|node| is_blank(node) || is_bold(node))
}

/// "Owner: @Ann, due 2027-01-01 READY": a label, and behind it people, dates and states with hardly a word between them.
pub(super) fn is_meta(nodes: &[Value]) -> bool {
    let mut nodes: Vec<&Value> = nodes.iter().filter(|node| words(node) != Some("")).collect();
    nodes.pop_if(|last| words(last).is_some_and(|text| !text.contains(char::is_alphanumeric)));
    let Some(last) = nodes.last() else { return false };
    let begins =
        words(nodes[0]).is_none_or(|label| label.ends_with([':', '：']) && label.split_whitespace().count() <= 3);
    let between: usize = nodes.iter().skip(1).filter_map(|node| words(node)).map(count).sum();
    begins && is_box(last) && nodes.iter().all(|node| is_box(node) || words(node).is_some()) && between <= nodes.len()
}

fn is_box(node: &Value) -> bool {
    matches!(kind(node), "mention" | "date" | "status")
}

fn words(node: &Value) -> Option<&str> {
    node["text"].as_str().filter(|_| kind(node) == "text").map(str::trim)
}

fn count(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count()
}
