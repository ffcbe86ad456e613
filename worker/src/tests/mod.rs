//! The worker on a real store and queue, with a writer and a Jira that do what each test says.

mod bulk;
mod fakes;
mod killed;
mod outcomes;
mod quota;
mod scenario;
mod shutdown;
mod stopping;
mod waiting;
mod writers;

use std::sync::Arc;
use std::time::Duration;

use brine_core::clock::Clock;
use brine_core::ids::{ClientKey, DraftId, IssueId, IssueKey, TenantId};
use brine_core::jobs::{Class, Draft, DraftState, Job, JobState, Provenance, Target, Task};
use brine_core::queue::{EmbeddedQueue, Events, Queue, Ticket};
use brine_core::secret::Cipher;
use brine_core::settings::JobsSettings;
use brine_core::store::{Installation, NewJob, Settlement, Store};
use brine_core::story::Story;
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::{Drafting, Parts, Shutdown, Worker};
use fakes::{FakeIssues, FakeWriter};

const LEASE: Duration = Duration::from_secs(60);
const MAX_ATTEMPTS: u32 = 3;

/// Everything around a worker, in a folder of its own.
struct Bench {
    folder: TempDir,
    clock: Clock,
    store: Store,
    queue: Arc<EmbeddedQueue>,
    events: Events,
    tenant: TenantId,
    writer: Arc<FakeWriter>,
    issues: Arc<FakeIssues>,
}

