//! The whole service under test: the fake Jira, the real `brine serve` beside it, and people who use both.
//!
//! A test is a story told inside [`story`]. It fails at once, with the service's log, when the service dies; and when
//! the story is told, nothing may be left over: no job, no fault that never came, no secret in the log.

mod binary;
mod documents;
mod remote;
mod service;
mod user;
mod wait;

pub mod browser;

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use brine_core::gherkin::{LANGUAGE, Language};
use serde_json::Value;

pub use binary::brine_binary;
pub use documents::{gherkin_blocks, paragraph, rich_description, texts};
pub use remote::{ForgeWorld, forge_story};
pub use service::{Brine, SMALL_MODEL, ServeOptions, free_port};
pub use user::{Reply, User};
pub use wait::{CAP, eventually};

use crate::fake_jira::{FakeJira, FakeOptions};

/// The key of the issue property that remembers what Brine wrote.
pub const PROPERTY: &str = "com.brine.criteria";

/// How a story begins, and what it may leave behind.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// How the service is started.
    pub serve: ServeOptions,
    /// The story may end while jobs wait or run.
    pub leaves_jobs: bool,
}

/// A Jira site with the project SHOP, in which the real service is installed.
pub struct World {
    /// The site.
    pub jira: FakeJira,
    /// The service.
    pub brine: Brine,
    http: reqwest::Client,
}

/// Starts the world, tells the story, and looks at what is left.
///
/// One story at a time: each runs a whole model, and several on the same cores would wait for each other's threads.
pub async fn story(setup: Setup, tell: impl AsyncFnOnce(&World) -> Result<()>) -> Result<()> {
    let _turn = one_at_a_time().await;
    let world = World::start(&setup.serve).await?;
    let told = tokio::select! {
        told = tell(&world) => told,
        died = world.brine.death() => Err(died),
    };
    let ended = match told {
        Ok(()) => world.look_at_what_is_left(&setup).await,
        Err(error) => Err(error),
    };
    ended.map_err(|error| error.context(format!("the service's log:\n{}", world.brine.log_tail())))
}

async fn one_at_a_time() -> tokio::sync::MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    ONE_AT_A_TIME.lock().await
}

impl World {
    async fn start(serve: &ServeOptions) -> Result<Self> {
        let jira = FakeJira::start(FakeOptions::default()).await?;
        jira.create_project("SHOP", "Web shop");
        let brine = Brine::start(&jira, serve.clone()).await?;
        jira.install(brine.base_url())
            .await
            .map_err(|error| error.context(format!("the install failed; the service's log:\n{}", brine.log_tail())))?;
        Ok(Self { jira, brine, http: http()? })
    }

    /// Someone in front of Jira: "alice", "bob" or "carol".
    pub fn user(&self, login: &str) -> User<'_> {
        User::new(self, login)
    }

    /// A plain HTTP client, for requests that nobody of this site would make.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Waits until the newest job of the issue is final, and gives it.
    pub async fn last_job_ended(&self, key: &str) -> Result<Value> {
        let carol = self.user("carol");
        eventually(&format!("a final job of {key}"), CAP, async || {
            let jobs = carol.jobs(key).await?;
            let newest = jobs.first().cloned();
            Ok(newest.filter(|job| !matches!(user::text(job, "state"), "queued" | "running")))
        })
        .await
    }

    async fn look_at_what_is_left(&self, setup: &Setup) -> Result<()> {
        self.jira.webhooks_settled(CAP).await?;
        ensure!(self.jira.faults_pending() == 0, "a fault never came: this story did not test what it says");
        let log = self.brine.log();
        let Ok(installation) = self.jira.installation() else { return Ok(()) };
        ensure!(!log.contains(&installation.shared_secret), "the shared secret stands in the service's log");
        if setup.leaves_jobs {
            return Ok(());
        }
        let counts = self.user("carol").get("/api/jobs?limit=1").await?.expect(200)?;
        for state in ["queued", "running"] {
            let left = counts.pointer(&format!("/counts/{state}")).and_then(Value::as_i64).unwrap_or(0);
            ensure!(left == 0, "{left} jobs are left {state}");
        }
        Ok(())
    }
}

/// Runs the official Gherkin parser over a file, or a text that stands in Jira, and gives what it found.
pub async fn parse_officially(criteria: &str) -> Result<Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/node/parse_features.mjs");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("criteria.feature");
    std::fs::write(&file, as_file(criteria))?;
    let run = tokio::process::Command::new("node").arg(script).arg(&file).output();
    let output = tokio::time::timeout(Duration::from_secs(60), run).await?.context("node can't be run")?;
    let verdict: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("no verdict: {}", String::from_utf8_lossy(&output.stderr)))?;
    if verdict.get("ok") != Some(&Value::Bool(true)) {
        bail!("the official parser refuses the criteria: {verdict}\n{criteria}");
    }
    Ok(verdict)
}

/// With the line of a feature where there is none, below the one that names the language.
fn as_file(criteria: &str) -> String {
    let (first, rest) = criteria.split_once('\n').unwrap_or((criteria, ""));
    let named = first.strip_prefix(LANGUAGE).and_then(Language::from_code);
    let dialect = named.unwrap_or_default().dialect();
    if criteria.lines().any(|line| dialect.is_feature(line)) {
        return criteria.to_owned();
    }
    let feature = format!("{}: As it stands in Jira", dialect.feature[0]);
    match named {
        Some(_) => format!("{first}\n{feature}\n{rest}\n"),
        None => format!("{feature}\n\n{criteria}\n"),
    }
}

/// Makes a connection for each call: one that was idle may be closed by the other side just when it is used again.
fn http() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build()
}
