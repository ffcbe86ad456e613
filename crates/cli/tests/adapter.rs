//! `brine adapter` from the outside, with adapters that hold nothing: no model is needed to list, judge and go back.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;

/// Of the default model's file.
const BASE: &str = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";

fn brine(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("brine").unwrap();
    command.current_dir(folder).env("BRINE_MODELS", "models").args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn refused(output: &Output, code: i32, expected: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(expected), "{said:?} does not say {expected:?}");
}

/// An adapter without tensors; `note` makes its hash its own.
fn adapter(folder: &Path, base: &str, note: &str) {
    std::fs::create_dir_all(folder).unwrap();
    let config = format!(
        r#"{{"peft_type": "LORA", "r": 1, "lora_alpha": 2, "note": "{note}", "brine": {{"base_sha256": "{base}", "prompt": "rule@2"}}}}"#
    );
    std::fs::write(folder.join("adapter_config.json"), config).unwrap();
    std::fs::write(folder.join("adapter_model.safetensors"), [&2_u64.to_le_bytes()[..], b"{}"].concat()).unwrap();
}

#[test]
fn adapters_are_listed_shown_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let adapters = folder.path().join("models/adapters");
    adapter(&adapters.join("ours"), BASE, "a");
    adapter(&adapters.join("foreign"), "ab", "b");
    std::fs::create_dir_all(adapters.join("broken")).unwrap();
    std::fs::write(adapters.join("broken/adapter_config.json"), "{}").unwrap();
    let listed = stdout(&brine(folder.path(), &["adapter", "list"]));
    let line = |name: &str| listed.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(line("ours").contains("smollm2-135m") && line("ours").contains("in the folder of models"), "{listed}");
    assert!(line("foreign").contains("(unknown base)"), "{listed}");
    assert!(line("broken").contains("(unusable)"), "{listed}");

    let shown = stdout(&brine(folder.path(), &["adapter", "show", "ours"]));
    assert!(shown.contains("base        smollm2-135m") && shown.contains("prompt      rule@2"), "{shown}");
    assert!(stdout(&brine(folder.path(), &["adapter", "verify", "ours"])).contains("fits smollm2-135m"));
    refused(&brine(folder.path(), &["adapter", "verify", "foreign"]), 2, "fits no model");
    refused(&brine(folder.path(), &["adapter", "show", "nobodys"]), 2, "foreign, ours");
}

#[test]
fn versions_are_listed_with_their_figures_and_gone_back_from() {
    let folder = tempfile::tempdir().unwrap();
    let slot = folder.path().join("models/adapters/ours");
    let versions: Vec<String> = ["new", "old"].iter().map(|note| version(folder.path(), &slot, note)).collect();
    std::fs::write(slot.join("current"), versions.join("\n")).unwrap();
    let figures =
        r#"{"promoted": "2026-11-26", "against": "plain", "pairs": 71, "figures": ["F: facts covered 61.0 %"]}"#;
    std::fs::write(slot.join("versions").join(&versions[0]).join("promoted.json"), figures).unwrap();

    let listed = stdout(&brine(folder.path(), &["adapter", "list"]));
    let expected = format!("{}  in use   2026-11-26, against plain on 71 pairs: F: facts covered 61.0 %", versions[0]);
    assert!(listed.contains(&expected), "{listed}");
    assert!(listed.contains(&format!("{}  earlier", versions[1])), "{listed}");

    let back = stdout(&brine(folder.path(), &["adapter", "rollback", "ours"]));
    assert!(back.contains(&versions[1]) && back.contains("next start"), "{back}");
    let shown = stdout(&brine(folder.path(), &["adapter", "show", "ours"]));
    assert!(shown.contains(&format!("name        ours@{}", versions[1])), "{shown}");
    refused(&brine(folder.path(), &["adapter", "rollback", "ours"]), 2, "no version of ours before");
    refused(&brine(folder.path(), &["adapter", "rollback", "nobodys"]), 2, "no version of nobodys before");
    refused(&brine(folder.path(), &["adapter", "rollback", "../x"]), 2, "can't be an adapter's name");

    std::fs::write(slot.join("versions").join(&versions[1]).join("adapter_config.json"), GOOD_BUT_OTHER).unwrap();
    refused(&brine(folder.path(), &["adapter", "verify", "ours"]), 2, "was altered");
}

const GOOD_BUT_OTHER: &str = r#"{"peft_type": "LORA", "r": 2, "lora_alpha": 2, "brine": {"base_sha256": "ab"}}"#;

