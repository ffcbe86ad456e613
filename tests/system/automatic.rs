//! What happens by itself, when a project wants it so.

use anyhow::{Context, Result};
use brine_tests::fake_jira::NewIssue;
use brine_tests::harness::{CAP, PROPERTY, Setup, World, gherkin_blocks, story};
use serde_json::{Value, json};

const STORY: &str = "As a courier, I want to scan a parcel, so that the shopper can follow it.\n\n\
                     - A parcel that is not on today's list is refused.\n- At most 40 parcels fit on a tour.";

fn scan_a_parcel() -> NewIssue {
    NewIssue::story("SHOP", "Scan a parcel").text(STORY)
}

async fn switch_on(world: &World, more: Value) -> Result<()> {
    let mut changes = json!({"automatic": true});
    if let (Some(changes), Some(more)) = (changes.as_object_mut(), more.as_object()) {
        changes.extend(more.clone());
    }
    world.user("carol").set_project(changes).await?.expect(200)?;
    Ok(())
}

#[tokio::test]
async fn a_new_story_gets_criteria_and_brines_own_write_starts_nothing() -> Result<()> {
    story(Setup::default(), async |world| {
        switch_on(world, json!({})).await?;
        let issue = world.jira.create_issue(scan_a_parcel())?;
        let job = world.last_job_ended(&issue.key).await?;
        assert_eq!((&job["state"], &job["class"]), (&json!("written"), &json!("automatic")), "{job}");

        let description = world.jira.issue(&issue.key)?.description.context("no description")?;
        assert_eq!(gherkin_blocks(&description).len(), 1);
        world.jira.webhooks_settled(CAP).await?;
        assert_eq!(world.user("carol").jobs(&issue.key).await?.len(), 1, "its own write made a job");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_issue_that_the_app_itself_makes_is_left_alone() -> Result<()> {
    story(Setup::default(), async |world| {
        switch_on(world, json!({})).await?;
        let issue = world.jira.create_issue(scan_a_parcel().by("app"))?;
        world.jira.webhooks_settled(CAP).await?;
        assert_eq!(world.jira.deliveries().len(), 1, "the webhook was not even sent");
        assert_eq!(world.user("carol").jobs(&issue.key).await?, Vec::<Value>::new());
        Ok(())
    })
    .await
}

#[tokio::test]
async fn nothing_happens_while_it_is_off_and_to_other_issue_types() -> Result<()> {
    story(Setup::default(), async |world| {
        let off = world.jira.create_issue(scan_a_parcel())?;
        world.jira.webhooks_settled(CAP).await?;
        switch_on(world, json!({"issueTypes": ["Story"]})).await?;
        let bug = world.jira.create_issue(scan_a_parcel().of_type("Bug"))?;
        world.jira.webhooks_settled(CAP).await?;

        let answers: Vec<_> = world.jira.deliveries().into_iter().map(|delivery| delivery.attempts).collect();
        assert_eq!(answers, [[Some(204)], [Some(204)]]);
        for key in [off.key, bug.key] {
            assert_eq!(world.user("carol").jobs(&key).await?, Vec::<Value>::new());
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_webhook_that_comes_twice_makes_one_job() -> Result<()> {
    story(Setup::default(), async |world| {
        switch_on(world, json!({})).await?;
        let issue = world.jira.create_issue(scan_a_parcel())?;
        world.last_job_ended(&issue.key).await?;
        world.jira.webhooks_settled(CAP).await?;
        let identifier = world.jira.deliveries()[0].identifier.clone();
        assert!(world.jira.send_again(&identifier));
        world.jira.webhooks_settled(CAP).await?;

        assert_eq!(world.jira.deliveries()[0].attempts, [Some(204), Some(204)]);
        assert_eq!(world.user("carol").jobs(&issue.key).await?.len(), 1);
        assert_eq!(world.jira.issue(&issue.key)?.edits.len(), 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_comment_is_written_once_and_updated_afterwards() -> Result<()> {
    story(Setup::default(), async |world| {
        switch_on(world, json!({"target": "comment"})).await?;
        let issue = world.jira.create_issue(scan_a_parcel())?;
        let job = world.last_job_ended(&issue.key).await?;
        assert_eq!(job["state"], "written", "{job}");

        let comments = world.jira.comments(&issue.key)?;
        assert_eq!(comments.len(), 1);
        let first = gherkin_blocks(&comments[0].body);
        assert_eq!(first.len(), 1);
        let now = world.jira.issue(&issue.key)?;
        assert_eq!(now.description, issue.description, "the description is not touched");

        let alice = world.user("alice");
        let draft = alice.generate(&issue).await?;
        let text = draft["text"].as_str().context("no text")?.replacen("Scenario:", "Scenario: Again,", 1);
        let saved = alice.edit(&draft, &text).await?.expect(200)?;
        alice.accept(&saved["draft"], json!({})).await?;
        let comments = world.jira.comments(&issue.key)?;
        assert_eq!(comments.len(), 1, "the same comment is updated");
        assert!(gherkin_blocks(&comments[0].body)[0].contains("Scenario: Again,"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn only_a_draft_means_that_jira_is_not_written() -> Result<()> {
    story(Setup::default(), async |world| {
        switch_on(world, json!({"target": "draft"})).await?;
        let issue = world.jira.create_issue(scan_a_parcel())?;
        let job = world.last_job_ended(&issue.key).await?;
        assert_eq!(job["state"], "drafted", "{job}");

        let now = world.jira.issue(&issue.key)?;
        assert_eq!(now.description, issue.description);
        assert!(now.comments.is_empty() && now.edits.is_empty());
        assert_eq!(world.jira.property(&issue.key, PROPERTY)?, None);
        let panel = world.user("alice").panel(&issue).await?;
        assert_eq!(panel["draft"]["state"], "open");
        assert_eq!(panel["may"]["accept"], false);
        Ok(())
    })
    .await
}
