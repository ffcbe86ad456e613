//! The real `brine serve` as a child process.

use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow, bail};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::binary::brine_binary;
use super::wait::{CAP, eventually};
use crate::fake_jira::FakeJira;

/// What writes in tests of what is around it: small and fast, and no good at criteria.
pub const SMALL_MODEL: &str = "smollm2-135m";

/// How the service is started.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// Jobs in work at the same time.
    pub workers: usize,
    /// The pause before a second attempt.
    pub retry_base_seconds: u64,
    /// What the log holds, as `BRINE_LOG` says it.
    pub log: String,
    /// Name of the model in the catalogue; without one the service takes its default.
    pub model: Option<&'static str>,
    /// Folder of model files, when it is not the usual one.
    pub models: Option<PathBuf>,
    /// More variables of the environment.
    pub more: Vec<(&'static str, String)>,
    /// Ctrl-C on the terminal does not reach the service by itself: whoever started it ends it.
    pub own_group: bool,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            workers: 1,
            retry_base_seconds: 1,
            log: "info".into(),
            model: Some(SMALL_MODEL),
            models: None,
            more: Vec::new(),
            own_group: false,
        }
    }
}

/// A running service. It is killed when dropped.
pub struct Brine {
    base_url: String,
    folder: TempDir,
    environment: Vec<(&'static str, String)>,
    own_group: bool,
    child: Mutex<Option<Child>>,
}

/// A port on loopback that is free now.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Brine {
    /// Starts the service for this site and waits until it is ready.
    pub async fn start(jira: &FakeJira, options: ServeOptions) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let bind = format!("127.0.0.1:{}", free_port()?);
        let base_url = format!("http://{bind}");
        let mut environment = vec![
            ("BRINE_BIND", bind),
            ("BRINE_BASE_URL", base_url.clone()),
            ("BRINE_DATA_DIR", folder.path().join("data").display().to_string()),
            ("BRINE_CONNECT_KEYS_URL", jira.keys_url()),
            ("BRINE_HOST_SCRIPT_URL", jira.host_script_url()),
            ("BRINE_ALLOWED_SITES", "127.0.0.1:*".to_owned()),
            ("BRINE_WORKERS", options.workers.to_string()),
            ("BRINE_RETRY_BASE_SECONDS", options.retry_base_seconds.to_string()),
            ("BRINE_LOG", options.log),
        ];
        environment.extend(options.model.map(|model| ("BRINE_MODEL", model.to_owned())));
        environment.extend(options.models.map(|models| ("BRINE_MODELS", models.display().to_string())));
        environment.extend(options.more);
        let own_group = options.own_group;
        let brine = Self { base_url, folder, environment, own_group, child: Mutex::new(None) };
        brine.restart().await?;
        Ok(brine)
    }

    /// "http://127.0.0.1:12345".
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Starts the service again with the same data and address, and waits until it is ready.
    pub async fn restart(&self) -> Result<()> {
        let log = OpenOptions::new().create(true).append(true).open(self.log_file())?;
        let program = brine_binary()?;
        let mut command = Command::new(&program);
        #[cfg(unix)]
        if self.own_group {
            command.process_group(0);
        }
        let child = command
            .arg("serve")
            .envs(self.environment.iter().map(|(name, value)| (*name, value)))
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} can't be started", program.display()))?;
        *self.child() = Some(child);
        tokio::select! {
            ready = self.ready() => ready.with_context(|| format!("the service's log:\n{}", self.log_tail())),
            died = self.death() => Err(died),
        }
    }

    /// Runs another command of the program with the service's settings, beside the service.
    pub async fn run(&self, arguments: &[&str]) -> Result<std::process::Output> {
        let command = Command::new(brine_binary()?)
            .args(arguments)
            .envs(self.environment.iter().map(|(name, value)| (*name, value)))
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        tokio::time::timeout(CAP, command).await.context("the command does not end")?.context("it can't be run")
    }

    async fn ready(&self) -> Result<()> {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
        let address = format!("{}/readyz", self.base_url);
        eventually("the service to be ready", CAP, async || {
            let answer = http.get(&address).send().await;
            Ok(answer.ok().filter(|answer| answer.status() == 200).map(drop))
        })
        .await
    }

    /// `kill -9`: the service has no chance to tidy up.
    pub async fn kill(&self) -> Result<()> {
        // Taken out first, so that nobody mistakes this for a death of its own.
        let child = self.child().take();
        child.context("the service does not run")?.kill().await.context("the service can't be killed")
    }

    /// Ends only when the service has died by itself, with its log.
    pub async fn death(&self) -> Error {
        loop {
            let ended = match self.child().as_mut() {
                Some(child) => child.try_wait().ok().flatten(),
                None => None,
            };
            if let Some(status) = ended {
                return anyhow!("the service died ({status}); its log:\n{}", self.log_tail());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Asks the service to end (SIGTERM), waits for it, and gives its exit code.
    pub async fn stop(&self) -> Result<i32> {
        let mut child = self.child().take().context("the service does not run")?;
        let id = child.id().context("the service has ended already")?;
        let sent = Command::new("kill").args(["-TERM", &id.to_string()]).status().await?;
        if !sent.success() {
            bail!("the service can't be asked to end");
        }
        let status = tokio::time::timeout(CAP, child.wait()).await.context("the service does not end")??;
        status.code().context("the service was killed by a signal")
    }

    /// Everything that the service has written to its output and error streams.
    pub fn log(&self) -> String {
        std::fs::read(self.log_file()).map(|log| String::from_utf8_lossy(&log).into_owned()).unwrap_or_default()
    }

    /// The last lines of the log.
    pub fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines.get(lines.len().saturating_sub(60)..).unwrap_or_default().join("\n")
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("brine.log")
    }

    fn child(&self) -> std::sync::MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Brine {
    fn drop(&mut self) {
        // A failed assertion in the middle of a story still shows what the service said.
        if std::thread::panicking() {
            eprintln!("the service's log:\n{}", self.log_tail());
        }
    }
}
