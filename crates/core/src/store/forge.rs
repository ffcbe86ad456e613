//! The `forge_installations` table: our app on a site as Forge knows it, with the newest token to call that site with; and
//! the calls by Forge that were taken already.

use secrecy::{ExposeSecret, SecretString};
use sqlx::AnyConnection;

use super::codec::{Fields, word};
use super::tenants::{Tenant, TenantState, plain_address, tenant_in};
use super::unreferenced::nothing_left_of;
use super::{Store, StoreError};
use crate::clock::Millis;
use crate::ids::{CloudId, InstallationId, TenantId};
use crate::secret::Cipher;

/// A site's installation by Forge.
#[derive(Clone, Debug)]
pub struct ForgeInstall {
    /// Forge's name for it.
    pub id: InstallationId,
    /// Which of the operator's apps.
    pub app_id: String,
    /// Where the site's REST API is called.
    pub api_base_url: String,
    /// Whether it can be served.
    pub state: TenantState,
    /// The newest token that calls as the app itself.
    pub token: Option<SystemToken>,
}

/// A token that calls a site as the app itself.
#[derive(Clone, Debug)]
pub struct SystemToken {
    /// Goes into the Authorization header.
    pub token: SecretString,
    /// When it ends.
    pub until: Millis,
}

/// What a proven call by Forge says of where it comes from.
#[derive(Clone, Debug)]
pub struct ForgeSite {
    /// Forge's name for the installation.
    pub installation: InstallationId,
    /// The app.
    pub app_id: String,
    /// The site.
    pub cloud_id: CloudId,
    /// The site's address; events don't tell it.
    pub site_url: Option<String>,
    /// Where the site's REST API is called.
    pub api_base_url: String,
}

impl Store {
    /// The tenant of a proven call by Forge. A site or an installation that was not known is remembered: the event that
    /// tells of it can get lost. With `installs`, one that was uninstalled is there again.
    ///
    /// The site is known by its cloud id; or by its address, if Connect serves that address now and never told a cloud id.
    /// None when the installation belongs to another site than the call says.
    pub async fn forge_tenant(&self, site: &ForgeSite, installs: bool) -> Result<Option<Tenant>, StoreError> {
        if let Some(tenant) = self.tenant_of_installation(&site.installation).await? {
            if tenant.cloud_id.as_ref() != Some(&site.cloud_id) {
                return Ok(None);
            }
            if site.is_told_by(&tenant, installs) {
                return Ok(Some(tenant));
            }
        }
        let now = self.clock.now();
        let mut write = self.write_sites().await?;
        let id = self.site_of(write.connection(), site).await?;
        sqlx::query(
            "INSERT INTO forge_installations
                 (id, tenant_id, app_id, api_base_url, state, token_until, created_at, updated_at)
             VALUES ($1, $2, $3, $4, 'active', 0, $5, $5)
             ON CONFLICT (id) DO UPDATE SET tenant_id = excluded.tenant_id, app_id = excluded.app_id,
                 api_base_url = excluded.api_base_url, updated_at = excluded.updated_at,
                 state = CASE WHEN $6 = 1 THEN 'active' ELSE forge_installations.state END",
        )
        .bind(site.installation.as_str())
        .bind(id.as_str())
        .bind(&site.app_id)
        .bind(&site.api_base_url)
        .bind(now)
        .bind(i64::from(installs))
        .execute(write.connection())
        .await?;
        sqlx::query(
            "UPDATE tenants SET cloud_id = $2, updated_at = $4,
                 base_url = CASE WHEN client_key = '' THEN COALESCE($3, base_url) ELSE base_url END,
                 uninstalled_at = CASE WHEN EXISTS (SELECT 1 FROM forge_installations f
                     WHERE f.tenant_id = tenants.id AND f.state <> 'uninstalled') THEN NULL ELSE uninstalled_at END
             WHERE id = $1",
        )
        .bind(id.as_str())
        .bind(site.cloud_id.as_str())
        // Connect tells the address by itself, and what it says is checked against the sites that are allowed.
        .bind(site.site_url.clone())
        .bind(now)
        .execute(write.connection())
        .await?;
        let tenant = tenant_in(write.connection(), &id, &self.cipher).await?;
        write.commit().await?;
        Ok(tenant)
    }

    /// Keeps a token unless a newer one is there.
    pub async fn keep_forge_token(&self, id: &InstallationId, token: &SystemToken) -> Result<(), StoreError> {
        let sealed = self.cipher.seal(token.token.expose_secret(), &context(id)).map_err(|_| StoreError::Corrupt {
            table: "forge_installations",
            id: id.to_string(),
            column: "token",
        })?;
        let mut write = self.write().await?;
        sqlx::query(
            "UPDATE forge_installations SET token = $2, token_until = $3 WHERE id = $1 AND token_until < $3
                 AND state <> 'uninstalled'",
        )
        .bind(id.as_str())
        .bind(sealed)
        .bind(token.until)
        .execute(write.connection())
        .await?;
        write.commit().await
    }

