//! Entity properties of issues and comments.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::people::APP;
use super::super::site::Site;
use super::super::webhooks;
use super::answer::{Answer, Call, Outcome};
use super::issues::{permitted, visible};

/// Jira's limits.
const KEY_LIMIT: usize = 255;
const VALUE_LIMIT: usize = 32_768;

pub(super) fn check_property(key: &str, value: &Value) -> Result<(), Answer> {
    if key.is_empty() || key.chars().count() > KEY_LIMIT {
        return Err(Answer::refused(400, "The property key must have 1 to 255 characters."));
    }
    if value.to_string().chars().count() > VALUE_LIMIT {
        return Err(Answer::refused(400, "The property value must not be longer than 32768 characters."));
    }
    Ok(())
}

fn no_such_property(key: &str) -> Answer {
    Answer::refused(404, &format!("The property with key '{key}' does not exist."))
}

pub(super) fn list(site: &Site, issue: &str) -> Outcome {
    let state = site.state();
    let issue = visible(&state, issue)?;
    let this = format!("{}/rest/api/3/issue/{}/properties", site.base_url, issue.id);
    let keys = issue.properties.keys().map(|key| json!({"self": format!("{this}/{key}"), "key": key}));
    Ok(Answer::json(200, json!({"keys": keys.collect::<Vec<_>>()})))
}

pub(super) fn get(site: &Site, issue: &str, key: &str) -> Outcome {
    let state = site.state();
    let value = visible(&state, issue)?.properties.get(key).ok_or_else(|| no_such_property(key))?;
    Ok(Answer::json(200, json!({"key": key, "value": value})))
}

pub(super) fn set(site: &Arc<Site>, call: &Call, issue: &str, key: &str) -> Outcome {
    let value = call.json()?;
    check_property(key, &value)?;
    let (before, issue) = {
        let mut state = site.state();
        let id = permitted(&state, issue, "EDIT_ISSUES")?.key;
        let issue = state.issue_mut(&id).ok_or_else(Answer::no_such_issue)?;
        (issue.properties.insert(key.to_owned(), value), issue.clone())
    };
    webhooks::fire(site, "issue_property_set", &issue, APP, json!({"property": {"key": key}}));
    Ok(Answer { status: if before.is_some() { 200 } else { 201 }, body: None })
}

pub(super) fn delete(site: &Site, issue: &str, key: &str) -> Outcome {
    let mut state = site.state();
    let id = permitted(&state, issue, "EDIT_ISSUES")?.key;
    let issue = state.issue_mut(&id).ok_or_else(Answer::no_such_issue)?;
    issue.properties.remove(key).ok_or_else(|| no_such_property(key))?;
    Ok(Answer::no_content())
}

pub(super) fn get_of_comment(site: &Site, id: &str, key: &str) -> Outcome {
    let state = site.state();
    let comment = state.issues.iter().flat_map(|issue| &issue.comments).find(|comment| comment.id == id);
    let comment = comment.ok_or_else(|| Answer::refused(404, "The comment does not exist."))?;
    let value = comment.properties.get(key).ok_or_else(|| no_such_property(key))?;
    Ok(Answer::json(200, json!({"key": key, "value": value})))
}

pub(super) fn set_of_comment(site: &Site, call: &Call, id: &str, key: &str) -> Outcome {
    let value = call.json()?;
    check_property(key, &value)?;
    let mut state = site.state();
    let comment = state.issues.iter_mut().flat_map(|issue| &mut issue.comments).find(|comment| comment.id == id);
    let comment = comment.ok_or_else(|| Answer::refused(404, "The comment does not exist."))?;
    let before = comment.properties.insert(key.to_owned(), value);
    Ok(Answer { status: if before.is_some() { 200 } else { 201 }, body: None })
}
