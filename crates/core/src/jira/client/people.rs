//! People: their names, our own account, and what somebody may do.

use serde_json::{Map, Value, json};

use super::{Call, JiraClient, found, segment};
use crate::adf::{self, Names};
use crate::ids::{AccountId, IssueId, ProjectKey};
use crate::jira::JiraError;

/// The permissions that Brine asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See a project and its issues.
    BrowseProjects,
    /// Change issues.
    EditIssues,
    /// Comment on issues.
    AddComments,
    /// Make issues, and so sub-tasks.
    CreateIssues,
    /// Delete issues.
    DeleteIssues,
    /// Change a project's settings.
    AdministerProjects,
    /// Administer the whole site.
    Administer,
}

impl Permission {
    /// Jira's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Permission::BrowseProjects => "BROWSE_PROJECTS",
            Permission::EditIssues => "EDIT_ISSUES",
            Permission::AddComments => "ADD_COMMENTS",
            Permission::CreateIssues => "CREATE_ISSUES",
            Permission::DeleteIssues => "DELETE_ISSUES",
            Permission::AdministerProjects => "ADMINISTER_PROJECTS",
            Permission::Administer => "ADMINISTER",
        }
    }

    fn is_global(self) -> bool {
        self == Permission::Administer
    }
}

impl JiraClient {
    /// A person's name as Jira shows it; none when there is no such person.
    pub async fn user_name(&self, account: &AccountId) -> Result<Option<String>, JiraError> {
        let call = Call::get("/rest/api/3/user".to_owned()).with("accountId", account.as_str());
        let answer = found(self.send(call).await)?;
        Ok(answer.and_then(|user| user.get("displayName").and_then(Value::as_str).map(str::to_owned)))
    }

    /// The names of those whom a document mentions by their account alone. One call, and none when there is nobody to ask for;
    /// whom the site does not know is left out.
    pub async fn names_in(&self, document: &Value) -> Result<Names, JiraError> {
        let accounts = adf::unnamed(document);
        if accounts.is_empty() {
            return Ok(Names::new());
        }
        let call = Call::get("/rest/api/3/user/bulk".to_owned()).with("maxResults", accounts.len().to_string());
        let call = accounts.iter().fold(call, |call, account| call.with("accountId", *account));
        let answer = self.send(call).await?;
        let people = answer.get("values").and_then(Value::as_array);
        let people = people.ok_or(JiraError::Malformed { what: "the list of people is missing" })?;
        let text = |person: &Value, name: &str| person.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(people
            .iter()
            .filter_map(|person| Some((text(person, "accountId")?, text(person, "displayName")?)))
            .collect())
    }

    /// Our app's own account on this site.
    pub async fn myself(&self) -> Result<AccountId, JiraError> {
        let answer = self.send(Call::get("/rest/api/3/myself".to_owned())).await?;
        let account = answer.get("accountId").and_then(Value::as_str);
        account.map(AccountId::new).ok_or(JiraError::Malformed { what: "our own account has no id" })
    }

    /// Whether a person holds every one of `permissions`, on the issue and in the project where they are given.
    ///
    /// Nothing asked, or a project permission without a place to hold it in, is no.
    pub async fn permitted(
        &self,
        account: &AccountId,
        issue: Option<&IssueId>,
        project: Option<&ProjectKey>,
        permissions: &[Permission],
    ) -> Result<bool, JiraError> {
        let (global, local): (Vec<Permission>, Vec<Permission>) = permissions.iter().partition(|one| one.is_global());
        if permissions.is_empty() || (!local.is_empty() && issue.is_none() && project.is_none()) {
            return Ok(false);
        }
        let issue = match issue.filter(|_| !local.is_empty()) {
            None => None,
            Some(issue) => match issue.as_str().parse::<i64>() {
                Ok(number) => Some(number),
                Err(_) => return Ok(false),
            },
        };
        let project = match project.filter(|_| !local.is_empty()) {
            None => None,
            Some(project) => match self.project_number(project).await? {
                Some(number) => Some(number),
                None => return Ok(false),
            },
        };
        let mut body = Map::new();
        body.insert("accountId".to_owned(), json!(account));
        if !global.is_empty() {
            body.insert("globalPermissions".to_owned(), names(&global));
        }
        if !local.is_empty() {
            let mut asked = Map::new();
            asked.insert("permissions".to_owned(), names(&local));
            issue.map(|number| asked.insert("issues".to_owned(), json!([number])));
            project.map(|number| asked.insert("projects".to_owned(), json!([number])));
            body.insert("projectPermissions".to_owned(), json!([asked]));
        }
        let answer = self.send(Call::post("/rest/api/3/permissions/check".to_owned(), Value::Object(body))).await?;
        Ok(global.iter().all(|one| holds_globally(&answer, *one))
            && local.iter().all(|one| {
                issue.is_none_or(|number| holds_in(&answer, *one, "issues", number))
                    && project.is_none_or(|number| holds_in(&answer, *one, "projects", number))
            }))
    }

    /// A project's number, which permission checks want instead of its key.
    async fn project_number(&self, project: &ProjectKey) -> Result<Option<i64>, JiraError> {
        let Ok(key) = segment(project.as_str()) else { return Ok(None) };
        let answer = found(self.send(Call::get(format!("/rest/api/3/project/{key}"))).await)?;
        let Some(answer) = answer else { return Ok(None) };
        let number = answer.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok());
        number.map(Some).ok_or(JiraError::Malformed { what: "the project has no id" })
    }
}

fn names(permissions: &[Permission]) -> Value {
    permissions.iter().map(|one| one.name()).collect()
}

fn holds_globally(answer: &Value, permission: Permission) -> bool {
    let held = answer.get("globalPermissions").and_then(Value::as_array);
    held.is_some_and(|held| held.iter().any(|name| name == permission.name()))
}

fn holds_in(answer: &Value, permission: Permission, places: &str, number: i64) -> bool {
    let grants = answer.get("projectPermissions").and_then(Value::as_array).into_iter().flatten();
    grants
        .filter(|grant| grant.get("permission").is_some_and(|name| name == permission.name()))
        .filter_map(|grant| grant.get(places).and_then(Value::as_array))
        .flatten()
        .any(|place| place.as_i64() == Some(number))
}
