//! One story's way through the engine: the answers that make up a set.

use std::time::{Duration, Instant};

use brine_core::gherkin::grammar::{Lexicon, Outline};
use brine_core::gherkin::{self, Basis, Criteria, QUESTION, Scenario, Tag};
use brine_core::prompt::{Focus, Message, Prompt, Questions, Role, plan};
use brine_core::story::Sentence;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::manner;
use super::request::{DraftEvent, DraftRequest, Usage, WriteError};
use super::scripts::{QuestionScript, QuestionsScript, ScenarioScript, SetScript};
use super::tries::Try;
use crate::engine::{Engine, Event, Request, Sampling, Script, Stopped};

/// After so many tokens, one scenario, one question, or a whole set comes to its end.
const SCENARIO_TOKENS: usize = 180;
const QUESTION_TOKENS: usize = 40;
const SET_TOKENS: usize = 640;
/// Room for that end: lines of the fewest words, though they may be long ones.
const HURRIED_TOKENS: usize = 320;
/// Questions about a thin story.
const QUESTIONS: u64 = 2;
/// How often a scenario is written anew at most.
const REWRITES: u64 = 2;
/// Each time at so much higher a temperature.
const REWRITE_HEAT: f64 = 0.3;
/// A story with fewer words leaves much open.
const THIN_WORDS: usize = 40;

