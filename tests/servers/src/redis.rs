//! Redis, or Valkey where that is what the machine has.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::SmallDisk;
use crate::certificate::{self, AUTHORITY, CERTIFICATE, KEY};
use crate::leash::Leash;

/// A server without persistence, unless its options say otherwise.
pub struct Redis {
    leash: Option<Leash>,
    folder: TempDir,
    port: u16,
    options: Vec<String>,
    encrypted: bool,
}

impl Redis {
    /// Starts one that keeps nothing on disk.
    pub fn start() -> Result<Self> {
        Self::with(&[])
    }

    /// Starts one with further options of redis-server, which win over ours.
    pub fn with(options: &[&str]) -> Result<Self> {
        Self::start_with(options, tempfile::tempdir()?)
    }

    /// One that notes everything in a file on this disk, and writes nothing while it cannot. (One that flushes each write would end.)
    pub fn start_on(disk: &SmallDisk) -> Result<Self> {
        Self::start_with(&["--appendonly", "yes", "--appendfsync", "everysec"], tempfile::tempdir_in(disk.path())?)
    }

    fn start_with(options: &[&str], folder: TempDir) -> Result<Self> {
        let options = options.iter().map(ToString::to_string).collect();
        let mut server = Self { leash: None, folder, port: crate::free_port()?, options, encrypted: false };
        server.again()?;
        Ok(server)
    }

    /// One that talks TLS alone, and the file with the authority that its certificate is signed by.
    pub fn encrypted() -> Result<(Self, PathBuf)> {
        let folder = tempfile::tempdir()?;
        let authority = certificate::make(folder.path())?;
        let file = |name: &str| folder.path().join(name).display().to_string();
        let port = crate::free_port()?;
        let options =
            ["--tls-port", &port.to_string(), "--tls-auth-clients", "no", "--tls-ca-cert-file", &file(AUTHORITY)]
                .into_iter()
                .chain(["--tls-cert-file", &file(CERTIFICATE), "--tls-key-file", &file(KEY)])
                .map(str::to_owned)
                .collect();
        let mut server = Self { leash: None, folder, port, options, encrypted: true };
        server.again()?;
        Ok((server, authority))
    }

    /// Its address.
    pub fn url(&self) -> String {
        match self.encrypted {
            true => format!("rediss://localhost:{}", self.port),
            false => format!("redis://127.0.0.1:{}", self.port),
        }
    }

    /// Its port, for clients that want one.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs one command through redis-cli, and answers with what it prints.
    pub fn cli(&self, args: &[&str]) -> Result<String> {
        let port = self.port.to_string();
        let mut command = Command::new(program("cli")?);
        command.args(["-p", &port]);
        if self.encrypted {
            command.args(["-h", "localhost", "--tls", "--cacert"]).arg(self.folder.path().join(AUTHORITY));
        }
        let output = command.args(args).output()?;
        ensure!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    /// Ends the server at once, as a crash does.
    pub fn stop(&mut self) {
        self.leash = None;
    }

    /// Starts it again at the same port.
    pub fn again(&mut self) -> Result<()> {
        self.leash = None;
        let log = self.folder.path().join("log");
        let port = self.port.to_string();
        let dir = self.folder.path().to_str().context("path")?;
        let plain = if self.encrypted { "0" } else { &port };
        let mut args = vec!["--port", plain, "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "no"];
        args.extend(self.options.iter().map(String::as_str));
        let args: Vec<&OsStr> = args.into_iter().map(OsStr::new).collect();
        let mut leash = Leash::start(&program("server")?, "KILL", None, self.folder.path(), &args)?;
        leash.until(&log, || self.cli(&["ping"]).is_ok_and(|answer| answer == "PONG"))?;
        self.leash = Some(leash);
        Ok(())
    }
}

fn program(part: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .flat_map(|folder| ["redis", "valkey"].map(|name| folder.join(format!("{name}-{part}"))))
        .find(|file: &PathBuf| Path::is_file(file));
    found.context("Redis is missing: run scripts/setup.sh test, or install the package redis-server")
}
