//! Issue properties: small JSON values that Jira keeps beside an issue.

use serde_json::Value;

use super::{Call, JiraClient, found, segment};
use crate::ids::IssueId;
use crate::jira::JiraError;

impl JiraClient {
    /// The value of a property; none when it was never set or the issue is gone.
    pub async fn issue_property(&self, issue: &IssueId, key: &str) -> Result<Option<Value>, JiraError> {
        let answer = found(self.send(Call::get(property_path(issue, key)?)).await)?;
        Ok(answer.and_then(|property| property.get("value").cloned()))
    }

    /// Sets a property.
    pub async fn set_issue_property(&self, issue: &IssueId, key: &str, value: Value) -> Result<(), JiraError> {
        self.send(Call::put(property_path(issue, key)?, value)).await.map(drop)
    }

    /// Takes a property away; it need not be there.
    pub async fn delete_issue_property(&self, issue: &IssueId, key: &str) -> Result<(), JiraError> {
        found(self.send(Call::delete(property_path(issue, key)?)).await).map(drop)
    }
}

fn property_path(issue: &IssueId, key: &str) -> Result<String, JiraError> {
    Ok(format!("/rest/api/3/issue/{}/properties/{}", segment(issue.as_str())?, segment(key)?))
}
