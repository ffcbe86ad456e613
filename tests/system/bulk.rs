//! Criteria for all stories that a JQL finds, in a whole service with the real model.

use anyhow::{Context, Result};
use brine_tests::fake_jira::{Issue, NewIssue};
use brine_tests::harness::{CAP, Setup, World, eventually, gherkin_blocks, story};
use serde_json::{Value, json};

const RUNS: &str = "/api/site/bulk";
const JQL: &str = "project = SHOP AND issuetype = Story ORDER BY key";

fn stories(world: &World, number: usize) -> Result<Vec<Issue>> {
    let text = "As a courier, I want to scan a parcel, so that the shopper can follow it.\n\n\
                - A parcel that is not on today's list is refused.\n- At most 40 parcels fit on a tour.";
    (1..=number)
        .map(|one| world.jira.create_issue(NewIssue::story("SHOP", &format!("Scan parcel {one}")).text(text)))
        .collect()
}

async fn order(world: &World, path: &str, body: Value, status: u16) -> Result<Value> {
    world.user("carol").call("POST", path, Some(body)).await?.expect(status)
}

async fn run_now(world: &World) -> Result<Value> {
    let shown = world.user("carol").get(RUNS).await?.expect(200)?;
    shown.get("run").cloned().context("no run")
}

async fn until(world: &World, state: &str) -> Result<Value> {
    eventually(&format!("the run to be {state}"), CAP, async || {
        Ok(Some(run_now(world).await?).filter(|run| run["state"] == state))
    })
    .await
}

fn sections(world: &World, issue: &Issue) -> Result<usize> {
    let description = world.jira.issue(&issue.key)?.description;
    Ok(description.map_or(0, |document| gherkin_blocks(&document).len()))
}

#[tokio::test]
async fn a_run_writes_what_its_jql_finds_once_over_a_kill_and_leaves_out_what_has_criteria() -> Result<()> {
    story(Setup::default(), async |world| {
        world.user("carol").set_project(json!({})).await?.expect(200)?;
        let issues = stories(world, 3)?;
        let first = json!({"jql": JQL, "most": 2, "publish": true});
        let cost = order(world, "/api/site/bulk/count", first.clone(), 200).await?;
        assert_eq!((&cost["matches"], &cost["stories"]), (&json!(3), &json!(2)), "{cost}");
        order(world, RUNS, first.clone(), 202).await?;
        order(world, RUNS, first, 409).await?;
        eventually("a job of the run at work", CAP, async || {
            let running = world.user("carol").get("/api/jobs?state=running").await?.expect(200)?;
            Ok(running["jobs"].get(0).cloned())
        })
        .await?;
        world.brine.kill().await?;
        world.brine.restart().await?;
        let done = until(world, "done").await?;
        assert_eq!((&done["done"], &done["total"]), (&json!(2), &json!(2)), "{done}");

        let rest = json!({"jql": JQL, "most": 50, "publish": true});
        let run = order(world, RUNS, rest, 202).await?;
        let path = format!("{RUNS}/{}", run["run"]["id"].as_str().context("no id")?);
        order(world, &format!("{path}/pause"), json!({}), 200).await?;
        assert_eq!(run_now(world).await?["state"], "paused");
        order(world, &format!("{path}/resume"), json!({}), 200).await?;
        let done = until(world, "done").await?;
        assert_eq!((&done["done"], &done["skipped"], &done["failed"]), (&json!(1), &json!(2), &json!(0)), "{done}");
        for issue in &issues {
            assert_eq!(sections(world, issue)?, 1, "{}", issue.key);
            assert_eq!(world.jira.issue(&issue.key)?.edits.len(), 1, "{} is written once", issue.key);
            let jobs = world.user("carol").jobs(&issue.key).await?;
            assert_eq!((jobs.len(), &jobs[0]["class"]), (1, &json!("bulk")));
        }
        let log = world.brine.log();
        assert!(!log.contains("issuetype"), "the JQL stands in the log");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_wrong_jql_is_told_in_jiras_words_and_a_cancelled_run_leaves_nothing() -> Result<()> {
    story(Setup::default(), async |world| {
        let issues = stories(world, 4)?;
        let wrong = json!({"jql": "mood = good", "most": 5});
        let answer = world.user("carol").call("POST", "/api/site/bulk/count", Some(wrong)).await?;
        assert_eq!(answer.status, 400);
        assert!(answer.message().starts_with("Jira does not take this JQL: Field 'mood' does not exist"), "{answer:?}");
        let unbounded = json!({"jql": "order by key", "most": 5});
        let answer = world.user("carol").call("POST", RUNS, Some(unbounded)).await?;
        assert!(answer.message().contains("Unbounded JQL"), "{answer:?}");

        let run = order(world, RUNS, json!({"jql": JQL, "most": 4}), 202).await?;
        eventually("the run's jobs", CAP, async || Ok(Some(run_now(world).await?).filter(|run| run["waiting"] == 4)))
            .await?;
        let path = format!("{RUNS}/{}/cancel", run["run"]["id"].as_str().context("no id")?);
        let cancelled = order(world, &path, json!({}), 200).await?;
        assert_eq!(cancelled["run"]["state"], "cancelled");
        assert_eq!(cancelled["run"]["waiting"], 0);
        for issue in &issues {
            assert_eq!(sections(world, issue)?, 0, "{}", issue.key);
        }
        Ok(())
    })
    .await
}
