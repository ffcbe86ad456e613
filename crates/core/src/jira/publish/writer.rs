//! The calls to Jira that publishing needs, as a trait, so that its steps can be tested at every point of failure.

use async_trait::async_trait;
use serde_json::Value;

use super::PROPERTY_KEY;
use crate::ids::IssueId;
use crate::jira::JiraError;
use crate::jira::client::{Comment, JiraClient};

/// An issue that can be read and written. The property in each call is [`PROPERTY_KEY`].
#[async_trait]
pub trait IssueWriter: Send + Sync {
    /// The description in ADF.
    async fn description(&self, issue: &IssueId) -> Result<Option<Value>, JiraError>;
    /// The issue's property.
    async fn property(&self, issue: &IssueId) -> Result<Option<Value>, JiraError>;
    /// Writes description (when given) and property in one request.
    async fn edit(&self, issue: &IssueId, description: Option<Value>, property: Value) -> Result<(), JiraError>;
    /// A comment's body; none when it is gone.
    async fn comment(&self, issue: &IssueId, id: &str) -> Result<Option<Value>, JiraError>;
    /// The newest comment that has the property.
    async fn marked_comment(&self, issue: &IssueId) -> Result<Option<Comment>, JiraError>;
    /// Adds a comment with its property in one request; gives its number.
    async fn add_comment(&self, issue: &IssueId, body: Value, property: Value) -> Result<String, JiraError>;
    /// Replaces a comment's body.
    async fn update_comment(&self, issue: &IssueId, id: &str, body: Value) -> Result<(), JiraError>;
}

#[async_trait]
impl IssueWriter for JiraClient {
    async fn description(&self, issue: &IssueId) -> Result<Option<Value>, JiraError> {
        self.issue(issue).await.map(|issue| issue.description)
    }

    async fn property(&self, issue: &IssueId) -> Result<Option<Value>, JiraError> {
        self.issue_property(issue, PROPERTY_KEY).await
    }

    async fn edit(&self, issue: &IssueId, description: Option<Value>, property: Value) -> Result<(), JiraError> {
        match description {
            Some(description) => self.edit_issue(issue, Some(description), &[(PROPERTY_KEY, property)]).await,
            // Not as an edit of the issue: that would show in its history and move its date.
            None => self.set_issue_property(issue, PROPERTY_KEY, property).await,
        }
    }

    async fn comment(&self, issue: &IssueId, id: &str) -> Result<Option<Value>, JiraError> {
        JiraClient::comment(self, issue, id).await
    }

    async fn marked_comment(&self, issue: &IssueId) -> Result<Option<Comment>, JiraError> {
        self.comment_with_property(issue, PROPERTY_KEY).await
    }

    async fn add_comment(&self, issue: &IssueId, body: Value, property: Value) -> Result<String, JiraError> {
        JiraClient::add_comment(self, issue, body, &[(PROPERTY_KEY, property)]).await
    }

    async fn update_comment(&self, issue: &IssueId, id: &str, body: Value) -> Result<(), JiraError> {
        JiraClient::update_comment(self, issue, id, body).await
    }
}
