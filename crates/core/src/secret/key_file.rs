//! The file that holds the key, in hex.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use rand::TryRngCore;
use rand::rngs::OsRng;

use super::SecretError;

pub(super) fn load_or_create(path: &Path) -> Result<[u8; 32], SecretError> {
    match load(path) {
        Err(SecretError::KeyFile { cause, .. }) if cause.kind() == ErrorKind::NotFound => {
            create(path).map_err(|cause| SecretError::KeyFile { path: path.display().to_string(), cause })
        }
        loaded => loaded,
    }
}

pub(super) fn load(path: &Path) -> Result<[u8; 32], SecretError> {
    let failed = |cause| SecretError::KeyFile { path: path.display().to_string(), cause };
    let text = fs::read_to_string(path).map_err(failed)?;
    if is_open_to_others(path).map_err(failed)? {
        tracing::warn!(path = %path.display(), "others than its owner may read the file of the key: chmod 600 it");
    }
    parse(text.trim()).ok_or_else(|| SecretError::KeyForm { path: path.display().to_string() })
}

/// Containers mount secrets readable for all, so this is told and not refused.
#[cfg(unix)]
fn is_open_to_others(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> io::Result<bool> {
    Ok(false)
}

pub(super) fn parse(text: &str) -> Option<[u8; 32]> {
    hex::decode(text).ok()?.try_into().ok()
}

/// Written beside its place and renamed, so that a crash never leaves half a key.
fn create(path: &Path) -> io::Result<[u8; 32]> {
    let mut key = [0; 32];
    OsRng.try_fill_bytes(&mut key).map_err(io::Error::other)?;
    let unfinished = path.with_extension("new");
    let mut file = open_private(&unfinished)?;
    file.write_all(hex::encode(key).as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    Ok(key)
}

fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
