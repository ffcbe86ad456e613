//! Redis loses what it holds, is away, full, or slow.

use std::time::Duration;

use anyhow::Result;

use super::{counted, recovery};
use crate::chaos::{Cluster, Form, Outcome};

pub(super) async fn flushed(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    cluster.model.set_pause(Duration::from_millis(300));
    let issues = cluster.stories(form.jobs(200))?;
    let times = if form == Form::Full { 5 } else { 1 };
    let mut longest = Duration::ZERO;
    for _ in 0..times {
        tokio::time::sleep(Duration::from_millis(800)).await;
        cluster.redis.cli(&["flushall"])?;
        longest = longest.max(recovery(cluster, &issues).await?);
    }
    counted(cluster, &issues, times, Some(longest)).await
}

pub(super) async fn restarted(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    cluster.model.set_pause(Duration::from_millis(300));
    let issues = cluster.stories(form.jobs(200))?;
    let times = if form == Form::Full { 3 } else { 1 };
    let mut longest = Duration::ZERO;
    for _ in 0..times {
        tokio::time::sleep(Duration::from_millis(800)).await;
        cluster.redis.stop();
        tokio::time::sleep(Duration::from_secs(2)).await;
        cluster.redis.again()?;
        longest = longest.max(recovery(cluster, &issues).await?);
    }
    counted(cluster, &issues, times, Some(longest)).await
}

pub(super) async fn full(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    cluster.redis.cli(&["config", "set", "maxmemory", "1"])?;
    let issues = cluster.stories(form.jobs(100))?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    cluster.redis.cli(&["config", "set", "maxmemory", "0"])?;
    let recovered = recovery(cluster, &issues).await?;
    counted(cluster, &issues, 1, Some(recovered)).await
}

pub(super) async fn slow(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    let issues = cluster.stories(form.jobs(100))?;
    let times = if form == Form::Full { 3 } else { 1 };
    for _ in 0..times {
        cluster.redis.cli(&["client", "pause", "4000", "ALL"])?;
        tokio::time::sleep(Duration::from_millis(4500)).await;
    }
    counted(cluster, &issues, times, None).await
}

/// Tickets of rows that were made while Redis was away never came there; web is killed at once.
pub(super) async fn ticket_lost(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    cluster.redis.stop();
    let issues = cluster.stories(form.jobs(20))?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    cluster.web.kill()?;
    cluster.redis.again()?;
    cluster.web.again()?;
    cluster.web_is_ready().await?;
    let recovered = recovery(cluster, &issues).await?;
    counted(cluster, &issues, 1, Some(recovered)).await
}
