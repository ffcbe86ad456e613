//! The fake Jira judged by Atlassian's own framework for Connect apps: an app made with it must take the fake's installs,
//! pages, tokens and webhooks, and the fake must take its calls.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use brine_tests::fake_jira::{FakeJira, FakeOptions, NewIssue};
use brine_tests::harness::{CAP, eventually};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

struct Peer {
    base: String,
    http: reqwest::Client,
    _program: Child,
}

impl Peer {
    async fn start(keys_url: &str) -> Result<Self> {
        let mut program = Command::new("node")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("node/peers/app.mjs"))
            .env("PEER_KEYS_URL", keys_url)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("node can't be run")?;
        let told = program.stdout.take().context("no standard output")?;
        let base = BufReader::new(told).lines().next_line().await?;
        let base = base.context("the peer does not start: `make conformance` installs what it needs")?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { base, http, _program: program })
    }

    async fn status(&self, address: &str) -> Result<(u16, Value)> {
        let answer = self.http.get(address).header("Accept", "application/json").send().await?;
        let status = answer.status().as_u16();
        Ok((status, serde_json::from_slice(&answer.bytes().await?).unwrap_or_default()))
    }

    /// Waits until the app says that it took something.
    async fn heard(&self, what: &str) -> Result<Value> {
        eventually(what, CAP, async || {
            let (_, heard) = self.status(&format!("{}/heard", self.base)).await?;
            Ok(heard.as_array().into_iter().flatten().find(|one| one["what"] == what).cloned())
        })
        .await
    }
}

#[tokio::test]
async fn an_app_by_atlassians_framework_takes_all_that_the_fake_jira_sends() -> Result<()> {
    let jira = FakeJira::start(FakeOptions::default()).await?;
    let peer = Peer::start(&jira.keys_url()).await?;
    jira.create_project("SHOP", "Shop");
    let installation = jira.install(&peer.base).await?;
    for what in ["installed", "enabled"] {
        assert_eq!(peer.heard(what).await?["clientKey"], json!(installation.client_key), "{what}");
    }

    let issue = jira.create_issue(NewIssue::story("SHOP", "Return a parcel").by("alice"))?;
    let created = peer.heard("created").await?;
    // The app has asked for the issue with a token that Atlassian's code signed.
    assert_eq!((&created["key"], &created["status"]), (&json!(issue.key), &json!(200)), "{created}");

    let page = format!("{}/browse/{}?user=alice", jira.base_url(), issue.key);
    let page = peer.http.get(page).send().await?.text().await?;
    let source = page.split_once("<iframe").and_then(|(_, rest)| rest.split_once(" src=\"")).context("no frame")?.1;
    let source = source.split_once('"').context("no end")?.0.replace("&amp;", "&");
    let account = jira.person("alice")?.account_id;
    let (status, shown) = peer.status(&source).await?;
    assert_eq!((status, &shown["issueKey"], &shown["user"]), (200, &json!(issue.key), &json!(account)), "{source}");
    let other = source.replace(&format!("issueKey={}", issue.key), "issueKey=SHOP-999");
    ensure!(other != source);
    assert_eq!(peer.status(&other).await?.0, 401, "the address is bound to its token");

    let token = jira.context_token("alice")?;
    let (status, answer) = peer.status(&format!("{}/api?jwt={token}", peer.base)).await?;
    assert_eq!((status, &answer["user"]), (200, &json!(account)));

    jira.webhooks_settled(CAP).await?;
    for delivery in jira.deliveries() {
        assert_eq!(delivery.attempts, [Some(204)], "{}", delivery.event);
    }
    jira.uninstall().await?;
    peer.heard("uninstalled").await?;
    Ok(())
}
