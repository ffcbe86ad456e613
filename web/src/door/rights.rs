//! What a person may do, as Jira says.

use brine_core::ids::{AccountId, IssueId, ProjectKey, TenantId};
use brine_core::jira::client::Permission;
use brine_core::jobs::Target;

use super::Desk;
use crate::refusal::Refusal;

/// A right of a person on something.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Right<'a> {
    /// See the issue.
    Browse(&'a IssueId),
    /// See and edit the issue.
    Edit(&'a IssueId),
    /// See the issue and comment on it.
    Comment(&'a IssueId),
    /// See the issue and add sub-tasks to it.
    AddSubtasks(&'a IssueId),
    /// See the issue and delete its sub-tasks.
    DeleteSubtasks(&'a IssueId),
    /// Administer the project.
    ProjectAdmin(&'a ProjectKey),
    /// Administer Jira.
    Admin,
}

/// A right that Jira granted a moment ago.
pub(super) type Grant = (TenantId, AccountId, String, Permission);

impl<'a> Right<'a> {
    /// What a person needs who writes there.
    pub(crate) fn to_write(target: Target, issue: &'a IssueId) -> Self {
        match target {
            Target::Comment => Right::Comment(issue),
            Target::Subtasks => Right::AddSubtasks(issue),
            Target::Description | Target::Field | Target::Draft => Right::Edit(issue),
        }
    }

    /// What a person needs who takes back what was written there.
    pub(crate) fn to_withdraw(target: Target, issue: &'a IssueId) -> Self {
        match target {
            Target::Subtasks => Right::DeleteSubtasks(issue),
            other => Right::to_write(other, issue),
        }
    }

    fn permissions(&self) -> Vec<Permission> {
        match self {
            Right::Browse(_) => [Permission::BrowseProjects].into(),
            Right::Edit(_) => [Permission::BrowseProjects, Permission::EditIssues].into(),
            Right::Comment(_) => [Permission::BrowseProjects, Permission::AddComments].into(),
            Right::AddSubtasks(_) => [Permission::BrowseProjects, Permission::CreateIssues].into(),
            Right::DeleteSubtasks(_) => [Permission::BrowseProjects, Permission::DeleteIssues].into(),
            Right::ProjectAdmin(_) => [Permission::AdministerProjects].into(),
            Right::Admin => [Permission::Administer].into(),
        }
    }

    fn on(&self) -> (Option<&IssueId>, Option<&ProjectKey>) {
        match *self {
            Right::Browse(issue)
            | Right::Edit(issue)
            | Right::Comment(issue)
            | Right::AddSubtasks(issue)
            | Right::DeleteSubtasks(issue) => (Some(issue), None),
            Right::ProjectAdmin(project) => (None, Some(project)),
            Right::Admin => (None, None),
        }
    }

    /// What a person without it is told. An issue that they cannot see is, to them, not there.
    fn missing(&self) -> Refusal {
        match self {
            Right::Browse(_) => Refusal::NotFound("This issue does not exist, or you may not see it."),
            Right::Edit(_) => Refusal::Forbidden("You need permission to edit this issue in Jira to do this."),
            Right::Comment(_) => Refusal::Forbidden("You need permission to comment on this issue in Jira to do this."),
            Right::AddSubtasks(_) => {
                Refusal::Forbidden("You need permission to create issues in this project to do this.")
            }
            Right::DeleteSubtasks(_) => {
                Refusal::Forbidden("You need permission to delete issues in this project to take sub-tasks back.")
            }
            Right::ProjectAdmin(_) => Refusal::Forbidden("Only a project administrator may see or change this."),
            Right::Admin => Refusal::Forbidden("Only a Jira administrator may see this."),
        }
    }
}

impl Desk {
    /// Whether `user` holds `right`. Jira is asked only about what it did not just grant.
    pub(crate) async fn may(&self, user: &AccountId, right: &Right<'_>) -> Result<bool, Refusal> {
        let (issue, project) = right.on();
        let subject = issue.map(IssueId::as_str).or(project.map(ProjectKey::as_str)).unwrap_or_default();
        let grant = |permission| -> Grant { (self.tenant.id.clone(), user.clone(), subject.to_owned(), permission) };
        let unknown: Vec<Permission> =
            right.permissions().into_iter().filter(|p| self.services.grants.get(&grant(*p)).is_none()).collect();
        if unknown.is_empty() {
            return Ok(true);
        }
        let granted = self.jira().permitted(user, issue, project, &unknown).await?;
        if granted {
            for permission in unknown {
                self.services.grants.put(grant(permission), ());
            }
        }
        Ok(granted)
    }

    /// Refuses unless `user` holds `right`.
    pub(crate) async fn require(&self, user: &AccountId, right: &Right<'_>) -> Result<(), Refusal> {
        if self.may(user, right).await? {
            return Ok(());
        }
        // Someone who may not even see the issue must not learn that it is there.
        if let Right::Edit(issue) | Right::Comment(issue) | Right::AddSubtasks(issue) | Right::DeleteSubtasks(issue) =
            right
        {
            let browse = Right::Browse(issue);
            if !self.may(user, &browse).await? {
                return Err(browse.missing());
            }
        }
        Err(right.missing())
    }
}
