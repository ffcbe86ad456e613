//! What only Node can judge: the pages' own scripts, and Atlassian's validators on the app that operators deploy.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use brine_core::gherkin::{self, Criteria, Keyword, Language};
use brine_core::story::Note;
use brine_tests::harness::brine_binary;
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("node")
}

/// Runs a file of tests; what it prints is shown when one fails.
fn node(file: &str, variables: &[(&str, &str)]) -> Result<()> {
    let mut command = Command::new("node");
    command.args(["--test", "--test-reporter=spec", file]).envs(variables.iter().copied());
    let output = command.current_dir(folder()).output().context("node can't be run: `make test` installs it")?;
    let told = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{file} fails:\n{told}\n{}", String::from_utf8_lossy(&output.stderr));
    // A file without tests is well, too.
    let passed = told.lines().find_map(|line| line.trim_start_matches(['ℹ', '#', ' ']).strip_prefix("pass "));
    ensure!(passed.is_some_and(|number| number.trim() != "0"), "{file} holds no test:\n{told}");
    Ok(())
}

#[test]
fn a_job_is_followed_and_the_api_is_called_the_same_way_in_every_host() -> Result<()> {
    node("follow.test.mjs", &[])
}

#[test]
fn a_page_in_a_connect_frame_has_tokens_and_a_stream() -> Result<()> {
    node("connect.test.mjs", &[])
}

#[test]
fn a_page_in_a_forge_frame_calls_through_forge_and_asks_again() -> Result<()> {
    node("forge.test.mjs", &[])
}

#[test]
fn a_bulk_run_is_told_in_sentences() -> Result<()> {
    node("bulk.test.mjs", &[])
}

#[test]
fn the_forge_bundle_is_made_of_these_sources() -> Result<()> {
    node("bundle.test.mjs", &[])
}

#[test]
fn our_calls_of_forges_bridge_are_those_of_atlassians_package() -> Result<()> {
    node("atlassian/bridge.test.mjs", &[])
}

#[test]
fn a_feature_file_is_downloaded_in_the_language_of_the_draft() -> Result<()> {
    node("feature.test.mjs", &[])
}

const SET: &str = "@happy-path
Scenario: Die richtige PIN
  Given eine Karte
  And ein Mensch
  When sie gilt
  Then ist sie offen
  But nicht lange

@edge-case
Scenario Outline: Die <n>. PIN
  Given eine Karte
  When die <n>. PIN gilt
  Then ist sie offen

  Examples:
    | n |
    | 2 |

# Question: Und dann?
";

#[test]
fn the_official_parser_takes_our_files_in_every_language() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut command = Command::new("node");
    command.arg(self::folder().join("parse_features.mjs"));
    for language in Language::ALL {
        let criteria = Criteria { language, ..gherkin::parse(SET)? };
        let notes = [Note::Trimmed { read: 1, of: 2 }];
        let path = folder.path().join(format!("{language}.feature"));
        std::fs::write(&path, criteria.to_feature("Karten", &notes))?;
        command.arg(path);
    }
    let output = command.output().context("node can't be run: `make test` installs it")?;
    let told = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    for (line, language) in told.lines().zip(Language::ALL) {
        let verdict: Value = serde_json::from_str(line)?;
        let dialect = language.dialect();
        assert_eq!((&verdict["language"], &verdict["feature"]), (&json!(language), &json!("Karten")), "{verdict}");
        let keywords: Vec<&Value> = verdict["details"][0]["steps"].as_array().into_iter().flatten().collect();
        let keywords: Vec<&str> = keywords.iter().filter_map(|step| step["keyword"].as_str()).collect();
        let [given, when, then, and, but] = Keyword::ALL.map(|keyword| dialect.step(keyword));
        assert_eq!(keywords, [given, and, when, then, but], "{language}");
        assert_eq!((&verdict["outlines"], &verdict["pickles"]), (&json!(1), &json!(2)), "{verdict}");
        assert_eq!(verdict["details"][1]["keyword"], dialect.scenario_word(true), "{verdict}");
    }
    Ok(())
}

/// Writes the app as an operator does, and lets Atlassian's validators judge it.
fn judged(kind: &str, more: &[&str]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let app = folder.path().join("app");
    let made = Command::new(brine_binary()?)
        .args(["forge", "app", "--base-url", "https://brine.example.com"])
        .args(["--app-id", "11111111-2222-4333-8444-555555555555", "--out"])
        .arg(&app)
        .args(more)
        .output()?;
    ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let app = app.to_string_lossy();
    node("atlassian/manifest.test.mjs", &[("BRINE_FORGE_APP", &app), ("BRINE_FORGE_KIND", kind)])
}

#[test]
fn atlassians_validators_take_the_forge_app() -> Result<()> {
    judged("remote", &[])
}

#[test]
fn atlassians_validators_take_connect_on_forge() -> Result<()> {
    judged("connect", &["--connect"])
}
