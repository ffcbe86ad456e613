//! The issues of real Jira sites.

use async_trait::async_trait;
use brine_core::adf::Names;
use brine_core::clock::Clock;
use brine_core::failure::Failure;
use brine_core::ids::{AccountId, DraftId};
use brine_core::jira::client::{Issue, Matches};
use brine_core::jira::publish::{Published, Withdrawn, publish, withdraw};
use brine_core::jira::{JiraClient, JiraClients, JiraError};
use brine_core::jobs::{Class, Destination, Draft, Job};
use brine_core::store::{Store, Tenant};

use serde_json::Value;

use crate::ports::Issues;

/// Speaks to each tenant's Jira as our app.
#[derive(Clone, Debug)]
pub struct JiraSites {
    clients: JiraClients,
    store: Store,
    clock: Clock,
}

impl JiraSites {
    /// All sites through one pool of connections.
    pub fn new(clients: JiraClients, store: Store, clock: Clock) -> Self {
        Self { clients, store, clock }
    }

    fn client(&self, tenant: &Tenant, job: &Job) -> JiraClient {
        self.clients.app_of(tenant).for_class(job.class)
    }
}

#[async_trait]
impl Issues for JiraSites {
    async fn issue(&self, tenant: &Tenant, job: &Job) -> Result<Issue, Failure> {
        Ok(self.client(tenant, job).issue(&job.issue_id).await?)
    }

    async fn matches(&self, tenant: &Tenant, jql: &str, page: Option<&str>, most: u32) -> Result<Matches, JiraError> {
        self.clients.app_of(tenant).for_class(Class::Bulk).matches(jql, page, most).await
    }

    async fn user_name(&self, tenant: &Tenant, job: &Job, account: &AccountId) -> Result<Option<String>, Failure> {
        Ok(self.client(tenant, job).user_name(account).await?)
    }

    async fn names(&self, tenant: &Tenant, job: &Job, document: &Value) -> Result<Names, Failure> {
        Ok(self.client(tenant, job).names_in(document).await?)
    }

    async fn publish(
        &self,
        tenant: &Tenant,
        draft: &Draft,
        job: &Job,
        destination: &Destination,
        replace_edited: bool,
    ) -> Result<Published, Failure> {
        let client = self.client(tenant, job).held_by(&self.store, job);
        Ok(publish(&client, &job.issue_id, draft, job, destination, replace_edited, &self.clock).await?)
    }

    async fn withdraw(
        &self,
        tenant: &Tenant,
        job: &Job,
        draft: &DraftId,
        replace_edited: bool,
    ) -> Result<Withdrawn, Failure> {
        let client = self.client(tenant, job).held_by(&self.store, job);
        Ok(withdraw(&client, &job.issue_id, draft, replace_edited).await?)
    }
}
