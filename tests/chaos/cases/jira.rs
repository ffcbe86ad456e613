//! Jira answers as it sometimes does.

use std::time::Duration;

use anyhow::Result;

use super::counted;
use crate::chaos::{Cluster, Form, Outcome};
use crate::fake_jira::{Fault, Trouble};

/// Reads and writes meet trouble that passes. (What Jira refuses for good fails with its reason; that is no loss, and is tested
/// with one process.)
pub(super) async fn trouble(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    let issues = cluster.stories(form.jobs(100))?;
    let mut times = 0;
    let troubles = [
        Trouble::Status(500),
        Trouble::Status(502),
        Trouble::Status(503),
        Trouble::Html,
        Trouble::Delay(Duration::from_secs(3)),
    ];
    let rounds = if form == Form::Full { 4 } else { 1 };
    for _ in 0..rounds {
        for trouble in &troubles {
            for method in ["GET", "PUT"] {
                cluster.jira.push_fault(Fault::once(method, "/issue/", trouble.clone()));
                times += 1;
            }
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    counted(cluster, &issues, times, None).await
}

pub(super) async fn limited(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    let issues = cluster.stories(form.jobs(60))?;
    let times = if form == Form::Full { 6 } else { 2 };
    let limited = Trouble::RateLimited { retry_after: 1 };
    for method in ["GET", "PUT"] {
        cluster.jira.push_fault(Fault::once(method, "/issue/", limited.clone()).times(times / 2));
    }
    counted(cluster, &issues, times as usize, None).await
}

pub(super) async fn cut(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    let times = if form == Form::Full { 20 } else { 3 };
    cluster.jira.push_fault(Fault::once("POST", "/comment", Trouble::CutAfterWrite).times(times));
    let issues = cluster.stories(form.jobs(100))?;
    counted(cluster, &issues, times as usize, None).await
}
