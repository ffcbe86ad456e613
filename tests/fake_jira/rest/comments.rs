//! Comments.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::people::APP;
use super::super::site::Site;
use super::super::state::{Comment, Issue};
use super::super::time::now_ms;
use super::super::webhooks;
use super::answer::{Answer, Call, Outcome};
use super::issues::{permitted, visible};
use super::properties::check_property;
use super::shapes::comment_json;

/// What a client may send: the fields that only Jira sets are ignored, as Jira ignores them.
const KNOWN: [&str; 12] = [
    "body",
    "properties",
    "visibility",
    "self",
    "id",
    "author",
    "updateAuthor",
    "renderedBody",
    "created",
    "updated",
    "jsdPublic",
    "jsdAuthorCanSeeRequest",
];

pub(super) fn list(site: &Site, call: &Call, issue: &str) -> Outcome {
    let state = site.state();
    let issue = visible(&state, issue)?;
    let number = |name: &str, default: usize| match call.param(name) {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| Answer::refused(400, &format!("{name} must be a number"))),
    };
    let (start, most) = (number("startAt", 0)?, number("maxResults", 5000)?);
    let mut comments: Vec<&Comment> = issue.comments.iter().collect();
    match call.param("orderBy").as_deref() {
        None | Some("created" | "+created") => {}
        Some("-created") => comments.reverse(),
        Some(other) => return Err(Answer::refused(400, &format!("Cannot order comments by {other}"))),
    }
    let with_properties = expands_properties(call);
    let page = comments.iter().skip(start).take(most);
    let page: Vec<Value> = page.map(|comment| comment_json(site, &state, issue.id, comment, with_properties)).collect();
    Ok(Answer::json(200, json!({"startAt": start, "maxResults": most, "total": comments.len(), "comments": page})))
}

pub(super) fn get(site: &Site, call: &Call, issue: &str, id: &str) -> Outcome {
    let state = site.state();
    let issue = visible(&state, issue)?;
    let comment = find(issue, id)?;
    Ok(Answer::json(200, comment_json(site, &state, issue.id, comment, expands_properties(call))))
}

pub(super) fn add(site: &Arc<Site>, call: &Call, issue: &str) -> Outcome {
    let sent = call.object(&KNOWN)?;
    let (body, properties) = (checked_body(site, &sent)?, checked_properties(&sent)?);
    let (answer, issue) = {
        let mut state = site.state();
        let key = permitted(&state, issue, "ADD_COMMENTS")?.key;
        let now = now_ms();
        let id = state.take_id().to_string();
        let author = APP.to_owned();
        let comment =
            Comment { id, author, body, properties: properties.into_iter().collect(), created: now, updated: now };
        let issue = state.issue_mut(&key).ok_or_else(Answer::no_such_issue)?;
        issue.comments.push(comment.clone());
        let issue = issue.clone();
        (comment_json(site, &state, issue.id, &comment, expands_properties(call)), issue)
    };
    webhooks::fire(site, "comment_created", &issue, APP, json!({"comment": {"id": answer.get("id")}}));
    Ok(Answer::json(201, answer))
}

pub(super) fn update(site: &Arc<Site>, call: &Call, issue: &str, id: &str) -> Outcome {
    let sent = call.object(&KNOWN)?;
    let (body, properties) = (checked_body(site, &sent)?, checked_properties(&sent)?);
    let (answer, issue) = {
        let mut state = site.state();
        let key = permitted(&state, issue, "ADD_COMMENTS")?.key;
        let issue = state.issue_mut(&key).ok_or_else(Answer::no_such_issue)?;
        let comment = issue.comments.iter_mut().find(|comment| comment.id == id).ok_or_else(|| no_such_comment(id))?;
        if comment.author != APP {
            return Err(Answer::refused(400, "You do not have permission to edit this comment."));
        }
        comment.body = body;
        comment.properties.extend(properties);
        comment.updated = now_ms();
        let (comment, issue) = (comment.clone(), issue.clone());
        (comment_json(site, &state, issue.id, &comment, expands_properties(call)), issue)
    };
    webhooks::fire(site, "comment_updated", &issue, APP, json!({"comment": {"id": id}}));
    Ok(Answer::json(200, answer))
}

pub(super) fn delete(site: &Site, issue: &str, id: &str) -> Outcome {
    let mut state = site.state();
    let key = permitted(&state, issue, "ADD_COMMENTS")?.key;
    let issue = state.issue_mut(&key).ok_or_else(Answer::no_such_issue)?;
    find(issue, id)?;
    issue.comments.retain(|comment| comment.id != id);
    Ok(Answer::no_content())
}

fn find<'a>(issue: &'a Issue, id: &str) -> Result<&'a Comment, Answer> {
    issue.comments.iter().find(|comment| comment.id == id).ok_or_else(|| no_such_comment(id))
}

fn no_such_comment(id: &str) -> Answer {
    Answer::refused(404, &format!("Can not find a comment for the id: {id}."))
}

fn expands_properties(call: &Call) -> bool {
    call.list("expand").iter().any(|name| name == "properties")
}

fn checked_body(site: &Site, sent: &serde_json::Map<String, Value>) -> Result<Value, Answer> {
    let Some(body) = sent.get("body") else {
        return Err(Answer::field_refused("comment", "Comment body can not be empty!"));
    };
    match site.schema.refusal(body) {
        Some(reason) => Err(Answer::field_refused("comment", reason)),
        None => Ok(body.clone()),
    }
}

fn checked_properties(sent: &serde_json::Map<String, Value>) -> Result<Vec<(String, Value)>, Answer> {
    let mut properties = Vec::new();
    for entry in sent.get("properties").and_then(Value::as_array).into_iter().flatten() {
        let (Some(key), Some(value)) = (entry.get("key").and_then(Value::as_str), entry.get("value")) else {
            return Err(Answer::refused(400, "Each property must have a key and a value"));
        };
        check_property(key, value)?;
        properties.push((key.to_owned(), value.clone()));
    }
    Ok(properties)
}
