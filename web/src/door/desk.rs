//! A tenant's own desk: the store, the queue and Jira, with the tenant already filled in. A handler cannot name
//! another tenant here, so an id of another tenant is simply not found.

use std::{collections::HashMap, sync::Arc, time::Duration};

use actix_web::web;
use brine_core::gherkin::{Criteria, Finding};
use brine_core::ids::{AccountId, DraftId, IssueId, IssueKey, JobId, ProjectKey, TenantId};
use brine_core::jira::JiraClient;
use brine_core::jira::client::Authorisation;
use brine_core::jobs::{Draft, Job, JobState};
use brine_core::queue::{JobEvent, Listener, Ticket};
use brine_core::settings::Settings;
use brine_core::store::{Created, JobFilter, NewJob, ProjectSettings, Tenant, TenantSettings};
use brine_core::story::Note;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::Services;
use crate::offered::Offered;
use crate::refusal::Refusal;

/// Events must be answered within five seconds.
const SHORT_QUESTION: Duration = Duration::from_secs(2);

const NO_JOB: Refusal = Refusal::NotFound("There is no such job.");
const NO_DRAFT: Refusal = Refusal::NotFound("There is no such draft.");

/// What a job needs to know of its issue.
#[derive(Clone)]
pub(crate) struct IssueFacts {
    /// Its key now.
    pub(crate) key: IssueKey,
    /// Its project now.
    pub(crate) project: ProjectKey,
    /// Its title now.
    pub(crate) summary: String,
}

/// By which of its installations a tenant calls, and so how its Jira is called for it.
pub(super) enum Via {
    /// Connect: as the app, with the secret of the installation.
    Connect,
    /// Forge: as the person while they are in front of the page; else as the app.
    Forge {
        /// Where the site's REST API is called.
        api_base_url: String,
        /// The person's own token.
        person: Option<SecretString>,
    },
}

/// See the module.
pub(crate) struct Desk {
    pub(super) services: web::Data<Services>,
    pub(super) tenant: Arc<Tenant>,
    via: Via,
}

impl Desk {
    /// A proven tenant's desk, unless it has called too often.
    pub(super) fn open(
        services: web::Data<Services>,
        tenant: impl Into<Arc<Tenant>>,
        via: Via,
    ) -> Result<Self, Refusal> {
        let tenant = tenant.into();
        services.doorkeeper.site(&tenant.id)?;
        Ok(Self { services, tenant, via })
    }

    pub(crate) fn tenant(&self) -> &TenantId {
        &self.tenant.id
    }

    pub(crate) fn settings(&self) -> &Settings {
        self.services.settings()
    }

    /// The adapters that can be chosen: the same for every tenant.
    pub(crate) fn offered(&self) -> &Offered {
        &self.services.offered
    }

    /// Ends when the server is about to stop.
    pub(crate) fn closing(&self) -> CancellationToken {
        self.services.closing.clone()
    }

    /// The tenant's Jira: as the person where Forge gives us their token, else as the app.
    pub(crate) fn jira(&self) -> JiraClient {
        let clients = &self.services.clients;
        match (&self.via, &self.tenant.connect) {
            (Via::Connect, Some(install)) => {
                clients.with(&self.tenant.id, &self.tenant.base_url, Authorisation::from(install))
            }
            (Via::Forge { api_base_url, person: Some(token) }, _) => {
                clients.with(&self.tenant.id, api_base_url, Authorisation::Person(token.clone()))
            }
            (Via::Forge { person: None, .. } | Via::Connect, _) => clients.app_of(&self.tenant),
        }
    }

    /// The issue's key and project, asked of Jira unless just asked.
    pub(crate) async fn issue_facts(&self, issue: &IssueId) -> Result<IssueFacts, Refusal> {
        let name = (self.tenant.id.clone(), issue.clone());
        if let Some(facts) = self.services.facts.get(&name) {
            return Ok(facts);
        }
        let found = self.jira().issue(issue).await?;
        let facts = IssueFacts { key: found.key, project: found.project, summary: found.summary };
        self.services.facts.put(name, facts.clone());
        Ok(facts)
    }

