//! The way that people go: a real browser, the issue page, the button, the criteria.

use anyhow::{Context, Result, ensure};
use brine_tests::fake_jira::{Issue, NewIssue};
use brine_tests::harness::browser::Browser;
use brine_tests::harness::{Setup, World, gherkin_blocks, story};
use fantoccini::Locator;
use serde_json::json;

fn parcel_lockers(world: &World) -> Result<Issue> {
    let text = "As a shopper, I want to have my parcel brought to a locker, so that I can fetch it at any time.\n\n\
                - A parcel stays in the locker for 3 days and is then sent back.\n\
                - The shopper opens the locker with a code of 6 digits.\n\
                - After 5 wrong codes the locker stays shut for 15 minutes.";
    world.jira.create_issue(NewIssue::story("SHOP", "[Delivery] Fetch a parcel from a locker").text(text))
}

#[tokio::test]
async fn alice_makes_edits_and_accepts_criteria_in_the_issue() -> Result<()> {
    story(Setup::default(), async |world| {
        let issue = parcel_lockers(world)?;
        let page = Browser::open().await?;
        page.visit(&format!("{}/browse/{}?user=alice", world.jira.base_url(), issue.key)).await?;
        page.enter_app().await?;
        page.wait_for(Locator::XPath("//button[normalize-space()='Generate acceptance criteria']")).await?;
        page.picture("issue-before").await?;
        page.press("Generate acceptance criteria").await?;

        // A card comes for each finished scenario, long before the last one is written.
        page.wait_for(Locator::XPath("//button[normalize-space()='Stop']")).await?;
        page.wait_for(Locator::Css(".card")).await?;
        page.picture("progress").await?;

        page.wait_for(Locator::XPath("//button[normalize-space()='Edit']")).await?;
        page.picture("draft").await?;
        page.press("Edit").await?;
        let area = page.wait_for(Locator::Css("textarea")).await?;
        let text = area.prop("value").await?.context("the editor is empty")?;
        ensure!(text.contains("Scenario"), "the editor holds {text:?}");
        page.retype("textarea", &text.replacen("Scenario:", "Scenario: Alice read it and", 1)).await?;
        page.picture("edit").await?;
        page.press("Save").await?;
        page.wait_for_text("Alice read it and").await?;

        page.press("Add to description").await?;
        page.wait_for_text("The criteria are in").await?;
        page.leave_app().await?;
        page.wait_for(Locator::Css("#flags .flag.success")).await?;

        page.visit(&format!("{}/browse/{}", world.jira.base_url(), issue.key)).await?;
        let shown = page.wait_for(Locator::Css("#description pre")).await?.text().await?;
        ensure!(shown.contains("Scenario: Alice read it and"), "the issue shows {shown:?}");
        page.picture("issue-after").await?;
        let description = world.jira.issue(&issue.key)?.description.context("no description")?;
        assert_eq!(gherkin_blocks(&description).len(), 1);

        page.enter_app().await?;
        page.press("Undo").await?;
        page.wait_for(Locator::XPath("//span[normalize-space()='Not in Jira yet']")).await?;
        let description = world.jira.issue(&issue.key)?.description.context("no description")?;
        assert_eq!(gherkin_blocks(&description).len(), 0);
        page.close().await
    })
    .await
}

#[tokio::test]
async fn alice_has_one_scenario_written_anew_and_one_more() -> Result<()> {
    story(Setup::default(), async |world| {
        let issue = parcel_lockers(world)?;
        let alice = world.user("alice");
        alice.generate(&issue).await?;
        let titles = async || {
            let draft = alice.panel(&issue).await?["draft"].clone();
            let all = draft["scenarios"].as_array().context("no scenarios")?.clone();
            Ok::<_, anyhow::Error>(all.iter().map(|one| one["title"].clone()).collect::<Vec<_>>())
        };
        let first = titles().await?;
        let page = Browser::open().await?;
        page.visit(&format!("{}/browse/{}?user=alice", world.jira.base_url(), issue.key)).await?;
        page.enter_app().await?;
        page.press("Write anew").await?;
        page.retype("input.wish", "with a parcel that is too large").await?;
        page.press("Write").await?;
        let changed = alice.panel_shows(&issue, "the new draft", |panel| {
            panel["job"]["task"] == "scenario" && panel["job"]["state"] == "drafted"
        });
        changed.await?;
        let second = titles().await?;
        assert_eq!((second.len(), &second[1..]), (first.len(), &first[1..]), "the others stay");
        assert_ne!(second[0], first[0]);

        page.wait_for(Locator::XPath("//button[normalize-space()='Edit']")).await?;
        page.press("Add a scenario").await?;
        page.picture("one-scenario").await?;
        page.retype("input.wish", "the locker is broken").await?;
        page.press("Write").await?;
        let more = alice.panel_shows(&issue, "a further scenario", |panel| {
            panel["draft"]["scenarios"].as_array().is_some_and(|all| all.len() == first.len() + 1)
        });
        more.await?;
        assert_eq!(titles().await?[..first.len()], second[..]);
        page.close().await
    })
    .await
}

