//! Search by JQL, a page at a time.

use serde_json::{Map, Value};

use super::{Call, JiraClient};
use crate::ids::{IssueId, IssueKey};
use crate::jira::JiraError;

/// An issue that a search found, with the fields that were asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its number.
    pub id: IssueId,
    /// Its key.
    pub key: IssueKey,
    /// As Jira gives them.
    pub fields: Map<String, Value>,
}

/// One page of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// In the order that the JQL asks for.
    pub issues: Vec<Found>,
    /// Names the next page; none on the last.
    pub next: Option<String>,
}

impl JiraClient {
    /// One page of what `jql` finds. Jira takes bounded JQL only ("project = SHOP …").
    pub async fn search(&self, jql: &str, fields: &[&str], next_page_token: Option<&str>) -> Result<Page, JiraError> {
        // The key is always asked for: without any field Jira would give numbers alone.
        let fields: Vec<&str> = std::iter::once("key").chain(fields.iter().copied()).collect();
        let mut call = Call::get("/rest/api/3/search/jql".to_owned()).with("jql", jql).with("fields", fields.join(","));
        if let Some(token) = next_page_token {
            call = call.with("nextPageToken", token);
        }
        let answer = self.send(call).await?;
        let issues = answer.get("issues").and_then(Value::as_array);
        let issues = issues.ok_or(JiraError::Malformed { what: "the search names no issues" })?;
        let issues = issues.iter().map(parse_found).collect::<Option<Vec<Found>>>();
        Ok(Page {
            issues: issues.ok_or(JiraError::Malformed { what: "an issue of the search has no id or key" })?,
            next: answer.get("nextPageToken").and_then(Value::as_str).map(str::to_owned),
        })
    }
}

fn parse_found(issue: &Value) -> Option<Found> {
    Some(Found {
        id: IssueId::new(issue.get("id")?.as_str()?),
        key: IssueKey::new(issue.get("key")?.as_str()?),
        fields: issue.get("fields").and_then(Value::as_object).cloned().unwrap_or_default(),
    })
}
