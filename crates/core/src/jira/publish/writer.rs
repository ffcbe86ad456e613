//! The calls to Jira that publishing needs, as a trait, so that its steps can be tested at every point of failure.

use async_trait::async_trait;
use serde_json::{Map, Value};

use super::PROPERTY_KEY;
use crate::ids::{FieldId, IssueId};
use crate::jira::JiraError;
use crate::jira::client::{Comment, FieldForm, JiraClient, Subtask};

/// A field as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldNow {
    /// What it takes.
    pub form: FieldForm,
    /// What stands in it.
    pub value: Option<Value>,
}

/// An issue that can be read and written. Comments and sub-tasks carry the property [`PROPERTY_KEY`].
#[async_trait]
pub trait IssueWriter: Send + Sync {
    /// The description in ADF.
    async fn description(&self, issue: &IssueId) -> Result<Option<Value>, JiraError>;
    /// A custom field; none when we may not edit it on this issue.
    async fn field(&self, issue: &IssueId, field: &FieldId) -> Result<Option<FieldNow>, JiraError>;
    /// One of the issue's properties.
    async fn property(&self, issue: &IssueId, key: &str) -> Result<Option<Value>, JiraError>;
    /// Writes fields and properties in one request.
    async fn edit(
        &self,
        issue: &IssueId,
        fields: Map<String, Value>,
        properties: &[(&str, Value)],
    ) -> Result<(), JiraError>;
    /// Sets a property alone: that shows neither in the issue's history nor in its date.
    async fn set_property(&self, issue: &IssueId, key: &str, value: Value) -> Result<(), JiraError>;
    /// Takes a property away; it need not be there.
    async fn delete_property(&self, issue: &IssueId, key: &str) -> Result<(), JiraError>;
    /// A comment's body; none when it is gone.
    async fn comment(&self, issue: &IssueId, id: &str) -> Result<Option<Value>, JiraError>;
    /// The newest comment that has the property.
    async fn marked_comment(&self, issue: &IssueId) -> Result<Option<Comment>, JiraError>;
    /// Adds a comment with its property in one request; gives its number.
    async fn add_comment(&self, issue: &IssueId, body: Value, property: Value) -> Result<String, JiraError>;
    /// Replaces a comment's body.
    async fn update_comment(&self, issue: &IssueId, id: &str, body: Value) -> Result<(), JiraError>;
    /// Deletes a comment; it need not be there.
    async fn delete_comment(&self, issue: &IssueId, id: &str) -> Result<(), JiraError>;
    /// All sub-tasks of the issue, ours or not, oldest first.
    async fn subtask_ids(&self, issue: &IssueId) -> Result<Vec<IssueId>, JiraError>;
    /// A sub-task; none when it is gone.
    async fn subtask(&self, id: &IssueId) -> Result<Option<Subtask>, JiraError>;
    /// Adds a sub-task with its property in one request; gives its number.
    async fn add_subtask(
        &self,
        issue: &IssueId,
        summary: &str,
        description: Value,
        property: Value,
    ) -> Result<IssueId, JiraError>;
    /// Replaces a sub-task's words and property in one request.
    async fn edit_subtask(
        &self,
        id: &IssueId,
        summary: &str,
        description: Option<Value>,
        property: Value,
    ) -> Result<(), JiraError>;
    /// Deletes a sub-task; it need not be there.
    async fn delete_subtask(&self, id: &IssueId) -> Result<(), JiraError>;
}

#[async_trait]
impl IssueWriter for JiraClient {
    async fn description(&self, issue: &IssueId) -> Result<Option<Value>, JiraError> {
        self.issue(issue).await.map(|issue| issue.description)
    }

    async fn field(&self, issue: &IssueId, field: &FieldId) -> Result<Option<FieldNow>, JiraError> {
        let fields = self.editable_fields(issue).await?;
        let Some(found) = fields.into_iter().find(|one| one.id == *field) else { return Ok(None) };
        Ok(Some(FieldNow { form: found.form, value: self.field_value(issue, field).await? }))
    }

    async fn property(&self, issue: &IssueId, key: &str) -> Result<Option<Value>, JiraError> {
        self.issue_property(issue, key).await
    }

    async fn edit(
        &self,
        issue: &IssueId,
        fields: Map<String, Value>,
        properties: &[(&str, Value)],
    ) -> Result<(), JiraError> {
        self.edit_issue(issue, fields, properties).await
    }

    async fn set_property(&self, issue: &IssueId, key: &str, value: Value) -> Result<(), JiraError> {
        self.set_issue_property(issue, key, value).await
    }

    async fn delete_property(&self, issue: &IssueId, key: &str) -> Result<(), JiraError> {
        self.delete_issue_property(issue, key).await
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

    async fn delete_comment(&self, issue: &IssueId, id: &str) -> Result<(), JiraError> {
        JiraClient::delete_comment(self, issue, id).await
    }

    async fn subtask_ids(&self, issue: &IssueId) -> Result<Vec<IssueId>, JiraError> {
        JiraClient::subtask_ids(self, issue).await
    }

    async fn subtask(&self, id: &IssueId) -> Result<Option<Subtask>, JiraError> {
        JiraClient::subtask(self, id, PROPERTY_KEY).await
    }

    async fn add_subtask(
        &self,
        issue: &IssueId,
        summary: &str,
        description: Value,
        property: Value,
    ) -> Result<IssueId, JiraError> {
        JiraClient::add_subtask(self, issue, summary, description, (PROPERTY_KEY, property)).await
    }

    async fn edit_subtask(
        &self,
        id: &IssueId,
        summary: &str,
        description: Option<Value>,
        property: Value,
    ) -> Result<(), JiraError> {
        JiraClient::edit_subtask(self, id, summary, description, (PROPERTY_KEY, property)).await
    }

    async fn delete_subtask(&self, id: &IssueId) -> Result<(), JiraError> {
        self.delete_issue(id).await
    }
}