/// Lays a version into the slot under the name that its hash gives it.
fn version(folder: &Path, slot: &Path, note: &str) -> String {
    let made = folder.join(note);
    adapter(&made, BASE, note);
    let shown = stdout(&brine(folder, &["adapter", "show", note]));
    let hash = shown.lines().find_map(|line| line.strip_prefix("sha256")).unwrap().trim()[..12].to_owned();
    std::fs::create_dir_all(slot.join("versions")).unwrap();
    std::fs::rename(made, slot.join("versions").join(&hash)).unwrap();
    hash
}

/// `count` stories with a fact, and what the two arms wrote for them.
fn measured(folder: &Path, count: usize, candidate: &str, in_use: &str) {
    let stories: String = (0..count)
        .map(|id| {
            let story = serde_json::json!({"id": id.to_string(), "summary": "Lock cards", "facts": ["unlock :: support & unlocks"],
                "description": "3 wrong PINs lock the card.\nSupport unlocks a locked card."});
            format!("{story}\n")
        })
        .collect();
    std::fs::write(folder.join("dev.jsonl"), stories).unwrap();
    std::fs::create_dir_all(folder.join("out/outputs")).unwrap();
    for (arm, criteria) in [("candidate", candidate), ("in-use", in_use)] {
        let answers: String = (0..count)
            .map(|id| format!("{}\n", serde_json::json!({"id": id.to_string(), "criteria": criteria})))
            .collect();
        std::fs::write(folder.join(format!("out/outputs/{arm}.jsonl")), answers).unwrap();
    }
}

const LOCKS: &str = "@happy-path\nScenario: Third wrong PIN locks the card\n  Given a card with 2 wrong PINs\n  When a wrong PIN comes\n  Then the card is locked\n";
const UNLOCKS: &str = "@happy-path\nScenario: Support unlocks the card\n  Given a locked card\n  When support unlocks the card\n  Then the card is no longer locked\n";

#[test]
fn the_gate_lets_the_better_one_through_and_refuses_the_rest_with_the_table() {
    let folder = tempfile::tempdir().unwrap();
    adapter(&folder.path().join("candidate"), BASE, "c");
    let judge = || {
        let judge = ["adapter", "promote", "candidate", "--name", "ours", "--dev", "dev.jsonl"];
        brine(folder.path(), &[&judge[..], &["--dry-run", "--measure-only", "--out", "out"]].concat())
    };
    measured(folder.path(), 25, UNLOCKS, LOCKS);
    let passed = judge();
    let table = stdout(&passed);
    assert!(
        table.contains("F: facts covered") && table.contains("| plain |") && table.contains("+100.0 pp"),
        "{table}"
    );
    assert!(String::from_utf8_lossy(&passed.stderr).contains("would be taken into use"));
    assert!(!folder.path().join("models").exists(), "a dry run leaves nothing");

    measured(folder.path(), 25, LOCKS, UNLOCKS);
    let worse = judge();
    refused(&worse, 1, "clearly worse: F: facts covered");
    assert!(String::from_utf8_lossy(&worse.stdout).contains("−100.0 pp"), "the table is there, too");
    measured(folder.path(), 10, UNLOCKS, LOCKS);
    refused(&judge(), 2, "10 held-out pairs are too few");
}

#[test]
fn what_cannot_be_promoted_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    adapter(&folder.path().join("candidate"), BASE, "c");
    adapter(&folder.path().join("foreign"), "ab", "f");
    adapter(&folder.path().join("models/adapters/same"), BASE, "c");
    measured(folder.path(), 25, UNLOCKS, LOCKS);
    let promote = |candidate: &str, more: &[&str]| {
        brine(folder.path(), &[&["adapter", "promote", candidate, "--dev", "dev.jsonl"], more].concat())
    };
    refused(&promote("nowhere", &["--name", "ours"]), 2, "adapter_config.json");
    refused(&promote("foreign", &["--name", "ours"]), 2, "none of the catalogue's models");
    refused(&promote("candidate", &["--name", "plain"]), 2, "can't be an adapter's name");
    refused(&promote("candidate", &["--name", "ours", "--against", "nobodys"]), 2, "no adapter called \"nobodys\"");
    refused(&promote("candidate", &["--name", "same"]), 2, "the very adapter");
    refused(&promote("candidate", &["--name", "ours", "--measure-only", "--out", "out"]), 2, "--dry-run");
    // There is no model here to write with.
    refused(&promote("candidate", &["--name", "ours"]), 2, "brine model pull smollm2-135m");
    assert!(!folder.path().join("models/adapters/ours").exists());
    let help = stdout(&brine(folder.path(), &["adapter", "promote", "--help"]));
    assert!(help.contains("at least 20 held-out pairs") && help.contains("--against"), "{help}");
}
