//! The versions of one local adapter. `NAME/versions/<first 12 digits of the SHA-256>` holds each; the file `NAME/current`
//! lists the versions one a line, the one in use first and below it those to go back to. That file is replaced by a rename
//! alone, so that a reader sees the old list or the new one. A folder without it holds an adapter's two files itself.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::adapter::{Adapter, CONFIG, WEIGHTS};
use crate::error::ModelError;

const CURRENT: &str = "current";
const VERSIONS: &str = "versions";
const FIGURES: &str = "promoted.json";
const DIGITS: usize = 12;

/// See the module.
#[derive(Clone, Debug)]
pub struct Slot {
    name: String,
    folder: PathBuf,
}

/// When and why a version was taken into use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// The day, as YYYY-MM-DD.
    pub promoted: String,
    /// What it was measured against.
    pub against: String,
    /// On so many held-out pairs.
    pub pairs: usize,
    /// Its figures in words, one measure each.
    pub figures: Vec<String>,
}

impl Slot {
    pub(super) fn new(name: &str, folder: PathBuf) -> Self {
        Self { name: name.to_owned(), folder }
    }

    /// The versions, the one in use first and then those to go back to; empty when it has none.
    pub fn versions(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.join(CURRENT)).unwrap_or_default();
        text.lines().map(str::trim).filter(|line| is_version(line)).map(str::to_owned).collect()
    }

    /// The folder of the adapter in use, with its version when it has versions.
    pub(crate) fn in_use(&self) -> Option<(PathBuf, Option<String>)> {
        if let Some(version) = self.versions().into_iter().next() {
            return Some((self.folder.join(VERSIONS).join(&version), Some(version)));
        }
        self.folder.join(CONFIG).is_file().then(|| (self.folder.clone(), None))
    }

    /// The folder of this version.
    pub(crate) fn version(&self, version: &str) -> Option<PathBuf> {
        Some(self.folder.join(VERSIONS).join(version)).filter(|folder| is_version(version) && folder.is_dir())
    }

    /// What is known of a version.
    pub fn figures(&self, version: &str) -> Option<Figures> {
        let text = fs::read(self.version(version)?.join(FIGURES)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Takes the adapter in `from` into use, and answers with its version. What was in use before can be gone back to.
    ///
    /// # Errors
    /// When it is no adapter, is in use already, or a file can't be written; then what was in use still is.
    pub fn install(&self, from: &Path, figures: &Figures) -> Result<String, ModelError> {
        let mut versions = self.versions();
        if versions.is_empty() && self.in_use().is_some() {
            versions.push(self.keep(&self.folder, None)?);
        }
        let version = version_of(&Adapter::load(from, &self.name)?)?;
        if versions.first() == Some(&version) {
            return Err(ModelError::SameVersion(self.name.clone()));
        }
        self.keep(from, Some(figures))?;
        versions.insert(0, version.clone());
        self.point_to(&versions)?;
        // What lay here without versions is among them now.
        for name in [CONFIG, WEIGHTS] {
            let _ = fs::remove_file(self.folder.join(name));
        }
        Ok(version)
    }

    /// Goes back to the version before, and answers with it. When there is none, but one that came with Brine (`shipped`)
    /// has this name, that one is used again, and the answer is none. The files of the version that was left stay.
    ///
    /// # Errors
    /// When there is nothing to go back to, or the list can't be written.
    pub fn roll_back(&self, shipped: bool) -> Result<Option<String>, ModelError> {
        let versions = self.versions();
        match versions.split_first() {
            Some((_, earlier)) if !earlier.is_empty() => {
                self.point_to(earlier)?;
                Ok(earlier.first().cloned())
            }
            Some(_) if shipped => {
                let path = self.folder.join(CURRENT);
                fs::remove_file(&path).map_err(|cause| ModelError::io(path, cause))?;
                Ok(None)
            }
            _ => Err(ModelError::NoEarlierVersion(self.name.clone())),
        }
    }

    /// Copies an adapter's files among the versions: beside their place first, so that no half version ever stands there.
    fn keep(&self, from: &Path, figures: Option<&Figures>) -> Result<String, ModelError> {
        let version = version_of(&Adapter::load(from, &self.name)?)?;
        let place = self.folder.join(VERSIONS).join(&version);
        let failed = |cause| ModelError::io(&place, cause);
        if !place.is_dir() {
            let part = self.folder.join(VERSIONS).join(format!("{version}.part"));
            fs::create_dir_all(&part).map_err(failed)?;
            for name in [CONFIG, WEIGHTS] {
                fs::copy(from.join(name), part.join(name)).map_err(failed)?;
            }
            fs::rename(&part, &place).map_err(failed)?;
        }
        if let Some(figures) = figures {
            let text = serde_json::to_vec_pretty(figures).map_err(|error| failed(error.into()))?;
            replace(&place.join(FIGURES), &text).map_err(failed)?;
        }
        Ok(version)
    }

    fn point_to(&self, versions: &[String]) -> Result<(), ModelError> {
        let path = self.folder.join(CURRENT);
        let text = versions.join("\n") + "\n";
        replace(&path, text.as_bytes()).map_err(|cause| ModelError::io(path, cause))
    }
}

fn is_version(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn version_of(adapter: &Adapter) -> Result<String, ModelError> {
    let mut sha256 = adapter.sha256()?;
    sha256.truncate(DIGITS);
    Ok(sha256)
}

/// The old file or the new one, never a half.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let part = path.with_extension("part");
    let mut file = fs::File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)
}
