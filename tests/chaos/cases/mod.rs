//! The cases, a file for each thing that breaks.

mod bulk;
mod clock;
mod disk;
mod jira;
mod points;
mod postgres;
mod redis;
mod storm;
mod versions;
mod webhooks;
mod workers;

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Cluster, Form, Outcome, Shape};
use crate::fake_jira::Issue;

type Running<'a> = Pin<Box<dyn Future<Output = Result<Outcome>> + 'a>>;

/// See the module.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) run: for<'a> fn(&'a mut Cluster, Form) -> Running<'a>,
    /// It says how long something may take, and so wants the machine for itself.
    pub(super) timed: bool,
}

/// Two workers of two jobs each, which write sections of descriptions.
const USUAL: Shape = Shape { workers: 2, slots: 2, target: "description", disk: None, max_crashes: 2 };

macro_rules! case {
    ($name:literal, $shape:expr, $run:path) => {
        Case { name: $name, shape: $shape, run: |cluster, form| Box::pin($run(cluster, form)), timed: false }
    };
    ($name:literal, $shape:expr, $run:path, timed) => {
        Case { timed: true, ..case!($name, $shape, $run) }
    };
}

/// Every case, the quick ones first.
pub(super) fn all() -> Vec<Case> {
    let comments = Shape { target: "comment", ..USUAL };
    let one = Shape { workers: 1, slots: 1, ..USUAL };
    let four = Shape { workers: 4, slots: 4, ..USUAL };
    let small = Shape { disk: Some(160), ..USUAL };
    let mut all = vec![
        case!("worker killed while it takes a job", one, points::before_lease),
        case!("worker killed while it reads the story", one, points::reading),
        case!("worker killed while the model writes", one, points::writing),
        case!("worker killed before it writes to Jira", one, points::before_write),
        case!("worker killed after its write, before it settled", one, points::after_write),
        case!(
            "worker killed after its comment, before it settled",
            Shape { target: "comment", ..one },
            points::after_comment
        ),
        case!("worker frozen past its lease; its late write is refused", USUAL, workers::zombie),
        case!("workers told to stop and replaced in mid-work", USUAL, workers::rolling),
        case!("web killed between row and ticket", USUAL, redis::ticket_lost),
        case!("Redis emptied while jobs wait", USUAL, redis::flushed),
        case!("Redis restarted", comments, redis::restarted),
        case!("Redis out of memory", USUAL, redis::full),
        case!("Redis slow", USUAL, redis::slow),
        case!("Postgres restarted", USUAL, postgres::restarted),
        case!("connections to Postgres cut in mid-transaction", comments, postgres::cut),
        case!("disk of Postgres and Redis full", small, disk::full),
        case!("Jira: 500, 502, 503, HTML, slow", USUAL, jira::trouble),
        case!("Jira: 429 with Retry-After", USUAL, jira::limited),
        case!("Jira: connection cut after the write went through", comments, jira::cut),
        case!("webhooks doubled, late and malformed", USUAL, webhooks::doubled),
        case!("clock of one worker an hour ahead", USUAL, clock::ahead),
        case!("10,000 bulk jobs wait and a person of another site clicks", USUAL, bulk::click, timed),
        case!("workers killed at random, Redis emptied twice, Postgres restarted", four, storm::storm, timed),
    ];
    if versions::other().is_some() {
        all.push(case!("another version of Brine works beside", USUAL, versions::mixed));
    }
    all
}

/// What came of these stories, in which the fault was made so often.
async fn counted(cluster: &Cluster, issues: &[Issue], times: usize, recovery: Option<Duration>) -> Result<Outcome> {
    cluster.settled(issues).await?;
    let mut outcome = Outcome { times, jobs: issues.len(), recovery, ..Outcome::default() };
    for issue in issues {
        match cluster.written(issue)? {
            0 => outcome.lost += 1,
            1 => {}
            _ => outcome.doubled += 1,
        }
    }
    Ok(outcome)
}

/// How long it takes from now until one more of the issues has criteria.
async fn recovery(cluster: &Cluster, issues: &[Issue]) -> Result<Duration> {
    let (began, before) = (Instant::now(), cluster.done(issues)?);
    while before < issues.len() && cluster.done(issues)? == before && began.elapsed() < Duration::from_secs(120) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(began.elapsed())
}