struct Running {
    shutdown: Shutdown,
    task: JoinHandle<()>,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let store = open(&folder, &clock).await;
        let installation = Installation {
            client_key: ClientKey::new("site"),
            base_url: "https://site.atlassian.net".to_owned(),
            shared_secret: SecretString::from("secret"),
            oauth_client_id: None,
            display_url: None,
            cloud_id: None,
        };
        let tenant = store.install_tenant(&installation).await.unwrap().id;
        Self {
            queue: Arc::new(EmbeddedQueue::new(clock.clone())),
            events: Events::new(),
            writer: Arc::default(),
            issues: Arc::default(),
            folder,
            clock,
            store,
            tenant,
        }
    }

    /// What is left of a bench whose process was killed: the file and Jira.
    async fn after_a_kill(self) -> Self {
        self.store.close().await;
        let store = open(&self.folder, &self.clock).await;
        let queue = Arc::new(EmbeddedQueue::new(self.clock.clone()));
        Self { store, queue, events: Events::new(), writer: Arc::default(), ..self }
    }

    fn parts(&self) -> Parts {
        Parts {
            store: self.store.clone(),
            queue: Arc::clone(&self.queue) as Arc<dyn Queue>,
            events: self.events.clone(),
            writers: Arc::new(Arc::clone(&self.writer)),
            issues: Arc::clone(&self.issues) as Arc<dyn crate::Issues>,
            jobs: JobsSettings {
                drain_seconds: 30,
                lease_seconds: LEASE.as_secs(),
                max_attempts: MAX_ATTEMPTS,
                max_crashes: 2,
                workers: 2,
                retry_base_seconds: 60,
            },
            drafting: Drafting {
                model: "small".to_owned(),
                prompt: Some("rule@1".to_owned()),
                deadline: Duration::from_secs(9),
            },
            stories_per_day: None,
            kept: Duration::from_secs(30 * 24 * 3600),
            clock: self.clock.clone(),
        }
    }

    fn start(&self) -> Running {
        self.start_with(self.parts())
    }

    fn start_with(&self, parts: Parts) -> Running {
        let shutdown = Shutdown::new();
        let task = tokio::spawn(Worker::new(parts).run(shutdown.clone()));
        Running { shutdown, task }
    }

    async fn ask(&self, issue: u32, publish: bool) -> Job {
        self.ask_for(issue, Task::Draft { max_scenarios: 4, seed: 7, publish }).await
    }

    async fn ask_for(&self, issue: u32, task: Task) -> Job {
        let new = NewJob {
            tenant: self.tenant.clone(),
            issue_id: IssueId::new(issue.to_string()),
            issue_key: IssueKey::new(format!("SHOP-{issue}")),
            task,
            class: Class::Interactive,
            requested_by: Some("ann".to_owned().into()),
            requested_by_name: None,
            delivery: None,
            anew: false,
        };
        let job = self.store.create_job(new).await.unwrap().job().clone();
        self.queue.push(Ticket::from(&job)).await;
        job
    }

    /// A draft that a person has accepted, and its publish job in the queue.
    async fn accepted(&self, issue: u32) -> (Draft, Job) {
        let job = self.ask(issue, false).await;
        let held = self.store.lease(&job.id, LEASE).await.unwrap().unwrap();
        let draft = draft_of(&held);
        self.store.put_draft(&held, draft.clone(), &story()).await.unwrap();
        self.store.settle(&held, Settlement::Drafted { draft: draft.id.clone() }).await.unwrap();
        let publish = NewJob {
            tenant: self.tenant.clone(),
            issue_id: draft.issue_id.clone(),
            issue_key: draft.issue_key.clone(),
            task: Task::Publish { draft: draft.id.clone(), target: Target::Comment, field: None, replace_edited: true },
            class: Class::Interactive,
            requested_by: Some("ann".to_owned().into()),
            requested_by_name: Some("Ann".to_owned()),
            delivery: None,
            anew: false,
        };
        let by = "ann".to_owned().into();
        let job = self.store.accept_draft(&self.tenant, &draft.id, 1, &by, publish).await.unwrap();
        self.queue.push(Ticket::from(&job)).await;
        (draft, job)
    }

    async fn job(&self, job: &Job) -> Job {
        self.store.job(&job.tenant, &job.id).await.unwrap().unwrap()
    }

    async fn draft(&self, id: &DraftId) -> Draft {
        self.store.draft(&self.tenant, id).await.unwrap().unwrap()
    }

    /// Waits until the job is as it should be.
    async fn until(&self, job: &Job, fits: impl Fn(&Job) -> bool) -> Job {
        for _ in 0..2000 {
            let now = self.job(job).await;
            if fits(&now) {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("still {:?}", self.job(job).await)
    }

    async fn until_over(&self, job: &Job) -> Job {
        self.until(job, |job| job.state.is_final()).await
    }

    /// Waits until an attempt has failed and the job waits for the next.
    async fn until_retried(&self, job: &Job, attempts: u32) -> Job {
        self.until(job, |job| job.state == JobState::Queued && job.attempts == attempts && job.error.is_some()).await
    }
}

impl Running {
    /// No settling, no good-bye: every task ends where it stands.
    async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    async fn ended(self) {
        tokio::time::timeout(Duration::from_secs(20), self.task).await.expect("the worker ends").unwrap();
    }
}

async fn open(folder: &TempDir, clock: &Clock) -> Store {
    let url = Store::sqlite_url(&folder.path().join("brine.db"));
    let store = Store::open(&url, clock.clone(), Cipher::from_key(&[7; 32])).await.unwrap();
    store.with_max_attempts(MAX_ATTEMPTS)
}

fn provenance() -> Provenance {
    Provenance {
        model: "small".to_owned(),
        adapter: None,
        prompt: "rule@1".to_owned(),
        seed: 7,
        brine: "0.1.0".to_owned(),
    }
}

fn story() -> Story {
    Story::new("Remove an item from the cart", "The total is shown.").unwrap()
}

fn draft_of(job: &Job) -> Draft {
    Draft {
        id: DraftId::make(),
        tenant: job.tenant.clone(),
        job: job.id.clone(),
        issue_id: job.issue_id.clone(),
        issue_key: job.issue_key.clone(),
        criteria: fakes::criteria(),
        findings: Vec::new(),
        notes: Vec::new(),
        provenance: provenance(),
        story_hash: "ab".to_owned(),
        state: DraftState::Open,
        version: 1,
        edited_by: None,
        created_at: 1,
        updated_at: 1,
    }
}
