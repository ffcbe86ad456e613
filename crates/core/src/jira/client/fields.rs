//! Custom fields that can hold criteria.

use serde_json::Value;

use super::{Call, JiraClient, segment};
use crate::ids::{FieldId, IssueId, ProjectKey};
use crate::jira::JiraError;

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldForm {
    /// ADF: Jira's own fields of several lines.
    Document,
    /// Text of several lines: fields that other apps bring.
    Text,
    /// One line of at most 255 characters: Jira's own short text.
    Line,
}

/// A field that our app may edit on an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditableField {
    /// Its id.
    pub id: FieldId,
    /// As people know it.
    pub name: String,
    /// What it takes.
    pub form: FieldForm,
}

/// Where the types of Jira's own custom fields are named.
const OWN_TYPES: &str = "com.atlassian.jira.plugin.system.customfieldtypes:";

impl JiraClient {
    /// The custom fields of this issue's edit screen that can hold criteria.
    pub async fn editable_fields(&self, issue: &IssueId) -> Result<Vec<EditableField>, JiraError> {
        let path = format!("/rest/api/3/issue/{}/editmeta", segment(issue.as_str())?);
        let answer = self.send(Call::get(path)).await?;
        let fields = answer.get("fields").and_then(Value::as_object);
        let fields = fields.ok_or(JiraError::Malformed { what: "the edit metadata names no fields" })?;
        Ok(fields.iter().filter_map(|(id, shown)| parse(id, shown)).collect())
    }

    /// What stands in a field.
    pub async fn field_value(&self, issue: &IssueId, field: &FieldId) -> Result<Option<Value>, JiraError> {
        let path = format!("/rest/api/3/issue/{}", segment(issue.as_str())?);
        let answer = self.send(Call::get(path).with("fields", field.as_str())).await?;
        let value = answer.get("fields").and_then(|fields| fields.get(field.as_str()));
        Ok(value.filter(|value| !value.is_null()).cloned())
    }

    /// The newest issue of a project: which fields it has says which the project has.
    pub async fn newest_issue(&self, project: &ProjectKey) -> Result<Option<IssueId>, JiraError> {
        let jql = format!("project = \"{}\" ORDER BY created DESC", segment(project.as_str())?);
        let call = Call::get("/rest/api/3/search/jql".to_owned()).with("jql", jql);
        let answer = self.send(call.with("fields", "key").with("maxResults", "1")).await?;
        Ok(answer.pointer("/issues/0/id").and_then(Value::as_str).map(IssueId::new))
    }
}

fn parse(id: &str, shown: &Value) -> Option<EditableField> {
    let id = FieldId::custom(id)?;
    let text = |pointer: &str| shown.pointer(pointer).and_then(Value::as_str);
    let operations = shown.get("operations").and_then(Value::as_array)?;
    if text("/schema/type") != Some("string") || !operations.iter().any(|operation| operation == "set") {
        return None;
    }
    let form = match text("/schema/custom")?.strip_prefix(OWN_TYPES) {
        Some("textarea") => FieldForm::Document,
        Some("textfield") => FieldForm::Line,
        // Addresses, read-only texts: nothing that holds criteria.
        Some(_) => return None,
        None => FieldForm::Text,
    };
    Some(EditableField { id, name: text("/name").unwrap_or_default().to_owned(), form })
}
