//! The permissions that the Forge manifest asks for, held against those that Jira wants for what Brine does.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, ensure};
use brine_tests::fake_jira::Recorded;

use crate::openapi::OpenApi;

/// As many as these requests need, and none more.
pub(crate) fn are_those_that_requests_need(openapi: &OpenApi, requests: &[Recorded]) -> Result<()> {
    let mut needed = BTreeSet::new();
    for request in requests {
        needed.extend(openapi.scopes(request)?);
    }
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../forge/manifest.yml");
    let manifest = std::fs::read_to_string(manifest)?;
    let listed = manifest.lines().filter_map(|line| line.trim().strip_prefix("- "));
    let asked: BTreeSet<String> = listed.filter(|entry| entry.contains(":jira-")).map(str::to_owned).collect();
    ensure!(needed == asked, "Brine's requests need {needed:?}, the manifest asks for {asked:?}");
    Ok(())
}
