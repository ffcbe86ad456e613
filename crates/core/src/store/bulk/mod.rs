//! The `bulk_runs` table: runs that make jobs for all stories that a JQL finds. JQL, page and error are sealed.

mod feed;
mod orders;

use secrecy::ExposeSecret;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::codec::Fields;
use super::{Store, StoreError};
use crate::ids::{AccountId, BulkRunId, TenantId};
use crate::jobs::bulk::{BulkCounts, BulkRun};
use crate::secret::Cipher;

pub use feed::{FoundPage, FoundStory, LiveRun};
pub(super) use orders::HELD;

/// A statement that asks for what [`run`] reads; the columns stand between its two parts.
macro_rules! run_rows {
    ($before:literal $(, $after:literal)?) => {
        concat!(
            $before,
            " id, tenant_id, jql, state, publish, again, most, expected, page, fed, found, passed_over, made, error,
              created_by, created_by_name, fence, created_at, finished_at ",
            $($after)?
        )
    };
}
use run_rows;

/// Jobs by which the pace of a site is measured.
const LATEST: i64 = 50;

/// What a run is made of.
#[derive(Clone, Debug)]
pub struct NewBulkRun {
    /// Whose.
    pub tenant: TenantId,
    /// What finds the stories.
    pub jql: String,
    /// Whether criteria go on to Jira as each project's settings say.
    pub publish: bool,
    /// Whether stories that have criteria get new ones.
    pub again: bool,
    /// At most so many jobs are made.
    pub most: u32,
    /// How many stories Jira counts.
    pub expected: u32,
    /// Who starts it.
    pub created_by: AccountId,
    /// That person's name, when it is known.
    pub created_by_name: Option<String>,
}

impl Store {
    /// Starts a run; `Conflict` while the site has another one that is not over.
    pub async fn start_bulk_run(&self, new: NewBulkRun) -> Result<BulkRun, StoreError> {
        let id = BulkRunId::make();
        let mut write = self.write().await?;
        let row = sqlx::query(run_rows!(
            "INSERT INTO bulk_runs (id, tenant_id, jql, state, publish, again, most, expected, fed, found, passed_over,
                 made, created_by, created_by_name, fence, lease_until, run_after, created_at)
             VALUES ($1, $2, $3, 'running', $4, $5, $6, $7, 0, 0, 0, 0, $8, $9, 0, 0, $10, $10) RETURNING"
        ))
        .bind(id.as_str())
        .bind(new.tenant.as_str())
        .bind(seal(&self.cipher, &new.jql, &id, "jql")?)
        .bind(i64::from(new.publish))
        .bind(i64::from(new.again))
        .bind(i64::from(new.most))
        .bind(i64::from(new.expected))
        .bind(new.created_by.as_str())
        .bind(new.created_by_name)
        .bind(self.clock.now())
        .fetch_one(write.connection())
        .await?;
        let run = run(&row, &self.cipher)?;
        write.commit().await?;
        Ok(run)
    }

    /// A run of this tenant.
    pub async fn bulk_run(&self, tenant: &TenantId, id: &BulkRunId) -> Result<Option<BulkRun>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        self.run_in(&mut connection, tenant, id).await
    }

    /// The newest run of this tenant.
    pub async fn last_bulk_run(&self, tenant: &TenantId) -> Result<Option<BulkRun>, StoreError> {
        let row = sqlx::query(run_rows!("SELECT", "FROM bulk_runs WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1"))
            .bind(tenant.as_str())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| run(&row, &self.cipher)).transpose()
    }

    /// How many of a run's jobs are in each state.
    pub async fn bulk_counts(&self, tenant: &TenantId, id: &BulkRunId) -> Result<BulkCounts, StoreError> {
        let rows = sqlx::query(
            "SELECT state, COUNT(*) AS jobs FROM jobs WHERE tenant_id = $1 AND bulk_id = $2 GROUP BY state",
        )
        .bind(tenant.as_str())
        .bind(id.as_str())
        .fetch_all(&self.pool)
        .await?;
        let mut counts = BulkCounts::default();
        for row in &rows {
            let fields = Fields::new("jobs", row);
            counts.add(fields.word("state")?, fields.number("jobs")?);
        }
        Ok(counts)
    }

    /// How long a story of this tenant took lately, from the beginning of its job to its end: the median. Seconds; none
    /// when none was written yet.
    pub async fn seconds_per_story(&self, tenant: &TenantId) -> Result<Option<f64>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, started_at, finished_at FROM jobs WHERE tenant_id = $1 AND kind = 'draft'
                 AND state IN ('drafted', 'written') AND started_at IS NOT NULL AND finished_at IS NOT NULL
             ORDER BY id DESC LIMIT $2",
        )
        .bind(tenant.as_str())
        .bind(LATEST)
        .fetch_all(&self.pool)
        .await?;
        let mut took = rows
            .iter()
            .map(|row| {
                let fields = Fields::new("jobs", row);
                Ok(fields.get::<i64>("finished_at")?.saturating_sub(fields.get::<i64>("started_at")?).max(0))
            })
            .collect::<Result<Vec<i64>, StoreError>>()?;
        took.sort_unstable();
        Ok(took.get(took.len() / 2).map(|ms| *ms as f64 / 1000.0))
    }

    async fn run_in(
        &self,
        connection: &mut AnyConnection,
        tenant: &TenantId,
        id: &BulkRunId,
    ) -> Result<Option<BulkRun>, StoreError> {
        let row = sqlx::query(run_rows!("SELECT", "FROM bulk_runs WHERE tenant_id = $1 AND id = $2"))
            .bind(tenant.as_str())
            .bind(id.as_str())
            .fetch_optional(connection)
            .await?;
        row.map(|row| run(&row, &self.cipher)).transpose()
    }
}

