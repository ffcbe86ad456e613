//! What the site holds: projects, issues, comments and properties.

use std::collections::BTreeMap;

use serde_json::Value;

use super::apps::Installation;
use super::people::{Grants, Person, cast};
use super::time::now_ms;

/// The status that every issue begins with.
pub(crate) const TO_DO: &str = "To Do";

/// A project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Jira's number.
    pub id: u64,
    /// "SHOP".
    pub key: String,
    /// "Web shop".
    pub name: String,
}

/// One change of an issue by `PUT /issue`, or by a person on the page.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The login of who did it.
    pub by: String,
    /// Which fields were set.
    pub fields: Vec<String>,
    /// Which properties were set in the same request.
    pub properties: Vec<String>,
    /// Whether watchers got mail about it.
    pub notified: bool,
}

/// A comment.
#[derive(Clone, Debug)]
pub struct Comment {
    /// Jira's number, as text.
    pub id: String,
    /// The login of who wrote it.
    pub author: String,
    /// ADF.
    pub body: Value,
    /// The comment's own entity properties.
    pub properties: BTreeMap<String, Value>,
    /// When it was written, in milliseconds.
    pub created: i64,
    /// When it was changed last, in milliseconds.
    pub updated: i64,
}

/// An issue.
#[derive(Clone, Debug)]
pub struct Issue {
    /// Jira's number.
    pub id: u64,
    /// "SHOP-12".
    pub key: String,
    /// "SHOP".
    pub project: String,
    /// "Story", "Bug" or "Task".
    pub issue_type: String,
    /// One line.
    pub summary: String,
    /// ADF, or nothing.
    pub description: Option<Value>,
    /// Labels.
    pub labels: Vec<String>,
    /// Values of custom fields by id; ADF or text.
    pub custom: BTreeMap<String, Value>,
    /// The key of the issue that this one is a sub-task of.
    pub parent: Option<String>,
    /// The name of its status: "To Do", or "In Progress" once somebody has begun.
    pub status: &'static str,
    /// The login of who made it.
    pub creator: String,
    /// Comments, oldest first.
    pub comments: Vec<Comment>,
    /// Entity properties.
    pub properties: BTreeMap<String, Value>,
    /// Every change since it was made.
    pub edits: Vec<Edit>,
    /// When it was made, in milliseconds.
    pub created: i64,
    /// When it was changed last, in milliseconds.
    pub updated: i64,
}

/// Everything that changes.
pub(crate) struct State {
    pub(crate) people: Vec<Person>,
    pub(crate) grants: Grants,
    pub(crate) projects: Vec<Project>,
    pub(crate) issues: Vec<Issue>,
    pub(crate) installation: Option<Installation>,
    next_id: u64,
    /// The highest number of an issue that was deleted.
    pub(crate) deleted: u64,
}

impl State {
    pub(crate) fn new() -> Self {
        Self {
            people: cast(),
            grants: Grants::new(),
            projects: Vec::new(),
            issues: Vec::new(),
            installation: None,
            next_id: 10_000,
            deleted: 0,
        }
    }

    pub(crate) fn take_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    pub(crate) fn add_project(&mut self, key: &str, name: &str) -> Project {
        let project = Project { id: self.take_id(), key: key.into(), name: name.into() };
        self.grants.open_project(key);
        self.projects.push(project.clone());
        project
    }

    pub(crate) fn add_issue(
        &mut self,
        project: &str,
        issue_type: &str,
        summary: &str,
        description: Option<Value>,
        creator: &str,
    ) -> Issue {
        let id = self.take_id();
        // A number is never given twice, also when the issue that had it is deleted.
        let given = self.issues.iter().filter(|issue| issue.project == project);
        let last = given.filter_map(|issue| issue.key.rsplit_once('-')?.1.parse::<u64>().ok()).max();
        let number = last.unwrap_or(0).max(self.deleted) + 1;
        let now = now_ms();
        let issue = Issue {
            id,
            key: format!("{project}-{number}"),
            project: project.into(),
            issue_type: issue_type.into(),
            summary: summary.into(),
            description,
            labels: Vec::new(),
            custom: BTreeMap::new(),
            parent: None,
            status: TO_DO,
            creator: creator.into(),
            comments: Vec::new(),
            properties: BTreeMap::new(),
            edits: Vec::new(),
            created: now,
            updated: now,
        };
        self.issues.push(issue.clone());
        issue
    }

    /// By number or key.
    pub(crate) fn issue(&self, id_or_key: &str) -> Option<&Issue> {
        self.issues.iter().find(|issue| issue.key == id_or_key || issue.id.to_string() == id_or_key)
    }

    /// By number or key.
    pub(crate) fn issue_mut(&mut self, id_or_key: &str) -> Option<&mut Issue> {
        self.issues.iter_mut().find(|issue| issue.key == id_or_key || issue.id.to_string() == id_or_key)
    }

    /// Its sub-tasks, oldest first.
    pub(crate) fn subtasks(&self, key: &str) -> Vec<&Issue> {
        self.issues.iter().filter(|issue| issue.parent.as_deref() == Some(key)).collect()
    }

    /// By number or key.
    pub(crate) fn project(&self, id_or_key: &str) -> Option<&Project> {
        self.projects.iter().find(|project| project.key == id_or_key || project.id.to_string() == id_or_key)
    }

    pub(crate) fn person(&self, login: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.login == login)
    }

    pub(crate) fn person_by_account(&self, account_id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.account_id == account_id)
    }
}
