//! Programs out of `tests/python/packages`, which `make test` fills.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

pub(crate) fn packages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("python/packages")
}

/// One of the programs, ready for its arguments.
pub(crate) fn tool(name: &str) -> Result<Command> {
    let program = packages().join("bin").join(name);
    ensure!(program.is_file(), "{} is missing: run make {}", program.display(), "tests/python/packages/.installed");
    let mut command = Command::new(program);
    command.env("PYTHONPATH", packages()).current_dir(super::root());
    Ok(command)
}

/// Runs it; what it says is the reason when it does not end with 0. Answers with what it printed.
pub(crate) fn passes(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{command:?} cannot be run"))?;
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{command:?} ends with {}:\n{out}\n{err}", output.status);
    Ok(format!("{out}{err}"))
}

/// A YAML file as another library reads it.
pub(crate) fn yaml(file: &Path) -> Result<Value> {
    let mut python = Command::new("python3");
    python.arg("tests/python/yaml_to_json.py").arg(file).env("PYTHONPATH", packages()).current_dir(super::root());
    let output = python.output().context("python3 cannot be run")?;
    ensure!(output.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}
