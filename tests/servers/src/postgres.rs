//! Postgres, out of Debian's package or from wherever its programs are found.

use std::ffi::OsStr;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::SmallDisk;
use crate::certificate::{self, AUTHORITY, CERTIFICATE, KEY};
use crate::leash::{Leash, become_user};

/// The user called nobody.
const NOBODY: u32 = 65534;
const PROGRAMS: [&str; 5] = ["postgres", "initdb", "pg_isready", "createdb", "psql"];

/// A server with databases for tests; nothing is flushed to disk until [`Postgres::durable`].
pub struct Postgres {
    leash: Option<Leash>,
    folder: TempDir,
    programs: PathBuf,
    port: u16,
    user: Option<u32>,
    durable: bool,
    encrypted: bool,
    databases: AtomicU32,
}

impl Postgres {
    /// Makes a cluster and starts it.
    pub fn start() -> Result<Self> {
        Self::start_with(false, tempfile::tempdir()?)
    }

    /// The same with everything on this disk.
    pub fn start_on(disk: &SmallDisk) -> Result<Self> {
        Self::start_with(false, tempfile::tempdir_in(disk.path())?)
    }

    /// One that flushes each commit to the disk, as a real one does: for benchmarks.
    pub fn durable() -> Result<Self> {
        Self::start_with(true, tempfile::tempdir()?)
    }

    /// One that clients can ask to talk TLS.
    pub fn encrypted() -> Result<Self> {
        let mut server = Self::start()?;
        server.encrypted = true;
        certificate::make(server.folder.path())?;
        let key = server.folder.path().join(KEY);
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        chown(&key, server.user, server.user)?;
        server.again()?;
        Ok(server)
    }

    fn start_with(durable: bool, folder: TempDir) -> Result<Self> {
        let is_root = std::fs::metadata(folder.path())?.uid() == 0;
        let user = is_root.then_some(NOBODY);
        if is_root {
            chown(folder.path(), user, user)?;
        }
        let port = crate::free_port()?;
        let mut server = Self {
            leash: None,
            folder,
            programs: programs()?,
            port,
            user,
            durable,
            encrypted: false,
            databases: AtomicU32::new(0),
        };
        server.run(
            "initdb",
            &["--no-sync", "--auth=trust", "--username=brine", "--encoding=UTF8", "--locale=C", "-D", "data"],
        )?;
        server.again()?;
        Ok(server)
    }

    /// The URL of a new, empty database.
    pub fn database(&self) -> Result<String> {
        let name = format!("brine{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.run("createdb", &["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "brine", &name])?;
        if self.encrypted {
            let authority = self.folder.path().join(AUTHORITY);
            let proof = format!("sslmode=verify-full&sslrootcert={}", authority.display());
            return Ok(format!("postgres://brine@localhost:{}/{name}?{proof}", self.port));
        }
        Ok(format!("postgres://brine@127.0.0.1:{}/{name}", self.port))
    }

    /// Runs one statement in a database, and answers with what psql prints.
    pub fn sql(&self, url: &str, statement: &str) -> Result<String> {
        self.run("psql", &["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement])
    }

    /// Ends the server at once, as a crash does.
    pub fn stop(&mut self) {
        self.leash = None;
    }

    /// Starts it again, with the same port and data.
    pub fn again(&mut self) -> Result<()> {
        self.leash = None;
        let data = self.folder.path().join("data");
        let log = self.folder.path().join("log");
        let port = self.port.to_string();
        let mut args =
            vec!["-D", data.to_str().context("path")?, "-h", "127.0.0.1", "-p", &port, "-k", "", "-N", "200"];
        if !self.durable {
            args.extend(["-c", "fsync=off", "-c", "full_page_writes=off"]);
        }
        let file = |setting: &str, name: &str| format!("{setting}={}", self.folder.path().join(name).display());
        let (certificate, key) = (file("ssl_cert_file", CERTIFICATE), file("ssl_key_file", KEY));
        if self.encrypted {
            args.extend(["-c", "ssl=on", "-c", &certificate, "-c", &key]);
        }
        let args: Vec<&OsStr> = args.into_iter().map(OsStr::new).collect();
        let mut leash = Leash::start(&self.programs.join("postgres"), "QUIT", self.user, self.folder.path(), &args)?;
        leash.until(&log, || self.run("pg_isready", &["-q", "-h", "127.0.0.1", "-p", &port]).is_ok())?;
        self.leash = Some(leash);
        Ok(())
    }

    fn run(&self, program: &str, args: &[&str]) -> Result<String> {
        let mut command = Command::new(self.programs.join(program));
        command.args(args).current_dir(self.folder.path()).env_remove("PGPASSWORD");
        become_user(&mut command, self.user);
        let output = command.output().with_context(|| format!("{program} cannot be started"))?;
        ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// Debian keeps them outside the path, by version.
fn programs() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    let found = folders.into_iter().find(|folder: &PathBuf| has_server(folder));
    found.context("Postgres is missing: run scripts/setup.sh test, or install the package postgresql")
}

fn has_server(folder: &Path) -> bool {
    PROGRAMS.iter().all(|name| folder.join(name).is_file())
}
