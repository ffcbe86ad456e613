//! Whether nodes still say what we wrote.
//!
//! Jira does not give a document back byte for byte. It may reorder keys; its editor adds `localId` to almost every node,
//! fills in attributes with their defaults, drops or adds empty `attrs`, `marks` and `content`, and cuts or joins
//! neighbouring text nodes that look the same. None of that is a person's edit. What is: words, kinds of nodes and their
//! order, a heading's level, a code block's language, and the marks of a text. So these alone are hashed. Looks that hold
//! no words (a block made wide, text aligned) are left out on purpose.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::MAX_DEPTH;
use super::document::{attribute, children, kind};

/// SHA-256 in hex of what the nodes say, blind to what Jira's editor changes by itself.
pub fn content_hash(nodes: &[Value]) -> String {
    let normal = Value::Array(normal_forms(nodes, 0));
    // Arrays of texts, numbers and nulls have one serialisation each: no keys, hence no order of keys.
    hex::encode(Sha256::digest(normal.to_string().as_bytes()))
}

fn normal_forms(nodes: &[Value], depth: usize) -> Vec<Value> {
    let mut forms = Vec::with_capacity(nodes.len());
    // A run of text nodes with the same marks, not yet in `forms`.
    let mut run: Option<(Vec<String>, String)> = None;
    for node in nodes {
        if let Some(words) = text_of(node) {
            let marks = mark_types(node);
            match &mut run {
                Some((run_marks, run_words)) if *run_marks == marks => run_words.push_str(&words),
                _ => forms.extend(run.replace((marks, words)).map(text_form)),
            }
        } else {
            forms.extend(run.take().map(text_form));
            forms.push(node_form(node, depth));
        }
    }
    forms.extend(run.map(text_form));
    forms
}

fn node_form(node: &Value, depth: usize) -> Value {
    let inner = if depth < MAX_DEPTH { normal_forms(children(node), depth + 1) } else { Vec::new() };
    let level = attribute(node, "level").and_then(Value::as_f64);
    let language = attribute(node, "language").and_then(Value::as_str).filter(|name| !name.is_empty());
    json!([kind(node), level, language.map(str::to_lowercase), inner])
}

fn text_form((marks, words): (Vec<String>, String)) -> Value {
    json!(["text", words, marks])
}

fn text_of(node: &Value) -> Option<String> {
    if kind(node) != "text" {
        return None;
    }
    Some(node.get("text")?.as_str()?.replace("\r\n", "\n"))
}

fn mark_types(node: &Value) -> Vec<String> {
    let marks = node.get("marks").and_then(Value::as_array).map_or(&[] as &[Value], Vec::as_slice);
    let mut types: Vec<String> = marks.iter().map(|mark| kind(mark).to_owned()).collect();
    types.sort_unstable();
    types.dedup();
    types
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples;
    use super::*;

    fn code(text: &str) -> Value {
        json!({"type": "codeBlock", "attrs": {"language": "gherkin"}, "content": [{"type": "text", "text": text}]})
    }

    #[test]
    fn what_the_editor_adds_is_no_edit() {
        let written = json!([
            {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "Acceptance"}]},
            {"type": "paragraph", "content": [{"type": "text", "text": "one two", "marks": [{"type": "em"}, {"type": "strong"}]}]},
            {"type": "rule"},
        ]);
        let edited = json!([
            {"content": [{"text": "Acceptance", "type": "text", "marks": []}], "attrs": {"localId": "a-1", "level": 2.0}, "type": "heading"},
            {"type": "paragraph", "attrs": {"localId": "b"}, "content": [
                {"type": "text", "text": "one ", "marks": [{"type": "strong"}, {"type": "em"}]},
                {"type": "text", "text": "two", "marks": [{"type": "em", "attrs": {}}, {"type": "strong"}]},
            ]},
            {"type": "rule", "attrs": {}, "marks": [], "content": []},
        ]);
        let hash = |nodes: &Value| content_hash(nodes.as_array().map_or(&[], Vec::as_slice));
        assert_eq!(hash(&written), hash(&edited));
    }

    #[test]
    fn each_thing_that_a_person_changes_is_seen() {
        let heading = |level: u8, text: &str| json!({"type": "heading", "attrs": {"level": level}, "content": [{"type": "text", "text": text}]});
        let variants = [
            vec![heading(2, "a"), code("b")],
            vec![heading(3, "a"), code("b")],
            vec![heading(2, "A"), code("b")],
            vec![heading(2, "a"), code("b ")],
            vec![heading(2, "a")],
            vec![code("b"), heading(2, "a")],
            vec![heading(2, "a"), code("b"), json!({"type": "rule"})],
            vec![heading(2, "a"), json!({"type": "codeBlock", "content": [{"type": "text", "text": "b"}]})],
            vec![heading(2, "a"), json!({"type": "paragraph", "content": [{"type": "text", "text": "b"}]})],
            vec![
                heading(2, "a"),
                json!({"type": "paragraph", "content": [{"type": "text", "text": "b", "marks": [{"type": "strike"}]}]}),
            ],
            vec![
                heading(2, "a"),
                json!({"type": "paragraph", "content": [{"type": "text", "text": "b"}, {"type": "hardBreak"}]}),
            ],
        ];
        let hashes: std::collections::HashSet<String> = variants.iter().map(|nodes| content_hash(nodes)).collect();
        assert_eq!(hashes.len(), variants.len());
    }

    proptest! {
        #[test]
        fn any_value_keeps_its_hash_over_the_wire(value in samples::json()) {
            let received: Value = serde_json::from_str(&value.to_string()).unwrap_or_default();
            prop_assert_eq!(content_hash(&[value]), content_hash(&[received]));
        }

        #[test]
        fn the_editor_never_moves_the_hash(doc in samples::doc(), seed in any::<u64>()) {
            let touched = samples::touched_by_the_editor(&doc, seed);
            prop_assert_eq!(content_hash(children(&doc)), content_hash(children(&touched)));
        }
    }
}
