//! A writer and a Jira that do what they are told, and remember what they were asked.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use brine_core::adf::{self, Names};
use brine_core::failure::Failure;
use brine_core::gherkin::{Basis, Criteria, Keyword, Scenario, Step, Tag};
use brine_core::ids::{AccountId, DraftId, IssueId, IssueKey, JobId, ProjectKey};
use brine_core::jira::JiraError;
use brine_core::jira::client::{Issue, Match, Matches};
use brine_core::jira::publish::{Published, Withdrawn};
use brine_core::jobs::{AdapterChoice, Destination, Draft, Job, Target};
use brine_core::store::Tenant;
use brine_model::{DraftEvent, DraftRequest, Drafted, ScenarioRequest, Usage, WriteError, WrittenScenario};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::{CriteriaWriter, Issues, Lent, Writers};

/// What a writer does with a story. Without orders it writes.
pub(super) enum Order {
    /// Goes on only when it is cancelled.
    UntilCancelled,
    /// Waits for the gate, deaf to cancelling, then writes.
    AtGate,
    Panic,
    Fail(WriteError),
}

/// Writes whatever was chosen, and remembers the choices.
pub(super) struct FakeWriter {
    pub(super) choices: Mutex<Vec<AdapterChoice>>,
    pub(super) orders: Mutex<VecDeque<Order>>,
    pub(super) requests: Mutex<Vec<DraftRequest>>,
    pub(super) scenarios: Mutex<Vec<ScenarioRequest>>,
    /// A permit for each story that was begun.
    pub(super) begun: Semaphore,
    pub(super) gate: Semaphore,
    pub(super) cancelled: AtomicUsize,
    pub(super) written: AtomicUsize,
}

impl Default for FakeWriter {
    fn default() -> Self {
        Self {
            choices: Mutex::default(),
            orders: Mutex::default(),
            requests: Mutex::default(),
            scenarios: Mutex::default(),
            begun: Semaphore::new(0),
            gate: Semaphore::new(0),
            cancelled: AtomicUsize::new(0),
            written: AtomicUsize::new(0),
        }
    }
}

impl FakeWriter {
    pub(super) fn next(&self, order: Order) {
        self.orders.lock().unwrap().push_back(order);
    }

    pub(super) async fn has_begun(&self) {
        let wait = tokio::time::timeout(std::time::Duration::from_secs(20), self.begun.acquire());
        wait.await.expect("a story is begun").unwrap().forget();
    }
}

#[async_trait]
impl Writers for Arc<FakeWriter> {
    async fn writer(&self, choice: &AdapterChoice) -> Result<Lent, Failure> {
        self.choices.lock().unwrap().push(choice.clone());
        Ok(Lent::for_good(Arc::clone(self) as Arc<dyn CriteriaWriter>))
    }
}

#[async_trait]
impl CriteriaWriter for FakeWriter {
    async fn draft(
        &self,
        request: DraftRequest,
        cancel: CancellationToken,
        on: &mut (dyn FnMut(DraftEvent) + Send),
    ) -> Result<Drafted, WriteError> {
        let order = self.orders.lock().unwrap().pop_front();
        self.requests.lock().unwrap().push(request);
        on(DraftEvent::Reading);
        on(DraftEvent::Writing { scenario: 1, of: 4 });
        for scenario in criteria().scenarios {
            on(DraftEvent::Scenario(Box::new(scenario)));
        }
        self.begun.add_permits(1);
        match order {
            None => {}
            Some(Order::UntilCancelled) => {
                cancel.cancelled().await;
                self.cancelled.fetch_add(1, Ordering::SeqCst);
                return Err(WriteError::Cancelled);
            }
            Some(Order::AtGate) => self.gate.acquire().await.unwrap().forget(),
            Some(Order::Panic) => panic!("as the test ordered"),
            Some(Order::Fail(error)) => return Err(error),
        }
        on(DraftEvent::Checking);
        self.written.fetch_add(1, Ordering::SeqCst);
        let usage = Usage::default();
        let (findings, notes) = (Vec::new(), Vec::new());
        Ok(Drafted { criteria: criteria(), findings, notes, provenance: super::provenance(), usage })
    }

    async fn scenario(
        &self,
        request: ScenarioRequest,
        _: CancellationToken,
        on: &mut (dyn FnMut(DraftEvent) + Send),
    ) -> Result<WrittenScenario, WriteError> {
        let order = self.orders.lock().unwrap().pop_front();
        on(DraftEvent::Writing { scenario: 1, of: 1 });
        self.begun.add_permits(1);
        if let Some(Order::AtGate) = order {
            self.gate.acquire().await.unwrap().forget();
        }
        let title = request.wish.clone().unwrap_or_else(|| "A further one".to_owned());
        let scenario = Scenario { title, ..criteria().scenarios.remove(0) };
        self.scenarios.lock().unwrap().push(request);
        Ok(WrittenScenario { scenario, provenance: super::provenance(), usage: Usage::default() })
    }

    async fn probe(&self) -> Result<(), WriteError> {
        Ok(())
    }
}

