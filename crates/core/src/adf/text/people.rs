//! Who is mentioned. Jira writes the name into a mention when the person is chosen in its editor; what comes through its
//! API, through imports and other apps, often has the account alone.

use std::collections::HashMap;

use serde_json::Value;

use super::super::document::{children, kind, text_attribute};
use crate::adf::MAX_DEPTH;

/// Names by account.
pub type Names = HashMap<String, String>;

/// So many accounts are given at most, which keeps the address of the call that asks for them short.
const MOST: usize = 50;

/// The accounts of those whom the document mentions without a name, each once.
pub fn unnamed(doc: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    let nodes = doc.as_array().map_or(std::slice::from_ref(doc), Vec::as_slice);
    collect(nodes, 0, &mut found);
    found
}

fn collect<'a>(nodes: &'a [Value], depth: usize, found: &mut Vec<&'a str>) {
    if depth > 2 * MAX_DEPTH {
        return;
    }
    for node in nodes {
        if found.len() >= MOST {
            return;
        }
        let account = text_attribute(node, "id").filter(|_| kind(node) == "mention" && name_of(node).is_none());
        found.extend(account.filter(|account| !found.contains(account)));
        collect(children(node), depth + 1, found);
    }
}

/// The name in a mention, without its "@". An account in its place is none.
pub(super) fn name_of(mention: &Value) -> Option<&str> {
    let name = text_attribute(mention, "text")?.trim_start_matches('@').trim();
    (!name.is_empty() && text_attribute(mention, "id") != Some(name)).then_some(name)
}
