//! What a person's decision about a draft does to earlier ones, and how it is undone when nothing comes of it.

use sqlx::AnyConnection;

use super::StoreError;
use super::codec::json;
use super::create::NewJob;
use super::examples::reopened_in;
use crate::clock::Millis;
use crate::ids::{DraftId, TenantId};
use crate::jobs::{JobState, Progress};

/// Publish jobs of earlier decisions on the issue: those that wait are cancelled.
pub(super) async fn clear_earlier(
    connection: &mut AnyConnection,
    publish: &NewJob,
    now: Millis,
) -> Result<(), StoreError> {
    // Held until the end: none of them begins, or is given back, between what is read and what is written here.
    sqlx::query(
        "UPDATE jobs SET fence = fence
         WHERE tenant_id = $1 AND issue_id = $2 AND kind IN ('publish', 'withdraw') AND state IN ('queued', 'running')",
    )
    .bind(publish.tenant.as_str())
    .bind(publish.issue_id.as_str())
    .execute(&mut *connection)
    .await?;
    let writing = sqlx::query(
        "SELECT id FROM jobs WHERE tenant_id = $1 AND issue_id = $2 AND kind IN ('publish', 'withdraw')
             AND state = 'running'",
    )
    .bind(publish.tenant.as_str())
    .bind(publish.issue_id.as_str())
    .fetch_optional(&mut *connection)
    .await?;
    if writing.is_some() {
        return Err(StoreError::Conflict);
    }
    let cancelled = Progress::Ended { state: JobState::Cancelled, draft: None, error: None };
    sqlx::query(
        "UPDATE jobs SET state = 'cancelled', fence = fence + 1, finished_at = $3, progress = $4
         WHERE tenant_id = $1 AND issue_id = $2 AND kind IN ('publish', 'withdraw') AND state = 'queued'",
    )
    .bind(publish.tenant.as_str())
    .bind(publish.issue_id.as_str())
    .bind(now)
    .bind(json(&cancelled))
    .execute(connection)
    .await?;
    Ok(())
}

/// A decision that came to nothing is undone, unless a newer draft waits for one.
pub(super) async fn reopen_in(
    connection: &mut AnyConnection,
    tenant: &TenantId,
    id: &DraftId,
    now: Millis,
) -> Result<(), StoreError> {
    let reopened = sqlx::query(
        "UPDATE drafts SET state = 'open', updated_at = $3 WHERE tenant_id = $1 AND id = $2 AND state = 'accepted'
             AND NOT EXISTS (SELECT 1 FROM drafts AS newer WHERE newer.tenant_id = drafts.tenant_id
                 AND newer.issue_id = drafts.issue_id AND newer.id > drafts.id)",
    )
    .bind(tenant.as_str())
    .bind(id.as_str())
    .bind(now)
    .execute(&mut *connection)
    .await?;
    if reopened.rows_affected() > 0 {
        reopened_in(connection, tenant, id.as_str()).await?;
    }
    Ok(())
}
