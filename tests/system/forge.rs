//! The service as the remote of a Forge app: installed, called by pages and events, with tokens that end.

use std::time::Duration;

use anyhow::{Context, Result};
use brine_tests::fake_forge::Invoke;
use brine_tests::fake_jira::{InstallKey, NewIssue, hs256, now_s, unsigned};
use brine_tests::harness::{CAP, ForgeWorld, ServeOptions, eventually, forge_story, gherkin_blocks};
use serde_json::{Value, json};

const STORY: &str = "As a courier, I want to scan a parcel, so that the shopper can follow it.\n\n\
                     - A parcel that is not on today's list is refused.\n- At most 40 parcels fit on a tour.";

fn scan_a_parcel() -> NewIssue {
    NewIssue::story("SHOP", "Scan a parcel").text(STORY)
}

async fn switch_on(world: &ForgeWorld<'_>, more: Value) -> Result<()> {
    let mut settings = json!({"automatic": true, "issueTypes": ["Story"], "target": "description", "maxScenarios": 3});
    if let (Some(settings), Some(more)) = (settings.as_object_mut(), more.as_object()) {
        settings.extend(more.clone());
    }
    let path = "/api/projects/SHOP/settings";
    world.page("brine-project-settings", "carol", "PUT", path, Some(settings)).await?.expect(200)?;
    Ok(())
}

