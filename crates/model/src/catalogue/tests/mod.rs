#![allow(clippy::unwrap_used, clippy::expect_used)]

mod choice;
mod hub;
mod pulls;
mod stand;
mod wheels;

use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};

use self::stand::Stand;
use super::*;

const CONTENT: &[u8] = b"not a model, but 36 bytes of content";

fn sha256_of(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn hub_source() -> Source {
    Source::Hub { repository: "some/one".to_owned(), path: "tiny.gguf".to_owned() }
}

fn model(sources: Vec<Source>) -> Model {
    Model {
        name: "tiny".to_owned(),
        title: "Tiny".to_owned(),
        file: "tiny.gguf".to_owned(),
        size: CONTENT.len() as u64,
        sha256: sha256_of(CONTENT),
        licence: "Apache-2.0".to_owned(),
        parameters: "none".to_owned(),
        memory_mib: 1,
        default_from_mib: None,
        purpose: Purpose::Criteria,
        sources,
    }
}

/// Reaches the stand's hub alone, and never waits.
fn at(hub: &Stand) -> Reach {
    with_token(hub, None)
}

fn with_token(hub: &Stand, token: Option<&str>) -> Reach {
    let mut hub = Hub::at(&hub.address, token.map(Into::into)).unwrap();
    hub.pause = Duration::ZERO;
    Reach { hub: Some(hub), pip: Pip::default() }
}

fn folder() -> (tempfile::TempDir, Folder) {
    let folder = tempfile::tempdir().unwrap();
    let models = Folder::new(Some(folder.path().to_owned()));
    (folder, models)
}

async fn pull(models: &Folder, model: &Model, reach: &Reach) -> Result<Vec<u8>, String> {
    let file = models.pull(model, reach, false, &|_| ()).await.map_err(|error| error.to_string())?;
    Ok(std::fs::read(file).unwrap())
}

fn part(folder: &Path) -> Option<Vec<u8>> {
    std::fs::read(folder.join("tiny.gguf.part")).ok()
}

#[test]
fn a_file_that_is_missing_cut_short_or_altered_is_named_as_such() {
    let (_folder, models) = folder();
    let model = model(vec![]);
    let path = models.file(&model);
    assert!(matches!(models.verify(&model), Err(ModelError::Missing { .. })));
    std::fs::write(&path, &CONTENT[..5]).unwrap();
    assert!(matches!(models.verify(&model), Err(ModelError::WrongSize { found: 5, .. })));
    let mut altered = CONTENT.to_vec();
    altered[3] ^= 1;
    std::fs::write(&path, altered).unwrap();
    assert!(matches!(models.verify(&model), Err(ModelError::Altered { .. })));
}

#[test]
fn the_shipped_catalogue_is_sound() {
    let catalogue = Catalogue::built_in().unwrap();
    for model in catalogue.models() {
        assert_eq!(model.sha256.len(), 64, "{}", model.name);
        assert!(!model.licence.is_empty() && model.memory_mib > 0, "{}", model.name);
        assert!(
            matches!(model.sources[0], Source::Hub { .. }),
            "{}: the publisher's own place is asked first",
            model.name
        );
        for source in &model.sources {
            let Source::Pypi { package, path, parts, .. } = source else { continue };
            assert_eq!(package.contains("{n}"), !parts.is_empty(), "{package}");
            assert_eq!(path.contains('{'), !parts.is_empty(), "{path}");
            assert!(
                parts.is_empty() || parts.iter().map(|part| part.size).sum::<u64>() == model.size,
                "{}",
                model.name
            );
            assert!(parts.iter().all(|part| part.sha256.len() == 64), "{}", model.name);
        }
    }
    let error = catalogue.model("gpt-9").unwrap_err().to_string();
    assert!(error.contains("gpt-9") && error.contains("smollm2-135m"), "{error}");
}
