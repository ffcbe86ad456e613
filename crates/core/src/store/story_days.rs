//! The `story_days` table: how many stories each site has begun on each day, for its quota.

use super::codec::Fields;
use super::leases::prove_lease;
use super::tenant_settings::settings_in;
use super::{Store, StoreError};
use crate::ids::TenantId;
use crate::jobs::{Job, QuotaUsedUp, StoryQuota, day_of, next_day};

impl Store {
    /// Counts a story that is about to be written, unless today's quota is used up. A job counts once, on the day on which
    /// it was first begun, however many attempts it needs.
    pub async fn count_story(&self, held: &Job, quota: StoryQuota) -> Result<Result<(), QuotaUsedUp>, StoreError> {
        let now = self.clock.now();
        let mut write = self.write_for(&held.tenant).await?;
        prove_lease(write.connection(), held).await?;
        let marked = sqlx::query("UPDATE jobs SET counted = 1 WHERE tenant_id = $1 AND id = $2 AND counted = 0")
            .bind(held.tenant.as_str())
            .bind(held.id.as_str())
            .execute(write.connection())
            .await?;
        if marked.rows_affected() == 0 {
            return Ok(Ok(()));
        }
        let used_up = QuotaUsedUp { per_day: quota.per_day.unwrap_or(u32::MAX), until: next_day(now) };
        let allowance = quota.allowance(held.class).map_or(i64::MAX, i64::from);
        if allowance == 0 {
            return Ok(Err(used_up));
        }
        let counted = sqlx::query(
            "INSERT INTO story_days (tenant_id, day, stories) VALUES ($1, $2, 1)
             ON CONFLICT (tenant_id, day) DO UPDATE SET stories = story_days.stories + 1
                 WHERE story_days.stories < $3",
        )
        .bind(held.tenant.as_str())
        .bind(day_of(now))
        .bind(allowance)
        .execute(write.connection())
        .await?;
        if counted.rows_affected() == 0 {
            // The mark goes with the transaction.
            return Ok(Err(used_up));
        }
        write.commit().await?;
        Ok(Ok(()))
    }

    /// Stories that this tenant has begun today.
    pub async fn stories_today(&self, tenant: &TenantId) -> Result<u32, StoreError> {
        let row = sqlx::query("SELECT stories FROM story_days WHERE tenant_id = $1 AND day = $2")
            .bind(tenant.as_str())
            .bind(day_of(self.clock.now()))
            .fetch_optional(&self.pool)
            .await?;
        row.map_or(Ok(0), |row| Fields::new("story_days", &row).number("stories"))
    }

    /// The quota of this tenant, given what the operator allows at most.
    pub async fn story_quota(&self, tenant: &TenantId, operator: Option<u32>) -> Result<StoryQuota, StoreError> {
        let mut connection = self.pool.acquire().await?;
        Ok(StoryQuota::of(settings_in(&mut connection, tenant).await?.stories_per_day, operator))
    }
}
