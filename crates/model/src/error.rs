//! Why a model can't be had or used. Each message is one line that says what to do.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Not in the catalogue.
    #[error("there is no model called {name:?} in the catalogue; known ones: {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// The catalogue's names.
        known: String,
    },
    /// The catalogue can't be read.
    #[error("the model catalogue is broken: {0}")]
    Catalogue(String),
    /// Not on this machine.
    #[error("model {name} is not on this machine; get it with `brine model pull {name}`{}", or_take(instead.as_deref()))]
    Missing {
        /// Catalogue name.
        name: String,
        /// Another one that is here.
        instead: Option<String>,
    },
    /// Shorter or longer than it must be.
    #[error("{} has {found} bytes instead of {expected}; get it anew with `brine model pull {name} --force`", path.display())]
    WrongSize {
        /// Catalogue name.
        name: String,
        /// The file.
        path: PathBuf,
        /// Its bytes.
        found: u64,
        /// The catalogue's bytes.
        expected: u64,
    },
    /// Right length, other content.
    #[error("{} is not the published file (its SHA-256 differs); get it anew with `brine model pull {name} --force`", path.display())]
    Altered {
        /// Catalogue name.
        name: String,
        /// The file.
        path: PathBuf,
    },
    /// The file is what was published, but not something this program can run.
    #[error("{} can't be used as a model: {reason}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Not here.
    #[error("there is no adapter called {name:?}; give the folder of one, or one of: {known}")]
    UnknownAdapter {
        /// What was asked for.
        name: String,
        /// The adapters that are here.
        known: String,
    },
    /// Not an adapter that this program can use, or not for this model.
    #[error("{} can't be used as an adapter: {reason}", folder.display())]
    UnusableAdapter {
        /// Its folder.
        folder: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Not a name for an adapter.
    #[error("{0:?} can't be an adapter's name: take letters, digits and - _ . (64 at most), and not \"plain\"")]
    AdapterName(String),
    /// Rollback of an adapter that has one version only.
    #[error("there is no version of {0} before the one in use")]
    NoEarlierVersion(String),
    /// The version that was to be installed is the one in use.
    #[error("this is the version of {0} that is in use already")]
    SameVersion(String),
    /// No source had it.
    #[error("model {name} could not be fetched: {reasons}. Run it again, or bring the file from elsewhere: {}", file.display())]
    Fetch {
        /// Catalogue name.
        name: String,
        /// Each source and why it failed.
        reasons: String,
        /// Where the file belongs.
        file: PathBuf,
    },
    /// Not a hub that can be asked.
    #[error("the model hub {address} can't be used (--hub, BRINE_HUB_URL): {reason}")]
    Hub {
        /// As it was given.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The disk is full.
    #[error("there is no room in {}: {} more are needed; make room there, or name another folder (--models, BRINE_MODELS)",
        folder.display(), indicatif::HumanBytes(*needs))]
    NoRoom {
        /// On the disk of this folder.
        folder: PathBuf,
        /// Bytes.
        needs: u64,
    },
    /// What is fetched can't be kept.
    #[error("{} can't be written ({cause}); name a folder of yours with --models or BRINE_MODELS", path.display())]
    Unwritable {
        /// File or folder.
        path: PathBuf,
        /// The system's words.
        cause: std::io::Error,
    },
    /// A file or folder can't be read or written.
    #[error("{}: {cause}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's words.
        cause: std::io::Error,
    },
    /// The arithmetic failed.
    #[error("the model's arithmetic failed: {0}")]
    Compute(#[from] candle_core::Error),
}

impl ModelError {
    pub(crate) fn io(path: impl Into<PathBuf>, cause: std::io::Error) -> Self {
        Self::Io { path: path.into(), cause }
    }

    /// Of writing there, when so many bytes were still to come.
    pub(crate) fn write(path: &Path, needs: u64, cause: std::io::Error) -> Self {
        match cause.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                Self::NoRoom { folder: path.parent().unwrap_or(path).to_owned(), needs }
            }
            _ => Self::Unwritable { path: path.to_owned(), cause },
        }
    }

    pub(crate) fn unusable_adapter(folder: impl Into<PathBuf>, reason: impl Into<String>) -> Self {
        Self::UnusableAdapter { folder: folder.into(), reason: reason.into() }
    }

    pub(crate) fn unusable(path: impl Into<PathBuf>, reason: impl Into<String>) -> Self {
        Self::Unusable { path: path.into(), reason: reason.into() }
    }
}

fn or_take(instead: Option<&str>) -> String {
    instead.map(|name| format!("; {name} is here: name it (--model, BRINE_MODEL) to use that one")).unwrap_or_default()
}
