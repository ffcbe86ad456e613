//! The disk runs full.

use std::time::Duration;

use anyhow::{Context, Result};

use super::{counted, recovery};
use crate::chaos::{Cluster, Form, Outcome};

/// Nothing can be written for so long: stories come, and jobs are in work.
const FULL: Duration = Duration::from_secs(5);

pub(super) async fn full(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    cluster.model.set_pause(Duration::from_millis(100));
    let times = if form == Form::Full { 3 } else { 1 };
    let (mut issues, mut longest) = (Vec::new(), Duration::ZERO);
    for _ in 0..times {
        issues.extend(cluster.stories(form.jobs(100))?);
        tokio::time::sleep(Duration::from_millis(500)).await;
        disk(cluster)?.fill()?;
        issues.extend(cluster.stories(form.jobs(100))?);
        tokio::time::sleep(FULL).await;
        disk(cluster)?.free()?;
        longest = longest.max(recovery(cluster, &issues).await?);
        cluster.settled(&issues).await?;
    }
    counted(cluster, &issues, times, Some(longest)).await
}

fn disk(cluster: &Cluster) -> Result<&brine_servers::SmallDisk> {
    cluster.disk.as_ref().context("the case has a disk of its own")
}