#[tokio::test]
async fn carol_chooses_a_field_and_alices_click_ends_there() -> Result<()> {
    story(Setup::default(), async |world| {
        let (issue, field) = (parcel_lockers(world)?, "customfield_10050");
        let page = Browser::open().await?;
        page.visit(&format!("{}/projects/SHOP/settings?user=carol", world.jira.base_url())).await?;
        page.enter_app().await?;
        page.wait_for(Locator::Css("input[value=field]")).await?.click().await?;
        page.wait_for(Locator::Css(&format!("#field option[value={field}]"))).await?.click().await?;
        page.press("Save").await?;
        page.wait_for_text("Saved").await?;

        world.user("alice").generate(&issue).await?;
        page.visit(&format!("{}/browse/{}?user=alice", world.jira.base_url(), issue.key)).await?;
        page.enter_app().await?;
        page.press("Add to the field").await?;
        page.wait_for_text("The criteria are in the field").await?;
        let now = world.jira.issue(&issue.key)?;
        assert_eq!(gherkin_blocks(now.custom.get(field).context("the field is empty")?).len(), 1);
        page.close().await
    })
    .await
}

#[tokio::test]
async fn carol_sees_the_job_and_switches_automatic_on() -> Result<()> {
    story(Setup::default(), async |world| {
        let issue = parcel_lockers(world)?;
        world.user("alice").generate(&issue).await?;
        let page = Browser::open().await?;

        page.visit(&format!("{}/admin?user=carol", world.jira.base_url())).await?;
        page.enter_app().await?;
        page.wait_for_text(&issue.key).await?;
        page.wait_for_text("Alice Archer").await?;
        page.picture("admin").await?;

        page.visit(&format!("{}/projects/SHOP/settings?user=carol", world.jira.base_url())).await?;
        page.enter_app().await?;
        page.wait_for(Locator::Css("#automatic")).await?.click().await?;
        page.press("Save").await?;
        page.wait_for_text("Saved").await?;
        page.picture("settings").await?;
        let settings = world.user("carol").get("/api/projects/SHOP/settings").await?.expect(200)?;
        assert_eq!(settings["automatic"], json!(true));

        let next = parcel_lockers(world)?;
        let job = world.last_job_ended(&next.key).await?;
        assert_eq!(job["state"], "written", "{job}");
        page.close().await
    })
    .await
}

#[tokio::test]
async fn carol_agrees_that_accepted_criteria_are_kept_and_erases_them() -> Result<()> {
    story(Setup::default(), async |world| {
        let page = Browser::open().await?;
        page.visit(&format!("{}/admin?user=carol", world.jira.base_url())).await?;
        page.enter_app().await?;
        let switch = page.wait_for(Locator::Css("#keep-examples")).await?;
        page.wait_for_text("Nothing is kept.").await?;
        switch.click().await?;
        page.press("Save").await?;
        page.wait_for_text("Saved.").await?;
        let (alice, issue) = (world.user("alice"), parcel_lockers(world)?);
        let draft = alice.generate(&issue).await?;
        alice.accept(&draft, json!({})).await?;

        page.visit(&format!("{}/admin?user=carol", world.jira.base_url())).await?;
        page.enter_app().await?;
        page.wait_for_text("1 accepted draft is kept.").await?;
        page.picture("learning").await?;
        page.press("Erase what was kept").await?;
        page.press("Erase for good?").await?;
        page.wait_for_text("Nothing is kept.").await?;
        let settings = world.user("carol").get("/api/site/settings").await?.expect(200)?;
        assert_eq!((&settings["keepExamples"], &settings["kept"]), (&json!(true), &json!(0)));
        page.close().await
    })
    .await
}

#[tokio::test]
async fn carol_counts_and_starts_a_bulk_run_and_watches_it() -> Result<()> {
    story(Setup::default(), async |world| {
        world.user("carol").set_project(json!({})).await?.expect(200)?;
        let issue = parcel_lockers(world)?;
        let page = Browser::open().await?;
        page.visit(&format!("{}/admin?user=carol", world.jira.base_url())).await?;
        page.enter_app().await?;
        page.wait_for_text("0 stories begun today; no daily limit.").await?;
        page.wait_for(Locator::Css("#bulk-jql")).await?;
        page.retype("#bulk-jql", "mood = good").await?;
        page.press("Count stories").await?;
        page.wait_for_text("Jira does not take this JQL: Field 'mood' does not exist").await?;
        page.retype("#bulk-jql", "project = SHOP AND issuetype = Story").await?;
        page.press("Count stories").await?;
        page.wait_for_text("About 1 issue found.").await?;
        page.picture("bulk-count").await?;
        page.press("Start for 1 story").await?;
        page.wait_for(Locator::Css(".run[data-state=running]")).await?;
        page.wait_for(Locator::Css(".run[data-state=done]")).await?;
        page.wait_for_text("1 of 1: 1 drafted.").await?;
        page.wait_for_text("1 story begun today").await?;
        let panel = world.user("alice").panel(&issue).await?;
        assert_eq!(panel["draft"]["state"], "open", "{panel}");
        page.close().await
    })
    .await
}

#[tokio::test]
async fn bob_sees_the_draft_but_no_button_that_he_may_not_press() -> Result<()> {
    story(Setup::default(), async |world| {
        let issue = parcel_lockers(world)?;
        world.user("alice").generate(&issue).await?;
        let page = Browser::open().await?;
        page.visit(&format!("{}/browse/{}?user=bob", world.jira.base_url(), issue.key)).await?;
        page.enter_app().await?;
        page.wait_for(Locator::Css(".card")).await?;
        let buttons =
            page.run("return [...document.querySelectorAll('button')].map(b => b.innerText)", Vec::new()).await?;
        let buttons = buttons.to_string();
        for forbidden in ["Edit", "Regenerate", "Add to", "Generate"] {
            assert!(!buttons.contains(forbidden), "{buttons}");
        }
        assert!(buttons.contains("Copy"), "{buttons}");
        page.close().await
    })
    .await
}
