//! A model of the catalogue, with adapter and prompt, held to the product's grammar.

use std::time::Duration;

use brine_core::prompt;
use brine_core::story::Story;
use brine_model::catalogue::{Catalogue, Folder};
use brine_model::{Adapter, DraftRequest, Engine, WriteError, Writer};
use tokio_util::sync::CancellationToken;

use super::{Identity, Teacher, TeacherError, Written};
use crate::distill::DistillError;

/// As many as the form allows.
const SCENARIOS: u8 = 6;

/// What to load.
#[derive(Clone, Debug)]
pub struct ModelSettings {
    /// Name in the catalogue; the default model when absent.
    pub model: Option<String>,
    /// Name in the folder of models, or a folder.
    pub adapter: Option<String>,
    /// That of the adapter, or the default one, when absent.
    pub prompt: Option<String>,
    /// It gives up on a story after so long.
    pub deadline: Duration,
}

/// A loaded model.
pub struct ModelTeacher {
    writer: Writer,
    identity: Identity,
    deadline: Duration,
}

impl ModelTeacher {
    /// Finds, checks and loads the model.
    ///
    /// # Errors
    /// When model, adapter or prompt are unknown, missing, altered, or do not belong together.
    pub fn load(settings: &ModelSettings, models: &Folder) -> Result<Self, DistillError> {
        let catalogue = Catalogue::built_in()?;
        let model = models.choose(&catalogue, settings.model.as_deref())?;
        let path = models.verify(model)?;
        let adapter = settings.adapter.as_deref().map(|name| models.adapter(name)).transpose()?;
        let mut print = model.sha256.clone();
        if let Some(adapter) = &adapter {
            adapter.check_base(&model.name, &model.sha256)?;
            print.push_str(&adapter.sha256()?);
        }
        let wanted = settings.prompt.as_deref().or(adapter.as_ref().and_then(Adapter::prompt));
        let prompt = prompt::find(wanted).map(|prompt| prompt.id()).ok_or_else(|| {
            let known = prompt::all().iter().map(prompt::Prompt::id).collect::<Vec<_>>().join(", ");
            let wanted = wanted.unwrap_or_default();
            DistillError::Options(format!("there is no prompt called {wanted:?}; known ones: {known}"))
        })?;
        let writer = Writer::new(Engine::start(&path, adapter.as_ref())?, &model.name, adapter.as_ref());
        let identity = Identity {
            teacher: model.name.clone(),
            adapter: adapter.as_ref().map(|adapter| adapter.name().to_owned()),
            print: format!("model {print} {prompt}"),
            prompt,
        };
        Ok(Self { writer, identity, deadline: settings.deadline })
    }
}

impl Teacher for ModelTeacher {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    async fn write(&self, story: &Story, seed: u64, cancel: &CancellationToken) -> Result<Written, TeacherError> {
        let request = DraftRequest {
            story: story.clone(),
            max_scenarios: SCENARIOS,
            seed,
            prompt: Some(self.identity.prompt.clone()),
            deadline: self.deadline,
        };
        match self.writer.draft(request, cancel.clone(), |_| ()).await {
            Ok(drafted) => Ok(Written { text: drafted.criteria.to_text(), cut_off: false }),
            Err(WriteError::Cancelled) => Err(TeacherError::Stopped),
            Err(WriteError::Deadline(after)) => Err(TeacherError::NoAnswer(format!(
                "the model did not finish within {} s; raise --deadline or use a faster machine",
                after.as_secs()
            ))),
            Err(error @ WriteError::UnknownPrompt(..)) => Err(TeacherError::Unusable(error.to_string())),
            Err(error @ WriteError::Engine(_)) => Err(TeacherError::NoAnswer(error.to_string())),
        }
    }
}
