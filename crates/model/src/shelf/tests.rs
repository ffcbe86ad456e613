#![allow(clippy::unwrap_used)]

use super::*;

/// The smallest adapter that loads: no tensors. `note` makes its hash its own.
fn adapter(folder: &Path, base: &str, note: &str) {
    std::fs::create_dir_all(folder).unwrap();
    let config = format!(
        r#"{{"peft_type": "LORA", "r": 1, "lora_alpha": 2, "note": "{note}", "brine": {{"base_sha256": "{base}", "prompt": "rule@2"}}}}"#
    );
    std::fs::write(folder.join("adapter_config.json"), config).unwrap();
    std::fs::write(folder.join("adapter_model.safetensors"), [&2_u64.to_le_bytes()[..], b"{}"].concat()).unwrap();
}

struct Bench {
    folder: tempfile::TempDir,
    models: Folder,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let models = Folder::new(Some(folder.path().join("models")));
        Self { folder, models }
    }

    /// A candidate outside of the folder of models.
    fn candidate(&self, note: &str) -> PathBuf {
        let path = self.folder.path().join(note);
        adapter(&path, "ab", note);
        path
    }

    fn local(&self, name: &str, base: &str) {
        adapter(&self.models.path().join("adapters").join(name), base, name);
    }

    fn offers(&self) -> Vec<Offer> {
        self.models.adapters(&Catalogue::built_in().unwrap())
    }
}

fn figures(against: &str) -> Figures {
    Figures { promoted: "2026-11-26".to_owned(), against: against.to_owned(), pairs: 71, figures: vec!["F".to_owned()] }
}

#[test]
fn local_adapters_are_offered_by_name_and_found() {
    let bench = Bench::new();
    bench.local("beta", "cd");
    bench.local("alpha", "ab");
    bench.local("plain", "ab");
    std::fs::create_dir_all(bench.models.path().join("adapters/empty")).unwrap();
    let offers = bench.offers();
    let names: Vec<&str> = offers.iter().map(|offer| offer.name.as_str()).filter(|name| name.len() < 6).collect();
    assert_eq!(names, ["alpha", "beta"], "neither a name that means none nor an empty folder");
    assert_eq!(bench.models.adapter("alpha").unwrap().name(), "alpha");
    let unknown = bench.models.adapter("gamma").err().unwrap().to_string();
    assert!(unknown.contains("\"gamma\"") && unknown.contains("alpha") && unknown.contains("beta"), "{unknown}");
    for name in ["", "..", ".hidden", "a/b", "plain", &"x".repeat(65), "ümlaut"] {
        assert!(bench.models.slot(name).is_err(), "{name}");
    }
}

#[test]
fn an_adapter_of_another_base_is_refused_by_offer_and_by_name() {
    let bench = Bench::new();
    bench.local("beta", "cd");
    let model = Catalogue::built_in().unwrap().model("smollm2-135m").unwrap().clone();
    let reason = bench.offers().iter().find(|offer| offer.name == "beta").unwrap().fits(&model).unwrap_err();
    assert!(reason.contains("beta") && reason.contains("not made for smollm2-135m"), "{reason}");
    let refused = bench.models.adapter_for(&model, Some("beta")).err().unwrap().to_string();
    assert!(refused.contains("not made for smollm2-135m"), "{refused}");
    assert!(bench.models.adapter_for(&model, Some("plain")).unwrap().is_none());
}

#[test]
fn versions_are_taken_into_use_and_gone_back_from() {
    let bench = Bench::new();
    let slot = bench.models.slot("team").unwrap();
    assert!(matches!(slot.roll_back(false), Err(ModelError::NoEarlierVersion(_))));
    let first = slot.install(&bench.candidate("one"), &figures("plain")).unwrap();
    let second = slot.install(&bench.candidate("two"), &figures(&first)).unwrap();
    assert_eq!(slot.versions(), [second.clone(), first.clone()]);
    assert_eq!(bench.models.adapter("team").unwrap().name(), format!("team@{second}"));
    assert_eq!(bench.models.adapter(&format!("team@{first}")).unwrap().name(), format!("team@{first}"));
    assert_eq!(slot.figures(&second), Some(figures(&first)));
    assert!(matches!(slot.install(&bench.candidate("two"), &figures("x")), Err(ModelError::SameVersion(_))));

    assert_eq!(slot.roll_back(false).unwrap(), Some(first.clone()));
    assert_eq!(bench.offers().iter().find(|offer| offer.name == "team").unwrap().origin, {
        Origin::Local { version: Some(first.clone()) }
    });
    assert!(matches!(slot.roll_back(false), Err(ModelError::NoEarlierVersion(_))));
    assert_eq!(slot.versions(), [first], "a refused rollback changes nothing");
    assert_eq!(slot.roll_back(true).unwrap(), None, "the one that came with Brine");
    assert!(bench.models.adapter("team").is_err());
}

#[test]
fn an_adapter_without_versions_becomes_the_first_of_them() {
    let bench = Bench::new();
    bench.local("team", "ab");
    let slot = bench.models.slot("team").unwrap();
    assert!(slot.versions().is_empty());
    let second = slot.install(&bench.candidate("two"), &figures("team")).unwrap();
    let versions = slot.versions();
    assert_eq!((versions.len(), &versions[0]), (2, &second));
    assert!(slot.roll_back(false).unwrap().is_some());
    assert_eq!(bench.models.adapter("team").unwrap().name(), format!("team@{}", versions[1]));
}

#[test]
fn what_is_no_adapter_is_not_taken_into_use() {
    let bench = Bench::new();
    let slot = bench.models.slot("team").unwrap();
    assert!(slot.install(bench.folder.path(), &figures("plain")).is_err());
    assert!(slot.versions().is_empty() && slot.in_use().is_none());
}
