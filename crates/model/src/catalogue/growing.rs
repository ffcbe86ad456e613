//! A download that is not proven yet: `FILE.part` in the folder of models, held by one process at a time. It is the start
//! of the file, whatever source it came from, so that any source can go on with it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{Folder, Model, Part, Progress, Step};
use crate::error::ModelError;

/// How often a download that another process is busy with is looked at.
const LOOK: Duration = Duration::from_millis(200);

pub(super) struct Growing {
    path: PathBuf,
    file: File,
    len: u64,
    size: u64,
    waited: bool,
    // Dropped with this, or with the process, however it ends.
    _lock: File,
}

impl Growing {
    /// Waits until no other process is fetching this model.
    pub(super) async fn open(folder: &Folder, model: &Model, on: Progress<'_>) -> Result<Self, ModelError> {
        let beside = |ending: &str| folder.path().join(format!("{}.{ending}", model.file));
        let unwritable = |path: &Path| {
            let path = path.to_owned();
            move |cause| ModelError::write(&path, model.size, cause)
        };
        std::fs::create_dir_all(folder.path()).map_err(unwritable(folder.path()))?;
        let lock = File::create(beside("lock")).map_err(unwritable(folder.path()))?;
        let waited = hold(&lock, on).await.map_err(unwritable(folder.path()))?;
        let path = beside("part");
        let open = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
        let file = open.map_err(unwritable(&path))?;
        let len = file.metadata().map_err(unwritable(&path))?.len();
        let mut growing = Self { path, file, len, size: model.size, waited, _lock: lock };
        growing.cut(if len > model.size { 0 } else { len })?;
        Ok(growing)
    }

    /// Another process was fetching the same when this one came.
    pub(super) fn waited(&self) -> bool {
        self.waited
    }

    /// Bytes that are here.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Bytes of the whole file.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Refuses when the disk has no room for what is missing.
    pub(super) fn has_room(&self) -> Result<(), ModelError> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        // Not every file system tells: then writing will.
        let free = fs4::available_space(folder).unwrap_or(u64::MAX);
        let needs = self.size - self.len;
        if free < needs {
            return Err(ModelError::NoRoom { folder: folder.to_owned(), needs });
        }
        Ok(())
    }

    /// Throws away what comes after the first `len` bytes.
    pub(super) fn cut(&mut self, len: u64) -> Result<(), ModelError> {
        let cut = self.file.set_len(len).and_then(|()| self.file.seek(SeekFrom::Start(len)));
        cut.map_err(|cause| self.error(cause))?;
        self.len = len;
        Ok(())
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), ModelError> {
        self.file.write_all(bytes).map_err(|cause| self.error(cause))?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Whether the bytes from `from` on are this part.
    pub(super) fn holds(&mut self, from: u64, part: &Part) -> Result<bool, ModelError> {
        if self.len < from + part.size {
            return Ok(false);
        }
        let sum = self.sha256(from, part.size).map_err(|cause| self.error(cause))?;
        Ok(sum == part.sha256)
    }

    fn sha256(&mut self, from: u64, size: u64) -> std::io::Result<String> {
        self.file.seek(SeekFrom::Start(from))?;
        let mut hash = Sha256::new();
        let mut rest = (&self.file).take(size);
        let mut buffer = vec![0; 1 << 20];
        loop {
            let read = rest.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hash.update(&buffer[..read]);
        }
        self.file.seek(SeekFrom::Start(self.len))?;
        Ok(hex::encode(hash.finalize()))
    }

    /// Gives the proven file its name.
    pub(super) fn publish(self, path: &Path) -> Result<(), ModelError> {
        self.file.sync_all().map_err(|cause| self.error(cause))?;
        std::fs::rename(&self.path, path).map_err(|cause| ModelError::write(path, 0, cause))
    }

    fn error(&self, cause: std::io::Error) -> ModelError {
        ModelError::write(&self.path, self.size - self.len.min(self.size), cause)
    }
}

impl Drop for Growing {
    /// An empty one is of no use to the next try.
    fn drop(&mut self) {
        if self.len == 0 {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Takes the lock; says whether another process had it first.
async fn hold(lock: &File, on: Progress<'_>) -> std::io::Result<bool> {
    let mut waited = false;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(waited),
            Err(TryLockError::WouldBlock) => {
                if !waited {
                    on(Step::Waiting);
                }
                waited = true;
                tokio::time::sleep(LOOK).await;
            }
            // A file system without locks: whoever pulls twice at once there gets a wrong sum, never a wrong model.
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => return Ok(waited),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}
