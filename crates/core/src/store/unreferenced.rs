//! Rows of `jobs` and `deliveries` that belong to a tenant who stays, without a reference that is checked for each of them.
//!
//! Postgres checks a reference with a query and a lock for each row. That is a quarter of what a webhook costs it, and more when two
//! statements lock the same tenant. So on Postgres a statement that makes rows holds their tenants itself, once for all of them, and
//! whoever deletes a tenant looks afterwards whether something was left behind. (Versions before that still do, too, what the
//! reference needed.) On SQLite, which has one writer, the references stay.

use sqlx::{AnyConnection, Executor};

use super::{Store, StoreError};
use crate::ids::TenantId;

const REFERENCES: &str = "SELECT 1 FROM pg_constraint WHERE contype = 'f' AND conname IN ('jobs_tenant_id_fkey', 'deliveries_tenant_id_fkey')
     AND conrelid IN (to_regclass('jobs'), to_regclass('deliveries')) LIMIT 1";
const DROPS: [&str; 2] = [
    "ALTER TABLE deliveries DROP CONSTRAINT IF EXISTS deliveries_tenant_id_fkey",
    "ALTER TABLE jobs DROP CONSTRAINT IF EXISTS jobs_tenant_id_fkey",
];

/// Drops the references on Postgres, if they are there. It waits for statements that are under way, one table at a time.
pub(super) async fn drop_references(connection: &mut AnyConnection) -> Result<(), StoreError> {
    if sqlx::query(REFERENCES).fetch_optional(&mut *connection).await?.is_none() {
        return Ok(());
    }
    for drop in DROPS {
        connection.execute(drop).await?;
    }
    Ok(())
}

/// A tenant that was just deleted had nothing, or else all of this is undone. Looked at afterwards: whoever held the tenant meanwhile
/// has committed by now, and whoever comes later finds none.
pub(super) async fn nothing_left_of(connection: &mut AnyConnection, tenant: &TenantId) -> Result<(), StoreError> {
    let left = sqlx::query(
        "SELECT 1 AS found FROM jobs WHERE tenant_id = $1 UNION ALL SELECT 1 FROM deliveries WHERE tenant_id = $1 LIMIT 1",
    )
    .bind(tenant.as_str())
    .fetch_optional(connection)
    .await?;
    if left.is_some() { Err(StoreError::Conflict) } else { Ok(()) }
}

impl Store {
    /// The tenant stays until the transaction has ended. An error when there is none.
    pub(super) async fn hold_tenant(
        &self,
        connection: &mut AnyConnection,
        tenant: &TenantId,
    ) -> Result<(), StoreError> {
        if !self.on_postgres() {
            return Ok(());
        }
        let held = sqlx::query("SELECT 1 AS held FROM tenants WHERE id = $1 FOR KEY SHARE")
            .bind(tenant.as_str())
            .fetch_optional(connection)
            .await?;
        held.map(drop).ok_or(StoreError::NotFound("site"))
    }
}
