//! `brine export-pairs` from the outside: what it refuses. What it exports is told in tests/system/learning.rs.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use assert_cmd::Command;

fn refused(folder: &Path, arguments: &[&str], expected: &str) {
    let mut command = Command::cargo_bin("brine").unwrap();
    let output = command.current_dir(folder).env("BRINE_DATA_DIR", "data").args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    assert!(said.contains(expected), "{arguments:?}: {said:?} does not say {expected:?}");
}

fn export<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["export-pairs", "--out", "pairs.jsonl"], more].concat()
}

#[test]
fn what_makes_no_sense_is_refused_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    refused(folder.path(), &export(&[]), "there is no database");
    refused(folder.path(), &export(&["--since", "yesterday"]), "2026-11-26");
    refused(folder.path(), &export(&["--hold-out", "0.2"]), "--dev");
    refused(folder.path(), &export(&["--dev", "dev.jsonl"]), "--hold-out");
    refused(folder.path(), &export(&["--hold-out", "20", "--dev", "dev.jsonl"]), "between 0 and 1");
    refused(folder.path(), &export(&["--redact-words", "nowhere"]), "nowhere");
    refused(folder.path(), &export(&["--config", "nowhere.toml"]), "nowhere.toml");
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/brine.db"), "").unwrap();
    refused(folder.path(), &export(&[]), "secret.key");
    assert!(!folder.path().join("data/secret.key").exists(), "a key is never made by a reader");
    std::fs::write(folder.path().join("data/secret.key"), "7".repeat(64)).unwrap();
    refused(folder.path(), &export(&[]), "database");
    assert!(!folder.path().join("pairs.jsonl").exists());
}
