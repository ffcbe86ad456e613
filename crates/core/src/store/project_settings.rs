//! The `project_settings` table: what the admins of a Jira project chose.

use serde::{Deserialize, Serialize};

use super::codec::{Fields, json, word};
use super::{Store, StoreError};
use crate::gherkin::form::MOST_SCENARIOS;
use crate::ids::{FieldId, ProjectKey, TenantId};
use crate::jobs::{AdapterChoice, Destination, Target};

/// What the admins of a Jira project chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectSettings {
    /// New issues get criteria by themselves.
    pub automatic: bool,
    /// A changed story of those types gets new criteria by itself, too.
    #[serde(default)]
    pub on_change: bool,
    /// Of which types; empty means all.
    pub issue_types: Vec<String>,
    /// Where criteria are written.
    pub target: Target,
    /// The custom field, where the target is one.
    #[serde(default)]
    pub field: Option<FieldId>,
    /// At most so many scenarios, of those that `gherkin::form` allows.
    pub max_scenarios: u8,
    /// What writes them.
    #[serde(default)]
    pub adapter: AdapterChoice,
}

impl Default for ProjectSettings {
    fn default() -> Self {
        Self {
            automatic: false,
            on_change: false,
            issue_types: vec!["Story".to_owned()],
            target: Target::Description,
            field: None,
            max_scenarios: MOST_SCENARIOS,
            adapter: AdapterChoice::Inherit,
        }
    }
}

impl ProjectSettings {
    /// Where criteria go; none when they stay drafts.
    pub fn destination(&self) -> Option<Destination> {
        Destination::of(self.target, self.field.as_ref())
    }
}

impl Store {
    /// A project's settings; the defaults when nobody chose any.
    pub async fn project_settings(
        &self,
        tenant: &TenantId,
        project: &ProjectKey,
    ) -> Result<ProjectSettings, StoreError> {
        let row = sqlx::query(
            "SELECT automatic, on_change, issue_types, target, field, max_scenarios, adapter FROM project_settings
             WHERE tenant_id = $1 AND project_key = $2",
        )
        .bind(tenant.as_str())
        .bind(project.as_str())
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(ProjectSettings::default()) };
        let fields = Fields::new("project_settings", &row);
        Ok(ProjectSettings {
            automatic: fields.get::<i64>("automatic")? != 0,
            on_change: fields.get::<i64>("on_change")? != 0,
            issue_types: fields.json("issue_types")?,
            target: fields.word("target")?,
            field: fields.optional_id("field")?,
            max_scenarios: fields.number("max_scenarios")?,
            adapter: fields.get::<Option<String>>("adapter")?.into(),
        })
    }

    /// Keeps a project's settings.
    pub async fn set_project_settings(
        &self,
        tenant: &TenantId,
        project: &ProjectKey,
        settings: &ProjectSettings,
    ) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        sqlx::query(
            "INSERT INTO project_settings
                 (tenant_id, project_key, automatic, issue_types, target, max_scenarios, updated_at, adapter,
                  on_change, field)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (tenant_id, project_key) DO UPDATE SET automatic = excluded.automatic,
                 issue_types = excluded.issue_types, target = excluded.target,
                 max_scenarios = excluded.max_scenarios, updated_at = excluded.updated_at, adapter = excluded.adapter,
                 on_change = excluded.on_change, field = excluded.field",
        )
        .bind(tenant.as_str())
        .bind(project.as_str())
        .bind(i64::from(settings.automatic))
        .bind(json(&settings.issue_types))
        .bind(word(&settings.target))
        .bind(i64::from(settings.max_scenarios))
        .bind(self.clock.now())
        .bind(Option::<String>::from(settings.adapter.clone()))
        .bind(i64::from(settings.on_change))
        .bind(settings.field.as_ref().map(ToString::to_string))
        .execute(write.connection())
        .await?;
        write.commit().await
    }
}
