//! The `examples` table: stories with the criteria that a site accepted, for tuning. A row is made with a draft, and only
//! while the site's administrators agree; it counts once the draft is accepted. Texts are sealed.

use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::codec::{Fields, json};
use super::tenant_settings::settings_in;
use super::{Store, StoreError};
use crate::clock::Millis;
use crate::ids::{IssueId, ProjectKey, TenantId};
use crate::jobs::{Draft, Job, Provenance};
use crate::secret::Cipher;
use crate::story::Story;

/// A story, what was written for it, and what was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The issue's number.
    pub issue: IssueId,
    /// Its project when the criteria were written.
    pub project: ProjectKey,
    /// The story's summary as the model read it.
    pub summary: String,
    /// The story's description as the model read it.
    pub description: String,
    /// The criteria as the model wrote them.
    pub written: String,
    /// The criteria as they were accepted.
    pub accepted: String,
    /// A person changed them in between.
    pub edited: bool,
    /// A person accepted them; else they were written to Jira by themselves.
    pub by_person: bool,
    /// What wrote them.
    pub provenance: Provenance,
    /// When they were accepted.
    pub accepted_at: Millis,
}

#[derive(Serialize, Deserialize)]
struct Texts {
    summary: String,
    description: String,
}

impl Store {
    /// Accepted criteria that are kept of this site.
    pub async fn count_examples(&self, tenant: &TenantId) -> Result<i64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS kept FROM examples WHERE tenant_id = $1 AND accepted_at IS NOT NULL")
            .bind(tenant.as_str())
            .fetch_one(&self.pool)
            .await?;
        Fields::new("examples", &row).get("kept")
    }

    /// Everything that is kept of this site, in the order of acceptance.
    pub async fn examples(&self, tenant: &TenantId) -> Result<Vec<Example>, StoreError> {
        let rows = sqlx::query(
            "SELECT examples.draft_id AS id, examples.tenant_id, examples.issue_id, examples.project_key, examples.story,
                 examples.written, examples.accepted, examples.edited, examples.provenance, examples.accepted_at,
                 drafts.accepted_by FROM examples
             JOIN drafts ON drafts.id = examples.draft_id AND drafts.tenant_id = examples.tenant_id
             WHERE examples.tenant_id = $1 AND examples.accepted_at IS NOT NULL
             ORDER BY examples.accepted_at, examples.draft_id",
        )
        .bind(tenant.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| example(row, &self.cipher)).collect()
    }

    /// Deletes everything that is kept of this site, and answers with how much it was.
    pub async fn erase_examples(&self, tenant: &TenantId) -> Result<u64, StoreError> {
        let mut write = self.write_for(tenant).await?;
        let erased = erase_in(write.connection(), tenant).await?;
        write.commit().await?;
        Ok(erased)
    }

    /// Sites that agree, at this moment, to accepted criteria being kept.
    pub async fn tenants_that_keep(&self) -> Result<Vec<TenantId>, StoreError> {
        let rows = sqlx::query("SELECT tenant_id FROM tenant_settings WHERE keep_examples = 1 ORDER BY tenant_id")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Fields::new("tenant_settings", row).id("tenant_id")).collect()
    }
}

