//! The store on a real SQLite file and on a real Postgres: the same tests for both, but for those about one of them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

/// Each of these functions is a test on SQLite and one on Postgres, given a bench of its own.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                let bench = super::Bench::on_sqlite().await;
                Box::pin(super::$test(bench)).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                let bench = super::Bench::on_postgres().await;
                Box::pin(super::$test(bench)).await;
            })*
        }
    };
}

mod bulk;
mod crashes;
mod drafts;
mod examples;
mod jobs;
mod leases;
mod many;
mod replay;
mod server;
mod settlement;
mod sites;
mod storm;
mod story_days;
mod tenants;
mod two_writers;
mod unreferenced;
mod versions;
mod waiting;
mod walls;

use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use brine_servers::Postgres;
use secrecy::SecretString;
use tempfile::TempDir;

use super::*;
use crate::gherkin::{Basis, Criteria, Keyword, Scenario, Step, Tag};
use crate::ids::{ClientKey, DraftId, IssueId, IssueKey, TenantId};
use crate::jobs::{Class, Draft, DraftState, Job, Provenance, StoryQuota, Target, Task};
use crate::story::Story;

const LEASE: Duration = Duration::from_secs(60);

/// One server for all tests of the process, and gone with it.
static SERVER: LazyLock<Postgres> = LazyLock::new(|| Postgres::start().unwrap());

/// A store in a database of its own, with one tenant.
struct Bench {
    store: Store,
    clock: Clock,
    tenant: TenantId,
    url: String,
    /// Of the file, on SQLite.
    folder: Option<TempDir>,
}

impl Bench {
    async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = Store::sqlite_url(&folder.path().join("brine.db"));
        Self::new(url, Some(folder)).await
    }

    async fn on_postgres() -> Self {
        Self::new(SERVER.database().unwrap(), None).await
    }

    async fn new(url: String, folder: Option<TempDir>) -> Self {
        let clock = Clock::system();
        let store = open(&url, &clock).await;
        let tenant = store.install_tenant(&installation("site-1")).await.unwrap().id;
        Self { store, clock, tenant, url, folder }
    }

    /// What another process would have of the same database.
    async fn open_again(&self) -> Store {
        open(&self.url, &self.clock).await
    }

    fn folder(&self) -> &Path {
        self.folder.as_ref().expect("on SQLite").path()
    }

    fn draft_job(&self, issue: u32) -> NewJob {
        draft_job(&self.tenant, issue)
    }

    async fn queued(&self, issue: u32) -> Job {
        match self.store.create_job(self.draft_job(issue)).await.unwrap() {
            Created::New(job) => job,
            Created::Anew(job) | Created::Already(job) => panic!("there was {job:?} already"),
        }
    }

    async fn leased(&self, issue: u32) -> Job {
        let job = self.queued(issue).await;
        self.store.lease(&job.id, LEASE).await.unwrap().expect("leased")
    }

    /// A leased job with its draft, which is open.
    async fn drafted(&self, issue: u32) -> (Job, Draft) {
        let job = self.leased(issue).await;
        let draft = draft_of(&job);
        self.store.put_draft(&job, draft.clone(), &story()).await.unwrap();
        (job, draft)
    }

    /// A draft that was accepted, and the job that is to publish it.
    async fn accepted(&self, issue: u32) -> (Draft, Job) {
        let (job, draft) = self.drafted(issue).await;
        self.store.settle(&job, Settlement::Drafted { draft: draft.id.clone() }).await.unwrap();
        let publish = publish_job(&draft);
        let job = self.store.accept_draft(&self.tenant, &draft.id, 1, &"ann".to_owned().into(), publish).await.unwrap();
        (draft, job)
    }

    async fn job(&self, job: &Job) -> Job {
        self.store.job(&job.tenant, &job.id).await.unwrap().expect("there")
    }

    /// Rows of a table, or of a part of it.
    async fn count(&self, of: &str) -> i64 {
        let query = format!("SELECT COUNT(*) AS n FROM {of}");
        let row = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_one(&self.store.pool).await.unwrap();
        sqlx::Row::get(&row, "n")
    }

    async fn draft_state(&self, draft: &Draft) -> DraftState {
        self.store.draft(&draft.tenant, &draft.id).await.unwrap().expect("there").state
    }
}

async fn open(url: &str, clock: &Clock) -> Store {
    Store::open(url, clock.clone(), Cipher::from_key(&[7; 32])).await.unwrap()
}

fn installation(client_key: &str) -> Installation {
    Installation {
        client_key: ClientKey::new(client_key),
        base_url: format!("https://{client_key}.atlassian.net"),
        shared_secret: SecretString::from(format!("the secret of {client_key}")),
        oauth_client_id: None,
        display_url: None,
        cloud_id: None,
    }
}

fn draft_job(tenant: &TenantId, issue: u32) -> NewJob {
    NewJob {
        tenant: tenant.clone(),
        issue_id: IssueId::new(issue.to_string()),
        issue_key: IssueKey::new(format!("SHOP-{issue}")),
        task: Task::Draft { max_scenarios: 6, seed: u64::MAX, publish: false },
        class: Class::Automatic,
        requested_by: Some("ann".to_owned().into()),
        requested_by_name: None,
        delivery: None,
        anew: false,
    }
}

fn publish_job(draft: &Draft) -> NewJob {
    NewJob {
        tenant: draft.tenant.clone(),
        issue_id: draft.issue_id.clone(),
        issue_key: draft.issue_key.clone(),
        task: Task::Publish {
            draft: draft.id.clone(),
            target: Target::Description,
            field: None,
            replace_edited: false,
        },
        class: Class::Interactive,
        requested_by: Some("ann".to_owned().into()),
        requested_by_name: Some("Ann".to_owned()),
        delivery: None,
        anew: false,
    }
}

fn story() -> Story {
    Story::new("Remove an item from the cart", "A cart holds 3 items at most.").unwrap()
}

fn criteria(title: &str) -> Criteria {
    let step = |keyword, text: &str| Step { keyword, text: text.to_owned() };
    let steps = vec![
        step(Keyword::Given, "a cart with 3 items"),
        step(Keyword::When, "the shopper removes one"),
        step(Keyword::Then, "2 items remain"),
    ];
    let scenario =
        Scenario { tag: Tag::HappyPath, title: title.to_owned(), steps, examples: None, basis: Basis::Assumption };
    Criteria { scenarios: vec![scenario], questions: vec!["Who pays?".to_owned()], ..Criteria::default() }
}

fn draft_of(job: &Job) -> Draft {
    Draft {
        id: DraftId::make(),
        tenant: job.tenant.clone(),
        job: job.id.clone(),
        issue_id: job.issue_id.clone(),
        issue_key: job.issue_key.clone(),
        criteria: criteria("An item leaves the cart"),
        findings: Vec::new(),
        notes: Vec::new(),
        provenance: Provenance {
            model: "small".to_owned(),
            adapter: None,
            prompt: "rule@1".to_owned(),
            seed: u64::MAX,
            brine: "0.1.0".to_owned(),
        },
        story_hash: "ab".to_owned(),
        state: DraftState::Open,
        version: 1,
        edited_by: None,
        created_at: 1,
        updated_at: 1,
    }
}
