//! Our own section in a person's document.
//!
//! The section opens with a heading of fixed words and is closed by a rule, so that both ends are nodes which any person
//! can see and move. Found by the words of the heading, it survives being moved, put under other headings, or dragged into
//! an expand or a layout column. Everything outside it is a person's, and comes out of each function here equal value for
//! value. Whether the inside still is ours is for [`content_hash`] to say: callers compare it with what they wrote.

mod bounds;

use serde_json::{Map, Value};

use super::MAX_DEPTH;
use super::document::{children, document, kind, paragraph};
use bounds::{end_of, is_opening};

pub use super::hash::content_hash;

/// Where the section stands in the document that it was found in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Indices of the containers around it, from the document inwards. Empty unless a person moved it into one.
    within: Vec<usize>,
    start: usize,
    end: usize,
}

/// Finds our section: the first at the top level, else the first in a container (an expand, a layout column …).
pub fn find(doc: &Value) -> Option<Section> {
    find_in(children(doc), &mut Vec::new())
}

fn find_in(nodes: &[Value], within: &mut Vec<usize>) -> Option<Section> {
    if let Some(start) = nodes.iter().position(is_opening) {
        return Some(Section { within: within.clone(), start, end: end_of(nodes, start) });
    }
    if within.len() >= MAX_DEPTH {
        return None;
    }
    nodes.iter().enumerate().find_map(|(place, node)| {
        within.push(place);
        let found = find_in(children(node), within);
        within.pop();
        found
    })
}

/// The section's nodes. Empty when the section is not one of this document.
pub fn nodes_of(doc: &Value, section: &Section) -> Vec<Value> {
    let mut nodes = children(doc);
    for place in &section.within {
        nodes = nodes.get(*place).map_or(&[], children);
    }
    nodes.get(section.start..section.end).map_or_else(Vec::new, <[Value]>::to_vec)
}

/// The document with `nodes` in the place of our section, or after everything else when it has none.
/// A missing document, or an older API's plain text, becomes a document.
pub fn replace_or_append(doc: Option<&Value>, nodes: Vec<Value>) -> Value {
    let mut doc = doc.map_or_else(|| document(Vec::new()), as_document);
    match find(&doc) {
        Some(section) => {
            if let Some(list) = list_mut(&mut doc, &section.within) {
                list.splice(section.start..section.end, nodes);
            }
        }
        None => {
            if let Some(list) = list_mut(&mut doc, &[]) {
                list.extend(nodes);
            }
        }
    }
    doc
}

/// The document as people wrote it, without our section or copies of it: what we wrote must never be read as story.
pub fn without(doc: &Value) -> Value {
    strip(doc, 0)
}

fn strip(node: &Value, depth: usize) -> Value {
    let nodes = children(node);
    if nodes.is_empty() || depth > MAX_DEPTH {
        return node.clone();
    }
    let mut kept = Vec::with_capacity(nodes.len());
    let mut place = 0;
    while let Some(child) = nodes.get(place) {
        if is_opening(child) {
            place = end_of(nodes, place);
        } else {
            kept.push(strip(child, depth + 1));
            place += 1;
        }
    }
    let others = node.as_object().into_iter().flatten().filter(|(key, _)| *key != "content");
    let mut stripped: Map<String, Value> = others.map(|(key, value)| (key.clone(), value.clone())).collect();
    stripped.insert("content".to_owned(), Value::Array(kept));
    Value::Object(stripped)
}

/// The value as a document with a list of nodes, keeping every word that it holds.
fn as_document(value: &Value) -> Value {
    match value {
        Value::Object(fields) if matches!(kind(value), "doc" | "") => {
            let mut fields = fields.clone();
            if !fields.get("content").is_some_and(Value::is_array) {
                fields.insert("content".to_owned(), Value::Array(Vec::new()));
            }
            Value::Object(fields)
        }
        Value::Object(_) => document(vec![value.clone()]),
        Value::Array(nodes) => document(nodes.clone()),
        Value::String(text) => document(text.lines().filter(|line| !line.trim().is_empty()).map(paragraph).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) => document(Vec::new()),
    }
}

fn list_mut<'a>(doc: &'a mut Value, within: &[usize]) -> Option<&'a mut Vec<Value>> {
    let mut node = doc;
    for place in within {
        node = node.get_mut("content")?.get_mut(*place)?;
    }
    node.get_mut("content")?.as_array_mut()
}

#[cfg(test)]
mod tests;
