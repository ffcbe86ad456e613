//! Atlassian's own schema of the Atlassian Document Format: what breaks it, Jira refuses.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use jsonschema::{Draft, Validator};
use serde_json::Value;

/// Names another copy of the schema.
pub const SCHEMA_VARIABLE: &str = "BRINE_ADF_SCHEMA";

/// Jira's limit on the text of a description or a comment.
const TEXT_LIMIT: usize = 32_767;

/// Judges documents.
pub(crate) struct AdfSchema(Validator);

impl AdfSchema {
    /// Loads the schema out of npm's `@atlaskit/adf-schema`; there is no doing without it.
    pub(crate) fn load() -> Result<Self> {
        let path = find()?;
        let text = std::fs::read_to_string(&path).with_context(|| format!("{} can't be read", path.display()))?;
        let schema: Value = serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
        let validator = jsonschema::options()
            .with_draft(Draft::Draft4)
            .build(&schema)
            .map_err(|error| anyhow::anyhow!("{} is not a schema: {error}", path.display()))?;
        Ok(Self(validator))
    }

    /// Why Jira would refuse this value for a rich text field; `None` when it takes it.
    pub(crate) fn refusal(&self, document: &Value) -> Option<&'static str> {
        if !document.is_object() {
            return Some("Operation value must be an Atlassian Document (see the Atlassian Document Format)");
        }
        if !self.0.is_valid(document) {
            return Some("INVALID_INPUT");
        }
        if text_length(document) > TEXT_LIMIT {
            return Some("The entered text is too long. It exceeds the allowed limit of 32,767 characters.");
        }
        None
    }
}

fn find() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(SCHEMA_VARIABLE) {
        return Ok(PathBuf::from(named));
    }
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("node/node_modules/@atlaskit/adf-schema");
    for place in ["dist/json-schema/v1/full.json", "json-schema/v1/full.json"] {
        let path = package.join(place);
        if path.is_file() {
            return Ok(path);
        }
    }
    bail!(
        "Atlassian's ADF schema is missing at {}: run `make test` or `make demo`, which install it from npm, or name a copy in {SCHEMA_VARIABLE}",
        package.display()
    )
}

fn text_length(node: &Value) -> usize {
    match node {
        Value::Object(fields) => {
            let own = fields.get("text").and_then(Value::as_str).map_or(0, |text| text.chars().count());
            own + fields.get("content").map_or(0, text_length)
        }
        Value::Array(nodes) => nodes.iter().map(text_length).sum(),
        _ => 0,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn doc(content: Value) -> Value {
        json!({"type": "doc", "version": 1, "content": content})
    }

    #[test]
    fn a_gherkin_section_is_taken() {
        let schema = AdfSchema::load().unwrap();
        let section = doc(json!([
            {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "Acceptance criteria"}]},
            {"type": "codeBlock", "attrs": {"language": "gherkin"}, "content": [{"type": "text", "text": "Scenario: x"}]},
            {"type": "paragraph", "content": [{"type": "text", "text": "small", "marks": [{"type": "em"}]}]},
        ]));
        assert_eq!(schema.refusal(&section), None);
    }

    #[test]
    fn what_jira_refuses_is_refused() {
        let schema = AdfSchema::load().unwrap();
        let empty_text = doc(json!([{"type": "paragraph", "content": [{"type": "text", "text": ""}]}]));
        let marked_code = doc(json!([{"type": "codeBlock", "content": [
            {"type": "text", "text": "x", "marks": [{"type": "strong"}]}]}]));
        let task_without_id = doc(json!([{"type": "taskList", "attrs": {"localId": "1"}, "content": [
            {"type": "taskItem", "attrs": {"state": "TODO"}, "content": []}]}]));
        let unknown_node = doc(json!([{"type": "marquee"}]));
        for bad in [empty_text, marked_code, task_without_id, unknown_node] {
            assert_eq!(schema.refusal(&bad), Some("INVALID_INPUT"), "{bad}");
        }
        let long = "x".repeat(TEXT_LIMIT + 1);
        let long = doc(json!([{"type": "paragraph", "content": [{"type": "text", "text": long}]}]));
        assert!(schema.refusal(&long).unwrap().contains("32,767"));
        assert!(schema.refusal(&json!("plain text")).unwrap().contains("Atlassian Document"));
    }
}
