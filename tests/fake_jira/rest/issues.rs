//! Issues: read, create, edit.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::people::APP;
use super::super::site::Site;
use super::super::state::{Edit, Issue, State};
use super::super::time::now_ms;
use super::super::webhooks;
use super::answer::{Answer, Call, Outcome};
use super::properties::check_property;
use super::shapes::{ISSUE_TYPES, SUBTASK, issue_json};

/// The issue as the app may see it.
pub(super) fn visible<'a>(state: &'a State, id_or_key: &str) -> Result<&'a Issue, Answer> {
    let issue = state.issue(id_or_key).ok_or_else(Answer::no_such_issue)?;
    match state.grants.has(APP, &issue.project, "BROWSE_PROJECTS") {
        true => Ok(issue),
        false => Err(Answer::no_such_issue()),
    }
}

/// The issue, when the app may also do `permission` to it.
pub(super) fn permitted(state: &State, id_or_key: &str, permission: &str) -> Result<Issue, Answer> {
    let issue = visible(state, id_or_key)?;
    match state.grants.has(APP, &issue.project, permission) {
        true => Ok(issue.clone()),
        false => Err(Answer::refused(403, "You do not have permission to do this in this project.")),
    }
}

pub(super) fn get(site: &Site, call: &Call, id_or_key: &str) -> Outcome {
    let state = site.state();
    let issue = visible(&state, id_or_key)?;
    Ok(Answer::json(200, issue_json(site, &state, issue, &call.list("fields"), &call.list("properties"))))
}

pub(super) fn create(site: &Arc<Site>, call: &Call) -> Outcome {
    let body = call.object(&["fields", "update", "properties", "historyMetadata", "transition"])?;
    let Some(Value::Object(fields)) = body.get("fields") else {
        return Err(Answer::field_refused("project", "Specify a valid project ID or key"));
    };
    let named = |field: &str, by: &[&str]| {
        let value = fields.get(field)?;
        by.iter().find_map(|name| value.get(*name)).and_then(Value::as_str).map(str::to_owned)
    };
    let settable: Map<String, Value> = fields
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "project" | "issuetype" | "parent"))
        .map(owned)
        .collect();
    let properties = properties_of(&body)?;
    let (issue, by) = {
        let mut state = site.state();
        let project = named("project", &["key", "id"]).and_then(|name| state.project(&name).cloned());
        let Some(project) = project.filter(|project| state.grants.has(APP, &project.key, "CREATE_ISSUES")) else {
            return Err(Answer::field_refused("project", "Specify a valid project ID or key"));
        };
        let wanted = named("issuetype", &["name", "id"]).unwrap_or_default();
        let Some((_, issue_type)) = ISSUE_TYPES.iter().find(|(id, name)| wanted == *id || wanted == *name) else {
            return Err(Answer::field_refused("issuetype", "Specify an issue type"));
        };
        if !settable.contains_key("summary") {
            return Err(Answer::field_refused("summary", "You must specify a summary of the issue."));
        }
        for (name, value) in &settable {
            check_field(site, name, value)?;
        }
        let parent = parent_of(&state, named("parent", &["id", "key"]), &project.key, issue_type)?;
        let id = state.add_issue(&project.key, issue_type, "", None, APP).id.to_string();
        if let Some(issue) = state.issue_mut(&id) {
            issue.parent = parent;
            issue.properties.extend(properties);
            settable.iter().for_each(|(name, value)| set_field(issue, name, value));
        }
        (state.issue(&id).cloned().ok_or_else(Answer::no_such_issue)?, APP)
    };
    webhooks::fire(site, "jira:issue_created", &issue, by, json!({"issue_event_type_name": "issue_created"}));
    let this = format!("{}/rest/api/3/issue/{}", site.base_url, issue.id);
    Ok(Answer::json(201, json!({"id": issue.id.to_string(), "key": issue.key, "self": this})))
}

