//! The model with an adapter, loaded and ready: once for a command, and by choice for the service.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use brine_core::failure::Failure;
use brine_core::settings::{ModelServer, ModelSettings};
use brine_model::catalogue::{Catalogue, Folder, Model};
use brine_model::remote::{ChatSettings, Patience, RemoteWriter};
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
    usual: Option<String>,
    most: usize,
}

impl Bench {
    /// The model that the settings name. Its file is not looked at yet.
    pub(crate) fn new(settings: &ModelSettings) -> Result<Self, Failed> {
        let catalogue = Catalogue::built_in().map_err(Failed::input)?;
        let folder = Folder::new(settings.models_dir.clone());
        let model = folder.choose(&catalogue, settings.name.as_deref()).map_err(Failed::input)?.clone();
        let usual = usual_name(&catalogue, &model, settings.adapter.as_deref());
        Ok(Self { folder, model, usual, most: settings.max_adapters })
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

    /// Writers for each choice, with the model's file found and checked. Nothing is loaded yet.
    pub(crate) fn pool(&self) -> Result<WriterPool, Failed> {
        let bench = self.clone();
        let path = self.folder.verify(&self.model).map_err(Failed::input)?;
        let load = move |adapter: Option<&str>| -> Result<Arc<dyn CriteriaWriter>, Failure> {
            bench.load(&path, adapter).map(|writer| Arc::new(writer) as Arc<dyn CriteriaWriter>).map_err(failure)
        };
        Ok(WriterPool::new(self.usual.clone(), self.most, Arc::new(load)))
    }

    fn load(&self, path: &Path, adapter: Option<&str>) -> Result<Writer, ModelError> {
        let adapter = adapter.map(|name| self.folder.adapter(name)).transpose()?;
        if let Some(adapter) = &adapter {
            adapter.check_base(&self.model.name, &self.model.sha256)?;
        }
        start(&self.model, path, adapter.as_ref())
    }

    /// For the log.
    pub(crate) fn model(&self) -> &str {
        &self.model.name
    }
}

/// The writer of a server, for whatever a project chose: adapters are the server's own business.
pub(crate) fn remote(settings: &ModelSettings, server: &ModelServer) -> Result<WriterPool, Failed> {
    let writer = RemoteWriter::new(ChatSettings {
        address: server.address.to_string(),
        model: server.model.clone(),
        key: server.key.clone(),
        key_variable: "BRINE_MODEL_KEY",
        deadline: Duration::from_secs(settings.deadline_seconds),
        patience: Patience::default(),
    })
    .map_err(Failed::input)?;
    if writer.key_in_the_clear() {
        tracing::warn!("the key of the model server goes there without TLS and can be read on its way");
    }
    let writer: Arc<dyn CriteriaWriter> = Arc::new(writer);
    let load = move |adapter: Option<&str>| match adapter {
        None => Ok(Arc::clone(&writer)),
        Some(name) => Err(Failure::permanent(format!(
            "a server writes here, and the adapter {name:?} is not its; choose \"plain\" in the project's settings"
        ))),
    };
    Ok(WriterPool::new(None, 1, Arc::new(load)))
}

/// An adapter that is gone or does not fit stays so until a person does something.
fn failure(error: ModelError) -> Failure {
    let reason = error.to_string();
    match error {
        ModelError::Io { .. } | ModelError::Compute(_) => Failure::retry(reason),
        _ => Failure::permanent(reason),
    }
}
