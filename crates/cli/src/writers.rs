//! The model with an adapter, loaded and ready: once for a command, and by choice for the service.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use brine_core::failure::Failure;
use brine_core::settings::ModelSettings;
use brine_model::catalogue::{Catalogue, Folder, Model};
use brine_model::{Adapter, Engine, ModelError, Writer, usual_name};
use brine_web::Offered;
use brine_worker::{CriteriaWriter, WriterPool};

use crate::Failed;

/// The model in `path` with the adapter of this name or path; see [`Folder::adapter_for`] for what an absent name means.
pub(crate) fn writer(folder: &Folder, model: &Model, path: &Path, adapter: Option<&str>) -> Result<Writer, Failed> {
    let adapter = folder.adapter_for(model, adapter).map_err(Failed::input)?;
    start(model, path, adapter.as_ref()).map_err(Failed::input)
}

fn start(model: &Model, path: &Path, adapter: Option<&Adapter>) -> Result<Writer, ModelError> {
    Ok(Writer::new(Engine::start(path, adapter)?, &model.name, adapter))
}

/// The model of a service and the adapters that lie beside it.
#[derive(Clone)]
pub(crate) struct Bench {
    folder: Folder,
    model: Model,
    path: PathBuf,
    usual: Option<String>,
    most: usize,
}

impl Bench {
    /// The model that the settings name, found and checked.
    pub(crate) fn new(settings: &ModelSettings) -> Result<Self, Failed> {
        let catalogue = Catalogue::built_in().map_err(Failed::input)?;
        let model = catalogue.model(Some(&settings.name)).map_err(Failed::input)?.clone();
        let folder = Folder::new(settings.models_dir.clone());
        let path = folder.verify(&model).map_err(Failed::input)?;
        let usual = usual_name(&catalogue, &model, settings.adapter.as_deref());
        Ok(Self { folder, model, path, usual, most: settings.max_adapters })
    }

    /// What the service's pages can offer.
    pub(crate) fn offered(&self) -> Result<Offered, Failed> {
        let catalogue = Catalogue::built_in().map_err(Failed::input)?;
        let mut offered = Offered { usual: self.usual.clone(), ..Offered::default() };
        for offer in self.folder.adapters(&catalogue) {
            match offer.fits(&self.model) {
                Ok(()) => offered.names.push(offer.name),
                Err(reason) => offered.unfit.push((offer.name, reason)),
            }
        }
        Ok(offered)
    }

    /// Writers for each choice. Nothing is loaded yet.
    pub(crate) fn pool(&self) -> WriterPool {
        let bench = self.clone();
        let load = move |adapter: Option<&str>| -> Result<Arc<dyn CriteriaWriter>, Failure> {
            bench.load(adapter).map(|writer| Arc::new(writer) as Arc<dyn CriteriaWriter>).map_err(failure)
        };
        WriterPool::new(self.usual.clone(), self.most, Arc::new(load))
    }

    fn load(&self, adapter: Option<&str>) -> Result<Writer, ModelError> {
        let adapter = adapter.map(|name| self.folder.adapter(name)).transpose()?;
        if let Some(adapter) = &adapter {
            adapter.check_base(&self.model.name, &self.model.sha256)?;
        }
        start(&self.model, &self.path, adapter.as_ref())
    }

    /// For the log.
    pub(crate) fn model(&self) -> &str {
        &self.model.name
    }
}

/// An adapter that is gone or does not fit stays so until a person does something.
fn failure(error: ModelError) -> Failure {
    let reason = error.to_string();
    match error {
        ModelError::Io { .. } | ModelError::Compute(_) => Failure::retry(reason),
        _ => Failure::permanent(reason),
    }
}
