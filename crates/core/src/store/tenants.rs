//! The `tenants` table: Jira sites that installed the app. Client keys and shared secrets are sealed; a client key is
//! looked up by its hash.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;

use super::codec::{Fields, word};
use super::examples::erase_in;
use super::{Store, StoreError};
use crate::clock::Millis;
use crate::ids::{ClientKey, TenantId};
use crate::secret::Cipher;

/// Whether a site can be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantState {
    /// Installed and enabled.
    Active,
    /// Switched off by the site's admin.
    Disabled,
    /// Removed from the site; kept so that a return is the same tenant.
    Uninstalled,
}

/// One Jira site.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Ours.
    pub id: TenantId,
    /// Connect's name for the installation.
    pub client_key: ClientKey,
    /// The site's address.
    pub base_url: String,
    /// The site's address as people see it, when it has an own domain.
    pub display_url: Option<String>,
    /// Signs requests in both directions.
    pub shared_secret: SecretString,
    /// For acting as a user, when the app asks for it.
    pub oauth_client_id: Option<String>,
    /// Whether it can be served.
    pub state: TenantState,
    /// First installed.
    pub created_at: Millis,
    /// Changed last.
    pub updated_at: Millis,
}

/// What an installation brings.
#[derive(Clone, Debug)]
pub struct Installation {
    /// Connect's name for the installation.
    pub client_key: ClientKey,
    /// The site's address.
    pub base_url: String,
    /// Signs requests in both directions.
    pub shared_secret: SecretString,
    /// For acting as a user.
    pub oauth_client_id: Option<String>,
    /// The site's address as people see it.
    pub display_url: Option<String>,
}

impl Store {
    /// Remembers an installation. A client key that is known keeps its tenant (also after it was uninstalled) and gets the
    /// new secret and address. The caller has proven that the installation is genuine.
    pub async fn install_tenant(&self, installation: &Installation) -> Result<Tenant, StoreError> {
        let now = self.clock.now();
        let hash = hash(&installation.client_key);
        let mut write = self.write().await?;
        sqlx::query(
            "INSERT INTO tenants (id, client_key_hash, client_key, base_url, shared_secret, state, created_at, updated_at)
             VALUES ($1, $2, '', '', '', $3, $4, $4) ON CONFLICT (client_key_hash) DO NOTHING",
        )
        .bind(TenantId::make().to_string())
        .bind(&hash)
        .bind(word(&TenantState::Uninstalled))
        .bind(now)
        .execute(write.connection())
        .await?;
        let row = sqlx::query("SELECT id FROM tenants WHERE client_key_hash = $1")
            .bind(&hash)
            .fetch_one(write.connection())
            .await?;
        let id: TenantId = Fields::new("tenants", &row).id("id")?;
        let row = sqlx::query(
            "UPDATE tenants SET client_key = $2, base_url = $3, display_url = $4, shared_secret = $5,
                 oauth_client_id = $6, state = $7, updated_at = $8
             WHERE id = $1 RETURNING *",
        )
        .bind(id.as_str())
        .bind(self.seal(installation.client_key.as_str(), &id, "client_key")?)
        .bind(&installation.base_url)
        .bind(installation.display_url.clone())
        .bind(self.seal(installation.shared_secret.expose_secret(), &id, "shared_secret")?)
        .bind(installation.oauth_client_id.clone())
        .bind(word(&TenantState::Active))
        .bind(now)
        .fetch_one(write.connection())
        .await?;
        let tenant = tenant(&row, &self.cipher)?;
        write.commit().await?;
        Ok(tenant)
    }

    /// The tenant of this client key, whatever its state.
    pub async fn tenant_by_client_key(&self, key: &ClientKey) -> Result<Option<Tenant>, StoreError> {
        let row = sqlx::query("SELECT * FROM tenants WHERE client_key_hash = $1")
            .bind(hash(key))
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| tenant(&row, &self.cipher)).transpose()
    }

    /// A tenant, whatever its state.
    pub async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, StoreError> {
        let row =
            sqlx::query("SELECT * FROM tenants WHERE id = $1").bind(id.as_str()).fetch_optional(&self.pool).await?;
        row.map(|row| tenant(&row, &self.cipher)).transpose()
    }

    /// Enables, disables or uninstalls. With the last, what was kept for tuning is erased.
    pub async fn set_tenant_state(&self, id: &TenantId, state: TenantState) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let done = sqlx::query("UPDATE tenants SET state = $2, updated_at = $3 WHERE id = $1")
            .bind(id.as_str())
            .bind(word(&state))
            .bind(self.clock.now())
            .execute(write.connection())
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound("tenant"));
        }
        if state == TenantState::Uninstalled {
            // Consent ends with the installation: what was kept goes, and a site that comes back is asked anew.
            erase_in(write.connection(), id).await?;
            sqlx::query("UPDATE tenant_settings SET keep_examples = 0 WHERE tenant_id = $1")
                .bind(id.as_str())
                .execute(write.connection())
                .await?;
        }
        write.commit().await
    }

    fn seal(&self, plain: &str, id: &TenantId, column: &'static str) -> Result<String, StoreError> {
        self.cipher.seal(plain, &context(id, column)).map_err(|_| StoreError::Corrupt {
            table: "tenants",
            id: id.to_string(),
            column,
        })
    }
}

fn hash(key: &ClientKey) -> String {
    hex::encode(Sha256::digest(key.as_str().as_bytes()))
}

/// Binds a sealed text to its row and column.
fn context(id: &TenantId, column: &str) -> String {
    format!("tenants/{id}/{column}")
}

fn tenant(row: &AnyRow, cipher: &Cipher) -> Result<Tenant, StoreError> {
    let fields = Fields::new("tenants", row);
    let id: TenantId = fields.id("id")?;
    let open =
        |column| cipher.open(&fields.get::<String>(column)?, &context(&id, column)).map_err(|_| fields.corrupt(column));
    Ok(Tenant {
        client_key: ClientKey::new(open("client_key")?.expose_secret()),
        shared_secret: open("shared_secret")?,
        base_url: fields.get("base_url")?,
        display_url: fields.get("display_url")?,
        oauth_client_id: fields.get("oauth_client_id")?,
        state: fields.word("state")?,
        created_at: fields.get("created_at")?,
        updated_at: fields.get("updated_at")?,
        id,
    })
}