/// Sub-tasks have a parent in their own project that is none itself; other types have no parent here.
fn parent_of(state: &State, named: Option<String>, project: &str, issue_type: &str) -> Result<Option<String>, Answer> {
    let refused = |message: &str| Err(Answer::field_refused("parent", message));
    let Some(named) = named else {
        return match issue_type {
            SUBTASK => refused("Issue type is a sub-task but parent issue key or id not specified."),
            _ => Ok(None),
        };
    };
    let parent = state.issue(&named).filter(|parent| parent.project == project);
    match parent {
        _ if issue_type != SUBTASK => refused("Given parent work item does not belong to appropriate hierarchy."),
        Some(parent) if parent.parent.is_none() => Ok(Some(parent.key.clone())),
        _ => refused("Could not find a parent for this sub-task."),
    }
}

/// Deletes an issue, and its sub-tasks only when that is asked for.
pub(super) fn delete(site: &Site, call: &Call, id_or_key: &str) -> Outcome {
    let mut state = site.state();
    let issue = permitted(&state, id_or_key, "DELETE_ISSUES")?;
    let with_subtasks = call.param("deleteSubtasks").as_deref() == Some("true");
    if !with_subtasks && !state.subtasks(&issue.key).is_empty() {
        let message = "The issue has subtasks. Specify the 'deleteSubtasks' parameter to delete them, too.";
        return Err(Answer::refused(400, message));
    }
    let number = issue.key.rsplit_once('-').and_then(|(_, number)| number.parse().ok()).unwrap_or_default();
    state.deleted = state.deleted.max(number);
    state.issues.retain(|one| one.id != issue.id && one.parent.as_deref() != Some(&issue.key));
    Ok(Answer::no_content())
}

fn owned((name, value): (&String, &Value)) -> (String, Value) {
    (name.clone(), value.clone())
}

pub(super) fn edit(site: &Arc<Site>, call: &Call, id_or_key: &str) -> Outcome {
    let body = call.object(&["fields", "update", "properties", "historyMetadata", "transition"])?;
    let is_true = |name: &str| call.param(name).as_deref() == Some("true");
    let notify = call.param("notifyUsers").as_deref() != Some("false");
    let fields = changes(&body)?;
    let properties = properties_of(&body)?;

    let issue = {
        let mut state = site.state();
        let issue = permitted(&state, id_or_key, "EDIT_ISSUES")?;
        if !notify && !state.grants.has(APP, &issue.project, "ADMINISTER_PROJECTS") {
            let message = "To discard the user notification either admin or project admin permissions are required.";
            return Err(Answer::refused(403, message));
        }
        if (is_true("overrideScreenSecurity") || is_true("overrideEditableFlag"))
            && !state.installation.as_ref().is_some_and(|app| app.has_scope("ADMIN"))
        {
            return Err(Answer::refused(403, "Only apps with the ADMIN scope may override the edit screen."));
        }
        for (name, value) in &fields {
            check_field(site, name, value)?;
        }
        let issue = state.issue_mut(&issue.key).ok_or_else(Answer::no_such_issue)?;
        fields.iter().for_each(|(name, value)| set_field(issue, name, value));
        issue.properties.extend(properties.iter().cloned());
        issue.updated = now_ms();
        issue.edits.push(Edit {
            by: APP.into(),
            fields: fields.keys().cloned().collect(),
            properties: properties.iter().map(|(key, _)| key.clone()).collect(),
            notified: notify,
        });
        issue.clone()
    };
    tell_of_edit(site, &issue, APP, fields.keys());
    match is_true("returnIssue") {
        true => Ok(Answer::json(200, issue_json(site, &site.state(), &issue, &[], &[]))),
        false => Ok(Answer::no_content()),
    }
}

