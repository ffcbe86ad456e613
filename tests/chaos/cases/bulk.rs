//! One site has a long queue of jobs for which nobody waits; a person of another one clicks.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::counted;
use crate::chaos::{Cluster, Form, Outcome};
use crate::harness::eventually;

const JOB: Duration = Duration::from_secs(1);

/// Rows as a bulk run makes them, of a site that Jira has never heard of: they are skipped when their turn comes.
fn rows(count: usize) -> String {
    format!(
        "INSERT INTO tenants (id, client_key_hash, client_key, base_url, shared_secret, state, created_at, updated_at)
         VALUES ('bulk', 'none:bulk', '', 'https://bulk.example.com', '', 'uninstalled', 1, 1);
         INSERT INTO jobs (id, tenant_id, issue_id, issue_key, project_key, kind, task, class, state, attempts,
             max_attempts, run_after, fence, lease_until, progress, created_at)
         SELECT '0' || lpad(n::text, 31, '0'), 'bulk', n::text, 'BULK-' || n, 'BULK', 'draft',
             '{{\"kind\":\"draft\",\"max_scenarios\":3,\"seed\":0,\"publish\":true}}', 'bulk', 'queued', 0, 5, 1, 0, 0,
             '{{\"stage\":\"queued\",\"ahead\":0}}', 1
         FROM generate_series(1, {count}) AS n"
    )
}

pub(super) async fn click(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    let count = if form == Form::Full { 10_000 } else { 500 };
    cluster.model.set_pause(JOB);
    let url = cluster.database.clone();
    cluster.postgres.sql(&url, &rows(count))?;
    let issues = cluster.stories(3)?;
    let began = Instant::now();
    eventually("the first criteria", Duration::from_secs(120), async || Ok((cluster.done(&issues)? > 0).then_some(())))
        .await?;
    let waited = began.elapsed();
    ensure!(waited < JOB * 3, "a person waited {waited:?} behind jobs that nobody waits for");
    counted(cluster, &issues, 1, Some(waited)).await
}
