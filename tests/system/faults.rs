//! Trouble: Jira fails, the service is killed, the site goes away. An accepted job is never lost, and Jira is written once.

use anyhow::{Context, Result};
use brine_tests::fake_jira::{Fault, Issue, NewIssue, Trouble};
use brine_tests::harness::{CAP, Setup, World, eventually, gherkin_blocks, story};
use serde_json::{Value, json};

fn refund(world: &World) -> Result<Issue> {
    let text = "As a clerk, I want to refund an order, so that the shopper is content.\n\n\
                - Orders older than 90 days are refused.\n- A refund over 500 euros needs a second clerk.";
    world.jira.create_issue(NewIssue::story("SHOP", "Refund an order").text(text))
}

fn state(job: &Value) -> &str {
    job["state"].as_str().unwrap_or_default()
}

/// The criteria stand in the issue once, and were written by one request that went through.
fn written_once(world: &World, issue: &Issue) -> Result<()> {
    let now = world.jira.issue(&issue.key)?;
    assert_eq!(gherkin_blocks(&now.description.context("no description")?).len(), 1);
    assert_eq!(now.edits.len(), 1, "{:?}", now.edits);
    Ok(())
}

#[tokio::test]
async fn jira_fails_while_the_story_is_read_and_the_job_goes_on_afterwards() -> Result<()> {
    story(Setup::default(), async |world| {
        world.user("carol").set_project(json!({"automatic": true})).await?.expect(200)?;
        // Waiting because Jira said so is no attempt.
        for (trouble, attempts) in [(Trouble::Status(503), 2), (Trouble::RateLimited { retry_after: 1 }, 1)] {
            world.jira.push_fault(Fault::once("GET", "/rest/api/3/issue/", trouble));
            let issue = refund(world)?;
            let ended = world.last_job_ended(&issue.key).await?;
            assert_eq!((state(&ended), ended["attempts"].as_u64()), ("written", Some(attempts)), "{ended}");
            written_once(world, &issue)?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn jira_fails_while_it_is_written_and_the_criteria_come_once() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, issue) = (world.user("alice"), refund(world)?);
        let draft = alice.generate(&issue).await?;
        for trouble in [Trouble::Status(500), Trouble::Status(502), Trouble::RateLimited { retry_after: 1 }] {
            world.jira.push_fault(Fault::once("PUT", "/issue/", trouble));
        }
        let ended = alice.accept(&draft, json!({})).await?;
        assert_eq!((state(&ended), ended["attempts"].as_u64()), ("written", Some(3)), "{ended}");
        written_once(world, &issue)
    })
    .await
}

#[tokio::test]
async fn a_write_that_went_through_without_an_answer_is_not_repeated() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, issue) = (world.user("alice"), refund(world)?);
        let draft = alice.generate(&issue).await?;
        world.jira.push_fault(Fault::once("PUT", "/issue/", Trouble::CutAfterWrite));
        let ended = alice.accept(&draft, json!({})).await?;
        assert_eq!(state(&ended), "written", "{ended}");
        written_once(world, &issue)
    })
    .await
}

#[tokio::test]
async fn a_comment_that_went_through_without_an_answer_is_not_added_twice() -> Result<()> {
    story(Setup::default(), async |world| {
        world.user("carol").set_project(json!({"target": "comment"})).await?.expect(200)?;
        let (alice, issue) = (world.user("alice"), refund(world)?);
        let draft = alice.generate(&issue).await?;
        world.jira.push_fault(Fault::once("POST", "/comment", Trouble::CutAfterWrite));
        let ended = alice.accept(&draft, json!({})).await?;
        assert_eq!(state(&ended), "written", "{ended}");
        assert_eq!(world.jira.comments(&issue.key)?.len(), 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_jira_refuses_for_good_is_not_tried_again_and_can_be_retried_by_hand() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, issue) = (world.user("alice"), refund(world)?);
        let draft = alice.generate(&issue).await?;
        world.jira.forbid("app", "SHOP", "EDIT_ISSUES");
        let failed = alice.accept(&draft, json!({})).await?;
        assert_eq!((state(&failed), failed["attempts"].as_u64()), ("failed", Some(1)), "{failed}");
        assert!(!failed["error"].as_str().unwrap_or_default().is_empty(), "{failed}");

        world.jira.allow("app", "SHOP", "EDIT_ISSUES");
        let id = failed["id"].as_str().context("no id")?.to_owned();
        world.user("carol").call("POST", &format!("/api/jobs/{id}/retry"), None).await?.expect(200)?;
        let ended = alice.watch(&id).await?.pop().context("nothing was told")?;
        assert_eq!(state(&ended), "written", "{ended}");
        written_once(world, &issue)
    })
    .await
}

