//! The stories of the folder `demo/`.

use std::path::Path;

use anyhow::{Context, Result, ensure};

/// What a product owner typed.
pub(crate) struct Story {
    pub(crate) summary: String,
    pub(crate) description: String,
}

/// All of them, by file name.
pub(crate) fn load() -> Result<Vec<Story>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../demo");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("no stories in {}", folder.display()))?;
    let mut files: Vec<_> = entries.collect::<Result<Vec<_>, _>>()?.into_iter().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    ensure!(!files.is_empty(), "no stories in {}", folder.display());
    let read = |file: &std::path::PathBuf| {
        let text = std::fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?;
        let (summary, description) = text.trim().split_once('\n').unwrap_or((text.trim(), ""));
        Ok(Story { summary: summary.trim().to_owned(), description: description.trim().to_owned() })
    };
    files.iter().map(read).collect()
}
