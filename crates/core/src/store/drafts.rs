//! The `drafts` table: criteria that wait for a person, or have had their decision.

use std::collections::HashMap;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::codec::{Fields, json, word};
use super::create::NewJob;
use super::decisions::clear_earlier;
use super::examples::{accepted_in, remember_in};
use super::leases::prove_lease;
use super::{Store, StoreError};
use crate::clock::Millis;
use crate::gherkin::{Criteria, Finding};
use crate::ids::{AccountId, DraftId, IssueId, JobId, TenantId};
use crate::jobs::{Draft, DraftState, Job};
use crate::secret::Cipher;
use crate::story::{Note, Story};

/// A statement that asks for what [`draft`] reads.
macro_rules! draft_rows {
    ($before:literal $(, $after:literal)?) => {
        concat!(
            $before,
            " id, tenant_id, job_id, issue_id, issue_key, criteria, findings, notes, provenance, story_hash, state, version,
              edited_by, created_at, updated_at ",
            $($after)?
        )
    };
}

impl Store {
    /// Stores what a job wrote for a story; an open draft of the issue is replaced by it. The story itself is kept only
    /// for tuning, and only when the site agrees.
    pub async fn put_draft(&self, held: &Job, draft: Draft, story: &Story) -> Result<(), StoreError> {
        self.put(held, draft, story, None).await
    }

    /// The same for a draft that was made of another one: `Conflict` when that one has another version by now, or is no
    /// longer open.
    pub async fn put_draft_made_of(
        &self,
        held: &Job,
        (id, version): (&DraftId, i64),
        draft: Draft,
        story: &Story,
    ) -> Result<(), StoreError> {
        self.put(held, draft, story, Some((id, version))).await
    }

    async fn put(
        &self,
        held: &Job,
        draft: Draft,
        story: &Story,
        made_of: Option<(&DraftId, i64)>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut write = self.write_for(&held.tenant).await?;
        prove_lease(write.connection(), held).await?;
        let replaced = sqlx::query(
            "UPDATE drafts SET state = 'replaced', updated_at = $3
             WHERE tenant_id = $1 AND issue_id = $2 AND state = 'open' AND ($4 = '' OR (id = $4 AND version = $5))",
        )
        .bind(held.tenant.as_str())
        .bind(held.issue_id.as_str())
        .bind(now)
        .bind(made_of.map_or("", |(id, _)| id.as_str()))
        .bind(made_of.map_or(0, |(_, version)| version))
        .execute(write.connection())
        .await?;
        if made_of.is_some() && replaced.rows_affected() == 0 {
            return Err(StoreError::Conflict);
        }
        insert(write.connection(), held, &draft).await?;
        remember_in(write.connection(), &self.cipher, held, &draft, story).await?;
        sqlx::query("UPDATE jobs SET draft_id = $3, provenance = $4 WHERE tenant_id = $1 AND id = $2")
            .bind(held.tenant.as_str())
            .bind(held.id.as_str())
            .bind(draft.id.as_str())
            .bind(json(&draft.provenance))
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// A draft of this tenant.
    pub async fn draft(&self, tenant: &TenantId, id: &DraftId) -> Result<Option<Draft>, StoreError> {
        let row = sqlx::query(draft_rows!("SELECT", "FROM drafts WHERE tenant_id = $1 AND id = $2"))
            .bind(tenant.as_str())
            .bind(id.as_str())
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(draft).transpose()
    }

    /// What is to be said of these drafts of a tenant, of those with anything to say.
    pub async fn notes_on(
        &self,
        tenant: &TenantId,
        drafts: &[DraftId],
    ) -> Result<HashMap<DraftId, Vec<Note>>, StoreError> {
        if drafts.is_empty() {
            return Ok(HashMap::new());
        }
        let places: Vec<String> = (2..drafts.len() + 2).map(|place| format!("${place}")).collect();
        let wanted = places.join(", ");
        // Only the places of values are put in.
        let statement = AssertSqlSafe(format!(
            "SELECT id, notes FROM drafts WHERE tenant_id = $1 AND notes <> '[]' AND id IN ({wanted})"
        ));
        let query =
            drafts.iter().fold(sqlx::query(statement).bind(tenant.as_str()), |query, id| query.bind(id.as_str()));
        let rows = query.fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| {
                let fields = Fields::new("drafts", row);
                Ok((fields.id("id")?, fields.json("notes")?))
            })
            .collect()
    }

    /// The draft of this issue that waits for a decision.
    pub async fn open_draft(&self, tenant: &TenantId, issue: &IssueId) -> Result<Option<Draft>, StoreError> {
        let row =
            sqlx::query(draft_rows!("SELECT", "FROM drafts WHERE tenant_id = $1 AND issue_id = $2 AND state = 'open'"))
                .bind(tenant.as_str())
                .bind(issue.as_str())
                .fetch_optional(&self.pool)
                .await?;
        row.as_ref().map(draft).transpose()
    }

    /// The newest draft of this issue.
    pub async fn latest_draft(&self, tenant: &TenantId, issue: &IssueId) -> Result<Option<Draft>, StoreError> {
        let row = sqlx::query(draft_rows!(
            "SELECT",
            "FROM drafts WHERE tenant_id = $1 AND issue_id = $2 ORDER BY id DESC LIMIT 1"
        ))
        .bind(tenant.as_str())
        .bind(issue.as_str())
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(draft).transpose()
    }

