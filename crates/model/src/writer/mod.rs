//! The writer: a story in, checked acceptance criteria out.

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
use brine_core::prompt::{self, budget};
use brine_core::story::{Note, Story};
use tokio_util::sync::CancellationToken;

pub use self::free::FreeText;
pub use self::request::{DraftEvent, DraftRequest, Drafted, Usage, WriteError};
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
        let prompt = adapter.and_then(Adapter::prompt).map(Into::into);
        Self { engine, model: model.into(), adapter: adapter.map(|adapter| adapter.name().into()), prompt }
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
        let known = || prompt::all().iter().map(prompt::Prompt::id).collect::<Vec<_>>().join(", ");
        let wanted = request.prompt.as_deref().or(self.prompt.as_deref());
        let template = prompt::find(wanted)
            .ok_or_else(|| WriteError::UnknownPrompt(wanted.unwrap_or_default().to_owned(), known()))?;
        let started = Instant::now();
        let story = &request.story;
        on(DraftEvent::Reading);

        let fitted = budget::fit(story.description(), DESCRIPTION_TOKENS, |text| self.engine.count(text));
        let mut notes: Vec<Note> = fitted.note.into_iter().collect();
        let detected = story.language();
        notes.extend(detected.note());

        let read = Story::new(story.summary(), &fitted.text).map_err(|error| WriteError::Engine(error.to_string()))?;
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
        let provenance = Provenance {
            model: self.model.to_string(),
            adapter: self.adapter.as_deref().map(str::to_owned),
            prompt: template.id(),
            seed: request.seed,
            brine: env!("CARGO_PKG_VERSION").to_owned(),
        };
        Ok(Drafted { criteria, findings, notes, provenance, usage })
    }
}

/// What is shown always parses: the grammar makes it so, and this proves it.
fn proven(criteria: &Criteria) -> Result<(), WriteError> {
    match gherkin::parse(&criteria.to_text()) {
        Ok(_) => Ok(()),
        Err(error) => Err(WriteError::Engine(format!("the criteria do not parse ({error})"))),
    }
}
