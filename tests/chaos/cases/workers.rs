//! Workers that are frozen or replaced.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::{counted, recovery};
use crate::chaos::{Cluster, Form, Outcome};
use crate::harness::eventually;

const CAP: Duration = Duration::from_secs(60);

/// Stopped in the middle of its work, and let go on when the job has been another's.
pub(super) async fn zombie(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    let times = if form == Form::Full { 5 } else { 1 };
    let (mut issues, mut longest) = (Vec::new(), Duration::ZERO);
    for _ in 0..times {
        cluster.model.set_pause(Duration::from_secs(2));
        let before = cluster.model.asked();
        issues.push(cluster.story()?);
        eventually("the model to be asked", CAP, async || Ok((cluster.model.asked() > before).then_some(()))).await?;
        let holder = holder(cluster);
        let refused = refusals(cluster, holder);
        cluster.workers[holder].signal("STOP")?;
        longest = longest.max(recovery(cluster, &issues).await?);
        cluster.settled(&issues).await?;
        cluster.workers[holder].signal("CONT")?;
        eventually("the late worker to be refused", CAP, async || {
            Ok((refusals(cluster, holder) > refused).then_some(()))
        })
        .await?;
    }
    counted(cluster, &issues, times, Some(longest)).await
}

/// The one that has leased more jobs than it has ended.
fn holder(cluster: &Cluster) -> usize {
    let busy = |number: &usize| {
        let log = cluster.workers[*number].log();
        let count = |what: &str| log.matches(what).count();
        count("a job is leased") > count("a job is settled") + count("no longer ours")
    };
    (0..cluster.workers.len()).find(busy).unwrap_or_default()
}

fn refusals(cluster: &Cluster, worker: usize) -> usize {
    cluster.workers[worker].log().matches("no longer ours").count()
}

/// SIGTERM to one after the other while there is work.
pub(super) async fn rolling(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    cluster.model.set_pause(Duration::from_millis(300));
    let issues = cluster.stories(form.jobs(200))?;
    let times = if form == Form::Full { 12 } else { 2 };
    for time in 0..times {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let number = time % cluster.workers.len();
        let worker = &mut cluster.workers[number];
        worker.stop(Duration::from_secs(40)).await?;
        ensure!(!worker.log().contains("panicked"), "a worker panicked:\n{}", worker.log());
        worker.again()?;
    }
    counted(cluster, &issues, times, None).await
}
