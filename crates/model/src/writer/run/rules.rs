//! A set rule by rule: several tries at each scenario, written side by side, of which the best is kept.

use brine_core::gherkin::grammar::{Outline, Start};
use brine_core::gherkin::{self, Basis, Criteria, Scenario, Tag};
use brine_core::prompt::{Case, Focus, Questions, plan};
use brine_core::story::Sentence;

use super::super::request::{DraftEvent, WriteError};
use super::super::scripts::ScenarioScript;
use super::super::tries::Try;
use super::super::waves;
use super::ask::Ask;
use super::{Run, parsed};
use crate::engine::Sampling;

/// After so many tokens, a scenario comes to its end.
const SCENARIO_TOKENS: usize = 180;

/// The best scenario so far for a place of the plan.
struct Place {
    number: usize,
    focus: Focus,
    best: Option<Try>,
}

impl Run<'_> {
    /// One answer for each rule of the story.
    pub(in super::super) async fn rule_by_rule(
        &mut self,
        on: &mut (impl FnMut(DraftEvent) + Send),
    ) -> Result<Criteria, WriteError> {
        let plan = plan(&self.request.story, usize::from(self.request.max_scenarios));
        let own_questions = self.template.questions == Questions::Own;
        let mut written: Vec<Option<Scenario>> = vec![None; plan.len()];
        let mut criteria = Criteria::default();
        let mut questions = None;
        on(DraftEvent::Writing { scenario: 1, of: plan.len() });
        loop {
            let done: Vec<bool> = written.iter().map(Option::is_some).collect();
            let wave = waves::next(&plan, &done, self.manner().tuned);
            if wave.is_empty() {
                break;
            }
            // The questions need not wait for the scenarios, but the first of these shall not wait for them.
            let also = (own_questions && questions.is_none() && wave != [0]).then(|| self.questions_ask());
            let (best, answer) = self.wave(&plan, &wave, &written, also).await?;
            questions = answer.or(questions);
            for (place, scenario) in best {
                written[place] = Some(scenario);
            }
            while let Some(Some(scenario)) = written.get(criteria.scenarios.len()) {
                self.note_first();
                on(DraftEvent::Scenario(Box::new(scenario.clone())));
                criteria.scenarios.push(scenario.clone());
                let scenario = criteria.scenarios.len() + 1;
                if scenario <= plan.len() {
                    on(DraftEvent::Writing { scenario, of: plan.len() });
                }
            }
        }
        criteria.questions = match self.template.questions {
            Questions::Own => match questions {
                Some(questions) => questions,
                None => self.own_questions().await?,
            },
            Questions::Behind if self.is_thin() => self.questions_behind(&criteria).await?,
            Questions::Behind | Questions::Within => Vec::new(),
        };
        Ok(criteria)
    }

    /// The best scenario for each place of the wave, asked for again while it repeats an earlier one; and the questions, when they are asked for along with it.
    async fn wave(
        &mut self,
        plan: &[Focus],
        wave: &[usize],
        written: &[Option<Scenario>],
        mut also: Option<Ask>,
    ) -> Result<(Vec<(usize, Scenario)>, Option<Vec<String>>), WriteError> {
        let beside = |focus: &Focus| {
            let theirs = plan.iter().zip(written).filter(|(other, _)| other.shares_rule(focus));
            theirs.filter_map(|(_, scenario)| Some(scenario.as_ref()?.title.clone())).collect()
        };
        let place = |number: usize| {
            let focus = plan.get(number)?;
            Some(Place { number, focus: Focus { beside: beside(focus), ..focus.clone() }, best: None })
        };
        let mut places: Vec<Place> = wave.iter().filter_map(|number| place(*number)).collect();
        let mut questions = None;
        let manner = self.manner();
        let tries = manner.tries(wave == [0]);
        for round in 0..manner.rounds() {
            let enough = |place: &Place| place.best.as_ref().is_some_and(Try::is_enough);
            let open: Vec<usize> = (0..places.len()).filter(|place| !enough(&places[*place])).collect();
            if open.is_empty() {
                break;
            }
            let mut asks = Vec::new();
            for place in &open {
                let attempts = round * tries..(round + 1) * tries;
                let focus = &places[*place].focus;
                let cases = focus.cases(&self.request.story);
                asks.extend(attempts.map(|attempt| self.scenario_ask(focus, &cases, attempt)));
            }
            let questions_too = also.take().map(|ask| asks.push(ask)).is_some();
            let mut answers = self.ask(asks, &mut |_| ()).await?;
            if questions_too {
                questions = answers.pop().map(|answer| self.questions_of(&answer.text));
            }
            let mut answers = answers.into_iter();
            for place in open {
                let earlier = earlier(&places, place, written);
                for answer in answers.by_ref().take(tries as usize) {
                    let (focus, story) = (&places[place].focus, &self.request.story);
                    let scenario = self.read_scenario(&answer.text, focus)?;
                    let other = Try::new(scenario, &answer.likelihood, focus, story, &earlier);
                    if places[place].best.as_ref().is_none_or(|best| other.is_better(best)) {
                        places[place].best = Some(other);
                    }
                }
            }
        }
        let best = places.into_iter().filter_map(|place| Some((place.number, place.best?.scenario))).collect();
        Ok((best, questions))
    }

    fn scenario_ask(&self, focus: &Focus, cases: &[Case], attempt: u64) -> Ask {
        let messages = self.template.render(self.request.story.summary(), self.description, Some(focus));
        // Small models fill tables well only where the rule lists what belongs into them.
        let rule = focus.text();
        let outline = if lists_variants(&rule) { Outline::Maybe } else { Outline::No };
        let script = ScenarioScript::new(self.lexicon.clone(), vec![focus.tag], outline);
        let side = focus.side.as_ref();
        let case = self.manner().case(attempt, cases.len()).and_then(|case| cases.get(case)).cloned();
        let (cause, outcomes) = case.map(|case| (case.cause, case.outcomes)).unwrap_or_default();
        let start = Start {
            cause,
            outcomes,
            opening: side.map(|side| side.opening.clone()),
            goes_well: side.is_some_and(|side| side.is_other && !side.refuses),
        };
        // What stands in the opening has not been said yet.
        let of_opening = |opening: &String| self.engine.count(&format!("@{}\nScenario: {opening}", focus.tag.name()));
        let given = start.opening.as_ref().map_or(0, of_opening);
        let script = Box::new(script.with_start(start));
        let affirms = self.manner().tuned && focus.tag != Tag::Negative && !focus.refuses();
        let sampling = Sampling { affirms, ..self.manner().sampling(self.seed, attempt, SCENARIO_TOKENS) };
        let favoured = side.map_or(rule, |side| side.turned.clone());
        Ask { messages, script, sampling, favoured, given }
    }

    fn read_scenario(&self, text: &str, focus: &Focus) -> Result<Scenario, WriteError> {
        let mut set = parsed(text)?;
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
        let mut alone = Criteria { scenarios: vec![scenario.clone()], ..Criteria::default() };
        gherkin::ground(&mut alone, &self.request.story);
        alone.scenarios.pop().map_or(Basis::Assumption, |scenario| scenario.basis)
    }
}

/// What is written for places before this one, in this wave or earlier.
fn earlier(places: &[Place], place: usize, written: &[Option<Scenario>]) -> Vec<Scenario> {
    let number = places[place].number;
    let of_wave = places[..place].iter().filter_map(|place| Some(place.best.as_ref()?.scenario.clone()));
    written.iter().take(number).flatten().cloned().chain(of_wave).collect()
}

/// "Free, Pro or Team", or a table row: worth an outline.
fn lists_variants(rule: &str) -> bool {
    rule.contains(" | ") || (rule.contains(',') && (rule.contains(" or ") || rule.matches(',').count() > 2))
}