    /// Notes that the call of this name was taken; false when it was before. It is remembered until its token ends.
    pub async fn take_forge_call(&self, name: &str, until: Millis) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        // Those that another process is just deleting are left to it.
        let ended = match self.on_postgres() {
            true => {
                "DELETE FROM forge_calls WHERE id IN
                     (SELECT id FROM forge_calls WHERE until < $1 LIMIT 1000 FOR UPDATE SKIP LOCKED)"
            }
            false => "DELETE FROM forge_calls WHERE until < $1",
        };
        sqlx::query(ended).bind(self.clock.now()).execute(write.connection()).await?;
        let done = sqlx::query("INSERT INTO forge_calls (id, until) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(name)
            .bind(until)
            .execute(write.connection())
            .await?;
        write.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    async fn tenant_of_installation(&self, id: &InstallationId) -> Result<Option<Tenant>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let row = sqlx::query("SELECT tenant_id FROM forge_installations WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(&mut *connection)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let tenant: TenantId = Fields::new("forge_installations", &row).id("tenant_id")?;
        tenant_in(&mut connection, &tenant, &self.cipher).await
    }

    /// The tenant of this site; a new one when it is not known.
    async fn site_of(&self, connection: &mut AnyConnection, site: &ForgeSite) -> Result<TenantId, StoreError> {
        let id_of = |row: &sqlx::any::AnyRow| Fields::new("tenants", row).id::<TenantId>("id");
        let by_cloud = sqlx::query("SELECT id FROM tenants WHERE cloud_id = $1")
            .bind(site.cloud_id.as_str())
            .fetch_optional(&mut *connection)
            .await?;
        let by_cloud = by_cloud.as_ref().map(id_of).transpose()?;
        let by_address = sqlx::query(
            "SELECT id FROM tenants WHERE cloud_id IS NULL AND state <> 'uninstalled' AND client_key <> ''
                 AND rtrim(lower(base_url), '/') = $1",
        )
        .bind(site.site_url.as_deref().map(plain_address))
        .fetch_optional(&mut *connection)
        .await?;
        match (by_cloud, by_address.as_ref().map(id_of).transpose()?) {
            // Events came first and made a tenant that nothing was ever done for: the site is the one that Connect serves.
            // Should another process give it a job in this very moment, the deletion is undone, and all of this
            // with it: the next call finds what there is.
            (Some(bare), Some(served)) if is_bare(connection, &bare).await? => {
                sqlx::query("UPDATE forge_installations SET tenant_id = $2 WHERE tenant_id = $1")
                    .bind(bare.as_str())
                    .bind(served.as_str())
                    .execute(&mut *connection)
                    .await?;
                let delete = sqlx::query("DELETE FROM tenants WHERE id = $1").bind(bare.as_str());
                delete.execute(&mut *connection).await?;
                nothing_left_of(connection, &bare).await?;
                Ok(served)
            }
            (Some(known), _) | (None, Some(known)) => Ok(known),
            (None, None) => self.new_site(connection).await,
        }
    }
}

/// Whether a tenant has no installation by Connect, no jobs and no settings.
async fn is_bare(connection: &mut AnyConnection, id: &TenantId) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT 1 AS bare FROM tenants WHERE id = $1 AND client_key = ''
             AND NOT EXISTS (SELECT 1 FROM jobs WHERE tenant_id = $1)
             AND NOT EXISTS (SELECT 1 FROM deliveries WHERE tenant_id = $1)
             AND NOT EXISTS (SELECT 1 FROM project_settings WHERE tenant_id = $1)
             AND NOT EXISTS (SELECT 1 FROM tenant_settings WHERE tenant_id = $1)",
    )
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

impl ForgeSite {
    /// Whether there is nothing to write: the tenant knows all of this.
    fn is_told_by(&self, tenant: &Tenant, installs: bool) -> bool {
        let Some(install) = tenant.forge_install(&self.installation) else { return false };
        let same_address = tenant.connect.is_some()
            || self.site_url.as_deref().is_none_or(|url| plain_address(url) == plain_address(&tenant.base_url));
        let same_state = !installs || install.state == TenantState::Active;
        same_address && same_state && install.app_id == self.app_id && install.api_base_url == self.api_base_url
    }
}

/// Binds a sealed token to its installation.
fn context(id: &InstallationId) -> String {
    format!("forge_installations/{id}/token")
}

pub(super) async fn installs_of(
    connection: &mut AnyConnection,
    tenant: &TenantId,
    cipher: &Cipher,
) -> Result<Vec<ForgeInstall>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, app_id, api_base_url, state, token, token_until FROM forge_installations WHERE tenant_id = $1
         ORDER BY CASE WHEN state = $2 THEN 0 ELSE 1 END, token_until DESC, id",
    )
    .bind(tenant.as_str())
    .bind(word(&TenantState::Active))
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let fields = Fields::new("forge_installations", row);
            let id: InstallationId = fields.id("id")?;
            let sealed: Option<String> = fields.get("token")?;
            let until = fields.get("token_until")?;
            let token = match sealed {
                None => None,
                Some(sealed) => {
                    let token = cipher.open(&sealed, &context(&id)).map_err(|_| fields.corrupt("token"))?;
                    Some(SystemToken { token, until })
                }
            };
            Ok(ForgeInstall {
                app_id: fields.get("app_id")?,
                api_base_url: fields.get("api_base_url")?,
                state: fields.word("state")?,
                token,
                id,
            })
        })
        .collect()
}
