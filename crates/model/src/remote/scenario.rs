//! One scenario of a server's model, for a set that is there: the set is shown as what the model answered before.

use std::time::Instant;

use brine_core::gherkin::{self, Basis, Criteria, Rule, Scenario};
use brine_core::prompt::{self, Message, Role, budget};
use tokio_util::sync::CancellationToken;

use super::criteria_in;
use super::writer::{BYTES_PER_TOKEN, DESCRIPTION_TOKENS, RemoteWriter, TRIES};
use crate::writer::{DraftEvent, ScenarioRequest, Usage, WriteError, WrittenScenario};

impl RemoteWriter {
    /// Writes one scenario. `on` is told of each stage.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn scenario(
        &self,
        request: ScenarioRequest,
        cancel: CancellationToken,
        mut on: impl FnMut(DraftEvent) + Send,
    ) -> Result<WrittenScenario, WriteError> {
        let started = Instant::now();
        let template = prompt::for_server(request.prompt.as_deref())
            .map_err(|known| WriteError::UnknownPrompt(request.prompt.clone().unwrap_or_default(), known))?;
        on(DraftEvent::Reading);
        let story = &request.story;
        let fitted = budget::fit(story.description(), DESCRIPTION_TOKENS, |text| text.len() / BYTES_PER_TOKEN);
        let mut messages = template.render(story.summary(), &fitted.text);
        messages.push(Message { role: Role::Assistant, content: shown(&request).to_text() });
        messages.push(Message { role: Role::User, content: wanted(&request) });
        on(DraftEvent::Writing { scenario: 1, of: 1 });
        let asked = self.one_in_form(&request, &messages, &cancel);
        let deadline = request.deadline;
        let scenario = tokio::time::timeout(deadline, asked).await.map_err(|_| WriteError::Deadline(deadline))??;
        let total = started.elapsed();
        let provenance = self.provenance(&template, request.seed);
        let usage = Usage { writing: total, first_scenario: total, total, ..Usage::default() };
        Ok(WrittenScenario { scenario, provenance, usage })
    }

    async fn one_in_form(
        &self,
        request: &ScenarioRequest,
        messages: &[Message],
        cancel: &CancellationToken,
    ) -> Result<Scenario, WriteError> {
        for seed in (request.seed..).take(TRIES) {
            let reply = self.server.ask(messages, seed, cancel).await?;
            let found = criteria_in(&reply.text, request.others.language).ok().filter(|_| !reply.cut_off);
            if let Some(scenario) = found.and_then(|criteria| new_one(criteria, request)) {
                return Ok(scenario);
            }
        }
        Err(WriteError::Engine(format!("{TRIES} answers of the server {} do not keep the form", self.server.model())))
    }
}

/// The set as the person sees it.
fn shown(request: &ScenarioRequest) -> Criteria {
    let mut set = request.others.clone();
    set.scenarios.extend(request.instead_of.clone());
    set.questions.clear();
    set
}

/// What is asked for, in a turn of its own.
fn wanted(request: &ScenarioRequest) -> String {
    let mut text = match &request.instead_of {
        Some(scenario) => format!("Write the scenario \"{}\" anew, so that it is another one.", scenario.title),
        None => "Write one more scenario for this story.".to_owned(),
    };
    if let Some(sentence) = &request.sentence {
        text.push_str(&format!(" It must test this sentence of the story: {}", sentence.text));
    }
    if let Some(wish) = &request.wish {
        text.push_str(&format!(" What is wanted: {wish}"));
    }
    text.push_str(" Answer with this scenario alone, in the same form.");
    text
}

/// The first scenario that the set does not hold yet, when it keeps the form.
fn new_one(criteria: Criteria, request: &ScenarioRequest) -> Option<Scenario> {
    let known: Vec<&str> = request.others.scenarios.iter().map(|scenario| scenario.title.as_str()).collect();
    let mut alone = Criteria { language: request.others.language, ..Criteria::default() };
    alone.scenarios.extend(criteria.scenarios.into_iter().find(|scenario| !known.contains(&scenario.title.as_str())));
    gherkin::ground(&mut alone, &request.story);
    gherkin::parse(&alone.to_text()).ok()?;
    let broken = gherkin::check(&alone, &request.story)
        .iter()
        .any(|finding| matches!(finding.rule, Rule::OneWhen | Rule::StepOrder | Rule::OutlineVariable));
    let mut scenario = alone.scenarios.pop().filter(|_| !broken)?;
    if let Some(sentence) = &request.sentence {
        scenario.basis = Basis::Sentence { index: sentence.index, text: sentence.text.clone() };
    }
    Some(scenario)
}
