//! What a team accepts can be learned from, if its administrators agree, and only then.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use brine_tests::fake_jira::{Issue, NewIssue};
use brine_tests::harness::{SMALL_MODEL, ServeOptions, Setup, World, brine_binary, story};
use serde_json::{Value, json};

const STORY: &str = "As a courier, I want to scan a parcel, so that the shopper can follow it.\n\n\
                     - A parcel that is not on today's list is refused, and bob.miller@acme-couriers.com is told.\n\
                     - At most 40 parcels fit on a tour.";

fn scan_a_parcel(world: &World) -> Result<Issue> {
    world.jira.create_issue(NewIssue::story("SHOP", "Scan a parcel").text(STORY))
}

async fn agree(world: &World, on: bool) -> Result<Value> {
    let body = json!({"adapter": null, "keepExamples": on});
    world.user("carol").call("PUT", "/api/site/settings", Some(body)).await?.expect(200)
}

/// Alice generates, edits and accepts.
async fn alice_accepts(world: &World, issue: &Issue) -> Result<()> {
    let alice = world.user("alice");
    let draft = alice.generate(issue).await?;
    let text = draft["text"].as_str().context("no text")?;
    let told = "Scenario: Alice tells bob.miller@acme-couriers.com of parcels";
    let (before, after) = text.split_once("Scenario: ").context("no scenario")?;
    let title_ends = after.find('\n').context("a title alone")?;
    let edited = format!("{before}{told}{}", &after[title_ends..]);
    let saved = alice.edit(&draft, &edited).await?.expect(200)?;
    let written = alice.accept(&saved["draft"], json!({})).await?;
    assert_eq!(written["state"], "written", "{written}");
    Ok(())
}

fn pairs(text: &str) -> Result<Vec<Value>> {
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

#[tokio::test]
async fn with_consent_the_edited_criteria_are_exported_without_what_points_to_anybody() -> Result<()> {
    story(Setup::default(), async |world| {
        agree(world, true).await?;
        let issue = scan_a_parcel(world)?;
        alice_accepts(world, &issue).await?;
        world.user("carol").set_project(json!({"automatic": true})).await?.expect(200)?;
        let automatic = scan_a_parcel(world)?;
        let job = world.last_job_ended(&automatic.key).await?;
        assert_eq!(job["state"], "written", "{job}");

        let folder = tempfile::tempdir()?;
        let out = folder.path().join("pairs.jsonl");
        let words = folder.path().join("words");
        std::fs::write(&words, "courier\n")?;
        let (out_text, words) = (out.display().to_string(), words.display().to_string());
        let exported = world.brine.run(&["export-pairs", "--out", &out_text, "--redact-words", &words]).await?;
        let said = String::from_utf8_lossy(&exported.stderr).into_owned();
        assert!(exported.status.success(), "{said}");
        assert!(said.contains("e-mail address") && said.contains("listed word"), "{said}");

        let text = std::fs::read_to_string(&out)?;
        for gone in ["bob.miller", "acme-couriers", &issue.key] {
            assert!(!text.contains(gone), "{gone} stands in {text}");
        }
        // As a word: what else the model makes of it is not listed.
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '-').collect();
        assert!(!words.contains(&"courier"), "courier stands in {text}");
        let pairs = pairs(&text)?;
        assert_eq!(pairs.len(), 2, "{pairs:?}");
        let by = |by: &str| pairs.iter().find(|pair| pair["provenance"]["by"] == by).context("no such pair");
        let (person, alone) = (by("person")?, by("automatic")?);
        let criteria = person["criteria"].as_str().context("no criteria")?;
        assert!(criteria.contains("Scenario: Alice tells person1@example.com of parcels"), "{criteria}");
        let description = person["description"].as_str().context("no description")?;
        assert!(description.contains("person1@example.com is told") && description.contains("At most 40 parcels"));
        assert_eq!((&person["provenance"]["edited"], &alone["provenance"]["edited"]), (&json!(true), &json!(false)));
        assert_eq!(person["provenance"]["model"], "smollm2-135m");

        // A team that changes its mind: nothing is left to export.
        let erased = world.user("carol").call("DELETE", "/api/site/examples", None).await?.expect(200)?;
        assert_eq!(erased["kept"], 0);
        std::fs::remove_file(&out)?;
        let nothing = world.brine.run(&["export-pairs", "--out", &out_text]).await?;
        assert_eq!(nothing.status.code(), Some(2));
        assert!(!out.exists());
        Ok(())
    })
    .await
}

