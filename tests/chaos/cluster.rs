//! A whole installation on loopback: Postgres, Redis, one `brine web`, some `brine worker`, a Jira site, and a model server.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use brine_servers::{Postgres, Redis, SmallDisk};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::model::ModelServer;
use super::process::Process;
use crate::fake_jira::{FakeJira, FakeOptions, Issue, NewIssue};
use crate::harness::{eventually, free_port, gherkin_blocks};

const STORY: &str = "As a clerk, I want to refund an order, so that the shopper is content.\n\n\
                     - Orders older than 90 days are refused.\n- A refund over 500 euros needs a second clerk.";
/// With which a killed worker's job is another's again.
pub(super) const LEASE_SECONDS: u64 = 5;
/// Longer than any case with a few jobs takes.
const PATIENCE: Duration = Duration::from_secs(600);

/// What a case needs.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Processes `brine worker`.
    pub workers: usize,
    /// Jobs that each takes at once.
    pub slots: usize,
    /// Where criteria go: "description" or "comment".
    pub target: &'static str,
    /// Postgres and Redis share a disk of so many MiB; none: the machine's.
    pub disk: Option<u32>,
    /// In the middle of a job, so many workers may end before it is put aside.
    pub max_crashes: u32,
}

/// See the module.
pub struct Cluster {
    /// The site.
    pub jira: FakeJira,
    /// What writes.
    pub model: ModelServer,
    /// The database's server.
    pub postgres: Postgres,
    /// The queue's server.
    pub redis: Redis,
    /// The small disk of both, if they have one.
    pub disk: Option<SmallDisk>,
    /// URL of the database.
    pub database: String,
    /// The process `brine web`.
    pub web: Process,
    /// The processes `brine worker`.
    pub workers: Vec<Process>,
    base_url: String,
    folder: TempDir,
    environment: Vec<(String, String)>,
    http: reqwest::Client,
}

impl Cluster {
    /// Starts everything, installs the app, and has new stories of the project SHOP written by themselves.
    pub async fn start(shape: Shape) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let disk = shape.disk.map(SmallDisk::mount).transpose()?;
        let (postgres, redis) = match &disk {
            Some(disk) => (Postgres::start_on(disk)?, Redis::start_on(disk)?),
            None => (Postgres::start()?, Redis::start()?),
        };
        let database = postgres.database()?;
        let options =
            FakeOptions { webhook_retries: 60, webhook_pause: Duration::from_millis(500), ..FakeOptions::default() };
        let jira = FakeJira::start(options).await?;
        jira.create_project("SHOP", "Web shop");
        let model = ModelServer::start()?;
        let port = free_port()?;
        let base_url = format!("http://127.0.0.1:{port}");
        let key = folder.path().join("secret.key");
        std::fs::write(&key, "07".repeat(32))?;
        let environment = environment(&jira, &model, &redis, &database, &base_url, folder.path(), shape);
        let web = Process::start("web", "web", environment.clone(), folder.path())?;
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build()?;
        let mut cluster = Self {
            jira,
            model,
            postgres,
            redis,
            disk,
            database,
            web,
            workers: Vec::new(),
            base_url,
            folder,
            environment,
            http,
        };
        cluster.web_is_ready().await?;
        for number in 0..shape.workers {
            cluster.add_worker(&format!("worker{number}"), &[])?;
        }
        cluster.jira.install(&cluster.base_url).await?;
        let settings = json!({"automatic": true, "issueTypes": ["Story"], "target": shape.target, "maxScenarios": 3});
        cluster.call("PUT", "/api/projects/SHOP/settings", Some(settings)).await?;
        Ok(cluster)
    }

    /// One more worker, with these variables besides; its clock is what `FAKETIME` says.
    pub fn add_worker(&mut self, name: &str, more: &[(&str, String)]) -> Result<()> {
        let mut environment = self.environment.clone();
        environment.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        if more.iter().any(|(name, _)| *name == "FAKETIME") {
            environment.push(("LD_PRELOAD".to_owned(), fake_time()?));
        }
        self.workers.push(Process::start("worker", name, environment, self.folder.path())?);
        Ok(())
    }

    /// The address of `brine web`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// A client that makes a connection for each call.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Waits until `brine web` says that it is ready.
    pub async fn web_is_ready(&self) -> Result<()> {
        let address = format!("{}/readyz", self.base_url);
        eventually("brine web to be ready", Duration::from_secs(60), async || {
            let answer = self.http.get(&address).timeout(Duration::from_secs(5)).send().await;
            Ok(answer.ok().filter(|answer| answer.status() == 200).map(drop))
        })
        .await
        .with_context(|| self.logs())
    }

    /// Calls the API as an administrator.
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value> {
        let token = self.jira.context_token("carol")?;
        let address = format!("{}{path}", self.base_url);
        let mut request = self.http.request(method.parse()?, address).header("Authorization", format!("JWT {token}"));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let body: Value = serde_json::from_slice(&answer.bytes().await?).unwrap_or_default();
        ensure!(status.is_success(), "{method} {path}: {status} {body}");
        Ok(body)
    }

    /// A person makes a story, and so a job is made by the webhook.
    pub fn story(&self) -> Result<Issue> {
        self.jira.create_issue(NewIssue::story("SHOP", "Refund an order").text(STORY))
    }

    /// So many stories.
    pub fn stories(&self, count: usize) -> Result<Vec<Issue>> {
        (0..count).map(|_| self.story()).collect()
    }

    /// How often criteria stand in the issue.
    pub fn written(&self, issue: &Issue) -> Result<usize> {
        let now = self.jira.issue(&issue.key)?;
        let sections = now.description.as_ref().map_or(0, |document| gherkin_blocks(document).len());
        let writes = now.edits.iter().filter(|edit| edit.fields.iter().any(|field| field == "description")).count();
        // Criteria that were written twice into one place are as wrong as two of them.
        Ok(sections.max(writes) + now.comments.len())
    }

    /// How many of the issues have criteria.
    pub fn done(&self, issues: &[Issue]) -> Result<usize> {
        issues.iter().map(|issue| Ok(usize::from(self.written(issue)? > 0))).sum()
    }

    /// Waits until all issues have criteria, or none has come for long; then, until nothing waits or runs.
    pub async fn settled(&self, issues: &[Issue]) -> Result<()> {
        let (mut last, mut since) = (0, Instant::now());
        loop {
            let done = self.done(issues)?;
            if done > last {
                (last, since) = (done, Instant::now());
            }
            if done == issues.len() || since.elapsed() > PATIENCE / 5 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        eventually("nothing to wait or run", PATIENCE / 5, async || {
            let Ok(listed) = self.call("GET", "/api/jobs?limit=1", None).await else { return Ok(None) };
            let left = ["queued", "running"].map(|state| listed["counts"][state].as_i64().unwrap_or(0));
            Ok((left == [0, 0]).then_some(()))
        })
        .await
    }

    /// What each process has said last.
    pub fn logs(&self) -> String {
        let mut all = String::new();
        for (name, process) in std::iter::once(("web".to_owned(), &self.web))
            .chain(self.workers.iter().enumerate().map(|(number, worker)| (format!("worker {number}"), worker)))
        {
            let log = process.log();
            let lines: Vec<&str> = log.lines().collect();
            let tail = lines.get(lines.len().saturating_sub(25)..).unwrap_or_default().join("\n");
            all.push_str(&format!("--- {name}\n{tail}\n"));
        }
        all
    }
}