/// Remembers what was written, if the site agrees; forgets what was written for the issue before and never accepted.
pub(super) async fn remember_in(
    connection: &mut AnyConnection,
    cipher: &Cipher,
    held: &Job,
    draft: &Draft,
    story: &Story,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM examples WHERE tenant_id = $1 AND issue_id = $2 AND accepted_at IS NULL")
        .bind(held.tenant.as_str())
        .bind(held.issue_id.as_str())
        .execute(&mut *connection)
        .await?;
    if !settings_in(connection, &held.tenant).await?.keep_examples {
        return Ok(());
    }
    let texts = Texts { summary: story.summary().to_owned(), description: story.description().to_owned() };
    let seal = |plain: &str, column| seal(cipher, plain, draft, column);
    sqlx::query(
        "INSERT INTO examples (draft_id, tenant_id, project_key, issue_id, story, written, edited, provenance, written_at)
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)",
    )
    .bind(draft.id.as_str())
    .bind(held.tenant.as_str())
    .bind(held.project.as_str())
    .bind(held.issue_id.as_str())
    .bind(seal(&json(&texts), "story")?)
    .bind(seal(&draft.criteria.to_text(), "written")?)
    .bind(json(&draft.provenance))
    .bind(draft.created_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// The draft was accepted as it stands here. Nothing happens when nothing was remembered, or the site no longer agrees.
pub(super) async fn accepted_in(
    connection: &mut AnyConnection,
    cipher: &Cipher,
    draft: &Draft,
    now: Millis,
) -> Result<(), StoreError> {
    if !settings_in(connection, &draft.tenant).await?.keep_examples {
        return Ok(());
    }
    let row = sqlx::query("SELECT draft_id AS id, written FROM examples WHERE tenant_id = $1 AND draft_id = $2")
        .bind(draft.tenant.as_str())
        .bind(draft.id.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok(()) };
    let written = open(cipher, &Fields::new("examples", &row), &draft.tenant, "written")?;
    let accepted = draft.criteria.to_text();
    sqlx::query(
        "UPDATE examples SET accepted = $3, edited = $4, accepted_at = $5 WHERE tenant_id = $1 AND draft_id = $2",
    )
    .bind(draft.tenant.as_str())
    .bind(draft.id.as_str())
    .bind(seal(cipher, &accepted, draft, "accepted")?)
    .bind(i64::from(written != accepted))
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}

/// The decision on this draft came to nothing. What waits for one is remembered only while the site agrees.
pub(super) async fn reopened_in(
    connection: &mut AnyConnection,
    tenant: &TenantId,
    draft: &str,
) -> Result<(), StoreError> {
    let query = match settings_in(connection, tenant).await?.keep_examples {
        true => "UPDATE examples SET accepted = NULL, accepted_at = NULL WHERE tenant_id = $1 AND draft_id = $2",
        false => "DELETE FROM examples WHERE tenant_id = $1 AND draft_id = $2",
    };
    sqlx::query(query).bind(tenant.as_str()).bind(draft).execute(connection).await?;
    Ok(())
}

/// See [`Store::erase_examples`].
pub(super) async fn erase_in(connection: &mut AnyConnection, tenant: &TenantId) -> Result<u64, StoreError> {
    let done =
        sqlx::query("DELETE FROM examples WHERE tenant_id = $1").bind(tenant.as_str()).execute(connection).await?;
    Ok(done.rows_affected())
}

/// Binds a sealed text to its row and column.
fn context(tenant: &TenantId, draft: &str, column: &str) -> String {
    format!("examples/{tenant}/{draft}/{column}")
}

fn seal(cipher: &Cipher, plain: &str, draft: &Draft, column: &'static str) -> Result<String, StoreError> {
    let sealed = cipher.seal(plain, &context(&draft.tenant, draft.id.as_str(), column));
    sealed.map_err(|_| StoreError::Corrupt { table: "examples", id: draft.id.to_string(), column })
}

fn open(cipher: &Cipher, fields: &Fields<'_>, tenant: &TenantId, column: &'static str) -> Result<String, StoreError> {
    let (sealed, draft) = (fields.get::<String>(column)?, fields.get::<String>("id")?);
    let plain = cipher.open(&sealed, &context(tenant, &draft, column)).map_err(|_| fields.corrupt(column))?;
    Ok(plain.expose_secret().to_owned())
}

fn example(row: &AnyRow, cipher: &Cipher) -> Result<Example, StoreError> {
    let fields = Fields::new("examples", row);
    let tenant: TenantId = fields.id("tenant_id")?;
    let open = |column| open(cipher, &fields, &tenant, column);
    let texts: Texts = serde_json::from_str(&open("story")?).map_err(|_| fields.corrupt("story"))?;
    Ok(Example {
        issue: fields.id("issue_id")?,
        project: fields.id("project_key")?,
        summary: texts.summary,
        description: texts.description,
        written: open("written")?,
        accepted: open("accepted")?,
        edited: fields.get::<i64>("edited")? != 0,
        by_person: fields.get::<Option<String>>("accepted_by")?.is_some(),
        provenance: fields.json("provenance")?,
        accepted_at: fields.get("accepted_at")?,
    })
}
