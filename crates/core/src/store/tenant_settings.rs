//! The `tenant_settings` table: what a site's administrators chose for all of its projects.

use sqlx::AnyConnection;

use super::codec::Fields;
use super::{Store, StoreError};
use crate::ids::{ProjectKey, TenantId};
use crate::jobs::AdapterChoice;

/// What a site's administrators chose for all of its projects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantSettings {
    /// What writes criteria where a project has made no choice.
    pub adapter: AdapterChoice,
    /// Accepted criteria are kept for tuning.
    pub keep_examples: bool,
    /// At most so many stories are written on a day; none: the operator's limit alone.
    pub stories_per_day: Option<u32>,
}

impl Store {
    /// A site's settings; the defaults when nobody chose any.
    pub async fn tenant_settings(&self, tenant: &TenantId) -> Result<TenantSettings, StoreError> {
        let mut connection = self.pool.acquire().await?;
        settings_in(&mut connection, tenant).await
    }

    /// Keeps a site's settings. Drafts that wait for a decision are no longer remembered for tuning once that is off.
    pub async fn set_tenant_settings(&self, tenant: &TenantId, settings: &TenantSettings) -> Result<(), StoreError> {
        let mut write = self.write_for(tenant).await?;
        sqlx::query(
            "INSERT INTO tenant_settings (tenant_id, adapter, keep_examples, updated_at, stories_per_day)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant_id) DO UPDATE SET adapter = excluded.adapter,
                 keep_examples = excluded.keep_examples, updated_at = excluded.updated_at,
                 stories_per_day = excluded.stories_per_day",
        )
        .bind(tenant.as_str())
        .bind(Option::<String>::from(settings.adapter.clone()))
        .bind(i64::from(settings.keep_examples))
        .bind(self.clock.now())
        .bind(settings.stories_per_day.map(i64::from))
        .execute(write.connection())
        .await?;
        if !settings.keep_examples {
            sqlx::query("DELETE FROM examples WHERE tenant_id = $1 AND accepted_at IS NULL")
                .bind(tenant.as_str())
                .execute(write.connection())
                .await?;
        }
        write.commit().await
    }

    /// What writes criteria in this project: its own choice, or else the site's.
    pub async fn adapter_choice(&self, tenant: &TenantId, project: &ProjectKey) -> Result<AdapterChoice, StoreError> {
        let own = self.project_settings(tenant, project).await?.adapter;
        Ok(own.or(self.tenant_settings(tenant).await?.adapter))
    }
}

pub(super) async fn settings_in(
    connection: &mut AnyConnection,
    tenant: &TenantId,
) -> Result<TenantSettings, StoreError> {
    let row = sqlx::query("SELECT adapter, keep_examples, stories_per_day FROM tenant_settings WHERE tenant_id = $1")
        .bind(tenant.as_str())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(TenantSettings::default()) };
    let fields = Fields::new("tenant_settings", &row);
    Ok(TenantSettings {
        adapter: fields.get::<Option<String>>("adapter")?.into(),
        keep_examples: fields.get::<i64>("keep_examples")? != 0,
        stories_per_day: match fields.get::<Option<i64>>("stories_per_day")? {
            Some(stories) => Some(u32::try_from(stories).map_err(|_| fields.corrupt("stories_per_day"))?),
            None => None,
        },
    })
}
