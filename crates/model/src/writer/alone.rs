//! One scenario for a set that is there: written anew, or one more. The model reads the story and the other scenarios as if
//! it had just written them, and goes on.

use std::time::Instant;

use brine_core::gherkin::grammar::RULE;
use brine_core::gherkin::{Basis, Language, Scenario};
use brine_core::prompt::{self, Message};
use brine_core::story::Story;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::quotes::Quotes;
use super::request::{DraftEvent, ScenarioRequest, Usage, WriteError, WrittenScenario};
use super::script::{Head, SetScript};
use super::{Writer, read};
use crate::engine::{Batch, Caller, Event, Request, Sampling, Stopped};

/// Longest scenario, in tokens; from half of them on it is brought to its end.
const TOKENS: usize = 600;
/// More than for a set: what comes out is to be another one.
const TEMPERATURE: f64 = 0.6;

impl Writer {
    /// Writes one scenario. `on` is told of each stage.
    ///
    /// # Errors
    /// See [`WriteError`]. A cancelled request stops before the next token.
    pub async fn scenario(
        &self,
        request: ScenarioRequest,
        cancel: CancellationToken,
        mut on: impl FnMut(DraftEvent) + Send,
    ) -> Result<WrittenScenario, WriteError> {
        let template = self.template(request.prompt.as_deref())?;
        let started = Instant::now();
        on(DraftEvent::Reading);
        let story = self.as_read(&request.story)?.0;
        let ask = self.request(&request, &story, template)?;
        on(DraftEvent::Writing { scenario: 1, of: 1 });
        let (events, inbox) = mpsc::unbounded_channel();
        let caller = Caller { deadline: started + request.deadline, cancel, events };
        let stopped = |stopped| WriteError::of(stopped, request.deadline);
        self.engine.ask(Batch { requests: vec![ask], caller }).map_err(stopped)?;
        let (text, mut usage) = answer(inbox).await.map_err(stopped)?;
        let broken = |reason: String| WriteError::Engine(format!("the scenario does not parse ({reason})"));
        let language = request.others.language;
        let criteria = read::criteria(&text, &request.story, language).map_err(|error| broken(error.to_string()))?;
        super::proven(&criteria)?;
        let mut scenario = criteria.scenarios.into_iter().next().ok_or_else(|| broken("there is none".to_owned()))?;
        if let Some(sentence) = &request.sentence {
            scenario.basis = Basis::Sentence { index: sentence.index, text: sentence.text.clone() };
        }
        usage.total = started.elapsed();
        usage.first_scenario = usage.total;
        Ok(WrittenScenario { scenario, provenance: self.provenance(&template, request.seed), usage })
    }

    /// The conversation, the other scenarios as the beginning of the answer, and what is to be quoted.
    fn request(&self, asked: &ScenarioRequest, story: &Story, template: prompt::Prompt) -> Result<Request, WriteError> {
        let failed = |stopped: Stopped| WriteError::of(stopped, asked.deadline);
        // A wish is read as one more rule: numbers and names may come from it.
        let description = match &asked.wish {
            Some(wish) => format!("{}\n{wish}", story.description()),
            None => story.description().to_owned(),
        };
        let messages: Vec<Message> = template.render(story.summary(), &description);
        let conversation = self.engine.encode(&messages).map_err(failed)?;
        let language = asked.others.language;
        let (first, quotes) = match (&asked.sentence, &asked.wish) {
            (Some(sentence), Some(wish)) => (Some(sentence.text.as_str()), Quotes::only(wish)),
            (Some(sentence), None) => (None, Quotes::only(&sentence.text)),
            (None, Some(wish)) => (None, Quotes::only(wish)),
            (None, None) => (None, Quotes::of(story)),
        };
        let room = self.engine.room().saturating_sub(TOKENS + conversation.len());
        let mut shown = &asked.others.scenarios[..];
        let begun = loop {
            let begun = self.engine.encode_text(&begun(shown, language, first));
            // Of a very long set the first scenarios are left out.
            match shown.split_first() {
                Some((_, rest)) if begun.len() > room => shown = rest,
                _ => break begun,
            }
        };
        let dialect = language.dialect();
        let standing = asked.others.scenarios.iter().chain(&asked.instead_of);
        let heads = standing.map(|scenario| Head::of(scenario, dialect)).collect();
        let text = format!("{}\n{description}", story.summary());
        let sampling = Sampling {
            temperature: TEMPERATURE,
            top_p: 0.9,
            top_k: 20,
            seed: asked.seed,
            line_tokens: super::run::LINE_TOKENS,
            hurry_after: TOKENS / 2,
        };
        Ok(Request {
            prompt: [conversation, begun].concat(),
            script: Box::new(SetScript::alone(language, quotes, &text, heads)),
            sampling,
            limit: TOKENS,
        })
    }
}

/// Scenarios as the model would have written them, each behind what it rests on, up to where the next one begins.
fn begun(scenarios: &[Scenario], language: Language, first: Option<&str>) -> String {
    let mut text = String::new();
    for scenario in scenarios {
        if let Basis::Sentence { text: sentence, .. } = &scenario.basis {
            text.push_str(&format!("{RULE} {sentence}\n"));
        }
        let plain = Scenario { basis: Basis::Unknown, ..scenario.clone() };
        text.push_str(&plain.to_text(language));
        text.push('\n');
    }
    if let Some(sentence) = first {
        text.push_str(&format!("{RULE} {sentence}\n"));
    }
    text
}

async fn answer(mut inbox: mpsc::UnboundedReceiver<Event>) -> Result<(String, Usage), Stopped> {
    let mut usage = Usage::default();
    let mut read = Instant::now();
    while let Some(event) = inbox.recv().await {
        match event {
            Event::Read { tokens } => {
                usage.prompt_tokens = tokens;
                read = Instant::now();
            }
            Event::Text(_) => {}
            Event::Finished(answers) => {
                let answer = answers?.pop().ok_or_else(|| Stopped::Failed("there is no answer".to_owned()))?;
                usage.written_tokens = answer.tokens;
                usage.writing = read.elapsed();
                return Ok((answer.text, usage));
            }
        }
    }
    Err(Stopped::Failed("the model's thread has ended".to_owned()))
}
