//! Brine's side: `brine web` on Postgres and Redis, or `brine serve` on a file of its own.

use std::fs::File;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use brine_tests::fake_jira::FakeJira;
use brine_tests::harness::{CAP, SMALL_MODEL, brine_binary, eventually, free_port};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// What is measured of Brine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Web,
    Serve,
}

impl Role {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Role::Web => "brine web",
            Role::Serve => "brine serve",
        }
    }
}

pub(crate) struct Brine {
    base: String,
    folder: TempDir,
    program: Child,
    http: reqwest::Client,
}

impl Brine {
    /// Starts it for this site and waits until it is ready.
    pub(crate) async fn start(jira: &FakeJira, role: Role, database: &str, redis: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let bind = format!("127.0.0.1:{}", free_port()?);
        let base = format!("http://{bind}");
        let log = File::create(folder.path().join("log"))?;
        let mut command = Command::new(brine_binary()?);
        command
            .env("BRINE_BIND", &bind)
            .env("BRINE_OPERATIONS_BIND", format!("127.0.0.1:{}", free_port()?))
            .env("BRINE_BASE_URL", &base)
            .env("BRINE_DATA_DIR", folder.path().join("data"))
            .env("BRINE_CONNECT_KEYS_URL", jira.keys_url())
            .env("BRINE_HOST_SCRIPT_URL", jira.host_script_url())
            .env("BRINE_ALLOWED_SITES", "127.0.0.1:*")
            // One site sends all there is.
            .env("BRINE_SITE_PER_SECOND", "0")
            .env("BRINE_LOG", "warn");
        match role {
            Role::Web => {
                let key = folder.path().join("key");
                std::fs::write(&key, "5a".repeat(32))?;
                command.arg("web").env("BRINE_DATABASE_URL", database).env("BRINE_REDIS_URL", redis);
                command.env("BRINE_SECRET_KEY_FILE", key);
            }
            Role::Serve => {
                command.arg("serve").env("BRINE_WORKERS", "1").env("BRINE_MODEL", SMALL_MODEL);
            }
        }
        let program = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("brine can't be started")?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        let mut brine = Self { base, folder, program, http };
        brine.ready().await?;
        Ok(brine)
    }

    async fn ready(&mut self) -> Result<()> {
        let address = format!("{}/readyz", self.base);
        let (program, http, log) = (&mut self.program, &self.http, self.folder.path().join("log"));
        eventually("brine", CAP, async || {
            if let Some(status) = program.try_wait()? {
                bail!("brine ended with {status}: {}", std::fs::read_to_string(&log)?);
            }
            let answer = http.get(&address).timeout(Duration::from_secs(5)).send().await;
            Ok(answer.ok().filter(|answer| answer.status() == 200).map(drop))
        })
        .await
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn process(&self) -> Result<u32> {
        self.program.id().context("brine has ended")
    }

    /// New stories of the project are to get criteria without anyone asking.
    pub(crate) async fn write_by_itself(&self, jira: &FakeJira) -> Result<()> {
        let settings = json!({"automatic": true, "issueTypes": ["Story"], "target": "description", "maxScenarios": 3});
        let request = self.http.put(format!("{}/api/projects/SHOP/settings", self.base)).json(&settings);
        self.as_carol(jira, request).await.map(drop)
    }

    /// How many jobs it has.
    pub(crate) async fn jobs(&self, jira: &FakeJira) -> Result<u64> {
        let request = self.http.get(format!("{}/api/jobs?limit=1", self.base));
        let answer = self.as_carol(jira, request).await?;
        let counts = answer.get("counts").and_then(Value::as_object).context("no counts")?;
        Ok(counts.values().filter_map(Value::as_u64).sum())
    }

    async fn as_carol(&self, jira: &FakeJira, request: reqwest::RequestBuilder) -> Result<Value> {
        let token = jira.context_token("carol")?;
        let answer = request.header("Authorization", format!("JWT {token}")).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status == 200, "brine answered {status}: {text}");
        Ok(serde_json::from_str(&text)?)
    }
}
