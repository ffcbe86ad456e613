//! The `tenants` table: Jira sites. Client keys, shared secrets and tokens are sealed; a client key is looked up by its
//! hash. A site may be installed by Connect, by Forge, or by both while it moves from one to the other.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::codec::{Fields, word};
use super::forge::{ForgeInstall, installs_of};
use super::{Store, StoreError};
use crate::clock::Millis;
use crate::ids::{ClientKey, CloudId, InstallationId, TenantId};
use crate::secret::Cipher;

/// Whether an installation, or a whole site, can be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantState {
    /// Installed and enabled.
    Active,
    /// Switched off by the site's admin.
    Disabled,
    /// Removed from the site; kept for a while so that a return is the same tenant.
    Uninstalled,
}

/// One Jira site.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Ours.
    pub id: TenantId,
    /// Atlassian's, once it was told.
    pub cloud_id: Option<CloudId>,
    /// The site's address; empty while only Forge's events have told of it.
    pub base_url: String,
    /// The site's address as people see it, when it has an own domain.
    pub display_url: Option<String>,
    /// As Connect knows it.
    pub connect: Option<ConnectInstall>,
    /// As Forge knows it: active ones first, the one with the newest token before the others.
    pub forge: Vec<ForgeInstall>,
    /// First installed.
    pub created_at: Millis,
    /// Changed last.
    pub updated_at: Millis,
}

/// A site's installation by Connect.
#[derive(Clone, Debug)]
pub struct ConnectInstall {
    /// Connect's name for the installation.
    pub client_key: ClientKey,
    /// Signs requests in both directions.
    pub shared_secret: SecretString,
    /// For acting as a user, when the app asks for it.
    pub oauth_client_id: Option<String>,
    /// Whether it can be served.
    pub state: TenantState,
}

/// What an installation by Connect brings.
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
    /// Atlassian's id of the site, when the payload has it.
    pub cloud_id: Option<CloudId>,
}

/// A statement that asks for what [`tenant`] reads.
macro_rules! tenant_rows {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " id, cloud_id, base_url, display_url, client_key, shared_secret, oauth_client_id, state, created_at, updated_at ",
            $after
        )
    };
}

impl Tenant {
    /// Whether the site can be served in any way.
    pub fn state(&self) -> TenantState {
        let connect = self.connect.iter().map(|install| install.state);
        let states: Vec<TenantState> = connect.chain(self.forge.iter().map(|install| install.state)).collect();
        [TenantState::Active, TenantState::Disabled]
            .into_iter()
            .find(|state| states.contains(state))
            .unwrap_or(TenantState::Uninstalled)
    }

    /// The installation by Connect, when it can be served.
    pub fn active_connect(&self) -> Option<&ConnectInstall> {
        self.connect.as_ref().filter(|install| install.state == TenantState::Active)
    }

    /// The installation by Forge that work for nobody in particular uses.
    pub fn active_forge(&self) -> Option<&ForgeInstall> {
        self.forge.iter().find(|install| install.state == TenantState::Active)
    }

    /// The installation by Forge of this name.
    pub fn forge_install(&self, id: &InstallationId) -> Option<&ForgeInstall> {
        self.forge.iter().find(|install| install.id == *id)
    }
}

impl Store {
    /// Remembers an installation by Connect, which the caller has proven to be genuine. It belongs to the tenant of its
    /// client key (also after that was uninstalled), or else of its cloud id, or else of its address if Forge alone serves
    /// that site; it gets the new secret and address.
    pub async fn install_tenant(&self, installation: &Installation) -> Result<Tenant, StoreError> {
        let now = self.clock.now();
        let hash = hash(&installation.client_key);
        let mut write = self.write_sites().await?;
        let id = match known_site(write.connection(), &hash, installation).await? {
            Some(id) => id,
            None => self.new_site(write.connection()).await?,
        };
        sqlx::query(
            "UPDATE tenants SET client_key_hash = $2, client_key = $3, base_url = $4, display_url = $5,
                 shared_secret = $6, oauth_client_id = $7, state = $8, uninstalled_at = NULL, updated_at = $9,
                 cloud_id = COALESCE(cloud_id, CASE WHEN EXISTS (SELECT 1 FROM tenants t WHERE t.cloud_id = $10)
                     THEN NULL ELSE $10 END)
             WHERE id = $1",
        )
        .bind(id.as_str())
        .bind(hash)
        .bind(self.seal(installation.client_key.as_str(), &id, "client_key")?)
        .bind(&installation.base_url)
        .bind(installation.display_url.clone())
        .bind(self.seal(installation.shared_secret.expose_secret(), &id, "shared_secret")?)
        .bind(installation.oauth_client_id.clone())
        .bind(word(&TenantState::Active))
        .bind(now)
        .bind(installation.cloud_id.as_ref().map(ToString::to_string))
        .execute(write.connection())
        .await?;
        let tenant = tenant_in(write.connection(), &id, &self.cipher).await?;
        write.commit().await?;
        tenant.ok_or(StoreError::NotFound("tenant"))
    }

