//! The folder of model files, and the proof that a file is the published one.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{Catalogue, Model, Purpose};
use crate::error::ModelError;

/// Where model files lie.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The given folder, or the user's cache (`$XDG_CACHE_HOME` or `~/.cache`, `brine/models`).
    pub fn new(given: Option<PathBuf>) -> Self {
        let cache = || {
            let named = std::env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty()).map(PathBuf::from);
            let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
            named.or_else(home).unwrap_or_else(std::env::temp_dir).join("brine").join("models")
        };
        Self(given.unwrap_or_else(cache))
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where the model's file lies, or would lie.
    pub fn file(&self, model: &Model) -> PathBuf {
        self.0.join(&model.file)
    }

    /// Whether a file of the model's name and size is here. Whether it is the published one, [`Folder::verify`] says.
    pub fn holds(&self, model: &Model) -> bool {
        std::fs::metadata(self.file(model)).is_ok_and(|metadata| metadata.len() == model.size)
    }

    /// The model's file, once its size and SHA-256 were found right.
    ///
    /// # Errors
    /// Missing, cut short, altered, or unreadable.
    pub fn verify(&self, model: &Model) -> Result<PathBuf, ModelError> {
        let (path, name) = (self.file(model), model.name.clone());
        let found = match std::fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(ModelError::Missing { name, instead: self.instead_of(model)? });
            }
            Err(cause) => return Err(ModelError::io(path, cause)),
        };
        if found != model.size {
            return Err(ModelError::WrongSize { name, path, found, expected: model.size });
        }
        if sha256(&path).map_err(|cause| ModelError::io(&path, cause))? != model.sha256 {
            return Err(ModelError::Altered { name, path });
        }
        Ok(path)
    }

    /// Another model for people that is here.
    fn instead_of(&self, model: &Model) -> Result<Option<String>, ModelError> {
        let catalogue = Catalogue::built_in()?;
        let mut others = catalogue.models().iter().filter(|other| other.name != model.name);
        let other = others.find(|other| other.purpose == Purpose::Criteria && self.holds(other));
        Ok(other.map(|other| other.name.clone()))
    }
}

/// Of the whole file, in hex.
pub(crate) fn sha256(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(&buffer[..read]);
    }
}
