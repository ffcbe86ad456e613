//! The `brine` program that the tests run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};

/// Names another program to test.
const VARIABLE: &str = "BRINE_BIN";

/// The program: what `BRINE_BIN` names, or the one beside this test, built when it is missing or older than its source.
pub fn brine_binary() -> Result<PathBuf> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    FOUND.get_or_init(|| find().map_err(|error| format!("{error:#}"))).clone().map_err(anyhow::Error::msg)
}

fn find() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return Ok(PathBuf::from(named));
    }
    // target/<profile>/deps/<test> or target/<profile>/<program>
    let this = std::env::current_exe()?;
    let folder = this.parent().context("a program lies in a folder")?;
    let profile = if folder.ends_with("deps") { folder.parent().context("deps lies in a folder")? } else { folder };
    let program = profile.join(format!("brine{}", std::env::consts::EXE_SUFFIX));
    if is_older_than_source(&program) {
        build(profile)?;
    }
    ensure!(program.is_file(), "{} was not built", program.display());
    Ok(program)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new("."))
}

fn build(profile: &Path) -> Result<()> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // All targets, as `make build` does: with fewer, cargo chooses other features and builds every dependency anew.
    cargo.current_dir(root()).args(["build", "--workspace", "--all-targets"]);
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    let status = cargo.status().context("cargo can't be run to build brine")?;
    ensure!(status.success(), "brine can't be built: run `cargo build`, or name a program in {VARIABLE}");
    Ok(())
}

/// Only what is compiled into the program counts; whether it must really be built again is for cargo to say.
fn is_older_than_source(program: &Path) -> bool {
    let Ok(built) = program.metadata().and_then(|metadata| metadata.modified()) else { return true };
    let packages = ["crates/core", "crates/model", "crates/lab", "crates/cli", "web", "worker"];
    let parts =
        packages.iter().flat_map(|package| ["src", "templates", "assets"].map(|part| root().join(package).join(part)));
    let shared =
        ["Cargo.lock", "migrations", "atlassian-connect.json", "models", "forge"].map(|file| root().join(file));
    parts.chain(shared).any(|source| is_newer(&source, built))
}

fn is_newer(path: &Path, built: SystemTime) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if name == "tests" || name.ends_with("tests.rs") {
        return false;
    }
    if path.is_dir() {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        return entries.map(|entry| entry.path()).any(|entry| is_newer(&entry, built));
    }
    path.metadata().and_then(|metadata| metadata.modified()).is_ok_and(|changed| changed > built)
}
