//! `make demo`: a fake Jira, the real service, three stories, and the criteria as they stand in Jira afterwards.

mod stories;
mod tell;

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use brine_tests::fake_jira::{FakeJira, FakeOptions, Issue, NewIssue};
use brine_tests::harness::{Brine, ServeOptions, gherkin_blocks};
use serde_json::{Value, json};

use stories::Story;

/// How long one story may take before the demo gives up.
const PATIENCE: Duration = Duration::from_secs(240);

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let stories = stories::load()?;
    let (jira, brine) = unless_interrupted(start()).await?;
    let working = async {
        tokio::select! {
            worked = work(&jira, &brine, &stories) => {
                worked.with_context(|| format!("the service's log:\n{}", brine.log_tail()))
            }
            died = brine.death() => Err(died),
        }
    };
    unless_interrupted(working).await?;
    if std::io::stdin().is_terminal() {
        tell::addresses(&jira);
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed?,
            died = brine.death() => bail!(died),
        }
    }
    let code = brine.stop().await?;
    ensure!(code == 0, "brine serve ended with exit code {code}");
    Ok(())
}

/// Ctrl-C ends the demo in order: what was started is stopped.
async fn unless_interrupted<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        worked = work => worked,
        _ = tokio::signal::ctrl_c() => bail!("stopped by Ctrl-C"),
    }
}

async fn start() -> Result<(FakeJira, Brine)> {
    let step = tell::step("Starting a fake Jira and brine serve …");
    let jira = FakeJira::start(FakeOptions::default()).await?;
    jira.create_project("SHOP", "Web shop");
    let brine = Brine::start(&jira, ServeOptions { model: None, own_group: true, ..ServeOptions::default() }).await?;
    tell::done(&step, &format!("Fake Jira at {}, Brine at {}", jira.base_url(), brine.base_url()));
    Ok((jira, brine))
}

async fn work(jira: &FakeJira, brine: &Brine, stories: &[Story]) -> Result<()> {
    let step = tell::step("Installing Brine in Jira, and switching automatic on …");
    jira.install(brine.base_url()).await?;
    switch_on(jira, brine).await?;
    tell::done(&step, "Brine is installed; new stories get criteria by themselves");

    for story in stories {
        let step = tell::step(&format!("“{}”: waiting for criteria …", story.summary));
        let start = Instant::now();
        let issue = jira.create_issue(NewIssue::story("SHOP", &story.summary).text(&story.description))?;
        let criteria = wait_for_criteria(jira, brine, &issue, &step).await?;
        let took = start.elapsed();
        step.finish_and_clear();
        tell::story(&issue.key, story, &criteria, took);
    }
    Ok(())
}

/// As carol, through the API that the settings page uses.
async fn switch_on(jira: &FakeJira, brine: &Brine) -> Result<()> {
    let settings = json!({"automatic": true, "issueTypes": ["Story"], "target": "description", "maxScenarios": 6});
    let answer = http()?
        .put(format!("{}/api/projects/SHOP/settings", brine.base_url()))
        .header("Authorization", format!("JWT {}", jira.context_token("carol")?))
        .json(&settings)
        .send()
        .await?;
    ensure!(answer.status() == 200, "automatic can't be switched on: {}", answer.text().await?);
    Ok(())
}

/// Reads the criteria from the issue in Jira; what the job says is only shown while they are not there.
async fn wait_for_criteria(
    jira: &FakeJira,
    brine: &Brine,
    issue: &Issue,
    step: &indicatif::ProgressBar,
) -> Result<String> {
    let (http, start) = (http()?, Instant::now());
    let address = format!("{}/api/jobs?issue={}&limit=1", brine.base_url(), issue.key);
    loop {
        let description = jira.issue(&issue.key)?.description;
        if let Some(criteria) = description.as_ref().and_then(|document| gherkin_blocks(document).into_iter().next()) {
            return Ok(criteria);
        }
        let token = jira.context_token("carol")?;
        let answer = http.get(&address).header("Authorization", format!("JWT {token}")).send().await?;
        let listed: Value = answer.json().await?;
        let job = listed.pointer("/jobs/0").cloned().unwrap_or_default();
        let text = |pointer: &str| job.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        if matches!(text("/state").as_str(), "failed" | "skipped" | "cancelled") {
            bail!("no criteria for {}: {}", issue.key, text("/error"));
        }
        tell::progress(step, &issue.key, &job);
        ensure!(start.elapsed() < PATIENCE, "no criteria for {} after {PATIENCE:?}", issue.key);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn http() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().no_proxy().build()?)
}
