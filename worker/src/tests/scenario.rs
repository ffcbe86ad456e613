//! One scenario of a draft, anew or besides.

use brine_core::gherkin::{Basis, Rule};
use brine_core::ids::AccountId;
use brine_core::jobs::Task;

use super::fakes::Order;
use super::*;

impl Bench {
    /// An open draft of a first job, which has ended.
    async fn finished_draft(&self) -> Draft {
        let job = self.ask(1, false).await;
        let worker = self.start();
        let done = self.until_over(&job).await;
        worker.shutdown.soft.cancel();
        worker.ended().await;
        self.draft(&done.draft.unwrap()).await
    }

    async fn ask_for_scenario(&self, draft: &Draft, place: Option<usize>, wish: Option<&str>) -> Job {
        let wish = wish.map(str::to_owned);
        let task =
            Task::Scenario { draft: draft.id.clone(), version: draft.version, place, sentence: None, wish, seed: 3 };
        self.ask_for(1, task).await
    }
}

#[tokio::test]
async fn the_scenario_takes_its_place_and_the_others_stay() {
    let bench = Bench::new().await;
    let first = bench.finished_draft().await;
    let ann = AccountId::new("ann");
    let edited = bench.store.edit_draft(&bench.tenant, &first.id, 1, &first.criteria, &[], &ann).await.unwrap();
    let job = bench.ask_for_scenario(&edited, Some(0), Some("With two items")).await;
    let _worker = bench.start();
    let done = bench.until_over(&job).await;
    assert_eq!((done.state, &done.error), (JobState::Drafted, &None));
    let draft = bench.draft(&done.draft.unwrap()).await;
    assert_eq!(draft.criteria.scenarios[0].title, "With two items");
    assert_eq!(draft.criteria.scenarios[1..], first.criteria.scenarios[1..]);
    assert_eq!(draft.criteria.questions, first.criteria.questions);
    assert_eq!((draft.state, draft.edited_by), (DraftState::Open, Some(ann)), "the other words are a person's still");
    assert_eq!(bench.draft(&first.id).await.state, DraftState::Replaced);
    let asked = bench.writer.scenarios.lock().unwrap()[0].clone();
    assert_eq!(asked.instead_of.as_ref(), Some(&first.criteria.scenarios[0]));
    assert_eq!(asked.others.scenarios, first.criteria.scenarios[1..]);
    let rests_on = match &first.criteria.scenarios[0].basis {
        Basis::Sentence { index, .. } => Some(*index),
        _ => None,
    };
    assert_eq!(asked.sentence.map(|sentence| sentence.index), rests_on, "it tests the same sentence");
}

#[tokio::test]
async fn a_further_scenario_is_added_and_judged_with_the_rest() {
    let bench = Bench::new().await;
    let first = bench.finished_draft().await;
    let job = bench.ask_for_scenario(&first, None, Some("The last item leaves the cart")).await;
    let _worker = bench.start();
    let done = bench.until_over(&job).await;
    let draft = bench.draft(&done.draft.unwrap()).await;
    assert_eq!(draft.criteria.scenarios.len(), first.criteria.scenarios.len() + 1);
    let rules: Vec<Rule> = draft.findings.iter().map(|finding| finding.rule).collect();
    assert!(rules.contains(&Rule::DuplicateScenario), "the fake writes the first one again: {rules:?}");
}

#[tokio::test]
async fn what_a_person_changed_meanwhile_is_not_written_over() {
    let bench = Bench::new().await;
    let first = bench.finished_draft().await;
    bench.writer.next(Order::AtGate);
    let job = bench.ask_for_scenario(&first, Some(0), None).await;
    let _worker = bench.start();
    bench.writer.has_begun().await;
    let ann = AccountId::new("ann");
    bench.store.edit_draft(&bench.tenant, &first.id, 1, &first.criteria, &[], &ann).await.unwrap();
    bench.writer.gate.add_permits(1);
    let done = bench.until_over(&job).await;
    assert_eq!(done.state, JobState::Skipped);
    assert!(done.error.unwrap().contains("changed in the meantime"));
    let kept = bench.draft(&first.id).await;
    assert_eq!((kept.state, kept.version), (DraftState::Open, 2));
}
