//! Sites that leave: switched off, uninstalled, and after a while forgotten.

use std::time::Duration;

use sqlx::AnyConnection;

use super::codec::{Fields, word};
use super::examples::erase_in;
use super::{Store, StoreError, TenantState};
use crate::clock::Millis;
use crate::ids::{InstallationId, TenantId};

/// An event comes again within a day at most. Milliseconds.
const DELIVERIES_KEPT: Millis = 7 * 24 * 3_600_000;

/// What a site that left takes along, in an order that no reference stands against.
const OF_A_TENANT: [&str; 10] = [
    "DELETE FROM examples WHERE tenant_id = $1",
    "DELETE FROM deliveries WHERE tenant_id = $1",
    "DELETE FROM drafts WHERE tenant_id = $1",
    "DELETE FROM jobs WHERE tenant_id = $1",
    "DELETE FROM bulk_stories WHERE run_id IN (SELECT id FROM bulk_runs WHERE tenant_id = $1)",
    "DELETE FROM bulk_runs WHERE tenant_id = $1",
    "DELETE FROM story_days WHERE tenant_id = $1",
    "DELETE FROM project_settings WHERE tenant_id = $1",
    "DELETE FROM tenant_settings WHERE tenant_id = $1",
    "DELETE FROM forge_installations WHERE tenant_id = $1",
];

impl Store {
    /// Enables, disables or uninstalls a site's installation by Connect.
    pub async fn set_connect_state(&self, id: &TenantId, state: TenantState) -> Result<(), StoreError> {
        let mut write = self.write_site(id).await?;
        let done = sqlx::query("UPDATE tenants SET state = $2, updated_at = $3 WHERE id = $1 AND client_key <> ''")
            .bind(id.as_str())
            .bind(word(&state))
            .bind(self.clock.now())
            .execute(write.connection())
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound("tenant"));
        }
        self.note_departure(write.connection(), id).await?;
        write.commit().await
    }

    /// Uninstalls an installation by Forge. Its token goes at once.
    pub async fn uninstall_forge(&self, tenant: &TenantId, id: &InstallationId) -> Result<(), StoreError> {
        let mut write = self.write_site(tenant).await?;
        sqlx::query(
            "UPDATE forge_installations SET state = 'uninstalled', token = NULL, token_until = 0, updated_at = $3
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.as_str())
        .bind(id.as_str())
        .bind(self.clock.now())
        .execute(write.connection())
        .await?;
        self.note_departure(write.connection(), tenant).await?;
        write.commit().await
    }

    /// Deletes what is kept for sites on which nothing has been installed for so long, and old notes of deliveries. What
    /// stays of such a site is the hash of its client key and its cloud id: should it return, it is the same tenant.
    pub async fn forget_departed(&self, kept: Duration) -> Result<u64, StoreError> {
        let kept = Millis::try_from(kept.as_millis()).unwrap_or(Millis::MAX);
        let before = self.clock.now().saturating_sub(kept);
        let rows =
            sqlx::query("SELECT id FROM tenants WHERE uninstalled_at <= $1").bind(before).fetch_all(&self.pool).await?;
        for row in &rows {
            let id: TenantId = Fields::new("tenants", row).id("id")?;
            self.forget(&id, before).await?;
        }
        let mut write = self.write_sites().await?;
        sqlx::query("DELETE FROM deliveries WHERE seen_at < $1")
            .bind(self.clock.now() - DELIVERIES_KEPT)
            .execute(write.connection())
            .await?;
        write.commit().await?;
        Ok(rows.len() as u64)
    }

    async fn forget(&self, id: &TenantId, before: Millis) -> Result<(), StoreError> {
        let mut write = self.write_site(id).await?;
        let done = sqlx::query(
            "UPDATE tenants SET client_key = '', shared_secret = '', base_url = '', display_url = NULL,
                 oauth_client_id = NULL, uninstalled_at = NULL, updated_at = $3
             WHERE id = $1 AND uninstalled_at <= $2",
        )
        .bind(id.as_str())
        .bind(before)
        .bind(self.clock.now())
        .execute(write.connection())
        .await?;
        // It came back in this very moment.
        if done.rows_affected() == 0 {
            return Ok(());
        }
        for statement in OF_A_TENANT {
            sqlx::query(statement).bind(id.as_str()).execute(write.connection()).await?;
        }
        write.commit().await
    }

    /// When nothing is installed any more: the time is noted, and consent ends. What was kept for tuning goes, and a site
    /// that comes back is asked anew.
    async fn note_departure(&self, connection: &mut AnyConnection, id: &TenantId) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE tenants SET uninstalled_at = COALESCE(uninstalled_at, $2)
             WHERE id = $1 AND state = 'uninstalled' AND NOT EXISTS (SELECT 1 FROM forge_installations f
                 WHERE f.tenant_id = $1 AND f.state <> 'uninstalled')",
        )
        .bind(id.as_str())
        .bind(self.clock.now())
        .execute(&mut *connection)
        .await?;
        if done.rows_affected() == 0 {
            sqlx::query("UPDATE tenants SET uninstalled_at = NULL WHERE id = $1")
                .bind(id.as_str())
                .execute(connection)
                .await?;
            return Ok(());
        }
        erase_in(&mut *connection, id).await?;
        sqlx::query("UPDATE tenant_settings SET keep_examples = 0 WHERE tenant_id = $1")
            .bind(id.as_str())
            .execute(connection)
            .await?;
        Ok(())
    }
}
