//! What tests and the demo do to the site from outside: people's doings, installs, trouble, and looking.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::apps::{self, Installation};
use super::bearers::Bearer;
use super::faults::Fault;
use super::people::Person;
use super::site::{Recorded, lock};
use super::state::{Comment, Edit, Issue, Project};
use super::time::{now_ms, now_s};
use super::tokens::{InstallKey, hs256};
use super::webhooks::{self, Delivery};
use super::{FakeJira, rest};

/// An issue to be made.
pub struct NewIssue {
    project: String,
    issue_type: String,
    summary: String,
    description: Option<Value>,
    by: String,
}

impl NewIssue {
    /// A story without a description, by alice.
    pub fn story(project: &str, summary: &str) -> Self {
        Self {
            project: project.into(),
            issue_type: "Story".into(),
            summary: summary.into(),
            description: None,
            by: "alice".into(),
        }
    }

    /// Another issue type: "Bug" or "Task".
    pub fn of_type(self, issue_type: &str) -> Self {
        Self { issue_type: issue_type.into(), ..self }
    }

    /// A description in ADF.
    pub fn description(self, document: Value) -> Self {
        Self { description: Some(document), ..self }
    }

    /// A description of plain lines: one paragraph for each block of lines, a bullet list of those that begin with `- `.
    pub fn text(self, text: &str) -> Self {
        self.description(document_of(text))
    }

    /// Made by someone else: a login.
    pub fn by(self, login: &str) -> Self {
        Self { by: login.into(), ..self }
    }
}

fn document_of(text: &str) -> Value {
    let line = |text: &str| json!({"type": "text", "text": text});
    let paragraph = |text: &str| json!({"type": "paragraph", "content": [line(text)]});
    let mut blocks = Vec::new();
    for block in text.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        let (bullets, prose): (Vec<&str>, Vec<&str>) = block.lines().partition(|line| line.trim().starts_with("- "));
        let prose = prose.join(" ");
        if !prose.trim().is_empty() {
            blocks.push(paragraph(prose.trim()));
        }
        let items: Vec<Value> = bullets
            .iter()
            .map(|bullet| json!({"type": "listItem", "content": [paragraph(bullet.trim().trim_start_matches("- "))]}))
            .collect();
        if !items.is_empty() {
            blocks.push(json!({"type": "bulletList", "content": items}));
        }
    }
    json!({"type": "doc", "version": 1, "content": blocks})
}

impl FakeJira {
    /// Opens a project. alice may work in it, bob may look, carol may do everything, and so may the app.
    pub fn create_project(&self, key: &str, name: &str) -> Project {
        self.site.state().add_project(key, name)
    }

    /// A person makes an issue; webhooks go out.
    pub fn create_issue(&self, new: NewIssue) -> Result<Issue> {
        if let Some(document) = &new.description {
            let refusal = self.site.schema.refusal(document);
            ensure!(refusal.is_none(), "Jira would refuse this description: {}", refusal.unwrap_or_default());
        }
        let issue = {
            let mut state = self.site.state();
            ensure!(state.project(&new.project).is_some(), "there is no project {}", new.project);
            state.add_issue(&new.project, &new.issue_type, &new.summary, new.description, &new.by)
        };
        let more = json!({"issue_event_type_name": "issue_created"});
        webhooks::fire(&self.site, "jira:issue_created", &issue, &new.by, more);
        Ok(issue)
    }

    /// A person edits the description on the page; webhooks go out.
    pub fn edit_description(&self, key: &str, login: &str, document: Value) -> Result<()> {
        let refusal = self.site.schema.refusal(&document);
        ensure!(refusal.is_none(), "Jira would refuse this description: {}", refusal.unwrap_or_default());
        let fields = vec!["description".to_owned()];
        let issue = {
            let mut state = self.site.state();
            let issue = state.issue_mut(key).with_context(|| format!("there is no issue {key}"))?;
            issue.description = Some(document);
            issue.updated = now_ms();
            let edit = Edit { by: login.into(), fields: fields.clone(), properties: Vec::new(), notified: true };
            issue.edits.push(edit);
            issue.clone()
        };
        rest::tell_of_edit(&self.site, &issue, login, fields.iter());
        Ok(())
    }

    /// Every page of a search that has a name by now can no longer be had: Jira keeps them for some days only.
    pub fn expire_pages(&self) {
        self.site.page_age.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }

    /// An issue is deleted.
    pub fn delete_issue(&self, key: &str) {
        self.site.state().issues.retain(|issue| issue.key != key);
    }

    /// A person writes into a custom field on the page; no webhook that anybody here listens to.
    pub fn set_field(&self, key: &str, field: &str, value: Value) -> Result<()> {
        let mut state = self.site.state();
        let issue = state.issue_mut(key).with_context(|| format!("there is no issue {key}"))?;
        issue.custom.insert(field.to_owned(), value);
        Ok(())
    }

