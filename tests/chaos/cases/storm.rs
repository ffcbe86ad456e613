//! Everything at once: the promise in full.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use rand::Rng;

use super::counted;
use crate::chaos::cluster::LEASE_SECONDS;
use crate::chaos::{Cluster, Form, Outcome};

/// How long the model writes.
const JOB: Duration = Duration::from_secs(1);
const BETWEEN_KILLS: Duration = Duration::from_secs(2);

pub(super) async fn storm(cluster: &mut Cluster, form: Form) -> Result<Outcome> {
    let jobs = if form == Form::Full { 1000 } else { 60 };
    cluster.model.set_pause(JOB);
    let began = Instant::now();
    let calm = cluster.stories(jobs)?;
    cluster.settled(&calm).await?;
    let undisturbed = began.elapsed();

    let began = Instant::now();
    let issues = cluster.stories(jobs)?;
    let (mut kills, mut longest, mut done) = (0, Duration::ZERO, 0);
    let mut idle_since = Instant::now();
    let expected = undisturbed.max(Duration::from_secs(6));
    let mut flushes = vec![expected / 4, expected / 2];
    let mut restart = Some(expected * 2 / 5);
    let mut next_kill = BETWEEN_KILLS;
    while done < issues.len() && began.elapsed() < expected * 6 + Duration::from_secs(60) {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let time = began.elapsed();
        let now = cluster.done(&issues)?;
        if now > done {
            longest = longest.max(idle_since.elapsed());
            (done, idle_since) = (now, Instant::now());
        }
        if flushes.first().is_some_and(|at| time > *at) {
            flushes.remove(0);
            cluster.redis.cli(&["flushall"])?;
        }
        if restart.is_some_and(|at| time > at) {
            restart = None;
            cluster.postgres.again()?;
        }
        if time > next_kill {
            next_kill += BETWEEN_KILLS;
            let victim = rand::rng().random_range(0..cluster.workers.len());
            cluster.workers[victim].again()?;
            kills += 1;
        }
    }
    let disturbed = began.elapsed();
    let outcome = counted(cluster, &issues, kills + 3, Some(longest)).await?;
    let most = undisturbed * 2 + Duration::from_secs(2 * LEASE_SECONDS);
    eprintln!(
        "storm: {jobs} jobs undisturbed {:.1} s, with {kills} kills {:.1} s (at most {:.1} s)",
        undisturbed.as_secs_f64(),
        disturbed.as_secs_f64(),
        most.as_secs_f64()
    );
    ensure!(form == Form::Short || disturbed <= most, "it took {disturbed:?}, more than {most:?}");
    Ok(outcome)
}
