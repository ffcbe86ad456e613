//! What a worker needs from outside: something that writes criteria for each choice, and the issues of a site.

use async_trait::async_trait;
use brine_core::adf::Names;
use brine_core::failure::Failure;
use brine_core::ids::{AccountId, DraftId};
use brine_core::jira::JiraError;
use brine_core::jira::client::{Issue, Matches};
use brine_core::jira::publish::{Published, Withdrawn};
use brine_core::jobs::{AdapterChoice, Destination, Draft, Job};
use brine_core::store::Tenant;
use brine_model::{DraftEvent, DraftRequest, Drafted, ScenarioRequest, WriteError, WrittenScenario};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::writers::Lent;

/// Writes criteria for a story: the model in this process, or another engine.
#[async_trait]
pub trait CriteriaWriter: Send + Sync {
    /// Writes criteria and tells of each stage. Stops soon after `cancel`, and when the call is dropped.
    async fn draft(
        &self,
        request: DraftRequest,
        cancel: CancellationToken,
        on: &mut (dyn FnMut(DraftEvent) + Send),
    ) -> Result<Drafted, WriteError>;

    /// Writes one scenario for a set that is there. Stops like `draft`.
    async fn scenario(
        &self,
        request: ScenarioRequest,
        cancel: CancellationToken,
        on: &mut (dyn FnMut(DraftEvent) + Send),
    ) -> Result<WrittenScenario, WriteError>;

    /// Whether it could write now: one token by the model itself, or a sign of life from its server.
    async fn probe(&self) -> Result<(), WriteError>;
}

/// What writes for whom.
#[async_trait]
pub trait Writers: Send + Sync {
    /// The writer for what a project or its site chose. A choice that can't be had fails; nothing else takes its place.
    async fn writer(&self, choice: &AdapterChoice) -> Result<Lent, Failure>;
}

/// The issues of the sites that installed the app.
#[async_trait]
pub trait Issues: Send + Sync {
    /// Reads a job's issue.
    async fn issue(&self, tenant: &Tenant, job: &Job) -> Result<Issue, Failure>;

    /// One page of what a JQL finds, at most so many issues. Jira's own refusal, for the one who has to tell an old page
    /// from a JQL that is wrong.
    async fn matches(&self, tenant: &Tenant, jql: &str, page: Option<&str>, most: u32) -> Result<Matches, JiraError>;

    /// A person's name as the site shows it, for a job.
    async fn user_name(&self, tenant: &Tenant, job: &Job, account: &AccountId) -> Result<Option<String>, Failure>;

    /// The names of those whom a job's document mentions by their account alone.
    async fn names(&self, tenant: &Tenant, job: &Job, document: &Value) -> Result<Names, Failure>;

    /// Writes a draft, effectively once for a job.
    async fn publish(
        &self,
        tenant: &Tenant,
        draft: &Draft,
        job: &Job,
        destination: &Destination,
        replace_edited: bool,
    ) -> Result<Published, Failure>;

    /// Takes back what was written of a draft.
    async fn withdraw(
        &self,
        tenant: &Tenant,
        job: &Job,
        draft: &DraftId,
        replace_edited: bool,
    ) -> Result<Withdrawn, Failure>;
}