/// Fires what Jira fires when fields changed.
pub(crate) fn tell_of_edit<'a>(site: &Arc<Site>, issue: &Issue, by: &str, fields: impl Iterator<Item = &'a String>) {
    let items: Vec<Value> = fields.map(|name| json!({"field": name, "fieldtype": "jira", "fieldId": name})).collect();
    let changelog = json!({"id": uuid::Uuid::now_v7().as_u128().to_string(), "items": items});
    let more = json!({"issue_event_type_name": "issue_updated", "changelog": changelog});
    webhooks::fire(site, "jira:issue_updated", issue, by, more);
}

/// `fields`, and `update` with its one operation that makes sense for our fields.
fn changes(body: &Map<String, Value>) -> Result<Map<String, Value>, Answer> {
    let object = |name: &str| match body.get(name) {
        None => Ok(Map::new()),
        Some(Value::Object(fields)) => Ok(fields.clone()),
        Some(_) => Err(Answer::refused(400, &format!("Can not deserialize \"{name}\""))),
    };
    let mut fields = object("fields")?;
    for (name, operations) in object("update")? {
        let set =
            operations.as_array().filter(|list| list.len() == 1).and_then(|list| list.first()?.get("set").cloned());
        let Some(value) = set else {
            return Err(Answer::field_refused(&name, "Only one \"set\" operation is supported for this field."));
        };
        if fields.insert(name.clone(), value).is_some() {
            return Err(Answer::field_refused(&name, "Field cannot be set by both 'fields' and 'update'."));
        }
    }
    Ok(fields)
}

fn properties_of(body: &Map<String, Value>) -> Result<Vec<(String, Value)>, Answer> {
    let list = match body.get("properties") {
        None => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(Answer::refused(400, "Can not deserialize \"properties\" out of an object")),
    };
    let pair = |entry: &Value| Some((entry.get("key")?.as_str()?.to_owned(), entry.get("value")?.clone()));
    let mut properties = Vec::new();
    for entry in list {
        let extra = entry.as_object().is_none_or(|entry| entry.len() != 2);
        let Some((key, value)) = pair(entry).filter(|_| !extra) else {
            return Err(Answer::refused(400, "Each property must have a key and a value, and nothing else"));
        };
        check_property(&key, &value)?;
        properties.push((key, value));
    }
    Ok(properties)
}

pub(super) fn check_field(site: &Site, name: &str, value: &Value) -> Result<(), Answer> {
    let refusal = match (name, value) {
        ("summary", Value::String(text)) if text.trim().is_empty() => {
            Some("You must specify a summary of the issue.".to_owned())
        }
        ("summary", Value::String(text)) if text.contains(['\n', '\r']) => {
            Some("The summary is invalid because it contains newline characters.".to_owned())
        }
        ("summary", Value::String(text)) if text.chars().count() > 255 => {
            Some("Summary must be less than 255 characters.".to_owned())
        }
        ("summary", Value::String(_)) => None,
        ("summary", _) => Some("Operation value must be a string".to_owned()),
        ("description", Value::Null) => None,
        ("description", document) => site.schema.refusal(document).map(str::to_owned),
        ("labels", Value::Array(labels)) => {
            let bad = |label: &Value| label.as_str().is_none_or(|label| label.is_empty() || label.contains(' '));
            labels.iter().find(|label| bad(label)).map(|label| format!("The label {label} can't be set"))
        }
        _ => super::fields::refusal(site, name, value),
    };
    refusal.map_or(Ok(()), |message| Err(Answer::field_refused(name, &message)))
}

pub(super) fn set_field(issue: &mut Issue, name: &str, value: &Value) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match name {
        "summary" => issue.summary = text(value),
        "description" => issue.description = Some(value.clone()).filter(|value| !value.is_null()),
        custom if custom.starts_with("customfield_") => match value {
            Value::Null => drop(issue.custom.remove(custom)),
            value => drop(issue.custom.insert(custom.to_owned(), value.clone())),
        },
        "labels" => issue.labels = value.as_array().into_iter().flatten().map(text).collect(),
        _ => {}
    }
}
