//! The shape that docs/ARCHITECTURE.md promises: which package may know which, the order of the modules in core, and
//! files that stay small. These rules may be tightened, never loosened.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A package's folder, and the packages of ours that it may use (those for its tests included).
const ARROWS: [(&str, &[&str]); 8] = [
    ("crates/core", &["brine-servers"]),
    ("crates/model", &["brine-core"]),
    ("web", &["brine-core"]),
    ("worker", &["brine-core", "brine-model"]),
    ("crates/lab", &["brine-core", "brine-model"]),
    ("crates/cli", &["brine-core", "brine-model", "brine-lab", "brine-web", "brine-worker"]),
    ("tests", &["brine-core", "brine-servers"]),
    ("tests/servers", &[]),
];
/// Modules of core in the order of dependence: a module uses those of earlier lines only, or of its own line.
const CORE: [&[&str]; 6] = [
    &["clock", "failure", "ids", "secret", "settings", "telemetry"],
    &["gherkin", "redact", "story"],
    &["adf", "prompt"],
    &["jobs"],
    &["queue", "store"],
    &["jira"],
];
/// Lines of a source file that is not a test.
const LONGEST: usize = 300;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned()
}

fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            if !path.ends_with("target") && !path.ends_with("node_modules") {
                found.extend(sources(&path)?);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

#[test]
fn packages_know_only_those_that_they_may() -> Result<()> {
    for (folder, allowed) in ARROWS {
        let text = std::fs::read_to_string(root().join(folder).join("Cargo.toml"))?;
        let manifest: toml::Table = text.parse()?;
        let names = |section: &str| manifest.get(section).and_then(|part| part.as_table()).cloned().unwrap_or_default();
        let ours: BTreeSet<String> = ["dependencies", "dev-dependencies", "build-dependencies"]
            .into_iter()
            .flat_map(|section| names(section).into_iter().map(|(name, _)| name))
            .filter(|name| name.starts_with("brine"))
            .collect();
        for name in ours {
            assert!(allowed.contains(&name.as_str()), "{folder} must not know {name}");
        }
    }
    Ok(())
}

#[test]
fn every_package_of_the_workspace_has_its_arrows() -> Result<()> {
    let text = std::fs::read_to_string(root().join("Cargo.toml"))?;
    let manifest: toml::Table = text.parse()?;
    let members = manifest.get("workspace").and_then(|workspace| workspace.get("members")).context("no members")?;
    let members: BTreeSet<&str> =
        members.as_array().context("no list")?.iter().filter_map(|name| name.as_str()).collect();
    assert_eq!(members, ARROWS.iter().map(|(folder, _)| *folder).collect());
    Ok(())
}

#[test]
fn the_web_side_and_the_worker_do_not_know_the_other_sides_crates() -> Result<()> {
    for (folder, forbidden) in
        [("web", &["candle-core", "tokenizers", "llguidance"][..]), ("worker", &["actix-web", "askama"])]
    {
        let manifest: toml::Table = std::fs::read_to_string(root().join(folder).join("Cargo.toml"))?.parse()?;
        let dependencies = manifest.get("dependencies").and_then(|part| part.as_table()).context("no dependencies")?;
        for name in forbidden {
            assert!(!dependencies.contains_key(*name), "{folder} must not use {name}");
        }
    }
    Ok(())
}

#[test]
fn modules_of_core_use_only_earlier_ones() -> Result<()> {
    let folder = root().join("crates/core/src");
    let mut seen = 0;
    for (place, modules) in CORE.iter().enumerate() {
        let later: Vec<&str> = CORE[place + 1..].iter().flat_map(|modules| modules.iter().copied()).collect();
        for module in *modules {
            let files = match folder.join(module) {
                path if path.is_dir() => sources(&path)?,
                path => vec![path.with_extension("rs")],
            };
            for file in files {
                seen += 1;
                let text = std::fs::read_to_string(&file)?;
                for later in &later {
                    assert!(!text.contains(&format!("crate::{later}")), "{} uses crate::{later}", file.display());
                }
            }
        }
    }
    assert!(seen > 60, "only {seen} files were looked at");
    Ok(())
}

#[test]
fn source_files_stay_small() -> Result<()> {
    let root = root();
    for (folder, _) in ARROWS {
        for file in sources(&root.join(folder))? {
            let name = file.strip_prefix(&root)?.to_string_lossy().into_owned();
            let test = name.ends_with("tests.rs") || name.contains("/tests/");
            let lines = std::fs::read_to_string(&file)?.lines().count();
            assert!(test || lines <= LONGEST, "{name} has {lines} lines; is it still one idea?");
        }
    }
    Ok(())
}