#[tokio::test]
async fn without_consent_nothing_is_kept_and_nothing_can_be_exported() -> Result<()> {
    story(Setup::default(), async |world| {
        alice_accepts(world, &scan_a_parcel(world)?).await?;
        let folder = tempfile::tempdir()?;
        let out = folder.path().join("pairs.jsonl");
        let refused = world.brine.run(&["export-pairs", "--out", &out.display().to_string()]).await?;
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains("no site has agreed"), "{said}");
        // Consent given later does not reach back.
        assert_eq!(agree(world, true).await?["kept"], 0);
        assert!(!out.exists());
        Ok(())
    })
    .await
}

/// A folder of models with the small model and adapters that change nothing, each made for the file with this SHA-256.
fn models(adapters: &[(&str, &str)]) -> Result<tempfile::TempDir> {
    let shown = std::process::Command::new(brine_binary()?).args(["model", "show", SMALL_MODEL]).output()?;
    let shown = String::from_utf8(shown.stdout)?;
    let field =
        |name: &str| shown.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).context("no such field");
    let file = PathBuf::from(field("on disk")?);
    let folder = tempfile::tempdir()?;
    std::os::unix::fs::symlink(&file, folder.path().join(file.file_name().context("no name")?))?;
    for (name, base) in adapters {
        let base = if base.is_empty() { field("sha256")? } else { base };
        let place = adapter(&folder, name);
        std::fs::create_dir_all(&place)?;
        let config =
            json!({"peft_type": "LORA", "r": 1, "lora_alpha": 1, "brine": {"base_sha256": base, "prompt": "quoted@1"}});
        std::fs::write(place.join("adapter_config.json"), config.to_string())?;
        std::fs::write(place.join("adapter_model.safetensors"), [&2_u64.to_le_bytes()[..], b"{}"].concat())?;
    }
    Ok(folder)
}

fn adapter(models: &impl AsRef<Path>, name: &str) -> PathBuf {
    models.as_ref().join("adapters").join(name)
}

#[tokio::test]
async fn a_project_writes_with_the_adapter_that_it_chose_or_not_at_all() -> Result<()> {
    let models = models(&[("ours", ""), ("leaves", ""), ("foreign", "ab")])?;
    let serve = ServeOptions { models: Some(models.path().to_owned()), ..ServeOptions::default() };
    story(Setup { serve, ..Setup::default() }, async |world| {
        let carol = world.user("carol");
        let page_offers = carol.set_project(json!({"adapter": "nobodys"})).await?;
        assert_eq!(page_offers.status, 400);
        let told = page_offers.message();
        assert!(told.contains("known ones: plain") && told.contains("leaves, ours"), "{told}");
        let foreign = carol.set_project(json!({"adapter": "foreign"})).await?;
        assert!(foreign.status == 400 && foreign.message().contains("not made for smollm2-135m"), "{foreign:?}");

        carol.set_project(json!({"adapter": "ours"})).await?.expect(200)?;
        let draft = world.user("alice").generate(&scan_a_parcel(world)?).await?;
        assert_eq!(
            (&draft["provenance"]["adapter"], &draft["provenance"]["prompt"]),
            (&json!("ours"), &json!("quoted@1"))
        );

        carol.set_project(json!({"adapter": "leaves"})).await?.expect(200)?;
        std::fs::remove_dir_all(adapter(&models, "leaves"))?;
        let issue = scan_a_parcel(world)?;
        world.user("alice").ask_for_criteria(&issue).await?.expect(202)?;
        let job = world.last_job_ended(&issue.key).await?;
        assert_eq!(job["state"], "failed", "{job}");
        let why = job["error"].as_str().context("no reason")?;
        assert!(why.contains("no adapter called \"leaves\"") && why.contains("ours"), "{why}");

        carol.set_project(json!({"adapter": "plain"})).await?.expect(200)?;
        let plain = world.user("alice").generate(&issue).await?;
        assert_eq!(plain["provenance"]["adapter"], Value::Null);
        Ok(())
    })
    .await
}
