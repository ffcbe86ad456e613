//! Writes criteria with a server's model. Answers that do not keep our form are asked for again with another seed; what is
//! handed on has passed the same checks as the words of the built-in model, and rests on the story in the same way.

use std::sync::Arc;
use std::time::Instant;

use brine_core::gherkin::{self, Criteria, Finding, Rule, Tag};
use brine_core::jobs::Provenance;
use brine_core::prompt::{self, Prompt, budget};
use brine_core::story::{Note, Story};
use tokio_util::sync::CancellationToken;

use super::{ChatServer, ChatSettings, RemoteError, criteria_in};
use crate::writer::{DraftEvent, DraftRequest, Drafted, Usage, WriteError};

/// Answers to a story that are asked for at most.
pub(super) const TRIES: usize = 3;
/// Bytes of English text to a token, roughly: a server's own tokenizer is not here.
pub(super) const BYTES_PER_TOKEN: usize = 4;
/// Tokens that a description may have: a large model reads more than the built-in one.
pub(super) const DESCRIPTION_TOKENS: usize = 6_000;

/// Writes criteria with one server. Clones share it.
#[derive(Clone)]
pub struct RemoteWriter {
    pub(super) server: Arc<ChatServer>,
}

impl RemoteWriter {
    /// Gets ready; nothing is sent yet.
    ///
    /// # Errors
    /// When address or key can't be used.
    pub fn new(settings: ChatSettings) -> Result<Self, RemoteError> {
        Ok(Self { server: Arc::new(ChatServer::new(settings)?) })
    }

    /// See [`ChatServer::key_in_the_clear`].
    pub fn key_in_the_clear(&self) -> bool {
        self.server.key_in_the_clear()
    }

    /// Writes criteria for a story. `on` is told of each stage; scenarios come all at once.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn draft(
        &self,
        request: DraftRequest,
        cancel: CancellationToken,
        mut on: impl FnMut(DraftEvent) + Send,
    ) -> Result<Drafted, WriteError> {
        let started = Instant::now();
        let deadline = request.deadline;
        let template = prompt::for_server(request.prompt.as_deref())
            .map_err(|known| WriteError::UnknownPrompt(request.prompt.clone().unwrap_or_default(), known))?;
        let story = &request.story;
        on(DraftEvent::Reading);
        let fitted = budget::fit(story.description(), DESCRIPTION_TOKENS, |text| text.len() / BYTES_PER_TOKEN);
        let messages = template.render(story.summary(), &fitted.text);
        on(DraftEvent::Writing { scenario: 1, of: usize::from(request.max_scenarios) });
        let asked = self.in_form(&request, &messages, &cancel);
        let (criteria, findings) =
            tokio::time::timeout(deadline, asked).await.map_err(|_| WriteError::Deadline(deadline))??;
        for scenario in &criteria.scenarios {
            on(DraftEvent::Scenario(Box::new(scenario.clone())));
        }
        on(DraftEvent::Checking);
        let notes: Vec<Note> = fitted.note.into_iter().chain(story.language().note()).collect();
        let provenance = self.provenance(&template, request.seed);
        let total = started.elapsed();
        let usage = Usage { writing: total, first_scenario: total, total, ..Usage::default() };
        Ok(Drafted { criteria, findings, notes, provenance, usage })
    }

    /// Whether the server is there.
    ///
    /// # Errors
    /// When it is not, or is of no use as it is set up.
    pub async fn probe(&self) -> Result<(), WriteError> {
        Ok(self.server.alive().await?)
    }

    pub(super) fn provenance(&self, template: &Prompt, seed: u64) -> Provenance {
        Provenance {
            model: self.server.model().to_owned(),
            adapter: None,
            prompt: template.id(),
            seed,
            brine: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    async fn in_form(
        &self,
        request: &DraftRequest,
        messages: &[prompt::Message],
        cancel: &CancellationToken,
    ) -> Result<(Criteria, Vec<Finding>), WriteError> {
        let language = request.story.language().language();
        let mut foreign = None;
        for seed in (request.seed..).take(TRIES) {
            let reply = self.server.ask(messages, seed, cancel).await?;
            if let Ok(criteria) = criteria_in(&reply.text, language) {
                let judged = judged(criteria, &request.story, usize::from(request.max_scenarios));
                match judged.filter(|_| !reply.cut_off) {
                    Some(judged) if judged.0.language == language => return Ok(judged),
                    other => foreign = foreign.or(other),
                }
            }
        }
        // Good criteria in another language than the story's are better than none.
        if let Some(judged) = foreign {
            return Ok(judged);
        }
        Err(WriteError::Engine(format!("{TRIES} answers of the server {} do not keep the form", self.server.model())))
    }
}

/// The criteria with what the rules say of them; none when they do not keep the form.
fn judged(mut criteria: Criteria, story: &Story, most: usize) -> Option<(Criteria, Vec<Finding>)> {
    shorten(&mut criteria, most);
    gherkin::ground(&mut criteria, story);
    // Our own text of it is what is stored and shown.
    gherkin::parse(&criteria.to_text()).ok()?;
    let findings = gherkin::check(&criteria, story);
    let broken = findings.iter().any(|finding| {
        matches!(finding.rule, Rule::OneWhen | Rule::StepOrder | Rule::OutlineVariable | Rule::Coverage | Rule::Size)
    });
    (!broken).then_some((criteria, findings))
}

/// Leaves out scenarios from the end, but not the last of its kind.
fn shorten(criteria: &mut Criteria, most: usize) {
    let kinds = [Tag::HappyPath, Tag::Negative, Tag::EdgeCase];
    while criteria.scenarios.len() > most.max(kinds.len()) {
        let count = |tag| criteria.scenarios.iter().filter(|scenario| scenario.tag == tag).count();
        let Some(place) = criteria.scenarios.iter().rposition(|scenario| count(scenario.tag) > 1) else { return };
        criteria.scenarios.remove(place);
    }
}

impl From<RemoteError> for WriteError {
    fn from(error: RemoteError) -> Self {
        match error {
            RemoteError::Stopped => Self::Cancelled,
            RemoteError::NoAnswer(reason) | RemoteError::Unusable(reason) => Self::Engine(reason),
        }
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
