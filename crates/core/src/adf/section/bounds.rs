//! Where the section begins and ends.

use serde_json::Value;

use super::super::document::{attribute, kind, level, own_text};
use super::super::write::{ATTRIBUTION, HEADING, LANGUAGE, QUESTIONS};

/// Whether the node is the heading that opens our section. Its level, its marks, the case of its words, and what a person
/// put before or after them ("✅ …", "… – agreed") do not matter: a heading that is not known again would be written twice.
pub(super) fn is_opening(node: &Value) -> bool {
    let opens = |words: &str| {
        let words = words.trim_start_matches(|c: char| !c.is_alphanumeric());
        words.get(..HEADING.len()).is_some_and(|head| head.eq_ignore_ascii_case(HEADING))
    };
    kind(node) == "heading" && has_words(node, opens)
}

/// The index after the last node of the section that opens at `start`.
///
/// In order: our attribution line and the rule right after it; else the first rule; always before the next heading of the
/// same or a higher level. When a person has deleted the attribution and the rule, nothing says where the section ends,
/// and then it ends after the last node that has the shape of ours: better to leave something of ours behind
/// than to take a person's words for ours and overwrite them.
pub(super) fn end_of(nodes: &[Value], start: usize) -> usize {
    let opening = nodes.get(start).map_or(1, level);
    let after = nodes.get(start + 1..).unwrap_or_default();
    let limit = after
        .iter()
        .position(|node| is_opening(node) || (kind(node) == "heading" && level(node) <= opening))
        .unwrap_or(after.len());
    let inside = &after[..limit];
    let is_rule = |node: &Value| kind(node) == "rule";
    let length = match inside.iter().position(|node| is_rule(node) || is_attribution(node)) {
        Some(place) if is_rule(&inside[place]) => place + 1,
        Some(place) if inside.get(place + 1).is_some_and(is_rule) => place + 2,
        Some(place) => place + 1,
        None => length_by_shape(inside),
    };
    start + 1 + length
}

/// Nodes up to our list of questions, or to the first code block when there is none.
fn length_by_shape(inside: &[Value]) -> usize {
    let code = inside.iter().position(is_code).map_or(0, |place| place + 1);
    let questions = inside.iter().position(is_questions).map_or(0, |place| {
        let listed = inside.get(place + 1).is_some_and(|next| kind(next) == "bulletList");
        place + 1 + usize::from(listed)
    });
    code.max(questions)
}

fn is_code(node: &Value) -> bool {
    let language = attribute(node, "language").and_then(Value::as_str).unwrap_or_default();
    kind(node) == "codeBlock" && language.eq_ignore_ascii_case(LANGUAGE)
}

fn is_questions(node: &Value) -> bool {
    kind(node) == "paragraph" && has_words(node, |words| words == QUESTIONS)
}

fn is_attribution(node: &Value) -> bool {
    kind(node) == "paragraph" && has_words(node, |words| words.starts_with(ATTRIBUTION))
}

fn has_words(node: &Value, test: impl Fn(&str) -> bool) -> bool {
    test(&own_text(node).split_whitespace().collect::<Vec<_>>().join(" "))
}
