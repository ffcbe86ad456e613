//! Names of settings in `deploy/`: one that Brine does not know would be passed over without a word.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::{deploy, root};

/// Not settings of the service: of the files in `deploy/` themselves, and of `brine model pull`.
const OF_DEPLOY: [&str; 8] = [
    "BRINE_BACKUP_DATABASE",
    "BRINE_HOST",
    "BRINE_HUB_TOKEN",
    "BRINE_HUB_URL",
    "BRINE_PUBLISH",
    "BRINE_SOURCE",
    "BRINE_TAG",
    "BRINE_VERSION",
];

fn files() -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for folder in [deploy(), deploy().join("aws")] {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_file() {
                files.push(path);
            }
        }
    }
    Ok(files)
}

fn names(text: &str) -> BTreeSet<&str> {
    let words = text.split(|sign: char| !(sign.is_ascii_uppercase() || sign.is_ascii_digit() || sign == '_'));
    words.filter(|word| word.starts_with("BRINE_") && word.len() > "BRINE_".len()).collect()
}

#[test]
fn every_setting_that_is_named_there_exists() -> Result<()> {
    let defaults = std::fs::read_to_string(root().join("crates/core/src/settings/default.toml"))?;
    let known: BTreeSet<&str> = names(&defaults).into_iter().chain(OF_DEPLOY).collect();
    let files = files()?;
    ensure!(files.len() > 10, "where are the files? {files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file)?;
        let unknown: Vec<&str> = names(&text).into_iter().filter(|name| !known.contains(name)).collect();
        ensure!(
            unknown.is_empty(),
            "{}: {unknown:?} stands neither in default.toml nor in the list here",
            file.display()
        );
    }
    Ok(())
}