pub(super) struct Run<'a> {
    engine: &'a Engine,
    request: &'a DraftRequest,
    template: Prompt,
    description: &'a str,
    cancel: CancellationToken,
    started: Instant,
    lexicon: Lexicon,
    usage: Usage,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        engine: &'a Engine,
        request: &'a DraftRequest,
        template: Prompt,
        description: &'a str,
        cancel: CancellationToken,
        started: Instant,
    ) -> Self {
        let lexicon = Lexicon::of(&request.story);
        Self { engine, request, template, description, cancel, started, lexicon, usage: Usage::default() }
    }

    /// What it cost so far.
    pub(super) fn usage(&self) -> Usage {
        self.usage
    }

    /// Whether the model learned to answer this prompt.
    fn tuned(&self) -> bool {
        self.template.questions == Questions::Own
    }

    fn sampling(&self, hurry_after: usize) -> Sampling {
        manner::sampling(self.tuned(), self.request.seed, hurry_after)
    }

    /// One answer for each rule of the story.
    pub(super) async fn rule_by_rule(
        &mut self,
        on: &mut (impl FnMut(DraftEvent) + Send),
    ) -> Result<Criteria, WriteError> {
        let plan = plan(&self.request.story, usize::from(self.request.max_scenarios));
        let mut criteria = Criteria::default();
        for (place, focus) in plan.iter().enumerate() {
            on(DraftEvent::Writing { scenario: place + 1, of: plan.len() });
            let earlier = plan.iter().zip(&criteria.scenarios).filter(|(other, _)| other.shares_rule(focus));
            let beside = earlier.map(|(_, scenario)| scenario.title.clone()).collect();
            let focus = &Focus { beside, ..focus.clone() };
            let scenario = self.best(focus, &criteria.scenarios).await?;
            self.note_first();
            on(DraftEvent::Scenario(Box::new(scenario.clone())));
            criteria.scenarios.push(scenario);
        }
        let thin = self.request.story.text().split_whitespace().count() < THIN_WORDS;
        criteria.questions = match self.template.questions {
            Questions::Own => self.own_questions(if thin { QUESTIONS as usize } else { 0 }).await?,
            Questions::Behind if thin => self.questions_behind(&criteria).await?,
            Questions::Behind | Questions::Within => Vec::new(),
        };
        Ok(criteria)
    }

    /// The whole set as one answer.
    pub(super) async fn whole_set(&mut self, on: &mut (impl FnMut(DraftEvent) + Send)) -> Result<Criteria, WriteError> {
        let most = usize::from(self.request.max_scenarios);
        on(DraftEvent::Writing { scenario: 1, of: most });
        let messages = self.template.render(self.request.story.summary(), self.description, None);
        let free = vec![Tag::HappyPath, Tag::Negative, Tag::EdgeCase];
        let script = SetScript::new(self.lexicon.clone(), Outline::Maybe, most, free);
        let mut shown = 0;
        let started = self.started;
        let mut first = None;
        let text = self
            .ask(&messages, Box::new(script), self.sampling(SET_TOKENS), "", &mut |so_far| {
                // A scenario is complete once the next one, or a question, has begun.
                let complete = so_far.rfind("\n\n@").or_else(|| so_far.find("\n\n#")).map(|end| &so_far[..=end]);
                let Some(Ok(criteria)) = complete.map(gherkin::parse) else { return };
                for scenario in criteria.scenarios.iter().skip(shown) {
                    first.get_or_insert_with(|| started.elapsed());
                    on(DraftEvent::Scenario(Box::new(scenario.clone())));
                    shown += 1;
                    on(DraftEvent::Writing { scenario: shown + 1, of: most });
                }
            })
            .await?;
        let criteria = parsed(&text)?;
        for scenario in criteria.scenarios.iter().skip(shown) {
            on(DraftEvent::Scenario(Box::new(scenario.clone())));
        }
        self.usage.first_scenario = first.unwrap_or_else(|| started.elapsed());
        Ok(criteria)
    }

    /// The scenario, written anew while it repeats an earlier one or says too little of its rule; the best of all tries.
    async fn best(&mut self, focus: &Focus, earlier: &[Scenario]) -> Result<Scenario, WriteError> {
        let mut best = Try::new(self.scenario(focus, 0).await?, focus, earlier);
        for rewrite in 1..=REWRITES {
            if best.is_enough(self.tuned()) {
                break;
            }
            let other = Try::new(self.scenario(focus, rewrite).await?, focus, earlier);
            if other.is_better(&best) {
                best = other;
            }
        }
        Ok(best.scenario)
    }

    async fn scenario(&mut self, focus: &Focus, rewrite: u64) -> Result<Scenario, WriteError> {
        let messages = self.template.render(self.request.story.summary(), self.description, Some(focus));
        // A model that was trained for it knows when a table says it better.
        let rule = focus.text();
        let outline = if self.tuned() || lists_variants(&rule) { Outline::Maybe } else { Outline::No };
        let script = ScenarioScript::new(self.lexicon.clone(), vec![focus.tag], outline);
        let mut sampling = self.sampling(SCENARIO_TOKENS);
        sampling.seed = sampling.seed.wrapping_add(rewrite << 32);
        sampling.temperature += REWRITE_HEAT * rewrite as f64;
        let text = self.ask(&messages, Box::new(script), sampling, &rule, &mut |_| ()).await?;
        let mut set = parsed(&text)?;
        let mut scenario = set.scenarios.pop().ok_or_else(|| WriteError::Engine("there is no scenario".to_owned()))?;
        scenario.basis = self.basis(&scenario, focus);
        Ok(scenario)
    }

    /// The rule in focus that the scenario says most of, else what it shares most words with.
    fn basis(&self, scenario: &Scenario, focus: &Focus) -> Basis {
        let shared = |rule: &Sentence| gherkin::overlap(scenario, &rule.text).1;
        // Of equals the first.
        let best = focus.rules.iter().rev().max_by_key(|rule| shared(rule)).filter(|rule| shared(rule) > 0);
        if let Some(rule) = best {
            return Basis::Sentence { index: rule.index, text: rule.text.clone() };
        }
        let mut alone = Criteria { scenarios: vec![scenario.clone()], questions: Vec::new() };
        gherkin::ground(&mut alone, &self.request.story);
        alone.scenarios.pop().map_or(Basis::Assumption, |scenario| scenario.basis)
    }

    /// What a model that was trained for it asks about the story: at least so many questions.
    async fn own_questions(&mut self, least: usize) -> Result<Vec<String>, WriteError> {
        let messages = self.template.render(self.request.story.summary(), self.description, None);
        let script = QuestionsScript::new(self.lexicon.clone(), least);
        let sampling = self.sampling(QUESTION_TOKENS * 3);
        let text = self.ask(&messages, Box::new(script), sampling, "", &mut |_| ()).await?;
        let mut questions: Vec<String> = Vec::new();
        for question in text.lines().filter_map(|line| line.strip_prefix(QUESTION)) {
            if !questions.iter().any(|known| known == question) {
                questions.push(question.to_owned());
            }
        }
        Ok(questions)
    }

    /// Two questions about what a thin story leaves open, asked behind the criteria as they stand.
    async fn questions_behind(&mut self, criteria: &Criteria) -> Result<Vec<String>, WriteError> {
        let Some(focus) = plan(&self.request.story, 3).into_iter().next() else { return Ok(Vec::new()) };
        let mut messages = self.template.render(self.request.story.summary(), self.description, Some(&focus));
        messages.push(Message { role: Role::Assistant, content: criteria.to_text() });
        let ask = "Ask one question that the story leaves open and that a tester must know.";
        messages.push(Message { role: Role::User, content: ask.to_owned() });
        let mut questions: Vec<String> = Vec::new();
        for number in 0..QUESTIONS {
            let script = QuestionScript::new(self.lexicon.clone());
            let mut sampling = self.sampling(QUESTION_TOKENS);
            sampling.seed = sampling.seed.wrapping_add(number << 16);
            let text = self.ask(&messages, Box::new(script), sampling, "", &mut |_| ()).await?;
            let question = text.trim().to_owned();
            if !questions.contains(&question) {
                questions.push(question);
            }
        }
        Ok(questions)
    }

    fn note_first(&mut self) {
        if self.usage.first_scenario == Duration::ZERO {
            self.usage.first_scenario = self.started.elapsed();
        }
    }

    /// One answer of the model; `so_far` sees it grow.
    async fn ask(
        &mut self,
        messages: &[Message],
        script: Box<dyn Script>,
        sampling: Sampling,
        favoured: &str,
        so_far: &mut (dyn FnMut(&str) + Send),
    ) -> Result<String, WriteError> {
        let favoured = self.engine.words(favoured);
        let (events, mut inbox) = mpsc::unbounded_channel();
        let limit = sampling.hurry_after + HURRIED_TOKENS;
        let deadline = self.started + self.request.deadline;
        let cancel = self.cancel.clone();
        let prompt = self.engine.encode(messages).map_err(|stopped| self.error(stopped))?;
        let request = Request { prompt, script, sampling, favoured, limit, deadline, cancel, events };
        self.engine.ask(request).map_err(|stopped| self.error(stopped))?;
        let mut text = String::new();
        let mut read = Instant::now();
        while let Some(event) = inbox.recv().await {
            match event {
                Event::Read { tokens } => {
                    self.usage.prompt_tokens += tokens;
                    read = Instant::now();
                }
                Event::Text(piece) => {
                    text.push_str(&piece);
                    so_far(&text);
                }
                Event::Finished(Ok(answer)) => {
                    self.usage.written_tokens += answer.tokens;
                    self.usage.writing += read.elapsed();
                    return Ok(answer.text);
                }
                Event::Finished(Err(stopped)) => return Err(self.error(stopped)),
            }
        }
        Err(WriteError::Engine("the model's thread has ended".to_owned()))
    }

    fn error(&self, stopped: Stopped) -> WriteError {
        match stopped {
            Stopped::Cancelled => WriteError::Cancelled,
            Stopped::Deadline => WriteError::Deadline(self.request.deadline),
            other => WriteError::Engine(other.to_string()),
        }
    }
}

fn parsed(text: &str) -> Result<Criteria, WriteError> {
    gherkin::parse(text).map_err(|error| WriteError::Engine(format!("the answer does not parse ({error})")))
}

/// "Free, Pro or Team", or a table row: worth an outline.
fn lists_variants(rule: &str) -> bool {
    rule.contains(" | ") || (rule.contains(',') && (rule.contains(" or ") || rule.matches(',').count() > 2))
}
