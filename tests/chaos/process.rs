//! One process of Brine: `brine web` or `brine worker`.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::harness::brine_binary;

/// It is killed when dropped.
pub struct Process {
    child: Child,
    program: PathBuf,
    role: &'static str,
    environment: Vec<(String, String)>,
    log: PathBuf,
}

impl Process {
    /// Starts a process in this role with these variables; what it says is added to a file in `folder`.
    pub fn start(role: &'static str, name: &str, environment: Vec<(String, String)>, folder: &Path) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let program = brine_binary()?;
        let child = spawn(&program, role, &environment, folder, &log)?;
        Ok(Self { child, program, role, environment, log })
    }

    /// Starts it again after it ended, or was killed.
    pub fn again(&mut self) -> Result<()> {
        self.kill()?;
        let folder = self.log.parent().context("a log lies in a folder")?;
        self.child = spawn(&self.program, self.role, &self.environment, folder, &self.log)?;
        Ok(())
    }

    /// From here on it is this program, which may be another version of Brine; the present one is told to stop.
    pub async fn become_program(&mut self, program: &Path, patience: Duration) -> Result<()> {
        self.stop(patience).await?;
        self.program = program.to_owned();
        self.again()
    }

    /// `kill -9`.
    pub fn kill(&mut self) -> Result<()> {
        // It may have ended already.
        let _ = self.child.kill();
        self.child.wait()?;
        Ok(())
    }

    /// Sends a signal by its name.
    pub fn signal(&self, signal: &str) -> Result<()> {
        let sent = Command::new("kill").args([format!("-{signal}"), self.child.id().to_string()]).status()?;
        ensure!(sent.success(), "{signal} cannot be sent");
        Ok(())
    }

    /// SIGTERM, and waits for the end.
    pub async fn stop(&mut self, patience: Duration) -> Result<()> {
        self.signal("TERM")?;
        let began = Instant::now();
        while self.child.try_wait()?.is_none() {
            if began.elapsed() > patience {
                bail!("{} does not end", self.role);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        std::fs::read(&self.log).map(|log| String::from_utf8_lossy(&log).into_owned()).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

fn spawn(program: &Path, role: &str, environment: &[(String, String)], folder: &Path, log: &Path) -> Result<Child> {
    let said = OpenOptions::new().create(true).append(true).open(log)?;
    Command::new(program)
        .arg(role)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(said.try_clone()?)
        .stderr(said)
        .spawn()
        .with_context(|| format!("{} can't be started", program.display()))
}