    /// Somebody begins the work on an issue.
    pub fn begin(&self, key: &str) -> Result<()> {
        let mut state = self.site.state();
        state.issue_mut(key).with_context(|| format!("there is no issue {key}"))?.status = "In Progress";
        Ok(())
    }

    /// The sub-tasks of an issue, oldest first.
    pub fn subtasks(&self, key: &str) -> Vec<Issue> {
        self.site.state().subtasks(key).into_iter().cloned().collect()
    }

    /// The issue as it stands.
    pub fn issue(&self, key: &str) -> Result<Issue> {
        self.site.state().issue(key).cloned().with_context(|| format!("there is no issue {key}"))
    }

    /// Its comments, oldest first.
    pub fn comments(&self, key: &str) -> Result<Vec<Comment>> {
        Ok(self.issue(key)?.comments)
    }

    /// One of its entity properties.
    pub fn property(&self, key: &str, name: &str) -> Result<Option<Value>> {
        Ok(self.issue(key)?.properties.get(name).cloned())
    }

    /// Who has this login.
    pub fn person(&self, login: &str) -> Result<Person> {
        self.site.state().person(login).cloned().with_context(|| format!("nobody is called {login}"))
    }

    /// Gives a project permission ("EDIT_ISSUES" …).
    pub fn allow(&self, login: &str, project: &str, permission: &str) {
        self.site.state().grants.allow(login, project, permission);
    }

    /// Takes a project permission away.
    pub fn forbid(&self, login: &str, project: &str, permission: &str) {
        self.site.state().grants.forbid(login, project, permission);
    }

    /// Reads and checks the app's descriptor, installs the app with signed calls, and enables it.
    /// Installing again is what Jira does on an upgrade: same client key, new secret.
    pub async fn install(&self, app_base_url: &str) -> Result<Installation> {
        apps::install(&self.site, app_base_url).await
    }

    /// Disables and uninstalls the app.
    pub async fn uninstall(&self) -> Result<()> {
        apps::uninstall(&self.site).await
    }

    /// The installed app.
    pub fn installation(&self) -> Result<Installation> {
        self.site.installation().context("the app is not installed")
    }

    /// The body of a lifecycle call for an installation, to be sent by tests that forge its token.
    pub fn lifecycle_payload(&self, installation: &Installation, event: &str) -> Value {
        apps::payload(&self.site, installation, event)
    }

    /// The key that signs installs.
    pub fn install_key(&self) -> &InstallKey {
        &self.site.install_key
    }

    /// A context token, as `AP.context.getToken` hands it to the app's page for this person.
    pub fn context_token(&self, login: &str) -> Result<String> {
        let (installation, person) = (self.installation()?, self.person(login)?);
        let mut claims = installation.claims("context-qsh", 900);
        if let Some(fields) = claims.as_object_mut() {
            fields.insert("sub".into(), json!(person.account_id));
        }
        Ok(hs256(&claims, &installation.shared_secret))
    }

    /// Atlassian's id of the site.
    pub fn cloud_id(&self) -> &str {
        &self.site.cloud_id
    }

    /// Where the API is called with tokens of Forge's.
    pub fn api_base_url(&self) -> String {
        format!("{}/ex/jira/{}", self.site.base_url, self.site.cloud_id)
    }

    /// A token of Forge's for the API that lives for so many seconds: of a person, or of the app itself.
    pub fn give_token(&self, login: &str, life_s: i64) -> String {
        let until_s = now_s() + life_s;
        let name = uuid::Uuid::now_v7().to_string();
        let token = hs256(&json!({ "exp": until_s, "sub": login, "jti": name }), "Atlassian's own");
        lock(&self.site.bearers).insert(token.clone(), Bearer { login: login.to_owned(), until_s });
        token
    }

    /// The next matching requests of the app meet this trouble.
    pub fn push_fault(&self, fault: Fault) {
        lock(&self.site.faults).push(fault);
    }

    /// How many faults are still to come.
    pub fn faults_pending(&self) -> u32 {
        lock(&self.site.faults).pending()
    }

    /// Every REST request of the app so far.
    pub fn requests(&self) -> Vec<Recorded> {
        lock(&self.site.log).clone()
    }

    /// Every webhook so far.
    pub fn deliveries(&self) -> Vec<Delivery> {
        lock(&self.site.deliveries).clone()
    }

    /// Sends a webhook again under the same identifier.
    pub fn send_again(&self, identifier: &str) -> bool {
        webhooks::send_again(&self.site, identifier)
    }

    /// Waits until every webhook is answered or given up.
    pub async fn webhooks_settled(&self, cap: Duration) -> Result<()> {
        ensure!(webhooks::settle(&self.site, cap).await, "webhooks are still on their way after {cap:?}");
        Ok(())
    }
}
