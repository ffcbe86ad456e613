//! Things as REST v3 shows them.

use serde_json::{Map, Value, json};

use super::super::people::Person;
use super::super::site::Site;
use super::super::state::{Comment, Issue, Project, State, TO_DO};
use super::super::time::jira_time;
use super::fields::CUSTOM;

/// The issue types of every project, with their numbers.
pub(crate) const ISSUE_TYPES: [(&str, &str); 4] =
    [("10001", "Story"), ("10002", "Task"), ("10003", "Bug"), ("10004", SUBTASK)];
/// The type of sub-tasks.
pub(crate) const SUBTASK: &str = "Sub-task";

pub(crate) fn issue_type_json(base_url: &str, name: &str) -> Value {
    let id = ISSUE_TYPES.iter().find(|(_, known)| *known == name).map_or("10001", |(id, _)| id);
    json!({
        "self": format!("{base_url}/rest/api/3/issuetype/{id}"),
        "id": id,
        "name": name,
        "description": "",
        "subtask": name == SUBTASK,
        "hierarchyLevel": if name == SUBTASK { -1 } else { 0 },
    })
}

pub(crate) fn project_json(base_url: &str, project: &Project) -> Value {
    json!({
        "self": format!("{base_url}/rest/api/3/project/{}", project.id),
        "id": project.id.to_string(),
        "key": project.key,
        "name": project.name,
        "projectTypeKey": "software",
        "simplified": false,
        "avatarUrls": {},
        "issueTypes": ISSUE_TYPES.iter().map(|(_, name)| issue_type_json(base_url, name)).collect::<Vec<_>>(),
    })
}

pub(crate) fn user_json(site: &Site, state: &State, login: &str) -> Value {
    state.person(login).map_or(Value::Null, |person: &Person| person.to_json(&site.base_url))
}

pub(crate) fn comment_json(site: &Site, state: &State, issue: u64, comment: &Comment, with_properties: bool) -> Value {
    let mut shown = json!({
        "self": format!("{}/rest/api/3/issue/{issue}/comment/{}", site.base_url, comment.id),
        "id": comment.id,
        "author": user_json(site, state, &comment.author),
        "updateAuthor": user_json(site, state, &comment.author),
        "body": comment.body,
        "created": jira_time(comment.created),
        "updated": jira_time(comment.updated),
        "jsdPublic": true,
    });
    if let (true, Some(fields)) = (with_properties, shown.as_object_mut()) {
        let properties = comment.properties.iter().map(|(key, value)| json!({"key": key, "value": value}));
        fields.insert("properties".into(), properties.collect());
    }
    shown
}

/// The fields that were asked for: names, `-name`, `*all`, `*navigable`; what Jira does not know it leaves out.
pub(crate) fn issue_json(site: &Site, state: &State, issue: &Issue, wanted: &[String], properties: &[String]) -> Value {
    let all = wanted.iter().any(|name| name.starts_with('*')) || wanted.iter().all(|name| name.starts_with('-'));
    let shown = |name: &str| (all || wanted.iter().any(|w| w == name)) && !wanted.contains(&format!("-{name}"));
    let fields: Map<String, Value> =
        all_fields(site, state, issue).into_iter().filter(|(name, _)| shown(name)).collect();
    let mut bean = json!({
        "id": issue.id.to_string(),
        "self": format!("{}/rest/api/3/issue/{}", site.base_url, issue.id),
        "key": issue.key,
        "fields": fields,
    });
    if let (false, Some(bean)) = (properties.is_empty(), bean.as_object_mut()) {
        let asked = |key: &String| properties.iter().any(|wanted| wanted == "*all" || wanted == key);
        let found: Map<String, Value> = issue
            .properties
            .iter()
            .filter(|(key, _)| asked(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        bean.insert("properties".into(), Value::Object(found));
    }
    bean
}

fn all_fields(site: &Site, state: &State, issue: &Issue) -> Map<String, Value> {
    let comments: Vec<Value> =
        issue.comments.iter().map(|comment| comment_json(site, state, issue.id, comment, false)).collect();
    let project = state.project(&issue.project).map(|project| project_json(&site.base_url, project));
    let creator = user_json(site, state, &issue.creator);
    let fields = json!({
        "summary": issue.summary,
        "description": issue.description,
        "issuetype": issue_type_json(&site.base_url, &issue.issue_type),
        "project": project,
        "labels": issue.labels,
        "status": status_json(site, issue),
        "parent": issue.parent.as_deref().and_then(|key| state.issue(key)).map(|parent| short_json(site, parent)),
        "subtasks": state.subtasks(&issue.key).into_iter().map(|one| short_json(site, one)).collect::<Vec<_>>(),
        "priority": null,
        "assignee": null,
        "creator": creator,
        "reporter": creator,
        "created": jira_time(issue.created),
        "updated": jira_time(issue.updated),
        "comment": {"comments": comments, "maxResults": comments.len(), "total": comments.len(), "startAt": 0},
    });
    let custom = CUSTOM.iter().map(|(id, ..)| ((*id).to_owned(), issue.custom.get(*id).cloned().unwrap_or_default()));
    match fields {
        Value::Object(fields) => fields.into_iter().chain(custom).collect(),
        _ => Map::new(),
    }
}

fn status_json(site: &Site, issue: &Issue) -> Value {
    let (id, category) = match issue.status {
        TO_DO => ("10000", json!({"id": 2, "key": "new", "name": "To Do", "colorName": "blue-gray"})),
        _ => ("10001", json!({"id": 4, "key": "indeterminate", "name": "In Progress", "colorName": "yellow"})),
    };
    json!({
        "self": format!("{}/rest/api/3/status/{id}", site.base_url),
        "id": id,
        "name": issue.status,
        "description": "",
        "statusCategory": category,
    })
}

/// An issue inside of another one.
fn short_json(site: &Site, issue: &Issue) -> Value {
    json!({
        "id": issue.id.to_string(),
        "key": issue.key,
        "self": format!("{}/rest/api/3/issue/{}", site.base_url, issue.id),
        "fields": {
            "summary": issue.summary,
            "status": status_json(site, issue),
            "issuetype": issue_type_json(&site.base_url, &issue.issue_type),
        },
    })
}
