//! Sub-tasks: ours carry an entity property from birth, by which they are found again.

use serde_json::{Map, Value, json};

use super::issues::entity_properties;
use super::{Call, JiraClient, found, segment};
use crate::ids::{IssueId, ProjectKey};
use crate::jira::JiraError;

/// What is asked for of a sub-task: its words, where it stands, and what people have added to it.
const SUBTASK_FIELDS: &str = "summary,description,status,parent,comment,attachment,worklog,issuelinks,subtasks";

/// A sub-task as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Subtask {
    /// Its number.
    pub id: IssueId,
    /// One line.
    pub summary: String,
    /// ADF; none when it is empty.
    pub description: Option<Value>,
    /// The issue that it stands below; another one, or none, once a person has moved or converted it.
    pub parent: Option<IssueId>,
    /// Somebody has worked on it: its status moved, or it has comments, files, worklogs, links or issues below it.
    pub is_touched: bool,
    /// The value of the property that was asked for.
    pub property: Option<Value>,
}

impl Subtask {
    /// Whether it still stands below this issue: else it is a person's, whatever it once was.
    pub fn is_below(&self, issue: &IssueId) -> bool {
        self.parent.as_ref() == Some(issue)
    }
}

impl JiraClient {
    /// The numbers of an issue's sub-tasks, oldest first.
    pub async fn subtask_ids(&self, issue: &IssueId) -> Result<Vec<IssueId>, JiraError> {
        let path = format!("/rest/api/3/issue/{}", segment(issue.as_str())?);
        let answer = self.send(Call::get(path).with("fields", "subtasks")).await?;
        let listed = answer.pointer("/fields/subtasks").and_then(Value::as_array).into_iter().flatten();
        Ok(listed.filter_map(|one| one.get("id").and_then(Value::as_str)).map(IssueId::new).collect())
    }

    /// A sub-task with one of its properties; none when it is gone.
    pub async fn subtask(&self, id: &IssueId, property: &str) -> Result<Option<Subtask>, JiraError> {
        let path = format!("/rest/api/3/issue/{}", segment(id.as_str())?);
        let call = Call::get(path).with("fields", SUBTASK_FIELDS).with("properties", property);
        let Some(answer) = found(self.send(call).await)? else { return Ok(None) };
        let category = answer.pointer("/fields/status/statusCategory/key").and_then(Value::as_str);
        let counted = |path: &str| answer.pointer(path).and_then(Value::as_u64).is_some_and(|count| count > 0);
        let listed = |path: &str| answer.pointer(path).and_then(Value::as_array).is_some_and(|list| !list.is_empty());
        let parent = answer.pointer("/fields/parent/id").and_then(Value::as_str).map(IssueId::new);
        Ok(Some(Subtask {
            id: id.clone(),
            summary: answer.pointer("/fields/summary").and_then(Value::as_str).unwrap_or_default().to_owned(),
            description: answer.pointer("/fields/description").filter(|adf| !adf.is_null()).cloned(),
            parent,
            is_touched: category.is_some_and(|category| category != "new")
                || counted("/fields/comment/total")
                || counted("/fields/worklog/total")
                || ["attachment", "issuelinks", "subtasks"].iter().any(|field| listed(&format!("/fields/{field}"))),
            property: answer.get("properties").and_then(|all| all.get(property)).cloned(),
        }))
    }

    /// Makes a sub-task with its property in one request; gives its number.
    pub async fn add_subtask(
        &self,
        issue: &IssueId,
        summary: &str,
        description: Value,
        property: (&str, Value),
    ) -> Result<IssueId, JiraError> {
        let project = self.issue(issue).await?.project;
        let fields = json!({
            "project": { "key": project },
            "parent": { "id": issue },
            "issuetype": { "id": self.subtask_type(&project).await? },
            "summary": summary,
            "description": description,
        });
        let body = json!({ "fields": fields, "properties": entity_properties(&[property]) });
        let answer = self.send(Call::post("/rest/api/3/issue".to_owned(), body)).await?;
        let id = answer.get("id").and_then(Value::as_str);
        id.map(IssueId::new).ok_or(JiraError::Malformed { what: "the new sub-task has no id" })
    }

    /// Changes fields and properties of a sub-task in one request.
    pub async fn edit_subtask(
        &self,
        id: &IssueId,
        summary: &str,
        description: Option<Value>,
        property: (&str, Value),
    ) -> Result<(), JiraError> {
        let mut fields = Map::new();
        fields.insert("summary".to_owned(), summary.into());
        fields.insert("description".to_owned(), description.unwrap_or_default());
        self.edit_issue(id, fields, &[property]).await
    }

    /// Deletes an issue; it need not be there.
    pub async fn delete_issue(&self, id: &IssueId) -> Result<(), JiraError> {
        let path = format!("/rest/api/3/issue/{}", segment(id.as_str())?);
        found(self.send(Call::delete(path)).await).map(drop)
    }

    /// The number of the project's first type of sub-tasks.
    async fn subtask_type(&self, project: &ProjectKey) -> Result<String, JiraError> {
        let path = format!("/rest/api/3/project/{}", segment(project.as_str())?);
        let answer = self.send(Call::get(path)).await?;
        let types = answer.get("issueTypes").and_then(Value::as_array).into_iter().flatten();
        let subtask = types
            .filter(|kind| kind.get("subtask") == Some(&Value::Bool(true)))
            .find_map(|kind| kind.get("id").and_then(Value::as_str));
        let unfit =
            "its project has no type of sub-tasks; add one, or choose another target in the project's Brine settings";
        subtask.map(str::to_owned).ok_or(JiraError::Unfit { what: unfit })
    }
}
