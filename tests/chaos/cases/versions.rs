//! Two versions of Brine on one database and one queue, as while machines are brought up to date one by one.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

use super::counted;
use crate::chaos::{Cluster, Form, Outcome};
use crate::harness::brine_binary;

const PATIENCE: Duration = Duration::from_secs(40);

/// The program of another version, where somebody has named one: a clean checkout has none.
pub(super) fn other() -> Option<PathBuf> {
    std::env::var_os(crate::chaos::OTHER_VERSION).map(PathBuf::from)
}

/// The other version as a worker beside one of this version, then as web, then as all workers; each time while jobs wait.
pub(super) async fn mixed(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    let (other, own) = (other().context("no other version is named")?, brine_binary()?);
    cluster.model.set_pause(Duration::from_millis(200));
    let mut issues = cluster.stories(form.jobs(100))?;
    cluster.workers[0].become_program(&other, PATIENCE).await?;
    issues.extend(cluster.stories(form.jobs(100))?);
    cluster.web.become_program(&other, PATIENCE).await?;
    cluster.web_is_ready().await?;
    issues.extend(cluster.stories(form.jobs(100))?);
    cluster.workers[1].become_program(&other, PATIENCE).await?;
    cluster.web.become_program(&own, PATIENCE).await?;
    cluster.web_is_ready().await?;
    issues.extend(cluster.stories(form.jobs(100))?);
    counted(cluster, &issues, 4, None).await
}