    /// The account is Brine's own on this site. When Jira does not say, it is taken to be someone else's.
    pub(crate) async fn is_app_user(&self, account: &AccountId) -> bool {
        let name = (self.tenant.id.clone(), matches!(self.via, Via::Forge { .. }));
        if let Some(own) = self.services.app_users.get(&name) {
            return own == *account;
        }
        match tokio::time::timeout(SHORT_QUESTION, self.jira().myself()).await {
            Ok(Ok(own)) => {
                self.services.app_users.put(name, own.clone());
                own == *account
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "could not ask Jira for the app's own account");
                false
            }
            Err(_) => {
                tracing::warn!("Jira does not say in time what the app's own account is");
                false
            }
        }
    }

    pub(crate) async fn project_settings(&self, project: &ProjectKey) -> Result<ProjectSettings, Refusal> {
        Ok(self.services.store.project_settings(&self.tenant.id, project).await?)
    }

    /// As they were a moment ago: for events, which are many.
    pub(crate) async fn project_settings_lately(&self, project: &ProjectKey) -> Result<Arc<ProjectSettings>, Refusal> {
        let name = (self.tenant.id.clone(), project.clone());
        if let Some(settings) = self.services.project_settings.get(&name) {
            return Ok(settings);
        }
        let settings = Arc::new(self.project_settings(project).await?);
        self.services.project_settings.put(name, Arc::clone(&settings));
        Ok(settings)
    }

    pub(crate) async fn set_project_settings(
        &self,
        project: &ProjectKey,
        settings: &ProjectSettings,
    ) -> Result<(), Refusal> {
        self.services.store.set_project_settings(&self.tenant.id, project, settings).await?;
        // In this process they hold at once, in others within seconds.
        self.services.project_settings.put((self.tenant.id.clone(), project.clone()), Arc::new(settings.clone()));
        Ok(())
    }

    pub(crate) async fn tenant_settings(&self) -> Result<TenantSettings, Refusal> {
        Ok(self.services.store.tenant_settings(&self.tenant.id).await?)
    }

    pub(crate) async fn set_tenant_settings(&self, settings: &TenantSettings) -> Result<(), Refusal> {
        Ok(self.services.store.set_tenant_settings(&self.tenant.id, settings).await?)
    }

    pub(crate) async fn count_examples(&self) -> Result<i64, Refusal> {
        Ok(self.services.store.count_examples(&self.tenant.id).await?)
    }

    /// Deletes what was kept for tuning.
    pub(crate) async fn erase_examples(&self) -> Result<(), Refusal> {
        let erased = self.services.store.erase_examples(&self.tenant.id).await?;
        tracing::info!(tenant = %self.tenant.id, erased, "what was kept for tuning is erased");
        Ok(())
    }

    pub(crate) async fn job(&self, id: &JobId) -> Result<Job, Refusal> {
        self.services.store.job(&self.tenant.id, id).await?.ok_or(NO_JOB)
    }

    pub(crate) async fn jobs(&self, filter: JobFilter) -> Result<Vec<Job>, Refusal> {
        Ok(self.services.store.list_jobs(&self.tenant.id, filter).await?)
    }

    pub(crate) async fn job_counts(&self) -> Result<Vec<(JobState, i64)>, Refusal> {
        Ok(self.services.store.count_jobs(&self.tenant.id).await?)
    }

    pub(crate) async fn last_job_of_issue(&self, issue: &IssueId) -> Result<Option<Job>, Refusal> {
        Ok(self.services.store.last_job_of_issue(&self.tenant.id, issue).await?)
    }

    /// The job that wrote to Jira last.
    pub(crate) async fn last_written_job(&self, issue: &IssueId) -> Result<Option<Job>, Refusal> {
        Ok(self.services.store.last_written_job(&self.tenant.id, issue).await?)
    }

    pub(crate) async fn draft(&self, id: &DraftId) -> Result<Draft, Refusal> {
        self.services.store.draft(&self.tenant.id, id).await?.ok_or(NO_DRAFT)
    }

    /// What is to be said of the drafts that these jobs wrote.
    pub(crate) async fn notes_of(&self, jobs: &[Job]) -> Result<HashMap<DraftId, Vec<Note>>, Refusal> {
        let drafts: Vec<DraftId> = jobs.iter().filter_map(|job| job.draft.clone()).collect();
        Ok(self.services.store.notes_on(&self.tenant.id, &drafts).await?)
    }

    pub(crate) async fn latest_draft(&self, issue: &IssueId) -> Result<Option<Draft>, Refusal> {
        Ok(self.services.store.latest_draft(&self.tenant.id, issue).await?)
    }

    pub(crate) async fn edit_draft(
        &self,
        id: &DraftId,
        version: i64,
        criteria: &Criteria,
        findings: &[Finding],
        by: &AccountId,
    ) -> Result<Draft, Refusal> {
        Ok(self.services.store.edit_draft(&self.tenant.id, id, version, criteria, findings, by).await?)
    }

    /// Marks the draft as accepted and makes the job that writes it, both or neither.
    pub(crate) async fn accept_draft(
        &self,
        id: &DraftId,
        version: i64,
        by: &AccountId,
        publish: NewJob,
    ) -> Result<Job, Refusal> {
        let job = self.services.store.accept_draft(&self.tenant.id, id, version, by, publish).await?;
        self.enqueue(&job).await;
        Ok(job)
    }

    /// Makes the job, or finds the one that already does this.
    pub(crate) async fn create_job(&self, new: NewJob) -> Result<Job, Refusal> {
        match self.services.store.create_job(new).await? {
            Created::New(job) | Created::Anew(job) => {
                self.enqueue(&job).await;
                Ok(job)
            }
            Created::Already(job) => {
                // A person who waits may have moved it forward.
                if job.state == JobState::Queued {
                    self.enqueue(&job).await;
                }
                Ok(job)
            }
        }
    }

    /// Makes the job that an event asks for, together with others, or finds the one that already does this.
    pub(crate) async fn take_in(&self, new: NewJob) -> Result<(), Refusal> {
        Ok(self.services.intake().create(new).await?)
    }

    pub(crate) async fn retry_job(&self, id: &JobId) -> Result<Job, Refusal> {
        let retried = self.services.store.retry_job(&self.tenant.id, id).await?;
        let job =
            retried.ok_or_else(|| Refusal::Conflict("Only a job that has ended can be tried again.".to_owned()))?;
        self.enqueue(&job).await;
        Ok(job)
    }

    pub(crate) async fn cancel_job(&self, id: &JobId) -> Result<Job, Refusal> {
        let cancelled = self.services.store.cancel_job(&self.tenant.id, id).await?;
        let job = cancelled.ok_or_else(|| Refusal::Conflict("This job has already ended.".to_owned()))?;
        self.services.queue.remove(&Ticket::from(&job)).await;
        self.tell(&job);
        Ok(job)
    }

    /// How many jobs run before it; none when it does not wait in this queue.
    pub(crate) async fn ahead(&self, job: &Job) -> Option<usize> {
        self.services.queue.ahead(&Ticket::from(job)).await
    }

    /// Every change of every job; take only those of [`Self::tenant`].
    pub(crate) fn subscribe(&self) -> Listener {
        self.services.events.subscribe()
    }

    /// The row is the truth; the queue is a hint that is rebuilt from the rows when it is lost.
    pub(super) async fn enqueue(&self, job: &Job) {
        self.services.queue.push(Ticket::from(job)).await;
        self.tell(job);
    }

    pub(super) fn tell(&self, job: &Job) {
        let event = JobEvent { tenant: job.tenant.clone(), job: job.id.clone(), progress: job.progress.clone() };
        self.services.events.publish(event);
    }
}
