//! A worker is killed at named points, which are reached from outside: a row that is locked, a call that Jira answers late, a
//! model that takes its time. It is started again, as whatever watches over it would.

use std::time::Duration;

use anyhow::Result;

use super::{counted, recovery};
use crate::chaos::{Cluster, Form, Outcome};
use crate::fake_jira::{Fault, Issue, Trouble};
use crate::harness::eventually;

const LONG: Duration = Duration::from_secs(4);
const CAP: Duration = Duration::from_secs(60);

/// The ticket waits while the worker is stopped; let go, it is killed within milliseconds: before, while, or just after it leases.
pub(super) async fn before_lease(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    let times = if form == Form::Full { 20 } else { 3 };
    let (mut issues, mut longest) = (Vec::new(), Duration::ZERO);
    for time in 0..times {
        for worker in &cluster.workers {
            worker.signal("STOP")?;
        }
        issues.push(cluster.story()?);
        cluster.jira.webhooks_settled(CAP).await?;
        for worker in &cluster.workers {
            worker.signal("CONT")?;
        }
        tokio::time::sleep(Duration::from_millis(time)).await;
        for worker in &mut cluster.workers {
            worker.again()?;
        }
        longest = longest.max(recovery(cluster, &issues).await?);
        cluster.settled(&issues).await?;
    }
    counted(cluster, &issues, issues.len(), Some(longest)).await
}

pub(super) async fn reading(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    at(cluster, form, async |cluster| {
        cluster.jira.push_fault(Fault::once("GET", "/rest/api/3/issue/", Trouble::Delay(LONG)));
        let issue = cluster.story()?;
        fault_came(cluster).await?;
        Ok(issue)
    })
    .await
}

pub(super) async fn writing(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    at(cluster, form, async |cluster| {
        cluster.model.set_pause(LONG);
        let before = cluster.model.asked();
        let issue = cluster.story()?;
        eventually("the model to be asked", CAP, async || Ok((cluster.model.asked() > before).then_some(()))).await?;
        cluster.model.set_pause(Duration::ZERO);
        Ok(issue)
    })
    .await
}

pub(super) async fn before_write(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    at(cluster, form, async |cluster| {
        // What is read just before the write.
        cluster.jira.push_fault(Fault::once("GET", "/properties/", Trouble::Delay(LONG)));
        let issue = cluster.story()?;
        fault_came(cluster).await?;
        Ok(issue)
    })
    .await
}

pub(super) async fn after_write(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    at(cluster, form, async |cluster| {
        cluster.jira.push_fault(Fault::once("PUT", "/issue/", Trouble::AnswerLate(LONG)));
        let issue = cluster.story()?;
        eventually("the write", CAP, async || Ok((cluster.written(&issue)? > 0).then_some(()))).await?;
        Ok(issue)
    })
    .await
}

pub(super) async fn after_comment(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    at(cluster, form, async |cluster| {
        cluster.jira.push_fault(Fault::once("POST", "/comment", Trouble::AnswerLate(LONG)));
        let issue = cluster.story()?;
        eventually("the comment", CAP, async || Ok((cluster.written(&issue)? > 0).then_some(()))).await?;
        Ok(issue)
    })
    .await
}

/// Kills the worker whenever `reach` has come to its point.
async fn at(cluster: &mut Cluster, form: Form, reach: impl AsyncFn(&Cluster) -> Result<Issue>) -> Result<Outcome> {
    let times = if form == Form::Full { 5 } else { 1 };
    let (mut issues, mut longest) = (Vec::new(), Duration::ZERO);
    for _ in 0..times {
        issues.push(reach(cluster).await?);
        for worker in &mut cluster.workers {
            worker.again()?;
        }
        longest = longest.max(recovery(cluster, &issues).await?);
        cluster.settled(&issues).await?;
    }
    counted(cluster, &issues, times, Some(longest)).await
}

async fn fault_came(cluster: &Cluster) -> Result<()> {
    eventually("the fault to come", CAP, async || Ok((cluster.jira.faults_pending() == 0).then_some(()))).await?;
    tokio::time::sleep(Duration::from_millis(100)).await;
    Ok(())
}
