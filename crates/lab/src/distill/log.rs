//! A file of lines that only grows. Each line is on the disk when `add` returns; a last line that was cut off is dropped.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::IgnoredAny;

use super::DistillError;

/// One open file, locked against other runs.
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    /// Whole lines that were there.
    lines: Vec<String>,
    /// Bytes up to the end of the last whole line.
    whole: u64,
    /// What stands behind it, if anything, is no JSON.
    cut: bool,
}

impl Log {
    /// Opens or creates the file; nothing is changed in it before [`Log::mend`].
    pub(crate) fn open(path: &Path) -> Result<Self, DistillError> {
        let io = |cause| DistillError::Io { path: path.to_owned(), cause };
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(io)?;
        // Not every file system can lock; there it is left to the user.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(DistillError::InUse(path.to_owned()));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        let text = String::from_utf8_lossy(&bytes);
        let end = text.rfind('\n').map_or(0, |at| at + 1);
        let (whole, rest) = text.split_at(end);
        let mut lines: Vec<String> = whole.lines().map(str::to_owned).collect();
        let cut = serde_json::from_str::<IgnoredAny>(rest).is_err();
        let begun = rest.is_empty() || cut && begins_a_line(rest);
        if !begun {
            lines.push(rest.to_owned());
        }
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at as u64 + 1);
        Ok(Self { path: path.to_owned(), file, lines, whole, cut })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Lines that were there, empty ones included.
    pub(crate) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Makes ready for adding: the file ends with a whole line. To be called when its lines are known to be ours.
    pub(crate) fn mend(&mut self) -> Result<(), DistillError> {
        let io = |cause| DistillError::Io { path: self.path.clone(), cause };
        let length = self.file.seek(SeekFrom::End(0)).map_err(io)?;
        if length == self.whole {
            return Ok(());
        }
        if self.cut {
            return self.file.set_len(self.whole).map_err(io);
        }
        self.file.write_all(b"\n").map_err(io)
    }

    pub(crate) fn add(&mut self, value: &impl Serialize) -> Result<(), DistillError> {
        let io = |cause| DistillError::Io { path: self.path.clone(), cause };
        let line = serde_json::to_string(value).map_err(|error| io(error.into()))? + "\n";
        self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data()).map_err(io)
    }
}

/// The start of a line of ours, as a killed run leaves it. Anything else is somebody's file.
fn begins_a_line(rest: &str) -> bool {
    const START: &str = "{\"id\":";
    rest.starts_with(START) || START.starts_with(rest)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn after(text: &str) -> (usize, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        std::fs::write(&path, text).unwrap();
        let mut log = Log::open(&path).unwrap();
        log.mend().unwrap();
        log.add(&3).unwrap();
        (log.lines().len(), std::fs::read_to_string(&path).unwrap())
    }

    #[test]
    fn a_line_that_was_cut_off_is_dropped_and_others_stay() {
        assert_eq!(after(""), (0, "3\n".to_owned()));
        assert_eq!(after("1\n2\n"), (2, "1\n2\n3\n".to_owned()));
        assert_eq!(after("1\n2"), (2, "1\n2\n3\n".to_owned()));
        assert_eq!(after("1\n{\"id\":\"é"), (1, "1\n3\n".to_owned()));
        assert_eq!(after("{\"i"), (0, "3\n".to_owned()));
    }

    #[test]
    fn what_a_run_never_writes_counts_as_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        std::fs::write(&path, "Buy milk").unwrap();
        assert_eq!(Log::open(&path).unwrap().lines(), ["Buy milk"]);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "Buy milk");
    }

    #[test]
    fn a_file_is_for_one_run_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let first = Log::open(&path).unwrap();
        assert!(matches!(Log::open(&path), Err(DistillError::InUse(_))));
        drop(first);
        assert!(Log::open(&path).is_ok());
    }
}