    /// The tenant of this client key, whatever its state.
    pub async fn tenant_by_client_key(&self, key: &ClientKey) -> Result<Option<Tenant>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let row = sqlx::query(tenant_rows!("SELECT", "FROM tenants WHERE client_key_hash = $1"))
            .bind(hash(key))
            .fetch_optional(&mut *connection)
            .await?;
        match row {
            Some(row) => tenant(&row, &mut connection, &self.cipher).await.map(Some),
            None => Ok(None),
        }
    }

    /// A tenant, whatever its state.
    pub async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        tenant_in(&mut connection, id, &self.cipher).await
    }

    /// A row for a site that nothing is installed on yet.
    pub(super) async fn new_site(&self, connection: &mut AnyConnection) -> Result<TenantId, StoreError> {
        let id = TenantId::make();
        sqlx::query(
            "INSERT INTO tenants (id, client_key_hash, client_key, base_url, shared_secret, state, created_at, updated_at)
             VALUES ($1, $2, '', '', '', $3, $4, $4)",
        )
        .bind(id.as_str())
        .bind(format!("none:{id}"))
        .bind(word(&TenantState::Uninstalled))
        .bind(self.clock.now())
        .execute(connection)
        .await?;
        Ok(id)
    }

    fn seal(&self, plain: &str, id: &TenantId, column: &'static str) -> Result<String, StoreError> {
        self.cipher.seal(plain, &context(id, column)).map_err(|_| StoreError::Corrupt {
            table: "tenants",
            id: id.to_string(),
            column,
        })
    }
}

/// The tenant that an installation by Connect belongs to, if there is one.
async fn known_site(
    connection: &mut AnyConnection,
    hash: &str,
    installation: &Installation,
) -> Result<Option<TenantId>, StoreError> {
    let row = sqlx::query(
        "SELECT id FROM (
             SELECT id, 1 AS place FROM tenants WHERE client_key_hash = $1
             UNION SELECT id, 2 FROM tenants WHERE cloud_id = $2
             UNION SELECT id, 3 FROM tenants WHERE client_key = '' AND rtrim(lower(base_url), '/') = $3
                 AND EXISTS (SELECT 1 FROM forge_installations f WHERE f.tenant_id = tenants.id AND f.state = 'active')
         ) AS known ORDER BY place LIMIT 1",
    )
    .bind(hash)
    .bind(installation.cloud_id.as_ref().map_or("", CloudId::as_str))
    .bind(plain_address(&installation.base_url))
    .fetch_optional(connection)
    .await?;
    row.map(|row| Fields::new("tenants", &row).id("id")).transpose()
}

/// An address as it is compared: without case and without a slash at its end.
pub(super) fn plain_address(url: &str) -> String {
    url.to_ascii_lowercase().trim_end_matches('/').to_owned()
}

fn hash(key: &ClientKey) -> String {
    hex::encode(Sha256::digest(key.as_str().as_bytes()))
}

/// Binds a sealed text to its row and column.
fn context(id: &TenantId, column: &str) -> String {
    format!("tenants/{id}/{column}")
}

pub(super) async fn tenant_in(
    connection: &mut AnyConnection,
    id: &TenantId,
    cipher: &Cipher,
) -> Result<Option<Tenant>, StoreError> {
    let row = sqlx::query(tenant_rows!("SELECT", "FROM tenants WHERE id = $1"))
        .bind(id.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    match row {
        Some(row) => tenant(&row, connection, cipher).await.map(Some),
        None => Ok(None),
    }
}

async fn tenant(row: &AnyRow, connection: &mut AnyConnection, cipher: &Cipher) -> Result<Tenant, StoreError> {
    let fields = Fields::new("tenants", row);
    let id: TenantId = fields.id("id")?;
    let open =
        |column| cipher.open(&fields.get::<String>(column)?, &context(&id, column)).map_err(|_| fields.corrupt(column));
    let connect = match fields.get::<String>("client_key")?.is_empty() {
        true => None,
        false => Some(ConnectInstall {
            client_key: ClientKey::new(open("client_key")?.expose_secret()),
            shared_secret: open("shared_secret")?,
            oauth_client_id: fields.get("oauth_client_id")?,
            state: fields.word("state")?,
        }),
    };
    Ok(Tenant {
        cloud_id: fields.optional_id("cloud_id")?,
        base_url: fields.get("base_url")?,
        display_url: fields.get("display_url")?,
        connect,
        forge: installs_of(connection, &id, cipher).await?,
        created_at: fields.get("created_at")?,
        updated_at: fields.get("updated_at")?,
        id,
    })
}