#[tokio::test]
async fn an_issue_that_is_gone_is_skipped_and_not_called_a_failure() -> Result<()> {
    story(Setup::default(), async |world| {
        world.user("carol").set_project(json!({"automatic": true})).await?.expect(200)?;
        world.jira.push_fault(Fault::once("GET", "/rest/api/3/issue/", Trouble::Status(404)));
        let issue = refund(world)?;
        let ended = world.last_job_ended(&issue.key).await?;
        assert_eq!((state(&ended), ended["attempts"].as_u64()), ("skipped", Some(1)), "{ended}");
        assert!(world.jira.issue(&issue.key)?.edits.is_empty());
        Ok(())
    })
    .await
}

#[tokio::test]
async fn killed_in_the_middle_of_a_job_the_service_finishes_it_once() -> Result<()> {
    story(Setup::default(), async |world| {
        world.user("carol").set_project(json!({"automatic": true})).await?.expect(200)?;
        let issue = refund(world)?;
        let carol = world.user("carol");
        eventually("the model to write", CAP, async || {
            let jobs = carol.jobs(&issue.key).await?;
            Ok(jobs.first().filter(|job| job["progress"]["stage"] == "writing").map(|_| ()))
        })
        .await?;
        world.brine.kill().await?;
        world.brine.restart().await?;

        let job = world.last_job_ended(&issue.key).await?;
        assert_eq!(state(&job), "written", "{job}");
        assert_eq!(carol.jobs(&issue.key).await?.len(), 1);
        written_once(world, &issue)
    })
    .await
}

#[tokio::test]
async fn killed_while_it_writes_to_jira_the_service_finds_its_own_mark() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, issue) = (world.user("alice"), refund(world)?);
        let draft = alice.generate(&issue).await?;
        // The write goes through; then the service dies before it can know.
        world.jira.push_fault(Fault::once("PUT", "/issue/", Trouble::CutAfterWrite));
        alice.accept_with(&draft, json!({})).await?.expect(202)?;
        eventually("the write", CAP, async || Ok((world.jira.issue(&issue.key)?.edits.len() == 1).then_some(())))
            .await?;
        world.brine.kill().await?;
        world.brine.restart().await?;

        let job = world.last_job_ended(&issue.key).await?;
        assert_eq!(state(&job), "written", "{job}");
        written_once(world, &issue)
    })
    .await
}

#[tokio::test]
async fn an_orderly_end_gives_the_job_back_and_the_next_start_finishes_it() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, issue) = (world.user("alice"), refund(world)?);
        alice.ask_for_criteria(&issue).await?.expect(202)?;
        assert_eq!(world.brine.stop().await?, 0);
        world.brine.restart().await?;
        let job = world.last_job_ended(&issue.key).await?;
        assert_eq!(state(&job), "drafted", "{job}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_uninstalled_site_is_left_alone_and_comes_back_as_the_same_tenant() -> Result<()> {
    story(Setup::default(), async |world| {
        world.user("carol").set_project(json!({"automatic": true})).await?.expect(200)?;
        let (alice, issue) = (world.user("alice"), refund(world)?);
        world.last_job_ended(&issue.key).await?;
        let token = world.jira.context_token("alice")?;
        let installation = world.jira.installation()?;

        world.jira.uninstall().await?;
        let address = format!("{}/api/issues/{}", world.brine.base_url(), issue.id);
        let answer = world.http().get(address).header("Authorization", format!("JWT {token}")).send().await?;
        assert_eq!(answer.status(), 401, "a token of the old installation opens nothing");

        let again = world.jira.install(world.brine.base_url()).await?;
        assert_ne!(again.shared_secret, installation.shared_secret);
        let settings = world.user("carol").get("/api/projects/SHOP/settings").await?.expect(200)?;
        assert_eq!(settings["automatic"], true, "settings are kept for the same tenant");
        assert_eq!(alice.panel(&issue).await?["issue"]["key"], issue.key);
        Ok(())
    })
    .await
}
