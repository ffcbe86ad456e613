//! The writer: a story in, checked acceptance criteria out.

mod alone;
mod free;
mod probe;
mod quotes;
mod read;
mod request;
mod run;
mod script;

use std::sync::Arc;
use std::time::Instant;

use brine_core::gherkin::{self, Criteria};
use brine_core::jobs::Provenance;
use brine_core::prompt::{self, Prompt, budget};
use brine_core::story::{Note, Story};
use tokio_util::sync::CancellationToken;

pub use self::free::FreeText;
pub use self::request::{DraftEvent, DraftRequest, Drafted, ScenarioRequest, Usage, WriteError, WrittenScenario};
use self::run::Run;
use crate::adapter::Adapter;
use crate::engine::Engine;

/// Tokens that a description may have in the prompt.
const DESCRIPTION_TOKENS: usize = 900;

/// Writes criteria with one model. Clones share the model.
#[derive(Clone)]
pub struct Writer {
    engine: Engine,
    model: Arc<str>,
    adapter: Option<Arc<str>>,
    /// What the adapter was trained with.
    prompt: Option<Arc<str>>,
}

impl Writer {
    /// A writer over an engine that was started with this model and this adapter.
    pub fn new(engine: Engine, model: &str, adapter: Option<&Adapter>) -> Self {
        let prompt: Option<Arc<str>> = adapter.and_then(Adapter::prompt).map(Into::into);
        let writer =
            Self { engine, model: model.into(), adapter: adapter.map(|adapter| adapter.name().into()), prompt };
        writer.read_ahead();
        writer
    }

    /// What all prompts begin with, up to the story, is read before the first story comes.
    fn read_ahead(&self) {
        if let Ok(template) = self.template(None) {
            let messages = template.render("x", "x");
            let before = messages.len().saturating_sub(1);
            self.engine.read_ahead(&messages[..before]);
        }
    }

    /// Catalogue name of the model.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Writes criteria for a story. `on` is told of each stage. The criteria keep the form of the grammar, whatever the
    /// story says.
    ///
    /// # Errors
    /// See [`WriteError`]. A cancelled request stops before the next token.
    pub async fn draft(
        &self,
        request: DraftRequest,
        cancel: CancellationToken,
        mut on: impl FnMut(DraftEvent) + Send,
    ) -> Result<Drafted, WriteError> {
        let template = self.template(request.prompt.as_deref())?;
        let started = Instant::now();
        let story = &request.story;
        on(DraftEvent::Reading);

        let (read, mut notes) = self.as_read(story)?;
        let detected = story.language();
        notes.extend(detected.note());
        let messages = template.render(read.summary(), read.description());
        let run = Run {
            engine: &self.engine,
            request: &request,
            story: &read,
            language: detected.language(),
            cancel,
            started,
        };
        let (criteria, mut usage) = run.set(&messages, &mut on).await?;
        on(DraftEvent::Checking);
        proven(&criteria)?;
        let findings = gherkin::check(&criteria, story);
        usage.total = started.elapsed();
        let provenance = self.provenance(&template, request.seed);
        Ok(Drafted { criteria, findings, notes, provenance, usage })
    }

    /// The prompt that was asked for, else the adapter's, else the one for an untuned model.
    fn template(&self, asked: Option<&str>) -> Result<Prompt, WriteError> {
        let known = || prompt::all().iter().map(Prompt::id).collect::<Vec<_>>().join(", ");
        let wanted = asked.or(self.prompt.as_deref());
        prompt::find(wanted).ok_or_else(|| WriteError::UnknownPrompt(wanted.unwrap_or_default().to_owned(), known()))
    }

    /// The story as far as the prompt holds it, and what is to be said of that.
    fn as_read(&self, story: &Story) -> Result<(Story, Vec<Note>), WriteError> {
        let fitted = budget::fit(story.description(), DESCRIPTION_TOKENS, |text| self.engine.count(text));
        let read = Story::new(story.summary(), &fitted.text).map_err(|error| WriteError::Engine(error.to_string()))?;
        Ok((read, fitted.note.into_iter().collect()))
    }

    fn provenance(&self, template: &Prompt, seed: u64) -> Provenance {
        Provenance {
            model: self.model.to_string(),
            adapter: self.adapter.as_deref().map(str::to_owned),
            prompt: template.id(),
            seed,
            brine: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// What is shown always parses: the grammar makes it so, and this proves it.
fn proven(criteria: &Criteria) -> Result<(), WriteError> {
    match gherkin::parse(&criteria.to_text()) {
        Ok(_) => Ok(()),
        Err(error) => Err(WriteError::Engine(format!("the criteria do not parse ({error})"))),
    }
}