#[tokio::test]
async fn a_click_in_a_page_of_forge_ends_with_criteria_in_the_issue() -> Result<()> {
    forge_story(ServeOptions::default(), async |world| {
        world.forge.install(world.brine.base_url()).await?;
        let issue = world.jira.create_issue(scan_a_parcel())?;
        let draft = world.generate(&issue).await?;
        let job = world.ended(&world.accept(&draft).await?).await?;
        assert_eq!(job["state"], "written", "{job}");
        let description = world.jira.issue(&issue.key)?.description.context("no description")?;
        assert_eq!(gherkin_blocks(&description).len(), 1);
        let bob = world.page("brine-panel", "bob", "GET", &format!("/api/issues/{}", issue.id), None).await?;
        assert_eq!(bob.expect(200)?["may"]["generate"], false, "bob may look and no more");
        assert_eq!(world.forge.fetches(), 1, "the key set is fetched once");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_event_makes_criteria_by_itself_and_only_once() -> Result<()> {
    forge_story(ServeOptions::default(), async |world| {
        let brine = world.brine.base_url();
        world.forge.install(brine).await?;
        switch_on(world, json!({})).await?;
        let issue = world.jira.create_issue(scan_a_parcel())?;
        for _ in 0..2 {
            let body = world.forge.created(&issue, "alice")?;
            assert_eq!(world.forge.event(brine, "brine-issues", "/forge/issues", body).await?, 204);
        }
        let jobs = world.jobs(&issue.key).await?;
        assert_eq!(jobs.len(), 1);
        assert_eq!(world.ended(&jobs[0]).await?["state"], "written");
        let late = world.forge.created(&issue, "alice")?;
        assert_eq!(world.forge.event(brine, "brine-issues", "/forge/issues", late).await?, 204);
        assert_eq!(world.jobs(&issue.key).await?.len(), 1, "told again, it is the same happening");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn work_that_outlives_its_token_waits_for_the_next_one_and_says_so() -> Result<()> {
    forge_story(ServeOptions::default(), async |world| {
        let brine = world.brine.base_url();
        // It ends before anything can be done with it.
        world.forge.token_life(1);
        world.forge.install(brine).await?;
        let issue = world.jira.create_issue(scan_a_parcel())?;
        let path = format!("/api/issues/{}/jobs", issue.id);
        let asked = world.page("brine-panel", "alice", "POST", &path, Some(json!({ "maxScenarios": 3 }))).await?;
        let job = asked.expect(202)?["job"].clone();
        let waiting = eventually("the job to wait", CAP, async || {
            let now = world.job(&job).await?;
            Ok(Some(now).filter(|job| job["state"] == "queued" && job["error"].is_string()))
        })
        .await?;
        let told = waiting["error"].as_str().context("nothing is told")?;
        assert!(told.contains("waiting for Jira's next token"), "{told}");
        assert_eq!(waiting["attempts"], 0, "waiting uses up no attempt");

        world.forge.token_life(3600);
        world.forge.tick(brine).await?;
        let ended = world.ended(&job).await?;
        assert_eq!((&ended["state"], &ended["attempts"]), (&json!("drafted"), &json!(1)), "{ended}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_site_moves_from_connect_to_forge_with_its_history() -> Result<()> {
    forge_story(ServeOptions::default(), async |world| {
        let brine = world.brine.base_url();
        world.jira.install(brine).await?;
        let issue = world.jira.create_issue(scan_a_parcel())?;
        let address = format!("{brine}/api/issues/{}/jobs", issue.id);
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        let token = world.jira.context_token("alice")?;
        let asked = http.post(address).header("Authorization", format!("JWT {token}"));
        let asked = asked.json(&json!({ "maxScenarios": 3 })).send().await?;
        assert_eq!(asked.status(), 202);
        let asked: Value = serde_json::from_slice(&asked.bytes().await?)?;

        world.forge.install(brine).await?;
        let job = world.ended(&asked["job"]).await?;
        assert_eq!(job["state"], "drafted", "Forge's page sees the job that Connect's made: {job}");
        world.jira.uninstall().await?;
        let draft = world.panel(&issue).await?["draft"].clone();
        assert_eq!(draft["state"], "open");
        let written = world.ended(&world.accept(&draft).await?).await?;
        assert_eq!(written["state"], "written", "{written}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_app_that_was_removed_opens_nothing_and_a_new_install_opens_everything() -> Result<()> {
    forge_story(ServeOptions::default(), async |world| {
        let brine = world.brine.base_url();
        world.forge.install(brine).await?;
        let issue = world.jira.create_issue(scan_a_parcel())?;
        let draft = world.generate(&issue).await?;
        let old = world.forge.sign(&world.forge.claims("brine-panel", Some("alice"))?)?;
        world.forge.uninstall(brine).await?;
        let path = format!("/api/issues/{}", issue.id);
        let look = |path| Invoke { method: "GET", path, body: None };
        assert_eq!(world.forge.page_with(brine, &old, "alice", look(&path)).await?.status, 401);
        world.forge.install(brine).await?;
        assert_eq!(world.panel(&issue).await?["draft"]["id"], draft["id"], "the same site, and what it had");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn keys_change_and_a_flood_of_forged_tokens_hardly_fetches_any() -> Result<()> {
    let serve = ServeOptions { more: vec![("BRINE_UNPROVEN_PER_SECOND", "0".to_owned())], ..ServeOptions::default() };
    forge_story(serve, async |world| {
        let brine = world.brine.base_url();
        world.forge.install(brine).await?;
        let issue = world.jira.create_issue(scan_a_parcel())?;
        world.panel(&issue).await?;
        let withdrawn = world.forge.key();
        world.forge.rotate_key()?;
        world.panel(&issue).await?;
        assert_eq!(world.forge.fetches(), 2);
        let path = format!("/api/issues/{}", issue.id);
        let claims = || world.forge.claims("brine-panel", Some("alice"));
        let status = async |token: String| {
            let look = Invoke { method: "GET", path: &path, body: None };
            Ok::<u16, anyhow::Error>(world.forge.page_with(brine, &token, "alice", look).await?.status)
        };
        assert_eq!(status(withdrawn.sign(&claims()?)?).await?, 401, "a key that was withdrawn");
        let stranger = InstallKey::generate()?;
        for number in 0..60 {
            let kid = format!("forge/invocation-token/{number}");
            assert_eq!(status(stranger.sign_as(&claims()?, &kid)?).await?, 401);
        }
        assert!(world.forge.fetches() <= 3, "{} fetches", world.forge.fetches());
        world.panel(&issue).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn forged_invocations_open_nothing() -> Result<()> {
    forge_story(ServeOptions::default(), async |world| {
        let brine = world.brine.base_url();
        world.forge.install(brine).await?;
        let issue = world.jira.create_issue(scan_a_parcel())?;
        let path = format!("/api/issues/{}/jobs", issue.id);
        let key = world.forge.key();
        let right = || world.forge.claims("brine-panel", Some("alice"));
        let with = |field: &str, value: Value| -> Result<String> {
            let mut claims = right()?;
            claims[field] = value;
            key.sign(&claims)
        };
        let for_module = |module: &str| -> Result<String> { key.sign(&world.forge.claims(module, Some("alice"))?) };
        let other_app = "ari:cloud:ecosystem::app/00000000-0000-4000-8000-000000000000";
        let forged = [
            ("alg none", unsigned(&right()?)),
            ("HS256 with the public key", hs256(&right()?, &key.pem()?)),
            ("a key of someone else under its name", InstallKey::generate()?.sign_as(&right()?, key.kid())?),
            ("another app", with("aud", json!(other_app))?),
            ("another issuer", with("iss", json!("forge/other-token"))?),
            ("expired", with("exp", json!(now_s() - 10))?),
            ("not yet valid", with("nbf", json!(now_s() + 60))?),
            ("made an hour ago", with("iat", json!(now_s() - 3600))?),
            ("another module", for_module("brine-project-settings")?),
            ("an event", key.sign(&world.forge.claims("brine-issues", None)?)?),
            ("no name", with("jti", Value::Null)?),
        ];
        let ask = || Invoke { method: "POST", path: &path, body: Some(json!({ "maxScenarios": 3 })) };
        for (name, token) in forged {
            assert_eq!(world.forge.page_with(brine, &token, "alice", ask()).await?.status, 401, "{name}");
        }
        let token = key.sign(&right()?)?;
        let asked = world.forge.page_with(brine, &token, "alice", ask()).await?.expect(202)?;
        assert_eq!(world.forge.page_with(brine, &token, "alice", ask()).await?.status, 401, "replayed");
        assert_eq!(world.ended(&asked["job"]).await?["state"], "drafted");
        assert_eq!(world.jobs(&issue.key).await?.len(), 1);
        let event = for_module("brine-panel")?;
        assert_eq!(world.forge.event_with(brine, &event, "/forge/issues", json!({})).await?, 401, "a page is no event");
        Ok(())
    })
    .await
}
