//! A product owner and the panel: from the button to the criteria in the issue.

use anyhow::{Context, Result, ensure};
use brine_tests::fake_jira::{Issue, NewIssue};
use brine_tests::harness::{
    PROPERTY, Setup, World, gherkin_blocks, paragraph, parse_officially, rich_description, story, texts,
};
use serde_json::{Value, json};

fn returns(world: &World) -> Result<Issue> {
    world.jira.create_issue(NewIssue::story("SHOP", "Return a parcel").description(rich_description()))
}

fn nodes(document: &Value) -> &[Value] {
    document.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn described(world: &World, issue: &Issue) -> Result<Value> {
    world.jira.issue(&issue.key)?.description.context("the description is gone")
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

#[tokio::test]
async fn a_click_becomes_a_draft_that_is_edited_accepted_and_read_back_from_jira() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, issue) = (world.user("alice"), returns(world)?);
        let draft = alice.generate(&issue).await?;
        ensure!(world.jira.issue(&issue.key)?.edits.is_empty(), "a draft must not touch the issue");

        let edited = text(&draft, "text").replacen("Scenario:", "Scenario: Alice says that", 1);
        let saved = alice.edit(&draft, &edited).await?.expect(200)?;
        let saved = saved.get("draft").context("no draft")?;
        let written = alice.accept(saved, json!({})).await?;
        assert_eq!(text(&written, "state"), "written", "{written}");

        let stands = gherkin_blocks(&described(world, &issue)?);
        assert_eq!(stands.len(), 1, "{stands:?}");
        let block = &stands[0];
        assert!(block.contains("Scenario: Alice says that"), "{block}");
        let verdict = parse_officially(block).await?;
        assert!(verdict["scenarios"].as_u64() >= Some(3), "{verdict}");

        let mark = world.jira.property(&issue.key, PROPERTY)?.context("no mark in the property")?;
        assert_eq!(mark["draft"], saved["id"]);
        let edits = world.jira.issue(&issue.key)?.edits;
        assert_eq!(edits.len(), 1, "fields and mark go in one request");
        assert!(!edits[0].notified, "watchers get no mail");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_rest_of_the_description_stays_node_for_node() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, issue) = (world.user("alice"), returns(world)?);
        let draft = alice.generate(&issue).await?;
        alice.accept(&draft, json!({})).await?;

        let (before, after) = (rich_description(), described(world, &issue)?);
        let (before, after) = (nodes(&before), nodes(&after));
        assert!(after.len() > before.len());
        // Byte for byte: also the order of the attributes is as the person's editor wrote it.
        for (node, kept) in before.iter().zip(after) {
            assert_eq!(node.to_string(), kept.to_string());
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn regenerating_replaces_only_brines_own_section() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, issue) = (world.user("alice"), returns(world)?);
        let first = alice.generate(&issue).await?;
        alice.accept(&first, json!({})).await?;
        // A person goes on writing below the section, as people do.
        let mut document = described(world, &issue)?;
        document["content"].as_array_mut().context("no content")?.push(paragraph("Agreed with Carol on Monday."));
        world.jira.edit_description(&issue.key, "alice", document)?;

        let second = alice.generate(&issue).await?;
        assert_ne!(first["id"], second["id"]);
        let edited = text(&second, "text").replacen("Scenario:", "Scenario: The second time", 1);
        let saved = alice.edit(&second, &edited).await?.expect(200)?;
        let written = alice.accept(&saved["draft"], json!({})).await?;
        assert_eq!(text(&written, "state"), "written", "{written}");

        let now = described(world, &issue)?;
        let stands = gherkin_blocks(&now);
        assert_eq!(stands.len(), 1, "{stands:?}");
        assert!(stands[0].contains("Scenario: The second time"), "{stands:?}");
        for (node, kept) in nodes(&rich_description()).iter().zip(nodes(&now)) {
            assert_eq!(node, kept);
        }
        assert_eq!(nodes(&now).last(), Some(&paragraph("Agreed with Carol on Monday.")));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn brines_own_section_is_not_read_as_story() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, issue) = (world.user("alice"), returns(world)?);
        let first = alice.generate(&issue).await?;
        let odd = text(&first, "text").replacen("Scenario:", "Scenario: Quagmire 4711", 1);
        let saved = alice.edit(&first, &odd).await?.expect(200)?;
        alice.accept(&saved["draft"], json!({})).await?;
        let second = alice.generate(&issue).await?;
        assert!(!text(&second, "text").contains("Quagmire"), "{}", text(&second, "text"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_section_that_a_person_edited_is_replaced_only_after_asking() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, issue) = (world.user("alice"), returns(world)?);
        let first = alice.generate(&issue).await?;
        alice.accept(&first, json!({})).await?;
        let by_hand = serde_json::to_string(&described(world, &issue)?)?.replacen("Scenario:", "Scenario: By hand,", 1);
        world.jira.edit_description(&issue.key, "alice", serde_json::from_str(&by_hand)?)?;

        let second = alice.generate(&issue).await?;
        let refused = alice.accept(&second, json!({})).await?;
        assert_ne!(text(&refused, "state"), "written", "{refused}");
        assert!(texts(&described(world, &issue)?).contains("By hand,"), "the person's words are gone");
        let panel =
            alice.panel_shows(&issue, "the draft to be open again", |panel| panel["draft"]["state"] == "open").await?;

        let written = alice.accept(&panel["draft"], json!({"replaceEdited": true})).await?;
        assert_eq!(text(&written, "state"), "written", "{written}");
        let now = described(world, &issue)?;
        assert!(!texts(&now).contains("By hand,"));
        assert_eq!(gherkin_blocks(&now).len(), 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn progress_is_told_in_order() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, issue) = (world.user("alice"), returns(world)?);
        let job = alice.ask_for_criteria(&issue).await?.expect(202)?;
        let told = alice.watch(text(&job["job"], "id")).await?;

        let order = ["queued", "reading", "writing", "checking", "publishing", "ended"];
        let place = |event: &Value| order.iter().position(|stage| *stage == text(&event["progress"], "stage"));
        let places: Vec<Option<usize>> = told.iter().map(place).collect();
        assert!(!places.contains(&None) && places.is_sorted(), "{told:?}");
        let writing: Vec<u64> =
            told.iter().filter_map(|event| event.pointer("/progress/scenario").and_then(Value::as_u64)).collect();
        assert!(writing.is_sorted() && writing.first() == Some(&1), "{writing:?}");
        assert!(writing.last() >= Some(&2), "scenarios are told one by one: {writing:?}");
        let last = told.last().context("nothing was told")?;
        assert_eq!((text(&last["progress"], "stage"), text(last, "state")), ("ended", "drafted"));
        assert_eq!(last["requestedByName"], "Alice Archer");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_second_click_while_one_runs_does_not_make_a_second_job() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, issue) = (world.user("alice"), returns(world)?);
        let first = alice.ask_for_criteria(&issue).await?.expect(202)?;
        let second = alice.ask_for_criteria(&issue).await?;
        assert!(matches!(second.status, 200 | 202), "{second:?}");
        assert_eq!(first["job"]["id"], second.body["job"]["id"]);
        alice.watch(text(&first["job"], "id")).await?;
        assert_eq!(world.user("carol").jobs(&issue.key).await?.len(), 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_job_that_is_stopped_leaves_nothing() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, issue) = (world.user("alice"), returns(world)?);
        let job = alice.ask_for_criteria(&issue).await?.expect(202)?;
        let id = text(&job["job"], "id").to_owned();
        alice.call("POST", &format!("/api/jobs/{id}/cancel"), None).await?.expect(200)?;
        let last = alice.watch(&id).await?.pop().context("nothing was told")?;
        assert_eq!(text(&last, "state"), "cancelled");
        assert_eq!(alice.panel(&issue).await?["draft"], Value::Null);
        // The model is free again for the next.
        alice.generate(&issue).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn text_that_is_no_gherkin_is_refused_with_its_line_and_an_old_version_with_a_conflict() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, issue) = (world.user("alice"), returns(world)?);
        let draft = alice.generate(&issue).await?;
        let refused = alice.edit(&draft, "@happy-path\nScenario: One\n  Whenever it rains\n").await?;
        assert_eq!((refused.status, &refused.body["error"]["line"]), (422, &json!(3)), "{refused:?}");

        let same = text(&draft, "text").to_owned();
        alice.edit(&draft, &same).await?.expect(200)?;
        assert_eq!(alice.edit(&draft, &same).await?.status, 409, "the version is old now");
        assert_eq!(alice.accept_with(&draft, json!({})).await?.status, 409);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_same_story_gives_the_same_criteria() -> Result<()> {
    story(Setup::default(), async |world| {
        let alice = world.user("alice");
        let first = alice.generate(&returns(world)?).await?;
        let second = alice.generate(&returns(world)?).await?;
        assert_eq!(first["text"], second["text"]);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn bob_may_look_but_neither_generate_nor_edit_nor_accept() -> Result<()> {
    story(Setup::default(), async |world| {
        let (alice, bob, issue) = (world.user("alice"), world.user("bob"), returns(world)?);
        let draft = alice.generate(&issue).await?;
        let seen = bob.panel(&issue).await?;
        assert_eq!(seen["may"], json!({"generate": false, "accept": false, "undo": false}));
        assert_eq!(seen["draft"]["text"], draft["text"]);
        assert_eq!(bob.ask_for_criteria(&issue).await?.status, 403);
        assert_eq!(bob.edit(&draft, text(&draft, "text")).await?.status, 403);
        assert_eq!(bob.accept_with(&draft, json!({})).await?.status, 403);
        assert_eq!(bob.get("/api/jobs").await?.status, 403);
        assert_eq!(bob.set_project(json!({"automatic": true})).await?.status, 403);
        assert!(world.jira.issue(&issue.key)?.edits.is_empty());

        // Another issue: a right that Jira has just confirmed for this one holds on for half a minute.
        let unseen = returns(world)?;
        world.jira.forbid("bob", "SHOP", "BROWSE_PROJECTS");
        let hidden = bob.get(&format!("/api/issues/{}", unseen.id)).await?.status;
        assert!(matches!(hidden, 403 | 404), "{hidden}");
        Ok(())
    })
    .await
}
