//! Files that are there whole or not at all, whatever happens.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use super::error::TuneError;

/// Puts `bytes` in the place of the file: written beside it, forced to the disk, renamed.
///
/// # Errors
/// When the folder can't be written to.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), TuneError> {
    let io = |cause: std::io::Error| TuneError::io(path, cause);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".brine-").tempfile_in(folder).map_err(io)?;
    file.write_all(bytes).map_err(io)?;
    file.as_file().sync_all().map_err(io)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Temporary files are the owner's alone; this one is to be as others are.
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644)).map_err(io)?;
    }
    file.persist(path).map_err(|error| io(error.error))?;
    // The rename itself must reach the disk too. Not every system can open a folder; then it is left to the system.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}
