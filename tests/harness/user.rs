//! A person in front of Brine's panel: asks its API as the panel's page does, with a fresh context token each time.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use serde_json::{Value, json};

use super::World;
use super::wait::CAP;
use crate::fake_jira::Issue;

/// An answer of Brine's API.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body; null when there is none.
    pub body: Value,
}

impl Reply {
    /// The body, when the status is this.
    pub fn expect(self, status: u16) -> Result<Value> {
        ensure!(self.status == status, "expected {status}, got {} {}", self.status, self.body);
        Ok(self.body)
    }

    /// The message of an error.
    pub fn message(&self) -> &str {
        self.body.pointer("/error/message").and_then(Value::as_str).unwrap_or_default()
    }
}

/// See the module.
pub struct User<'w> {
    world: &'w World,
    login: String,
}

/// A text field of a JSON object, empty when there is none.
pub(super) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

impl<'w> User<'w> {
    pub(super) fn new(world: &'w World, login: &str) -> Self {
        Self { world, login: login.into() }
    }

    /// Calls Brine's API.
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Result<Reply> {
        let token = self.world.jira.context_token(&self.login)?;
        let address = format!("{}{path}", self.world.brine.base_url());
        let mut request =
            self.world.http.request(method.parse()?, address).header("Authorization", format!("JWT {token}"));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let bytes = answer.bytes().await?;
        Ok(Reply { status, body: serde_json::from_slice(&bytes).unwrap_or_default() })
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Result<Reply> {
        self.call("GET", path, None).await
    }

    /// What the panel of the issue shows.
    pub async fn panel(&self, issue: &Issue) -> Result<Value> {
        self.get(&format!("/api/issues/{}", issue.id)).await?.expect(200)
    }

    /// Presses "Generate acceptance criteria" and gives the answer as it comes.
    pub async fn ask_for_criteria(&self, issue: &Issue) -> Result<Reply> {
        self.call("POST", &format!("/api/issues/{}/jobs", issue.id), Some(json!({"maxScenarios": 3}))).await
    }

    /// Presses the button, waits for the draft, and gives it.
    pub async fn generate(&self, issue: &Issue) -> Result<Value> {
        let job = self.ask_for_criteria(issue).await?.expect(202)?;
        let stages = self.watch(job.pointer("/job/id").and_then(Value::as_str).context("no job")?).await?;
        let last = stages.last().context("no progress")?;
        ensure!(text(last, "state") == "drafted", "the job did not end with a draft: {last}");
        let draft = self.panel(issue).await?.get("draft").cloned().unwrap_or_default();
        ensure!(draft.is_object(), "the panel shows no draft");
        Ok(draft)
    }

    /// Follows a job's progress until it is final: every state that was told, in order.
    pub async fn watch(&self, job: &str) -> Result<Vec<Value>> {
        tokio::time::timeout(CAP, self.follow(job)).await.with_context(|| format!("job {job} does not end"))?
    }

    async fn follow(&self, job: &str) -> Result<Vec<Value>> {
        let token = self.world.jira.context_token(&self.login)?;
        let address = format!("{}/api/jobs/{job}/events", self.world.brine.base_url());
        let answer = self.world.http.get(address).header("Authorization", format!("JWT {token}")).send().await?;
        ensure!(answer.status() == 200, "no progress: {}", answer.status());
        let (mut stream, mut unread, mut told) = (answer.bytes_stream(), Vec::new(), Vec::new());
        while let Some(bytes) = stream.next().await {
            unread.extend_from_slice(&bytes?);
            while let Some(end) = unread.windows(2).position(|pair| pair == b"\n\n") {
                let event: Vec<u8> = unread.drain(..end + 2).collect();
                told.extend(data_of(&String::from_utf8_lossy(&event))?);
            }
        }
        Ok(told)
    }

    /// Saves another text for the draft.
    pub async fn edit(&self, draft: &Value, text: &str) -> Result<Reply> {
        let body = json!({"text": text, "version": draft.get("version")});
        self.call("PUT", &format!("/api/drafts/{}", self::text(draft, "id")), Some(body)).await
    }

    /// Accepts the draft; `more` is added to the request.
    pub async fn accept_with(&self, draft: &Value, more: Value) -> Result<Reply> {
        let mut body = json!({"version": draft.get("version")});
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        self.call("POST", &format!("/api/drafts/{}/accept", text(draft, "id")), Some(body)).await
    }

    /// Accepts the draft and waits until the job that writes it is final; gives the job as it ended.
    pub async fn accept(&self, draft: &Value, more: Value) -> Result<Value> {
        let job = self.accept_with(draft, more).await?.expect(202)?;
        let stages = self.watch(job.pointer("/job/id").and_then(Value::as_str).context("no job")?).await?;
        stages.last().cloned().context("no progress")
    }

    /// The jobs of one issue, newest first, as the admin page lists them.
    pub async fn jobs(&self, issue_key: &str) -> Result<Vec<Value>> {
        let listed = self.get(&format!("/api/jobs?issue={issue_key}&limit=50")).await?.expect(200)?;
        Ok(listed.get("jobs").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    /// Changes the settings of the project SHOP; what is not named keeps its default.
    pub async fn set_project(&self, changes: Value) -> Result<Reply> {
        let mut settings =
            json!({"automatic": false, "issueTypes": ["Story"], "target": "description", "maxScenarios": 3});
        if let (Some(settings), Some(changes)) = (settings.as_object_mut(), changes.as_object()) {
            settings.extend(changes.clone());
        }
        self.call("PUT", "/api/projects/SHOP/settings", Some(settings)).await
    }

    /// Waits until the panel shows what is looked for.
    pub async fn panel_shows(&self, issue: &Issue, what: &str, found: impl Fn(&Value) -> bool) -> Result<Value> {
        super::eventually(what, Duration::from_secs(60), async || {
            let panel = self.panel(issue).await?;
            Ok(Some(panel).filter(|panel| found(panel)))
        })
        .await
    }
}

fn data_of(event: &str) -> Result<Option<Value>> {
    let data: Vec<&str> = event.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim_start).collect();
    if data.is_empty() {
        return Ok(None);
    }
    Ok(Some(serde_json::from_str(&data.join("\n")).context("an event's data is not JSON")?))
}
