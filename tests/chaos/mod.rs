//! Faults on purpose: real processes of Brine on loopback, a real Postgres and Redis, the fake Jira, and a stand-in for a model
//! server, while things break. What is counted is what was promised: no accepted job lost, nothing in Jira twice.

mod cases;
mod cluster;
mod model;
mod outcome;
mod process;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

pub use cluster::{Cluster, Shape};
pub use model::ModelServer;
pub use outcome::Outcome;

/// Names the program of another version of Brine, which then works beside this one in a case of its own.
pub const OTHER_VERSION: &str = "BRINE_OTHER_BIN";

/// How thorough a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Every case, with the numbers of jobs that the promise speaks of.
    Full,
    /// Every case with a few jobs.
    Short,
}

impl Form {
    /// So many jobs, or a few.
    fn jobs(self, full: usize) -> usize {
        match self {
            Self::Full => full,
            Self::Short => full.min(12),
        }
    }
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// What broke.
    pub case: &'static str,
    /// What came of it.
    pub outcome: Outcome,
    /// How long the case took.
    pub took: Duration,
}

impl Row {
    /// The heads of the columns.
    pub fn heads() -> String {
        format!(
            "{:<62} {:>5} {:>5} {:>5} {:>8} {:>10} {:>8}",
            "case", "times", "jobs", "lost", "doubled", "recovery s", "took s"
        )
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Outcome { times, jobs, lost, doubled, recovery } = self.outcome;
        let recovery = recovery.map_or("-".to_owned(), |time| format!("{:.1}", time.as_secs_f64()));
        let took = self.took.as_secs_f64();
        write!(f, "{:<62} {times:>5} {jobs:>5} {lost:>5} {doubled:>8} {recovery:>10} {took:>8.1}", self.case)
    }
}

/// The names of all cases of this form: a small disk can only be mounted by root, which `make test` is not to ask for.
pub fn names(form: Form) -> Vec<&'static str> {
    let has_rights = |case: &cases::Case| form == Form::Full || case.shape.disk.is_none();
    cases::all().into_iter().filter(has_rights).map(|case| case.name).collect()
}

/// Whether a case says how long something may take, and so must run alone.
pub fn is_timed(name: &str) -> bool {
    cases::all().into_iter().any(|case| case.timed && case.name == name)
}

/// Beside other tests, workers may take longer to start than the storm lets them live. Such leave no trace that would speak for a job
/// which ended with two others.
const MAX_CRASHES_IN_SHORT: u32 = 20;

/// Runs the case of this name in a cluster of its own.
pub async fn run(name: &str, form: Form) -> Result<Row> {
    let case = cases::all().into_iter().find(|case| case.name == name).context("there is no such case")?;
    let began = Instant::now();
    let max_crashes = if form == Form::Short { MAX_CRASHES_IN_SHORT } else { case.shape.max_crashes };
    let mut cluster =
        Cluster::start(Shape { max_crashes, ..case.shape }).await.with_context(|| case.name.to_owned())?;
    let outcome = (case.run)(&mut cluster, form).await;
    let outcome = outcome.with_context(|| format!("{}\n{}", case.name, cluster.logs()))?;
    Ok(Row { case: case.name, outcome, took: began.elapsed() })
}
