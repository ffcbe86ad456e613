//! The data folder, which one process at a time may use.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The data folder, locked for this process until it is dropped (or the process ends, however it ends).
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another process holds it.
    #[error("the data folder {0} is in use by another brine; stop that one, or set BRINE_DATA_DIR to another folder")]
    InUse(String),
    /// It cannot be made or written.
    #[error("the data folder {path} cannot be used: {cause}; set BRINE_DATA_DIR to a folder that Brine may write")]
    Unusable {
        /// The folder.
        path: String,
        /// What the system said.
        cause: io::Error,
    },
}

impl DataDir {
    /// Makes the folder if need be (for its owner alone) and locks it.
    pub fn lock(path: &Path) -> Result<Self, DataDirError> {
        let name = || path.display().to_string();
        let lock = open_lock(path).map_err(|cause| DataDirError::Unusable { path: name(), cause })?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DataDirError::InUse(name())),
            Err(TryLockError::Error(cause)) => Err(DataDirError::Unusable { path: name(), cause }),
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database's file.
    pub fn database(&self) -> PathBuf {
        Self::database_in(&self.path)
    }

    /// The file of the key that seals stored secrets.
    pub fn key_file(&self) -> PathBuf {
        Self::key_file_in(&self.path)
    }

    /// The database's file in a folder that another process may hold: for reading alone.
    pub fn database_in(folder: &Path) -> PathBuf {
        folder.join("brine.db")
    }

    /// The key's file in such a folder.
    pub fn key_file_in(folder: &Path) -> PathBuf {
        folder.join("secret.key")
    }
}

fn open_lock(folder: &Path) -> io::Result<File> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    // SQLite would make it readable for all, and gives the files beside it the same rights.
    open_private(&DataDir::database_in(folder))?;
    open_private(&folder.join("brine.lock"))
}

/// Opens a file, made for its owner alone when there is none.
fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_made_in_the_folder_is_for_its_owner_alone() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataDir::lock(&parent.path().join("data")).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(folder.path()), 0o700);
        assert_eq!(mode(&folder.database()), 0o600);
    }
}