    /// Changes an open draft. `Conflict` when `version` is no longer its version, or it is no longer open.
    pub async fn edit_draft(
        &self,
        tenant: &TenantId,
        id: &DraftId,
        version: i64,
        criteria: &Criteria,
        findings: &[Finding],
        by: &AccountId,
    ) -> Result<Draft, StoreError> {
        let mut write = self.write().await?;
        let row = sqlx::query(draft_rows!(
            "UPDATE drafts SET criteria = $4, findings = $5, edited_by = $6, updated_at = $7, version = version + 1
             WHERE tenant_id = $1 AND id = $2 AND version = $3 AND state = 'open' RETURNING"
        ))
        .bind(tenant.as_str())
        .bind(id.as_str())
        .bind(version)
        .bind(json(criteria))
        .bind(json(&findings))
        .bind(by.as_str())
        .bind(self.clock.now())
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else { return Err(missing_or_changed(write.connection(), tenant, id).await?) };
        let edited = draft(&row)?;
        write.commit().await?;
        Ok(edited)
    }

    /// Lets an open draft go to Jira: the decision and the job that writes it are made together. Jobs of earlier decisions
    /// that still wait are cancelled; while one of them is writing, this one is a `Conflict`.
    pub async fn accept_draft(
        &self,
        tenant: &TenantId,
        id: &DraftId,
        version: i64,
        by: &AccountId,
        publish: NewJob,
    ) -> Result<Job, StoreError> {
        let now = self.clock.now();
        let mut write = self.write_for(tenant).await?;
        let accepted = sqlx::query(draft_rows!(
            "UPDATE drafts SET state = 'accepted', accepted_by = $4, updated_at = $5
             WHERE tenant_id = $1 AND id = $2 AND version = $3 AND state = 'open' RETURNING"
        ))
        .bind(tenant.as_str())
        .bind(id.as_str())
        .bind(version)
        .bind(by.as_str())
        .bind(now)
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = accepted else { return Err(missing_or_changed(write.connection(), tenant, id).await?) };
        accepted_in(write.connection(), &self.cipher, &draft(&row)?, now).await?;
        clear_earlier(write.connection(), &publish, now).await?;
        let job = self.insert_job(write.connection(), &JobId::make(), &publish).await?.ok_or(StoreError::Conflict)?;
        write.commit().await?;
        Ok(job)
    }

    /// An automatic job lets its own draft go to Jira; from then on nobody can edit it. Answers with what to write.
    /// `Conflict` when a newer draft has replaced it.
    pub async fn accept_own_draft(&self, held: &Job, id: &DraftId) -> Result<Draft, StoreError> {
        let mut write = self.write_for(&held.tenant).await?;
        prove_lease(write.connection(), held).await?;
        let accepted = accept_again_in(write.connection(), &self.cipher, &held.tenant, id, self.clock.now()).await?;
        write.commit().await?;
        Ok(accepted)
    }
}

async fn insert(connection: &mut AnyConnection, held: &Job, draft: &Draft) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO drafts (id, tenant_id, job_id, issue_id, issue_key, criteria, findings, notes, provenance, story_hash,
             state, version, edited_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(draft.id.as_str())
    .bind(held.tenant.as_str())
    .bind(held.id.as_str())
    .bind(held.issue_id.as_str())
    .bind(draft.issue_key.as_str())
    .bind(json(&draft.criteria))
    .bind(json(&draft.findings))
    .bind(json(&draft.notes))
    .bind(json(&draft.provenance))
    .bind(&draft.story_hash)
    .bind(word(&draft.state))
    .bind(draft.version)
    .bind(draft.edited_by.as_ref().map(ToString::to_string))
    .bind(draft.created_at)
    .bind(draft.updated_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes sure that a draft is accepted; `Conflict` when it was replaced.
pub(super) async fn accept_again_in(
    connection: &mut AnyConnection,
    cipher: &Cipher,
    tenant: &TenantId,
    id: &DraftId,
    now: Millis,
) -> Result<Draft, StoreError> {
    let row = sqlx::query(draft_rows!(
        "UPDATE drafts SET state = 'accepted', updated_at = $3
         WHERE tenant_id = $1 AND id = $2 AND state IN ('open', 'accepted') RETURNING"
    ))
    .bind(tenant.as_str())
    .bind(id.as_str())
    .bind(now)
    .fetch_optional(&mut *connection)
    .await?;
    let accepted = row.as_ref().map(draft).transpose()?.ok_or(StoreError::Conflict)?;
    accepted_in(connection, cipher, &accepted, now).await?;
    Ok(accepted)
}

async fn missing_or_changed(
    connection: &mut AnyConnection,
    tenant: &TenantId,
    id: &DraftId,
) -> Result<StoreError, StoreError> {
    let row = sqlx::query("SELECT id FROM drafts WHERE tenant_id = $1 AND id = $2")
        .bind(tenant.as_str())
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(if row.is_some() { StoreError::Conflict } else { StoreError::NotFound("draft") })
}

fn draft(row: &AnyRow) -> Result<Draft, StoreError> {
    let fields = Fields::new("drafts", row);
    Ok(Draft {
        id: fields.id("id")?,
        tenant: fields.id("tenant_id")?,
        job: fields.id("job_id")?,
        issue_id: fields.id("issue_id")?,
        issue_key: fields.id("issue_key")?,
        criteria: fields.json("criteria")?,
        findings: fields.json("findings")?,
        notes: fields.json("notes")?,
        provenance: fields.json("provenance")?,
        story_hash: fields.get("story_hash")?,
        state: fields.word::<DraftState>("state")?,
        version: fields.get("version")?,
        edited_by: fields.optional_id("edited_by")?,
        created_at: fields.get("created_at")?,
        updated_at: fields.get("updated_at")?,
    })
}
