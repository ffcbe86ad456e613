//! A project's settings.

use actix_web::{HttpResponse, web};
use brine_core::gherkin::form::{FEWEST_SCENARIOS, MOST_SCENARIOS, SCENARIOS, said};
use brine_core::ids::{FieldId, ProjectKey};
use brine_core::jira::client::{EditableField, FieldForm};
use brine_core::jobs::{AdapterChoice, Target};
use brine_core::store::ProjectSettings;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::body::Body;
use crate::door::{PersonCaller, Right};
use crate::refusal::Refusal;

/// Jira's own limits on issue types are far above these.
const MOST_TYPES: usize = 50;
const LONGEST_TYPE: usize = 60;

/// The settings as the page sends and gets them.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SettingsView {
    automatic: bool,
    /// A page that does not know of it leaves it as it is.
    #[serde(default)]
    on_change: Option<bool>,
    issue_types: Vec<String>,
    target: Target,
    #[serde(default)]
    field: Option<FieldId>,
    max_scenarios: u8,
    #[serde(default)]
    adapter: AdapterChoice,
}

/// The settings, and what the page lets people choose from.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    settings: SettingsView,
    /// Fewest and most scenarios that can be asked for.
    scenarios: [u8; 2],
}

impl From<ProjectSettings> for Shown {
    fn from(settings: ProjectSettings) -> Self {
        Self { settings: settings.into(), scenarios: [FEWEST_SCENARIOS, MOST_SCENARIOS] }
    }
}

/// The settings, or the defaults while nobody has changed them.
pub(crate) async fn show(caller: PersonCaller, path: web::Path<String>) -> Result<HttpResponse, Refusal> {
    let project = project_key(path.into_inner())?;
    caller.require(&Right::ProjectAdmin(&project)).await?;
    let settings = caller.desk.project_settings(&project).await?;
    Ok(HttpResponse::Ok().json(Shown::from(settings)))
}

/// Replaces the settings.
pub(crate) async fn change(
    caller: PersonCaller,
    path: web::Path<String>,
    body: Body<SettingsView>,
) -> Result<HttpResponse, Refusal> {
    let project = project_key(path.into_inner())?;
    let Body(view) = body;
    let on_change = view.on_change;
    let mut settings = view.checked()?;
    caller.require(&Right::ProjectAdmin(&project)).await?;
    caller.desk.offered().check(&settings.adapter)?;
    if settings.target == Target::Field {
        must_be_there(&caller, &project, settings.field.as_ref()).await?;
    }
    settings.on_change = match on_change {
        Some(chosen) => chosen,
        None => caller.desk.project_settings(&project).await?.on_change,
    };
    caller.desk.set_project_settings(&project, &settings).await?;
    Ok(HttpResponse::Ok().json(Shown::from(settings)))
}

/// A custom field as the page offers it.
#[derive(Serialize)]
struct FieldView {
    id: FieldId,
    name: String,
    /// It has room for the titles of the scenarios alone.
    short: bool,
}

/// The fields of the project that criteria can be written into.
pub(crate) async fn fields(caller: PersonCaller, path: web::Path<String>) -> Result<HttpResponse, Refusal> {
    let project = project_key(path.into_inner())?;
    caller.require(&Right::ProjectAdmin(&project)).await?;
    let view =
        |field: EditableField| FieldView { short: field.form == FieldForm::Line, id: field.id, name: field.name };
    let fields: Vec<FieldView> = fields_of(&caller, &project).await?.into_iter().map(view).collect();
    Ok(HttpResponse::Ok().json(json!({ "fields": fields })))
}

/// Those of the project's newest issue: Jira tells of the edit screens of issues alone. None while there is no issue.
async fn fields_of(caller: &PersonCaller, project: &ProjectKey) -> Result<Vec<EditableField>, Refusal> {
    let jira = caller.desk.jira();
    match jira.newest_issue(project).await? {
        Some(issue) => Ok(jira.editable_fields(&issue).await?),
        None => Ok(Vec::new()),
    }
}

async fn must_be_there(caller: &PersonCaller, project: &ProjectKey, field: Option<&FieldId>) -> Result<(), Refusal> {
    let Some(field) = field else {
        return Err(Refusal::Malformed("Choose the field that criteria are written into.".to_owned()));
    };
    if fields_of(caller, project).await?.iter().any(|one| one.id == *field) {
        return Ok(());
    }
    Err(Refusal::Malformed(format!(
        "The field {field} cannot hold criteria: it is not on the edit screen of this project's newest issue, or is no text."
    )))
}

fn checked_field(field: FieldId) -> Result<FieldId, Refusal> {
    let checked = FieldId::custom(field.as_str());
    checked.ok_or_else(|| Refusal::Malformed("A field is named like customfield_10042.".to_owned()))
}

/// Jira's project keys: a letter, then letters, digits and underscores.
pub(crate) fn project_key(text: String) -> Result<ProjectKey, Refusal> {
    let mut bytes = text.bytes();
    let begins_well = bytes.next().is_some_and(|b| b.is_ascii_alphabetic());
    if !begins_well || text.len() > 64 || !bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(Refusal::NotFound("There is no such project."));
    }
    Ok(ProjectKey::new(text))
}

impl SettingsView {
    fn checked(self) -> Result<ProjectSettings, Refusal> {
        if !SCENARIOS.contains(&self.max_scenarios) {
            let limits = said(&SCENARIOS);
            return Err(Refusal::Malformed(format!("maxScenarios must be {limits}, got {}.", self.max_scenarios)));
        }
        if self.issue_types.len() > MOST_TYPES {
            return Err(Refusal::Malformed(format!("At most {MOST_TYPES} issue types can be named.")));
        }
        let mut issue_types: Vec<String> = Vec::new();
        for name in self.issue_types.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
            if name.chars().count() > LONGEST_TYPE {
                return Err(Refusal::Malformed(format!("An issue type has at most {LONGEST_TYPE} characters.")));
            }
            if !issue_types.iter().any(|known| known.to_lowercase() == name.to_lowercase()) {
                issue_types.push(name.to_owned());
            }
        }
        Ok(ProjectSettings {
            automatic: self.automatic,
            on_change: self.on_change.unwrap_or_default(),
            issue_types,
            target: self.target,
            // Kept for a while of another target, so that it need not be looked for again.
            field: self.field.map(checked_field).transpose()?,
            max_scenarios: self.max_scenarios,
            adapter: self.adapter,
        })
    }
}

impl From<ProjectSettings> for SettingsView {
    fn from(settings: ProjectSettings) -> Self {
        let ProjectSettings { automatic, on_change, issue_types, target, field, max_scenarios, adapter } = settings;
        Self { automatic, on_change: Some(on_change), issue_types, target, field, max_scenarios, adapter }
    }
}
