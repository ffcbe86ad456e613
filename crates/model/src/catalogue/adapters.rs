//! The adapters that come with Brine: their entries in the catalogue, and their files, which are part of the program.

use serde::Deserialize;

/// An adapter of the catalogue.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownAdapter {
    /// What people call it.
    pub name: String,
    /// In full.
    pub title: String,
    /// Name of the model that it was made for.
    pub base: String,
    /// Its folder below `models/`.
    pub folder: String,
    /// Of its two files, one behind the other, in hex.
    pub sha256: String,
    /// SPDX name of the licence.
    pub licence: String,
    /// The prompt that it was trained with.
    pub prompt: String,
    /// Used with its base when no adapter is named.
    #[serde(default)]
    pub default: bool,
}

/// Folder, config and weights of each adapter in the program.
macro_rules! files_of {
    ($($folder:literal),* $(,)?) => {
        &[$((
            $folder,
            include_bytes!(concat!("../../../../models/", $folder, "/adapter_config.json")).as_slice(),
            include_bytes!(concat!("../../../../models/", $folder, "/adapter_model.safetensors")).as_slice(),
        )),*]
    };
}

type BuiltIn = (&'static str, &'static [u8], &'static [u8]);

/// One line for each `[[adapter]]` of the catalogue.
static FILES: &[BuiltIn] = files_of!["adapters/acceptance-criteria-1.5b", "adapters/acceptance-criteria"];

/// Config and weights of the adapter in this folder of the catalogue.
pub(crate) fn built_in_files(folder: &str) -> Option<[&'static [u8]; 2]> {
    FILES.iter().find(|(name, ..)| *name == folder).map(|(_, config, weights)| [*config, *weights])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::path::Path;

    use super::super::Catalogue;
    use super::*;
    use crate::adapter::{Head, sha256_of};
    use crate::shelf::is_adapter_name;

    #[test]
    fn every_adapter_of_the_catalogue_is_in_the_program_as_it_was_published() {
        let catalogue = Catalogue::built_in().unwrap();
        assert_eq!(catalogue.adapters().len(), FILES.len());
        for known in catalogue.adapters() {
            let [config, weights] = built_in_files(&known.folder).unwrap();
            assert_eq!(sha256_of(config, weights), known.sha256, "{}", known.name);
            let head = Head::parse(config, Path::new(&known.name)).unwrap();
            let base = catalogue.model(&known.base).unwrap();
            head.check_base(Path::new(&known.name), &base.name, &base.sha256).unwrap();
            assert_eq!(head.prompt(), Some(known.prompt.as_str()));
            assert!(brine_core::prompt::find(Some(&known.prompt)).is_some() && !known.licence.is_empty());
            assert!(is_adapter_name(&known.name), "{}", known.name);
            let same = catalogue.adapters().iter().filter(|other| other.name == known.name);
            assert_eq!(same.count(), 1, "{} is the name of one adapter", known.name);
        }
        for model in catalogue.models() {
            let defaults = catalogue.adapters().iter().filter(|known| known.default && known.base == model.name);
            assert!(defaults.count() <= 1, "{} has one default adapter at most", model.name);
        }
    }

    #[test]
    fn a_model_has_the_default_adapter_that_was_made_for_it() {
        let text = r#"
            [[model]]
            name = "small"
            title = "Small"
            file = "small.gguf"
            size = 1
            sha256 = "ab"
            licence = "Apache-2.0"
            parameters = "few"
            memory_mib = 1
            [[adapter]]
            name = "ours"
            title = "Ours"
            base = "small"
            folder = "adapters/ours"
            sha256 = "cd"
            licence = "Apache-2.0"
            prompt = "rule@2"
            default = true
        "#;
        let catalogue = Catalogue::parse(text).unwrap();
        let small = catalogue.model("small").unwrap();
        assert_eq!(catalogue.default_adapter(small).unwrap().name, "ours");
        let other = super::super::Model { name: "other".to_owned(), ..small.clone() };
        assert!(catalogue.default_adapter(&other).is_none());
    }
}
