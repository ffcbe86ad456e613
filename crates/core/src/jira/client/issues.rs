//! Issues: reading one, and the one write that changes fields and properties together.

use serde_json::{Map, Value, json};

use super::{Call, JiraClient, segment};
use crate::ids::{IssueId, IssueKey, ProjectKey};
use crate::jira::JiraError;

/// What Brine reads of an issue.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    /// Its number.
    pub id: IssueId,
    /// Its key now.
    pub key: IssueKey,
    /// Its project's key.
    pub project: ProjectKey,
    /// Name of its type; empty when Jira hides it.
    pub issue_type: String,
    /// One line.
    pub summary: String,
    /// ADF; none when it is empty.
    pub description: Option<Value>,
}

impl JiraClient {
    /// The issue of this number.
    pub async fn issue(&self, issue: &IssueId) -> Result<Issue, JiraError> {
        self.read_issue(issue.as_str()).await
    }

    /// The issue of this key.
    pub async fn issue_by_key(&self, key: &IssueKey) -> Result<Issue, JiraError> {
        self.read_issue(key.as_str()).await
    }

    async fn read_issue(&self, id_or_key: &str) -> Result<Issue, JiraError> {
        let path = format!("/rest/api/3/issue/{}", segment(id_or_key)?);
        let answer = self.send(Call::get(path).with("fields", "summary,description,issuetype,project")).await?;
        parse_issue(&answer)
    }

    /// Writes fields (when there are any) and issue properties in one request. Watchers are not notified where Jira lets
    /// us choose.
    pub async fn edit_issue(
        &self,
        issue: &IssueId,
        fields: Map<String, Value>,
        properties: &[(&str, Value)],
    ) -> Result<(), JiraError> {
        let path = format!("/rest/api/3/issue/{}", segment(issue.as_str())?);
        let mut body = Map::new();
        if !fields.is_empty() {
            body.insert("fields".to_owned(), Value::Object(fields));
        }
        if !properties.is_empty() {
            body.insert("properties".to_owned(), entity_properties(properties));
        }
        let body = Value::Object(body);
        self.put_quietly(path, body).await.map(drop)
    }

    /// PUT without notifications; with them when Jira says that we may not choose. Both answers came before anything was
    /// written, so asking twice writes once.
    pub(super) async fn put_quietly(&self, path: String, body: Value) -> Result<Value, JiraError> {
        match self.send(Call::put(path.clone(), body.clone()).with("notifyUsers", "false")).await {
            Err(error) if may_be_about_notifications(&error) => self.send(Call::put(path, body)).await,
            result => result,
        }
    }
}

fn may_be_about_notifications(error: &JiraError) -> bool {
    match error {
        JiraError::Forbidden => true,
        JiraError::Rejected { status: 400, messages } => messages.to_lowercase().contains("notif"),
        _ => false,
    }
}

/// Jira's form of a list of properties.
pub(super) fn entity_properties(properties: &[(&str, Value)]) -> Value {
    properties.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
}

fn parse_issue(answer: &Value) -> Result<Issue, JiraError> {
    let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str);
    let missing = |what| JiraError::Malformed { what };
    let key = IssueKey::new(text("/key").ok_or(missing("the issue has no key"))?);
    Ok(Issue {
        id: IssueId::new(text("/id").ok_or(missing("the issue has no id"))?),
        project: text("/fields/project/key").map_or_else(|| key.project(), ProjectKey::new),
        key,
        issue_type: text("/fields/issuetype/name").unwrap_or_default().to_owned(),
        summary: text("/fields/summary").unwrap_or_default().to_owned(),
        description: answer.pointer("/fields/description").filter(|adf| !adf.is_null()).cloned(),
    })
}
