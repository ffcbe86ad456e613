//! Which fields there are, and which of an issue can be edited.

use serde_json::{Map, Value, json};

use super::super::people::APP;
use super::super::site::Site;
use super::answer::{Answer, Outcome};
use super::issues::visible;

/// Id, name, type of its values, and whether it is on the edit screen.
const FIELDS: [(&str, &str, &str, bool); 11] = [
    ("summary", "Summary", "string", true),
    ("description", "Description", "string", true),
    ("labels", "Labels", "array", true),
    ("issuetype", "Issue Type", "issuetype", false),
    ("project", "Project", "project", false),
    ("status", "Status", "status", false),
    ("creator", "Creator", "user", false),
    ("created", "Created", "datetime", false),
    ("updated", "Updated", "datetime", false),
    ("parent", "Parent", "issuelink", false),
    ("subtasks", "Sub-tasks", "array", false),
];

/// Id, name, and kind of the custom fields of every project, as `customfieldtypes` calls it.
pub(crate) const CUSTOM: [(&str, &str, &str); 3] = [
    ("customfield_10050", "Acceptance criteria", "textarea"),
    ("customfield_10051", "Test idea", "textfield"),
    ("customfield_10052", "Story points", "float"),
];

fn schema(id: &str, kind: &str) -> Value {
    match kind {
        "array" => json!({"type": "array", "items": "string", "system": id}),
        _ => json!({"type": kind, "system": id}),
    }
}

fn custom_schema(id: &str, kind: &str) -> Value {
    let number: u64 = id.trim_start_matches("customfield_").parse().unwrap_or_default();
    json!({
        "type": if kind == "float" { "number" } else { "string" },
        "custom": format!("com.atlassian.jira.plugin.system.customfieldtypes:{kind}"),
        "customId": number,
    })
}

pub(super) fn list() -> Outcome {
    let show = |id: &str, name: &str, custom: bool, schema: Value| {
        json!({
            "id": id, "key": id, "name": name, "custom": custom, "orderable": true, "navigable": true,
            "searchable": true, "clauseNames": [id], "schema": schema,
        })
    };
    let system = FIELDS.iter().map(|(id, name, kind, _)| show(id, name, false, schema(id, kind)));
    let custom = CUSTOM.iter().map(|(id, name, kind)| show(id, name, true, custom_schema(id, kind)));
    Ok(Answer::json(200, system.chain(custom).collect()))
}

/// Nothing is editable for an app that may not edit the issue: Jira then answers with no fields.
pub(super) fn edit_metadata(site: &Site, issue: &str) -> Outcome {
    let state = site.state();
    let issue = visible(&state, issue)?;
    let may_edit = state.grants.has(APP, &issue.project, "EDIT_ISSUES");
    let show = |id: &str, name: &str, schema: Value| {
        let shown = json!({
            "key": id, "name": name, "required": id == "summary", "hasDefaultValue": false,
            "operations": ["set"], "schema": schema,
        });
        (id.to_owned(), shown)
    };
    let editable = FIELDS.iter().filter(|(_, _, _, on_screen)| *on_screen);
    let system = editable.map(|(id, name, kind, _)| show(id, name, schema(id, kind)));
    let custom = CUSTOM.iter().map(|(id, name, kind)| show(id, name, custom_schema(id, kind)));
    let fields: Map<String, Value> = system.chain(custom).filter(|_| may_edit).collect();
    Ok(Answer::json(200, json!({"fields": fields})))
}

/// Why Jira would refuse this value of a custom field.
pub(super) fn refusal(site: &Site, id: &str, value: &Value) -> Option<String> {
    let Some((_, _, kind)) = CUSTOM.iter().find(|(known, ..)| *known == id) else {
        return Some(format!("Field '{id}' cannot be set. It is not on the appropriate screen, or unknown."));
    };
    match (*kind, value) {
        (_, Value::Null) => None,
        ("textarea", document) => site.schema.refusal(document).map(str::to_owned),
        ("textfield", Value::String(text)) if text.contains(['\n', '\r']) => {
            Some("The entered text is invalid because it contains newline characters.".to_owned())
        }
        ("textfield", Value::String(text)) if text.chars().count() > 255 => {
            Some("The entered text is too long. It exceeds the allowed limit of 255 characters.".to_owned())
        }
        ("textfield", Value::String(_)) | ("float", Value::Number(_)) => None,
        _ => Some("Operation value must be of the field's type".to_owned()),
    }
}
