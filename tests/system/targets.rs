//! Where criteria go besides the description and a comment, and the way back.

use anyhow::{Context, Result};
use brine_tests::fake_jira::{Issue, NewIssue};
use brine_tests::harness::{PROPERTY, Setup, User, World, gherkin_blocks, paragraph, rich_description, story, texts};
use serde_json::{Value, json};

/// The fields of the fake Jira's projects.
const CRITERIA: &str = "customfield_10050";
const SHORT: &str = "customfield_10051";
const NUMBER: &str = "customfield_10052";

fn returns(world: &World) -> Result<Issue> {
    world.jira.create_issue(NewIssue::story("SHOP", "Return a parcel").description(rich_description()))
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Presses "Undo", waits for the job, and gives it as it ended.
async fn undo(alice: &User<'_>, issue: &Issue, replace_edited: bool) -> Result<Value> {
    let path = format!("/api/issues/{}/undo", issue.id);
    let job = alice.call("POST", &path, Some(json!({"replaceEdited": replace_edited}))).await?.expect(202)?;
    alice.watch(text(&job["job"], "id")).await?.pop().context("no progress")
}

#[tokio::test]
async fn criteria_go_into_the_field_that_the_project_chose_and_come_back_out_of_it() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, carol, issue) = (world.user("alice"), world.user("carol"), returns(world)?);
        let offered = carol.get("/api/projects/SHOP/fields").await?.expect(200)?;
        let offered: Vec<&str> =
            offered["fields"].as_array().into_iter().flatten().map(|one| text(one, "id")).collect();
        assert_eq!(offered, [CRITERIA, SHORT], "a number is no place for criteria");
        for wrong in [json!(null), json!(NUMBER), json!("customfield_1"), json!("summary")] {
            let refused = carol.set_project(json!({"target": "field", "field": wrong})).await?;
            assert_eq!(refused.status, 400, "{wrong}");
        }
        assert_eq!(alice.get("/api/projects/SHOP/fields").await?.status, 403);
        carol.set_project(json!({"target": "field", "field": CRITERIA})).await?.expect(200)?;

        let by_hand = json!({"type": "doc", "version": 1, "content": [paragraph("Agreed on Monday.")]});
        world.jira.set_field(&issue.key, CRITERIA, by_hand.clone())?;
        let draft = alice.generate(&issue).await?;
        let refused = alice.accept(&draft, json!({})).await?;
        assert_eq!(text(&refused, "state"), "failed", "a person's words are not overwritten unasked: {refused}");
        let section = alice.get(&format!("/api/issues/{}/section?target=field", issue.id)).await?.expect(200)?;
        assert!(section["edited"] == true && text(&section, "text").contains("Agreed on Monday."), "{section}");
        assert!(text(&section, "draftText").contains("Scenario"), "{section}");

        let panel = alice.panel(&issue).await?;
        let written = alice.accept(&panel["draft"], json!({"replaceEdited": true})).await?;
        assert_eq!(text(&written, "state"), "written", "{written}");
        let now = world.jira.issue(&issue.key)?;
        assert_eq!(gherkin_blocks(now.custom.get(CRITERIA).context("the field is empty")?).len(), 1);
        assert_eq!(now.description, Some(rich_description()), "the description is left alone");

        let done = undo(&alice, &issue, false).await?;
        assert_eq!(text(&done, "state"), "withdrawn", "{done}");
        let now = world.jira.issue(&issue.key)?;
        assert_eq!(now.custom.get(CRITERIA), Some(&by_hand), "what stood there stands there again");
        assert_eq!(world.jira.property(&issue.key, PROPERTY)?, None);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_short_field_gets_the_titles() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, issue) = (world.user("alice"), returns(world)?);
        world.user("carol").set_project(json!({"target": "field", "field": SHORT})).await?.expect(200)?;
        let draft = alice.generate(&issue).await?;
        let written = alice.accept(&draft, json!({})).await?;
        assert_eq!(text(&written, "state"), "written", "{written}");
        let line =
            world.jira.issue(&issue.key)?.custom.get(SHORT).and_then(Value::as_str).unwrap_or_default().to_owned();
        assert!(line.starts_with(text(&draft["scenarios"][0], "title").get(..20).unwrap_or_default()), "{line}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn each_scenario_becomes_a_subtask_once_and_is_taken_back() -> Result<()> {
    story(Setup::default(), async |world| {
        use brine_tests::fake_jira::{Fault, Trouble};
        let (alice, issue) = (world.user("alice"), returns(world)?);
        world.user("carol").set_project(json!({"target": "subtasks"})).await?.expect(200)?;
        let draft = alice.generate(&issue).await?;
        let titles: Vec<&str> =
            draft["scenarios"].as_array().into_iter().flatten().map(|one| text(one, "title")).collect();
        // The first sub-task is made, and Brine never hears of it.
        let path = "/rest/api/3/issue";
        world.jira.push_fault(Fault::once("POST", path, Trouble::CutAfterWrite));
        let written = alice.accept(&draft, json!({})).await?;
        assert_eq!(text(&written, "state"), "written", "{written}");
        let made = world.jira.subtasks(&issue.key);
        assert_eq!(made.iter().map(|one| one.summary.as_str()).collect::<Vec<_>>(), titles);
        for one in &made {
            assert_eq!(gherkin_blocks(one.description.as_ref().context("no description")?).len(), 1);
        }
        assert_eq!(world.jira.issue(&issue.key)?.description, Some(rich_description()));

        let refused = alice.call("POST", &format!("/api/issues/{}/undo", issue.id), Some(json!({}))).await?;
        assert_eq!(refused.status, 403, "who may not delete issues in Jira may not by Brine");
        let carol = world.user("carol");
        world.jira.begin(&made[1].key)?;
        let asked = undo(&carol, &issue, false).await?;
        assert_eq!((text(&asked, "state"), world.jira.subtasks(&issue.key).len()), ("failed", made.len()), "{asked}");
        let done = undo(&carol, &issue, true).await?;
        assert_eq!((text(&done, "state"), world.jira.subtasks(&issue.key).len()), ("withdrawn", 0), "{done}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_write_is_undone_and_the_draft_can_be_accepted_again() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, bob, issue) = (world.user("alice"), world.user("bob"), returns(world)?);
        let path = format!("/api/issues/{}/undo", issue.id);
        assert_eq!(alice.call("POST", &path, Some(json!({}))).await?.status, 409, "nothing is written yet");
        let draft = alice.generate(&issue).await?;
        alice.accept(&draft, json!({})).await?;
        let panel = alice.panel(&issue).await?;
        assert_eq!((&panel["may"]["undo"], &panel["written"]["target"]), (&json!(true), &json!("description")));
        assert_eq!(bob.panel(&issue).await?["may"]["undo"], false);
        assert_eq!(bob.call("POST", &path, Some(json!({}))).await?.status, 403);

        let done = undo(&alice, &issue, false).await?;
        assert_eq!(text(&done, "state"), "withdrawn", "{done}");
        assert_eq!(world.jira.issue(&issue.key)?.description, Some(rich_description()));
        assert_eq!(world.jira.property(&issue.key, PROPERTY)?, None);
        let panel = alice.panel(&issue).await?;
        assert_eq!(panel["draft"]["state"], "open");
        assert_eq!(alice.call("POST", &path, Some(json!({}))).await?.status, 409, "it is undone already");

        let written = alice.accept(&panel["draft"], json!({})).await?;
        assert_eq!(text(&written, "state"), "written", "{written}");
        let by_hand = world.jira.issue(&issue.key)?.description.context("no description")?.to_string();
        let by_hand = by_hand.replacen("Scenario:", "Scenario: By hand,", 1);
        world.jira.edit_description(&issue.key, "alice", serde_json::from_str(&by_hand)?)?;
        let asked = undo(&alice, &issue, false).await?;
        assert_eq!(text(&asked, "state"), "failed", "{asked}");
        let now = world.jira.issue(&issue.key)?.description.context("no description")?;
        assert!(texts(&now).contains("By hand,"), "a person's words are gone");
        let done = undo(&alice, &issue, true).await?;
        assert_eq!(text(&done, "state"), "withdrawn", "{done}");
        assert_eq!(world.jira.issue(&issue.key)?.description, Some(rich_description()));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_comment_is_gone_again() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, issue) = (world.user("alice"), returns(world)?);
        world.user("carol").set_project(json!({"target": "comment"})).await?.expect(200)?;
        let draft = alice.generate(&issue).await?;
        alice.accept(&draft, json!({})).await?;
        assert_eq!(world.jira.comments(&issue.key)?.len(), 1);
        let done = undo(&alice, &issue, false).await?;
        assert_eq!((text(&done, "state"), world.jira.comments(&issue.key)?.len()), ("withdrawn", 0), "{done}");
        Ok(())
    })
    .await
}
