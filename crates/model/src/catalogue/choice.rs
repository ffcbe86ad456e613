//! Which model is used where none is named, and which ones fit this machine.

use indicatif::HumanBytes;

use super::{Catalogue, Folder, Model, Purpose, free_memory};
use crate::error::ModelError;

const MIB: u64 = 1 << 20;

/// What a machine has to offer a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    /// Bytes of memory that are free; none where that can't be found out.
    pub free: Option<u64>,
}

impl Fit {
    /// This machine, now.
    pub fn here() -> Self {
        Self { free: free_memory() }
    }

    /// Whether the model has the memory that it takes.
    pub fn fits(self, model: &Model) -> bool {
        self.has(model.memory_mib * MIB)
    }

    /// In words, as in "fits: takes 2.5 GiB of memory, 7.1 GiB are free".
    pub fn verdict(self, model: &Model) -> String {
        let takes = HumanBytes(model.memory_mib * MIB);
        match self.free {
            None => format!("takes {takes} of memory; how much is free can't be found out here"),
            Some(free) => {
                let fits = if self.fits(model) { "fits" } else { "does not fit" };
                format!("{fits}: takes {takes} of memory, {} are free", HumanBytes(free))
            }
        }
    }

    fn has(self, bytes: u64) -> bool {
        self.free.is_none_or(|free| free >= bytes)
    }
}

impl Folder {
    /// The model of this name; where none is named (or the name is empty), the default for this machine: see
    /// [`Folder::default_model`]. Its file need not be here.
    ///
    /// # Errors
    /// When there is no such model.
    pub fn choose<'a>(&self, catalogue: &'a Catalogue, name: Option<&str>) -> Result<&'a Model, ModelError> {
        match name.filter(|name| !name.is_empty()) {
            Some(name) => catalogue.model(name),
            None => self.default_model(catalogue, Fit::here()).map(|(model, _)| model),
        }
    }

    /// The model that is used where none is named, and why in words: the first of the list that is for people and finds free
    /// what it wants to be the default (`default_from_mib`). One whose file is here wants three quarters of that: what was
    /// fetched yesterday shall not be another model's turn today because a browser is open. When none finds enough, it is the
    /// one that wants least.
    ///
    /// # Errors
    /// When the catalogue has none to offer.
    pub fn default_model<'a>(&self, catalogue: &'a Catalogue, fit: Fit) -> Result<(&'a Model, String), ModelError> {
        let wanted = |model: &Model| {
            let wanted = model.default_from_mib.filter(|_| model.purpose == Purpose::Criteria)? * MIB;
            Some(if self.holds(model) { wanted / 4 * 3 } else { wanted })
        };
        let offers = catalogue.models().iter().filter_map(|model| Some((model, wanted(model)?)));
        let least = offers.clone().min_by_key(|(_, wanted)| *wanted);
        let found = offers.clone().find(|(_, wanted)| fit.has(*wanted)).or(least);
        let (model, _) = found.ok_or_else(|| catalogue.unknown("(default)"))?;
        let best = offers.clone().next().map_or_else(String::new, |(best, wanted)| {
            format!("{} wants {} of free memory", best.name, HumanBytes(wanted))
        });
        let why = match fit.free {
            None => format!("{best}, and how much is free can't be found out here"),
            Some(free) => format!("{best}, and {} are free", HumanBytes(free)),
        };
        Ok((model, why))
    }
}
