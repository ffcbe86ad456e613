//! The adapters that this machine can use: those in the program, and those in `adapters/NAME` of the folder of models,
//! which come first, so that a team's own version takes the place of the one that came with Brine.

mod slot;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use brine_core::jobs::PLAIN;

pub use self::slot::{Figures, Slot};
use crate::adapter::{Adapter, Head};
use crate::catalogue::{Catalogue, Folder, KnownAdapter, Model, built_in_files};
use crate::error::ModelError;

const LONGEST_NAME: usize = 64;

/// An adapter that can be named.
#[derive(Debug)]
pub struct Offer {
    /// What people call it.
    pub name: String,
    /// Where it is from.
    pub origin: Origin,
    /// What it says of itself, or why it can't be used.
    pub head: Result<Head, ModelError>,
}

/// Where an adapter is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It came with Brine.
    Shipped,
    /// It lies in the folder of models.
    Local {
        /// The version in use, when it has versions.
        version: Option<String>,
    },
}

impl Offer {
    /// Refuses a model that the adapter was not made for.
    ///
    /// # Errors
    /// When it was made for another one, or can't be used at all; the reason in words.
    pub fn fits(&self, model: &Model) -> Result<(), String> {
        let head = self.head.as_ref().map_err(ToString::to_string)?;
        head.check_base(Path::new(&self.name), &model.name, &model.sha256).map_err(|error| error.to_string())
    }
}

/// Whether an adapter can be called so: a folder is named after it, and a list in a page shows it.
pub fn is_adapter_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.len() <= LONGEST_NAME && !name.starts_with('.') && name.chars().all(fits) && name != PLAIN
}

impl Folder {
    /// Where the versions of this adapter lie, or would lie.
    ///
    /// # Errors
    /// When it can't be a name.
    pub fn slot(&self, name: &str) -> Result<Slot, ModelError> {
        if !is_adapter_name(name) {
            return Err(ModelError::AdapterName(name.to_owned()));
        }
        Ok(Slot::new(name, self.adapters_folder().join(name)))
    }

    /// Every adapter that can be named, by name.
    pub fn adapters(&self, catalogue: &Catalogue) -> Vec<Offer> {
        let entries = std::fs::read_dir(self.adapters_folder()).into_iter().flatten().filter_map(Result::ok);
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut offers: Vec<Offer> = names.filter_map(|name| self.local(&name)).collect();
        for known in catalogue.adapters() {
            if !offers.iter().any(|offer| offer.name == known.name) {
                offers.extend(shipped(known));
            }
        }
        offers.sort_by(|a, b| a.name.cmp(&b.name));
        offers
    }

    fn local(&self, name: &str) -> Option<Offer> {
        let (folder, version) = self.slot(name).ok()?.in_use()?;
        let head = Head::read(&folder);
        Some(Offer { name: name.to_owned(), origin: Origin::Local { version }, head })
    }

    /// The adapter of this name: the version in use, the version after an `@`, or the one that came with Brine; or that of
    /// a folder given by its path. It is called after the version, too, so that what it writes can be told apart.
    ///
    /// # Errors
    /// When there is none, or it can't be used.
    pub fn adapter(&self, name: &str) -> Result<Adapter, ModelError> {
        let (plain, wanted) = name.split_once('@').map_or((name, None), |(plain, version)| (plain, Some(version)));
        if let Ok(slot) = self.slot(plain) {
            let found = match wanted {
                Some(version) => slot.version(version).map(|folder| (folder, Some(version.to_owned()))),
                None => slot.in_use(),
            };
            if let Some((folder, version)) = found {
                let called = version.map_or_else(|| plain.to_owned(), |version| format!("{plain}@{version}"));
                return Adapter::load(&folder, &called);
            }
        }
        let catalogue = Catalogue::built_in()?;
        let known = catalogue.adapters().iter().find(|known| known.name == name);
        if let Some(files) = known.and_then(|known| built_in_files(&known.folder)) {
            return Adapter::built_in(name, files);
        }
        let path = Path::new(name);
        if path.is_dir() {
            let last = path.file_name().map_or_else(|| name.to_owned(), |last| last.to_string_lossy().into_owned());
            return Adapter::load(path, &last);
        }
        let known: Vec<String> = self.adapters(&catalogue).into_iter().map(|offer| offer.name).collect();
        let none = || format!("(none in {})", self.adapters_folder().display());
        let known = if known.is_empty() { none() } else { known.join(", ") };
        Err(ModelError::UnknownAdapter { name: name.to_owned(), known })
    }

    /// The adapter for this model that was asked for: by name or path; none for "plain"; and the catalogue's default for
    /// the model when nothing was asked for.
    ///
    /// # Errors
    /// When there is none of this name, or it was made for another model.
    pub fn adapter_for(&self, model: &Model, asked: Option<&str>) -> Result<Option<Adapter>, ModelError> {
        let Some(name) = usual_name(&Catalogue::built_in()?, model, asked) else { return Ok(None) };
        let adapter = self.adapter(&name)?;
        adapter.check_base(&model.name, &model.sha256)?;
        Ok(Some(adapter))
    }

    fn adapters_folder(&self) -> PathBuf {
        self.path().join("adapters")
    }
}

/// What `asked` comes to as a name; see [`Folder::adapter_for`].
pub fn usual_name(catalogue: &Catalogue, model: &Model, asked: Option<&str>) -> Option<String> {
    match asked.filter(|name| !name.is_empty()) {
        Some(PLAIN) => None,
        Some(name) => Some(name.to_owned()),
        None => catalogue.default_adapter(model).map(|known| known.name.clone()),
    }
}

fn shipped(known: &KnownAdapter) -> Option<Offer> {
    let [config, _] = built_in_files(&known.folder)?;
    let head = Head::parse(config, Path::new(&known.name));
    Some(Offer { name: known.name.clone(), origin: Origin::Shipped, head })
}
