//! The app of Atlassian's framework, `tests/node/bench-express/app.mjs`.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use brine_tests::fake_jira::FakeJira;
use brine_tests::harness::free_port;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

pub(crate) struct Peer {
    base: String,
    program: Child,
}

impl Peer {
    pub(crate) async fn start(jira: &FakeJira, database: &str, redis_port: u16, processes: usize) -> Result<Self> {
        let port = free_port()?;
        let mut program = Command::new("node")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("node/bench-express/app.mjs"))
            .env("BENCH_PORT", port.to_string())
            .env("BENCH_DATABASE_URL", database)
            .env("BENCH_REDIS_PORT", redis_port.to_string())
            .env("BENCH_KEYS_URL", jira.keys_url())
            .env("BENCH_PROCESSES", processes.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("node can't be run")?;
        let told = program.stdout.take().context("no standard output")?;
        let line = BufReader::new(told).lines().next_line().await?;
        ensure!(
            line.as_deref() == Some("ready"),
            "the peer does not start: `make bench-webhooks` installs what it needs"
        );
        Ok(Self { base: format!("http://127.0.0.1:{port}"), program })
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn process(&self) -> Result<u32> {
        self.program.id().context("the peer has ended")
    }
}
