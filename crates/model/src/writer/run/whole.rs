//! A whole set as one answer.

use brine_core::gherkin::grammar::Outline;
use brine_core::gherkin::{self, Criteria, Tag};

use super::super::request::{DraftEvent, WriteError};
use super::super::scripts::SetScript;
use super::ask::Ask;
use super::{Run, parsed};

/// After so many tokens, a set comes to its end.
const SET_TOKENS: usize = 640;

impl Run<'_> {
    /// The whole set as one answer.
    pub(in super::super) async fn whole_set(
        &mut self,
        on: &mut (impl FnMut(DraftEvent) + Send),
    ) -> Result<Criteria, WriteError> {
        let most = usize::from(self.request.max_scenarios);
        on(DraftEvent::Writing { scenario: 1, of: most });
        let messages = self.template.render(self.request.story.summary(), self.description, None);
        let free = vec![Tag::HappyPath, Tag::Negative, Tag::EdgeCase];
        let script = Box::new(SetScript::new(self.lexicon.clone(), Outline::Maybe, most, free));
        let sampling = self.manner().sampling(self.seed, 0, SET_TOKENS);
        let mut shown = 0;
        let started = self.started;
        let mut first = None;
        let ask = Ask { messages, script, sampling, favoured: String::new(), given: 0 };
        let text = self
            .ask_one(ask, &mut |so_far| {
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
}
