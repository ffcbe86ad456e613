//! Comments: ours carry an entity property by which they are found again.

use serde_json::{Value, json};

use super::issues::entity_properties;
use super::{Call, JiraClient, found, segment};
use crate::ids::IssueId;
use crate::jira::JiraError;

/// So many of the newest comments are looked through.
const NEWEST: usize = 100;
/// So many of them are asked for their property one by one, when Jira leaves properties out of the list.
const ASKED_SINGLY: usize = 10;

/// A comment that carries one of our properties.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    /// Its number.
    pub id: String,
    /// ADF.
    pub body: Value,
    /// The property's value.
    pub property: Value,
}

impl JiraClient {
    /// Adds a comment with entity properties in one request; gives its number.
    pub async fn add_comment(
        &self,
        issue: &IssueId,
        adf: Value,
        properties: &[(&str, Value)],
    ) -> Result<String, JiraError> {
        let path = format!("/rest/api/3/issue/{}/comment", segment(issue.as_str())?);
        let body = json!({ "body": adf, "properties": entity_properties(properties) });
        let answer = self.send(Call::post(path, body)).await?;
        comment_id(&answer).ok_or(JiraError::Malformed { what: "the new comment has no id" })
    }

    /// Replaces a comment's body. Watchers are not notified where Jira lets us choose.
    pub async fn update_comment(&self, issue: &IssueId, id: &str, adf: Value) -> Result<(), JiraError> {
        let path = format!("/rest/api/3/issue/{}/comment/{}", segment(issue.as_str())?, segment(id)?);
        self.put_quietly(path, json!({ "body": adf })).await.map(drop)
    }

    /// Deletes a comment; it need not be there.
    pub async fn delete_comment(&self, issue: &IssueId, id: &str) -> Result<(), JiraError> {
        let path = format!("/rest/api/3/issue/{}/comment/{}", segment(issue.as_str())?, segment(id)?);
        found(self.send(Call::delete(path)).await).map(drop)
    }

    /// A comment's body in ADF; none when it is gone.
    pub async fn comment(&self, issue: &IssueId, id: &str) -> Result<Option<Value>, JiraError> {
        let path = format!("/rest/api/3/issue/{}/comment/{}", segment(issue.as_str())?, segment(id)?);
        let answer = found(self.send(Call::get(path)).await)?;
        Ok(answer.map(|comment| comment.get("body").cloned().unwrap_or_default()))
    }

    /// The newest comment that carries the property `key`.
    pub async fn comment_with_property(&self, issue: &IssueId, key: &str) -> Result<Option<Comment>, JiraError> {
        let path = format!("/rest/api/3/issue/{}/comment", segment(issue.as_str())?);
        let call = Call::get(path)
            .with("orderBy", "-created")
            .with("maxResults", NEWEST.to_string())
            .with("expand", "properties");
        let answer = self.send(call).await?;
        let comments = answer.get("comments").and_then(Value::as_array);
        let comments = comments.ok_or(JiraError::Malformed { what: "the list of comments is missing" })?;
        let mut asked = 0;
        for comment in comments {
            let Some(id) = comment_id(comment) else { continue };
            let property = match comment.get("properties").and_then(Value::as_array) {
                Some(properties) => listed_property(properties, key),
                None if by_app(comment) && asked < ASKED_SINGLY => {
                    asked += 1;
                    self.comment_property(&id, key).await?
                }
                None => None,
            };
            if let Some(property) = property {
                let body = comment.get("body").cloned().unwrap_or_default();
                return Ok(Some(Comment { id, body, property }));
            }
        }
        Ok(None)
    }

    async fn comment_property(&self, id: &str, key: &str) -> Result<Option<Value>, JiraError> {
        let path = format!("/rest/api/3/comment/{}/properties/{}", segment(id)?, segment(key)?);
        let answer = found(self.send(Call::get(path)).await)?;
        Ok(answer.and_then(|property| property.get("value").cloned()))
    }
}

fn comment_id(comment: &Value) -> Option<String> {
    comment.get("id").and_then(Value::as_str).map(str::to_owned)
}

fn by_app(comment: &Value) -> bool {
    comment.pointer("/author/accountType").and_then(Value::as_str) == Some("app")
}

fn listed_property(properties: &[Value], key: &str) -> Option<Value> {
    let named = |property: &&Value| property.get("key").and_then(Value::as_str) == Some(key);
    properties.iter().find(named).and_then(|property| property.get("value").cloned())
}
