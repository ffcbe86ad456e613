//! A story out of a file: plain text, or JSON in the shapes that Jira itself gives.

use brine_core::adf::{self, Names};
use brine_core::story::{Story, StoryError};
use serde_json::{Map, Value};

/// What JSON is taken; every refusal says it.
const EXPECTED: &str = "JSON must be {\"summary\": \"…\", \"description\": text, Atlassian document or null}, an issue as Jira's REST \
    API gives it ({\"fields\": {…}}), or a search result with one issue ({\"issues\": […]})";

/// Why a file is no story.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// It is JSON, but none that holds one story.
    #[error("{0}: {EXPECTED}")]
    Shape(String),
    /// See [`StoryError`].
    #[error(transparent)]
    Story(#[from] StoryError),
}

/// The story in a file's bytes. Text that merely begins with a brace is text.
pub(crate) fn story(bytes: &[u8]) -> Result<Story, InputError> {
    let json = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match serde_json::from_slice(json) {
        Ok(Value::Object(value)) => issue(&value),
        Ok(Value::Array(_)) => Err(shape("a list is no story")),
        // A lone number or word in quotes is a line of text.
        Ok(_) => Ok(Story::from_text(bytes)?),
        Err(error) if begins_an_object(json) => Err(shape(format!("the JSON is broken ({error})"))),
        Err(_) => Ok(Story::from_text(bytes)?),
    }
}

/// A brace and a name in quotes, or nothing: no wiki macro and no sentence begins like this.
fn begins_an_object(bytes: &[u8]) -> bool {
    let mut signs = bytes.iter().filter(|byte| !byte.is_ascii_whitespace());
    signs.next() == Some(&b'{') && signs.next() == Some(&b'"')
}

fn issue(value: &Map<String, Value>) -> Result<Story, InputError> {
    let fields = match (value.get("issues"), value.get("fields")) {
        (Some(Value::Array(issues)), _) => match issues.as_slice() {
            [Value::Object(one)] => return issue(one),
            several => return Err(shape(format!("it holds {} issues instead of one", several.len()))),
        },
        (None, Some(Value::Object(fields))) => fields,
        (None, None) => value,
        _ => return Err(shape("its issues or fields are none")),
    };
    let summary = match fields.get("summary") {
        Some(Value::String(summary)) => summary,
        Some(_) => return Err(shape("the summary is no text")),
        None => return Err(shape("there is no summary")),
    };
    let description = match fields.get("description") {
        None | Some(Value::Null) => None,
        Some(text @ Value::String(_)) => Some(text),
        Some(document) if document.get("type").and_then(Value::as_str) == Some("doc") => Some(document),
        Some(_) => return Err(shape("the description is neither text nor an Atlassian document")),
    };
    // Nobody's name can be looked up from here.
    Ok(adf::story(summary, description, &Names::new())?)
}

fn shape(what: impl Into<String>) -> InputError {
    InputError::Shape(what.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Result<Story, InputError> {
        story(value.to_string().as_bytes())
    }

    fn document() -> Value {
        let row = |kind: &str, cells: [&str; 2]| {
            let cells = cells.map(|words| json!({"type": kind, "content": [{"type": "paragraph", "content": [{"type": "text", "text": words}]}]}));
            json!({"type": "tableRow", "content": cells})
        };
        let table = json!({"type": "table", "content": [row("tableHeader", ["Plan", "Files"]), row("tableCell", ["Free", "10"])]});
        json!({"type": "doc", "version": 1, "content": [table]})
    }

    #[test]
    fn the_shapes_of_jira_hold_the_same_story() {
        let fields = json!({"summary": "Upload limits", "description": document(), "status": {"name": "Open"}});
        let issue = json!({"id": "10001", "key": "SHOP-1", "fields": fields});
        for value in [fields.clone(), issue.clone(), json!({"issues": [issue], "isLast": true})] {
            let story = read(&value).unwrap();
            assert_eq!((story.summary(), story.description()), ("Upload limits", "Plan | Files\nFree | 10"));
        }
        for description in [json!(null), json!("")] {
            let value = json!({"summary": "Upload limits", "description": description});
            assert_eq!(read(&value).unwrap().description(), "");
        }
        assert_eq!(read(&json!({"summary": "Upload limits"})).unwrap().description(), "");
        let wiki = json!({"fields": {"summary": "S", "description": "h2. Rules\n* one"}});
        assert_eq!(read(&wiki).unwrap().description(), "Rules\n- one");
        assert_eq!(story(b"\xef\xbb\xbf{\"summary\": \"S\"}").unwrap().summary(), "S");
    }

    #[test]
    fn other_json_is_refused_and_says_what_is_taken() {
        let issue = json!({"fields": {"summary": "S"}});
        for (value, why) in [
            (json!({}), "there is no summary"),
            (json!([issue]), "a list is no story"),
            (json!({"summary": 7}), "the summary is no text"),
            (json!({"fields": {"description": "x"}}), "there is no summary"),
            (json!({"fields": ["summary"]}), "its issues or fields are none"),
            (json!({"summary": "S", "description": {"content": []}}), "neither text nor"),
            (json!({"summary": "S", "description": ["x"]}), "neither text nor"),
            (json!({"issues": [issue, issue]}), "it holds 2 issues"),
            (json!({"issues": []}), "it holds 0 issues"),
        ] {
            let said = read(&value).unwrap_err().to_string();
            assert!(said.starts_with(why) || said.contains(why), "{value}: {said}");
            assert!(said.contains("\"fields\"") && said.lines().count() == 1, "{said}");
        }
        let broken = story(b"{ \"summary\": \"S\", ").unwrap_err().to_string();
        assert!(broken.contains("the JSON is broken"), "{broken}");
    }

    #[test]
    fn text_that_looks_a_little_like_json_is_text() {
        for text in ["{panel}A rule{panel}", "\"Undo\" is offered", "42", "[x] done", "{name} is shown"] {
            assert!(story(text.as_bytes()).is_ok(), "{text}");
        }
        assert!(matches!(story(b""), Err(InputError::Story(StoryError::Empty))));
    }
}