#[derive(Default)]
pub(super) struct FakeIssues {
    pub(super) description: Mutex<Option<Value>>,
    pub(super) summary_is_empty: AtomicBool,
    /// Answers to the next reads, before the issue is shown.
    pub(super) failures: Mutex<VecDeque<Failure>>,
    /// What was written, once for a job.
    pub(super) writes: Mutex<Vec<(JobId, Target, Criteria)>>,
    /// What was taken back.
    pub(super) withdrawn: Mutex<Vec<DraftId>>,
    pub(super) publishes: AtomicUsize,
    pub(super) section_is_edited: AtomicBool,
    /// The answer to a write never comes.
    pub(super) write_hangs: AtomicBool,
    /// What every JQL finds.
    pub(super) found: Mutex<Vec<Match>>,
    /// Answers to the next searches, before anything is found.
    pub(super) refusals: Mutex<VecDeque<JiraError>>,
    /// Where each search began.
    pub(super) searches: Mutex<Vec<usize>>,
    /// Pages that were named before it grew can no longer be had.
    pub(super) page_age: AtomicUsize,
    /// The answer to a search never comes.
    pub(super) search_hangs: AtomicBool,
    /// A look-up of names is refused.
    pub(super) nobody_is_known: AtomicBool,
}

impl FakeIssues {
    /// Every JQL finds so many stories, numbered from 1.
    pub(super) fn find(&self, stories: u32) {
        let story = |number: u32| Match {
            id: IssueId::new(number.to_string()),
            key: IssueKey::new(format!("SHOP-{number}")),
            has_criteria: false,
        };
        *self.found.lock().unwrap() = (1..=stories).map(story).collect();
    }
}

#[async_trait]
impl Issues for FakeIssues {
    async fn issue(&self, _: &Tenant, job: &Job) -> Result<Issue, Failure> {
        let issue = &job.issue_id;
        if let Some(failure) = self.failures.lock().unwrap().pop_front() {
            return Err(failure);
        }
        let empty = self.summary_is_empty.load(Ordering::SeqCst);
        Ok(Issue {
            id: issue.clone(),
            key: IssueKey::new(format!("SHOP-{issue}")),
            project: ProjectKey::new("SHOP"),
            issue_type: "Story".to_owned(),
            summary: if empty { String::new() } else { "Remove an item from the cart".to_owned() },
            description: self.description.lock().unwrap().clone(),
        })
    }

    async fn matches(&self, _: &Tenant, _: &str, page: Option<&str>, most: u32) -> Result<Matches, JiraError> {
        if let Some(refusal) = self.refusals.lock().unwrap().pop_front() {
            return Err(refusal);
        }
        let age = self.page_age.load(Ordering::SeqCst);
        let begin = match page.map(|page| page.split_once(':').unwrap()) {
            None => 0,
            Some((of, begin)) if of == age.to_string() => begin.parse().unwrap(),
            Some(_) => return Err(JiraError::Rejected { status: 400, messages: "the page is too old".to_owned() }),
        };
        self.searches.lock().unwrap().push(begin);
        if self.search_hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        let found = self.found.lock().unwrap();
        let end = found.len().min(begin + most as usize);
        let next = (end < found.len()).then(|| format!("{age}:{end}"));
        Ok(Matches { issues: found[begin..end].to_vec(), next })
    }

    async fn user_name(&self, _: &Tenant, _: &Job, account: &AccountId) -> Result<Option<String>, Failure> {
        Ok(Some(format!("{account} of the shop")))
    }

    async fn names(&self, _: &Tenant, _: &Job, document: &Value) -> Result<Names, Failure> {
        let account = adf::unnamed(document).first().map(|account| (*account).to_owned());
        if self.nobody_is_known.load(Ordering::SeqCst) && account.is_some() {
            return Err(Failure::retry("nobody may be looked up"));
        }
        Ok(account.into_iter().map(|account| (account, "Priya Shah".to_owned())).collect())
    }

    async fn publish(
        &self,
        _: &Tenant,
        draft: &Draft,
        job: &Job,
        destination: &Destination,
        _: bool,
    ) -> Result<Published, Failure> {
        self.publishes.fetch_add(1, Ordering::SeqCst);
        if self.section_is_edited.load(Ordering::SeqCst) {
            return Ok(Published::SectionEdited);
        }
        let known = self.writes.lock().unwrap().iter().any(|(writer, ..)| *writer == job.id);
        if known {
            return Ok(Published::AlreadyWritten);
        }
        self.writes.lock().unwrap().push((job.id.clone(), destination.target(), draft.criteria.clone()));
        if self.write_hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        Ok(Published::Written)
    }

    async fn withdraw(&self, _: &Tenant, _: &Job, draft: &DraftId, replace: bool) -> Result<Withdrawn, Failure> {
        if self.section_is_edited.load(Ordering::SeqCst) && !replace {
            return Ok(Withdrawn::Edited);
        }
        self.withdrawn.lock().unwrap().push(draft.clone());
        Ok(Withdrawn::Done)
    }
}

pub(super) fn criteria() -> Criteria {
    let step = |keyword, text: &str| Step { keyword, text: text.to_owned() };
    let scenario = |tag, title: &str| Scenario {
        tag,
        title: title.to_owned(),
        steps: vec![
            step(Keyword::Given, "a cart with 3 items"),
            step(Keyword::When, "the shopper removes one"),
            step(Keyword::Then, "2 items remain"),
        ],
        examples: None,
        basis: Basis::Assumption,
    };
    let scenarios = vec![
        scenario(Tag::HappyPath, "An item leaves the cart"),
        scenario(Tag::Negative, "An unknown item stays unknown"),
        scenario(Tag::EdgeCase, "The last item leaves the cart"),
    ];
    Criteria { scenarios, ..Criteria::default() }
}
