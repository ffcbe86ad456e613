//! Which fields there are, and which of an issue can be edited.

use serde_json::{Map, Value, json};

use super::super::people::APP;
use super::super::site::Site;
use super::answer::{Answer, Outcome};
use super::issues::visible;

/// Id, name, type of its values, and whether it is on the edit screen.
const FIELDS: [(&str, &str, &str, bool); 9] = [
    ("summary", "Summary", "string", true),
    ("description", "Description", "string", true),
    ("labels", "Labels", "array", true),
    ("issuetype", "Issue Type", "issuetype", false),
    ("project", "Project", "project", false),
    ("status", "Status", "status", false),
    ("creator", "Creator", "user", false),
    ("created", "Created", "datetime", false),
    ("updated", "Updated", "datetime", false),
];

fn schema(id: &str, kind: &str) -> Value {
    match kind {
        "array" => json!({"type": "array", "items": "string", "system": id}),
        _ => json!({"type": kind, "system": id}),
    }
}

pub(super) fn list() -> Outcome {
    let fields = FIELDS.iter().map(|(id, name, kind, _)| {
        json!({
            "id": id, "key": id, "name": name, "custom": false, "orderable": true, "navigable": true,
            "searchable": true, "clauseNames": [id], "schema": schema(id, kind),
        })
    });
    Ok(Answer::json(200, fields.collect()))
}

/// Nothing is editable for an app that may not edit the issue: Jira then answers with no fields.
pub(super) fn edit_metadata(site: &Site, issue: &str) -> Outcome {
    let state = site.state();
    let issue = visible(&state, issue)?;
    let may_edit = state.grants.has(APP, &issue.project, "EDIT_ISSUES");
    let editable = FIELDS.iter().filter(|(_, _, _, on_screen)| *on_screen && may_edit);
    let fields: Map<String, Value> = editable
        .map(|(id, name, kind, _)| {
            let shown = json!({
                "key": id, "name": name, "required": *id == "summary", "hasDefaultValue": false,
                "operations": ["set"], "schema": schema(id, kind),
            });
            ((*id).to_owned(), shown)
        })
        .collect();
    Ok(Answer::json(200, json!({"fields": fields})))
}
