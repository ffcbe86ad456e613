//! Atlassian's files, which are no part of this repository.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

/// Where one of the files is.
pub(crate) fn path(name: &str) -> Result<PathBuf> {
    let folder = std::env::var_os("BRINE_ARTEFACTS")
        .context("BRINE_ARTEFACTS must name the folder with Atlassian's files: run `make conformance`")?;
    Ok(PathBuf::from(folder).join(name))
}

/// One of the JSON files.
pub(crate) fn json(name: &str) -> Result<Value> {
    let path = path(name)?;
    let text = std::fs::read_to_string(&path).with_context(|| format!("{} can't be read", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
}
