//! A model of the catalogue that writes, with the product's prompt and grammar or, as a control, without both.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use brine_core::prompt;
use brine_model::catalogue::{Catalogue, Folder, Model};
use brine_model::{Adapter, DraftRequest, Engine, Usage, WriteError, Writer};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::super::EvalError;
use super::super::answer::{Answer, Cost};
use super::super::arm::ModelArm;
use super::Job;

/// A loaded model and its settings.
pub(crate) struct ModelMaker {
    writer: Writer,
    settings: ModelArm,
    /// Neither grammar nor the product's prompt.
    free: bool,
    deadline: Duration,
    /// Of program, model, adapter, and all settings.
    print: String,
}

impl ModelMaker {
    pub(super) fn load(
        settings: ModelArm,
        free: bool,
        catalogue: &Catalogue,
        models: &Folder,
        deadline: Duration,
    ) -> Result<Self, EvalError> {
        let Found { model, path, adapter } = find(&settings, catalogue, models)?;
        // More samples leave the first ones as they are.
        let of = ModelArm { samples: 0, ..settings.clone() };
        let mut print = format!("{} {} {of:?} {free} {deadline:?}", program()?, model.sha256);
        if let Some(adapter) = &adapter {
            print.push_str(&adapter.sha256()?);
        }
        let writer = Writer::new(Engine::start(&path, adapter.as_ref())?, &model.name, adapter.as_ref());
        Ok(Self { writer, settings, free, deadline, print })
    }

    pub(super) fn print(&self, job: &Job) -> String {
        let of = format!("{}\n{}\n{}", self.print, job.sample, job.story.hash());
        hex::encode(&Sha256::digest(of.as_bytes())[..8])
    }

    pub(super) async fn answer(&self, job: &Job) -> Answer {
        let started = Instant::now();
        let answer =
            Answer { id: job.id.clone(), sample: job.sample, print: Some(self.print(job)), ..Answer::default() };
        match self.write(job).await {
            Ok((criteria, usage)) => Answer { criteria, cost: Some(cost(usage)), ..answer },
            Err(error) => {
                let seconds = started.elapsed().max(self.deadline).as_secs_f64();
                let cost = Cost { first_seconds: seconds, seconds, written_tokens: None };
                Answer { error: Some(error.to_string()), cost: Some(cost), ..answer }
            }
        }
    }

    async fn write(&self, job: &Job) -> Result<(String, Usage), WriteError> {
        let request = DraftRequest {
            story: job.story.clone(),
            max_scenarios: self.settings.max_scenarios,
            seed: self.settings.seed.wrapping_add(u64::from(job.sample)),
            prompt: self.settings.prompt.clone(),
            deadline: self.deadline,
        };
        if self.free {
            let free = self.writer.free_text(request, CancellationToken::new()).await?;
            return Ok((free.text, free.usage));
        }
        let drafted = self.writer.draft(request, CancellationToken::new(), |_| ()).await?;
        Ok((drafted.criteria.to_text(), drafted.usage))
    }
}

/// The files of an arm.
pub(super) struct Found<'a> {
    model: &'a Model,
    path: PathBuf,
    adapter: Option<Adapter>,
}

/// Finds and checks the files of an arm, and that the adapter was made for the model.
pub(super) fn find<'a>(settings: &ModelArm, catalogue: &'a Catalogue, models: &Folder) -> Result<Found<'a>, EvalError> {
    let model = models.choose(catalogue, settings.model.as_deref())?;
    let path = models.verify(model)?;
    let adapter = settings.adapter.as_deref().map(|name| models.adapter(name)).transpose()?;
    if let Some(adapter) = &adapter {
        adapter.check_base(&model.name, &model.sha256)?;
    }
    if let Some(name) = settings.prompt.as_deref().filter(|name| prompt::find(Some(name)).is_none()) {
        return Err(EvalError::Arms(format!("there is no prompt called {name:?}")));
    }
    Ok(Found { model, path, adapter })
}

/// SHA-256 of the program: after a change of code, nothing that the old one wrote may pass for the new one's work.
fn program() -> Result<String, EvalError> {
    let path = std::env::current_exe().map_err(EvalError::file("the program"))?;
    let bytes = std::fs::read(&path).map_err(EvalError::file(&path))?;
    Ok(hex::encode(Sha256::digest(bytes)))
}

fn cost(usage: Usage) -> Cost {
    Cost {
        first_seconds: usage.first_scenario.as_secs_f64(),
        seconds: usage.total.as_secs_f64(),
        written_tokens: Some(usage.written_tokens),
    }
}