/// The library of Debian's package faketime that moves a program's clock.
fn fake_time() -> Result<String> {
    let found = std::fs::read_dir("/usr/lib")?
        .flatten()
        .map(|folder| folder.path().join("faketime/libfaketime.so.1"))
        .find(|file| file.is_file());
    let found = found.context("faketime is missing: run scripts/setup.sh test, or install the package faketime")?;
    Ok(found.display().to_string())
}

fn environment(
    jira: &FakeJira,
    model: &ModelServer,
    redis: &Redis,
    database: &str,
    base_url: &str,
    folder: &Path,
    shape: Shape,
) -> Vec<(String, String)> {
    let bind = base_url.trim_start_matches("http://").to_owned();
    [
        ("BRINE_BIND", bind),
        ("BRINE_BASE_URL", base_url.to_owned()),
        ("BRINE_DATA_DIR", folder.join("data").display().to_string()),
        ("BRINE_DATABASE_URL", database.to_owned()),
        ("BRINE_REDIS_URL", redis.url()),
        ("BRINE_SECRET_KEY_FILE", folder.join("secret.key").display().to_string()),
        ("BRINE_OPERATIONS_BIND", "127.0.0.1:0".to_owned()),
        ("BRINE_MODEL_SERVER", model.address().to_owned()),
        ("BRINE_MODEL_SERVER_MODEL", "stand-in".to_owned()),
        ("BRINE_CONNECT_KEYS_URL", jira.keys_url()),
        ("BRINE_HOST_SCRIPT_URL", jira.host_script_url()),
        ("BRINE_ALLOWED_SITES", "127.0.0.1:*".to_owned()),
        ("BRINE_WORKERS", shape.slots.to_string()),
        ("BRINE_RETRY_BASE_SECONDS", "1".to_owned()),
        ("BRINE_LEASE_SECONDS", LEASE_SECONDS.to_string()),
        ("BRINE_MAX_ATTEMPTS", "20".to_owned()),
        ("BRINE_MAX_CRASHES", shape.max_crashes.to_string()),
        ("BRINE_SITE_PER_SECOND", "0".to_owned()),
        ("BRINE_LOG", "info".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}