/// Deletes what a run has seen, once it is over.
async fn forget_stories(connection: &mut AnyConnection, id: &BulkRunId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM bulk_stories WHERE run_id = $1").bind(id.as_str()).execute(connection).await?;
    Ok(())
}

/// Where a sealed text belongs: it opens nowhere else.
fn context(id: &BulkRunId, column: &str) -> String {
    format!("bulk_runs/{id}/{column}")
}

fn seal(cipher: &Cipher, plain: &str, id: &BulkRunId, column: &'static str) -> Result<String, StoreError> {
    let sealed = cipher.seal(plain, &context(id, column));
    sealed.map_err(|_| StoreError::Corrupt { table: "bulk_runs", id: id.to_string(), column })
}

fn run(row: &AnyRow, cipher: &Cipher) -> Result<BulkRun, StoreError> {
    let fields = Fields::new("bulk_runs", row);
    let id: BulkRunId = fields.id("id")?;
    let open = |column: &'static str| -> Result<Option<String>, StoreError> {
        let Some(sealed) = fields.get::<Option<String>>(column)? else { return Ok(None) };
        let plain = cipher.open(&sealed, &context(&id, column)).map_err(|_| fields.corrupt(column))?;
        Ok(Some(plain.expose_secret().to_owned()))
    };
    Ok(BulkRun {
        tenant: fields.id("tenant_id")?,
        jql: open("jql")?.unwrap_or_default(),
        state: fields.word("state")?,
        publish: fields.get::<i64>("publish")? != 0,
        again: fields.get::<i64>("again")? != 0,
        most: fields.number("most")?,
        expected: fields.number("expected")?,
        page: open("page")?,
        fed: fields.get::<i64>("fed")? != 0,
        found: fields.number("found")?,
        passed_over: fields.number("passed_over")?,
        made: fields.number("made")?,
        error: open("error")?,
        created_by: fields.id("created_by")?,
        created_by_name: fields.get("created_by_name")?,
        fence: fields.get("fence")?,
        created_at: fields.get("created_at")?,
        finished_at: fields.get("finished_at")?,
        id,
    })
}
