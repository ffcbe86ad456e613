//! A world in which Forge calls the service, and nothing is installed by Connect.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::wait::{CAP, eventually};
use super::{Brine, Reply, ServeOptions, one_at_a_time};
use crate::fake_forge::{FakeForge, Invoke};
use crate::fake_jira::{FakeJira, FakeOptions, Issue};

/// A Jira site with the project SHOP, and Forge with an app whose remote is the real service.
pub struct ForgeWorld<'j> {
    /// The site.
    pub jira: &'j FakeJira,
    /// The platform.
    pub forge: FakeForge<'j>,
    /// The service.
    pub brine: Brine,
}

/// Starts the world and tells the story. Nothing is installed yet. Afterwards no token may stand in the log.
pub async fn forge_story(serve: ServeOptions, tell: impl AsyncFnOnce(&ForgeWorld<'_>) -> Result<()>) -> Result<()> {
    let _turn = one_at_a_time().await;
    let jira = FakeJira::start(FakeOptions::default()).await?;
    jira.create_project("SHOP", "Web shop");
    let forge = FakeForge::start(&jira)?;
    let mut serve = serve;
    serve.more.push(("BRINE_FORGE_JWKS_URL", forge.jwks_url()));
    serve.more.push(("BRINE_FORGE_APP_IDS", forge.app_id().to_owned()));
    let brine = Brine::start(&jira, serve).await?;
    let world = ForgeWorld { jira: &jira, forge, brine };
    let told = tokio::select! {
        told = tell(&world) => told,
        died = world.brine.death() => Err(died),
    };
    let log = world.brine.log();
    let told = told.and_then(|()| match log.contains("eyJ") {
        true => Err(anyhow::anyhow!("a token stands in the service's log")),
        false => Ok(()),
    });
    told.map_err(|error| error.context(format!("the service's log:\n{}", world.brine.log_tail())))
}

impl ForgeWorld<'_> {
    /// A call of our page in Forge.
    pub async fn page(
        &self,
        module: &str,
        login: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Result<Reply> {
        self.forge.page(self.brine.base_url(), module, login, Invoke { method, path, body }).await
    }

    /// What the panel of the issue shows to alice.
    pub async fn panel(&self, issue: &Issue) -> Result<Value> {
        let path = format!("/api/issues/{}", issue.id);
        self.page("brine-panel", "alice", "GET", &path, None).await?.expect(200)
    }

    /// alice asks for criteria and waits, by polling, until there is a draft.
    pub async fn generate(&self, issue: &Issue) -> Result<Value> {
        let path = format!("/api/issues/{}/jobs", issue.id);
        let asked = self.page("brine-panel", "alice", "POST", &path, Some(json!({ "maxScenarios": 3 }))).await?;
        let job = self.ended(&asked.expect(202)?["job"]).await?;
        anyhow::ensure!(job["state"] == "drafted", "the job did not end with a draft: {job}");
        Ok(self.panel(issue).await?["draft"].clone())
    }

    /// alice accepts the draft; the job that writes it.
    pub async fn accept(&self, draft: &Value) -> Result<Value> {
        let path = format!("/api/drafts/{}/accept", draft["id"].as_str().context("no draft")?);
        let body = json!({ "version": draft["version"] });
        Ok(self.page("brine-panel", "alice", "POST", &path, Some(body)).await?.expect(202)?["job"].clone())
    }

    /// The job as polling shows it now.
    pub async fn job(&self, job: &Value) -> Result<Value> {
        let path = format!("/api/jobs/{}", job["id"].as_str().context("no job")?);
        self.page("brine-panel", "alice", "GET", &path, None).await?.expect(200)
    }

    /// Polls until the job has ended.
    pub async fn ended(&self, job: &Value) -> Result<Value> {
        eventually("the job to end", CAP, async || {
            let now = self.job(job).await?;
            Ok(Some(now).filter(|job| !matches!(job["state"].as_str(), Some("queued" | "running"))))
        })
        .await
    }

    /// The jobs of an issue, as the admin sees them.
    pub async fn jobs(&self, key: &str) -> Result<Vec<Value>> {
        let path = format!("/api/jobs?issue={key}&limit=50");
        let listed = self.page("brine-admin", "carol", "GET", &path, None).await?.expect(200)?;
        Ok(listed["jobs"].as_array().cloned().unwrap_or_default())
    }
}
