//! Things as REST v3 shows them.

use serde_json::{Map, Value, json};

use super::super::people::Person;
use super::super::site::Site;
use super::super::state::{Comment, Issue, Project, State};
use super::super::time::jira_time;

/// The issue types of every project, with their numbers.
pub(crate) const ISSUE_TYPES: [(&str, &str); 3] = [("10001", "Story"), ("10002", "Task"), ("10003", "Bug")];

pub(crate) fn issue_type_json(base_url: &str, name: &str) -> Value {
    let id = ISSUE_TYPES.iter().find(|(_, known)| *known == name).map_or("10001", |(id, _)| id);
    json!({
        "self": format!("{base_url}/rest/api/3/issuetype/{id}"),
        "id": id,
        "name": name,
        "description": "",
        "subtask": false,
        "hierarchyLevel": 0,
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
        "status": {
            "self": format!("{}/rest/api/3/status/10000", site.base_url),
            "id": "10000",
            "name": "To Do",
            "description": "",
            "statusCategory": {"id": 2, "key": "new", "name": "To Do", "colorName": "blue-gray"},
        },
        "priority": null,
        "assignee": null,
        "creator": creator,
        "reporter": creator,
        "created": jira_time(issue.created),
        "updated": jira_time(issue.updated),
        "comment": {"comments": comments, "maxResults": comments.len(), "total": comments.len(), "startAt": 0},
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
