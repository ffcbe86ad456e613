//! Recorded exchanges played through Prism, a proxy of somebody else's that holds requests and answers against the OpenAPI file.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use brine_tests::fake_jira::Recorded;
use serde_json::json;

use crate::artefacts;

/// Prism finds nothing wrong with these exchanges.
pub(crate) fn finds_nothing(exchanges: &[Recorded]) -> Result<()> {
    let mut prism = Command::new("node")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("node/peers/prism.mjs"))
        .arg(artefacts::path("jira-cloud-platform-v3.openapi.json")?)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("node can't be run")?;
    let mut into = prism.stdin.take().context("no standard input")?;
    for exchange in exchanges.iter().filter(|exchange| !exchange.fault) {
        let Recorded { method, path, query, body, status, answer, .. } = exchange;
        let line =
            json!({"method": method, "path": path, "query": query, "body": body, "status": status, "answer": answer});
        writeln!(into, "{line}")?;
    }
    drop(into);
    let output = prism.wait_with_output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}
