//! `brine generate` as a person types it, with the small model of the tests (`brine model pull smollm2-135m` fetches it).
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

const STORY: &str = "Lock a gift card after wrong PINs\n\
    As a holder, I want my card locked after wrong PINs, so that nobody spends my money.\n\
    - Three wrong PINs in a row lock the card for 24 hours.\n- A locked card cannot be used.\n";

fn brine(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::cargo_bin("brine").unwrap();
    command.env("BRINE_MODEL", "smollm2-135m").args(arguments).write_stdin(input).output().unwrap()
}

fn generate(arguments: &[&str], input: &[u8]) -> Output {
    brine(&[&["generate", "-", "--max-scenarios", "3"], arguments].concat(), input)
}

fn stdout(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Exit code 2, nothing on stdout, and one line that says so.
fn refused(output: &Output, expected: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(output.stdout.is_empty());
    assert!(said.trim_end().lines().count() == 1 && said.contains(expected), "{said:?} does not say {expected:?}");
}

#[test]
fn a_feature_comes_on_stdout_and_the_same_seed_gives_the_same_bytes() {
    let first = stdout(&generate(&["--seed", "7"], STORY.as_bytes()));
    assert!(first.starts_with("Feature: Lock a gift card after wrong PINs\n\n  @happy-path\n  Scenario: "), "{first}");
    assert_eq!(first.matches("Scenario: ").count(), 3, "{first}");
    let as_json = serde_json::json!({
        "summary": "Lock a gift card after wrong PINs",
        "description": STORY.split_once('\n').unwrap().1,
    });
    let second = stdout(&generate(&["--seed", "7"], as_json.to_string().as_bytes()));
    assert_eq!(first, second, "the same story as JSON gives the same criteria");
}

#[test]
fn other_formats_hold_the_same_criteria() {
    let json: Value = serde_json::from_str(&stdout(&generate(&["--format", "json"], STORY.as_bytes()))).unwrap();
    assert_eq!(json["criteria"]["scenarios"].as_array().unwrap().len(), 3);
    assert_eq!(json["provenance"]["model"], "smollm2-135m");
    let adf: Value = serde_json::from_str(&stdout(&generate(&["--format", "adf"], STORY.as_bytes()))).unwrap();
    assert_eq!((adf["type"].as_str(), adf["version"].as_i64()), (Some("doc"), Some(1)));
    let title = json["criteria"]["scenarios"][0]["title"].as_str().unwrap();
    assert!(adf.to_string().contains(title), "{adf}");
}

#[test]
fn a_story_of_a_megabyte_is_read_as_far_as_it_goes_and_says_so() {
    let rule = "An order older than 90 days is moved to the archive.\n";
    let long = "Archive old orders\n".to_owned() + &rule.repeat(20_000);
    let output = generate(&[], long.as_bytes());
    assert!(stdout(&output).contains("Scenario: "));
    assert!(String::from_utf8_lossy(&output.stderr).contains("note: The story is long"));
}

#[test]
fn a_story_in_another_language_is_answered_in_it_or_with_a_note() {
    let german =
        "Rechnung stornieren\nAls Buchhalterin möchte ich eine Rechnung stornieren, damit der Kunde zufrieden ist.";
    let output = generate(&[], german.as_bytes());
    let feature = stdout(&output);
    assert!(feature.starts_with("# language: de\n") && feature.contains("Szenario: "), "{feature}");
    let turkish =
        "Siparişi iptal et\nBir müşteri olarak siparişimi iptal etmek istiyorum, böylece paramı geri alabilirim.";
    let output = generate(&[], turkish.as_bytes());
    assert!(stdout(&output).contains("Scenario: "));
    assert!(String::from_utf8_lossy(&output.stderr).contains("Turkish"));
}

#[test]
fn what_is_no_story_is_refused_in_one_line() {
    refused(&generate(&[], b""), "the story is empty");
    refused(&generate(&[], b" \n\t\n"), "the story is empty");
    refused(&generate(&[], b"\x89PNG\r\n\x1a\n\0\0"), "not text");
    refused(&generate(&[], &vec![b'x'; 5 << 20]), "the limit is");
    refused(&generate(&[], br#"{"summary": "Lock a card", "description": {"text": "x"}}"#), "JSON must be");
    refused(&generate(&[], br#"{"issues": [{"fields": {}}, {"fields": {}}]}"#), "it holds 2 issues");
    refused(&brine(&["generate", "/nowhere/story.txt"], b""), "/nowhere/story.txt");
}

#[test]
fn what_is_not_known_is_refused_with_what_is() {
    refused(&generate(&["--model", "gpt-9"], STORY.as_bytes()), "smollm2-135m");
    refused(&generate(&["--prompt", "haiku"], STORY.as_bytes()), "quoted@1");
    refused(&generate(&["--adapter", "nobodys"], STORY.as_bytes()), "no adapter called \"nobodys\"");
}

#[test]
fn a_model_that_is_missing_cut_short_or_altered_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let models = folder.path().to_str().unwrap();
    let generate = || generate(&["--models", models], STORY.as_bytes());
    let verify = || brine(&["model", "verify", "--models", models], b"");
    refused(&generate(), "brine model pull smollm2-135m");
    refused(&verify(), "brine model pull smollm2-135m");
    let file = folder.path().join("SmolLM2-135M-Instruct.Q4_1.gguf");
    std::fs::write(&file, b"GGUF").unwrap();
    refused(&generate(), "has 4 bytes instead of 98362432");
    alter(&file);
    refused(&generate(), "is not the published file");
    refused(&verify(), "is not the published file");
}

/// A file of the right length with other bytes.
fn alter(file: &Path) {
    std::fs::File::create(file).unwrap().set_len(98_362_432).unwrap();
}

#[test]
fn every_command_explains_itself() {
    for (command, expected) in [
        (&["--help"][..], "acceptance criteria for Jira stories"),
        (&["generate", "--help"], "--max-scenarios"),
        (&["model", "--help"], "verify"),
        (&["model", "pull", "--help"], "--force"),
        (&["serve", "--help"], "--config"),
    ] {
        let help = stdout(&brine(command, b""));
        assert!(help.contains(expected) && help.contains("Usage:"), "{command:?}: {help}");
    }
    let listed = stdout(&brine(&["model", "list"], b""));
    let facts =
        ["smollm2-135m", "for tests alone", "qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b", "Apache-2.0", "(default)"];
    assert!(facts.iter().all(|fact| listed.contains(fact)), "{listed}");
    let shown = stdout(&brine(&["model", "show"], b""));
    assert!(shown.contains("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"), "{shown}");
}

#[test]
fn a_deadline_that_is_too_short_has_an_exit_code_of_its_own_and_names_its_option() {
    let output = generate(&["--deadline", "0"], STORY.as_bytes());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("raise --deadline") && !said.contains("model.deadline_seconds"), "{said}");
}
