//! Into a custom field.

use serde_json::{Value, json};

use super::before::carry;
use super::nodes_of;
use super::{BEFORE_KEY, Before, FieldNow, IssueWriter, JiraError, Mark, PROPERTY_KEY, Published, Writing, content};
use crate::adf::document;
use crate::adf::section::content_hash;
use crate::ids::{FieldId, IssueId};
use crate::jira::client::FieldForm;
use crate::jobs::{Destination, Draft};

/// Jira's own limit.
const LINE_CHARS: usize = 255;
const UNFIT: &str =
    "the field is not on its edit screen, or cannot hold text; choose another one in the project's Brine settings";

pub(super) async fn write<W: IssueWriter + ?Sized>(
    writer: &W,
    issue: &IssueId,
    field: &FieldId,
    earlier: Option<Mark>,
    writing: Writing<'_>,
    mut mark: Mark,
) -> Result<Published, JiraError> {
    let now = read(writer, issue, field).await?;
    let value = value_of(writing.draft, now.form);
    mark.content_hash = content_hash(&as_nodes(&value));
    let standing = now.value.as_ref().map(as_nodes).filter(|nodes| !nodes.is_empty());
    if let Some(nodes) = &standing {
        let hash = content_hash(nodes);
        let place = Destination::Field(field.clone());
        let is_ours = earlier.as_ref().and_then(|mark| mark.hash_at(&place)) == Some(hash.as_str());
        if hash == mark.content_hash {
            carry(writer, issue, &mark).await?;
            writer.set_property(issue, PROPERTY_KEY, mark.value()).await?;
            return Ok(Published::Written);
        }
        if !is_ours && !writing.replace_edited {
            return Ok(Published::SectionEdited);
        }
    }
    let before = Before::new(&mark, earlier, now.value);
    let fields = [(field.to_string(), value)].into_iter().collect();
    writer.edit(issue, fields, &[(PROPERTY_KEY, mark.value()), (BEFORE_KEY, before.value())]).await?;
    Ok(Published::Written)
}

pub(super) async fn read<W: IssueWriter + ?Sized>(
    writer: &W,
    issue: &IssueId,
    field: &FieldId,
) -> Result<FieldNow, JiraError> {
    writer.field(issue, field).await?.ok_or(JiraError::Unfit { what: UNFIT })
}

/// A draft in the form that a field takes. One line has room for the titles alone.
pub(super) fn value_of(draft: &Draft, form: FieldForm) -> Value {
    match form {
        FieldForm::Document => document(nodes_of(draft)),
        FieldForm::Text => draft.criteria.to_text().trim().into(),
        FieldForm::Line => {
            let titles: Vec<&str> = draft.criteria.scenarios.iter().map(|scenario| scenario.title.trim()).collect();
            let titles = titles.join("; ").split_whitespace().collect::<Vec<_>>().join(" ");
            let fits = titles.chars().count() <= LINE_CHARS;
            let cut = || titles.chars().take(LINE_CHARS - 1).chain(['…']).collect();
            Value::String(if fits { titles.clone() } else { cut() })
        }
    }
}

/// A field's value as nodes, to be hashed and shown like a section; none when it is empty.
pub(super) fn as_nodes(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) if text.trim().is_empty() => Vec::new(),
        Value::String(text) => {
            vec![json!({ "type": "codeBlock", "content": [{ "type": "text", "text": text.trim() }] })]
        }
        document => content(document),
    }
}
