//! The issues of real Jira sites.

use async_trait::async_trait;
use brine_core::clock::Clock;
use brine_core::failure::Failure;
use brine_core::ids::{AccountId, IssueId};
use brine_core::jira::client::{Issue, Matches};
use brine_core::jira::publish::{Published, publish};
use brine_core::jira::{JiraClient, JiraClients, JiraError};
use brine_core::jobs::{Draft, Job, Target};
use brine_core::store::Tenant;

use crate::ports::Issues;

/// Speaks to each tenant's Jira as our app.
#[derive(Clone, Debug)]
pub struct JiraSites {
    clients: JiraClients,
    clock: Clock,
}

impl JiraSites {
    /// All sites through one pool of connections.
    pub fn new(clients: JiraClients, clock: Clock) -> Self {
        Self { clients, clock }
    }

    fn client(&self, tenant: &Tenant) -> JiraClient {
        self.clients.app_of(tenant)
    }
}

#[async_trait]
impl Issues for JiraSites {
    async fn issue(&self, tenant: &Tenant, issue: &IssueId) -> Result<Issue, Failure> {
        Ok(self.client(tenant).issue(issue).await?)
    }

    async fn matches(&self, tenant: &Tenant, jql: &str, page: Option<&str>, most: u32) -> Result<Matches, JiraError> {
        self.client(tenant).matches(jql, page, most).await
    }

    async fn user_name(&self, tenant: &Tenant, account: &AccountId) -> Result<Option<String>, Failure> {
        Ok(self.client(tenant).user_name(account).await?)
    }

    async fn publish(
        &self,
        tenant: &Tenant,
        draft: &Draft,
        job: &Job,
        target: Target,
        replace_edited: bool,
    ) -> Result<Published, Failure> {
        let client = self.client(tenant);
        Ok(publish(&client, &job.issue_id, draft, job, target, replace_edited, &self.clock).await?)
    }
}
