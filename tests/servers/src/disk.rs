//! A disk so small that a test can fill it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// A file system in memory. It needs root, or `sudo` that asks nothing, because only root may mount one; it is gone when it is
/// dropped.
pub struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// One of so many MiB.
    pub fn mount(mebibytes: u32) -> Result<Self> {
        let disk = Self { folder: tempfile::tempdir()? };
        let size = format!("size={mebibytes}m,mode=1777");
        as_root(&["mount", "-t", "tmpfs", "-o", &size, "brine-small-disk"], disk.path())?;
        Ok(disk)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes all that is left, to the last byte.
    pub fn fill(&self) -> Result<()> {
        let mut file = std::fs::File::create(self.ballast())?;
        let full = std::io::copy(&mut std::io::repeat(0), &mut file);
        let full = full.err().context("the disk has no end")?;
        ensure!(full.kind() == std::io::ErrorKind::StorageFull, "the disk cannot be filled: {full}");
        Ok(())
    }

    /// Gives it back.
    pub fn free(&self) -> Result<()> {
        Ok(std::fs::remove_file(self.ballast())?)
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Servers on it may take a moment more to end: it goes when they have.
        let _ = as_root(&["umount", "--lazy"], self.folder.path());
    }
}

fn as_root(command: &[&str], path: &Path) -> Result<()> {
    let is_root = std::fs::metadata("/proc/self").map(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)?;
    let before: &[&str] = if is_root { &[] } else { &["sudo", "-n"] };
    let mut words = before.iter().chain(command);
    let mut call = Command::new(words.next().context("there is a command")?);
    let output = call.args(words).arg(path).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "a disk for tests cannot be mounted, which needs root: {}", said.trim());
    Ok(())
}
