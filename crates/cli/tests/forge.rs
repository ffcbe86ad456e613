//! `brine forge` from the outside: what an operator types before `forge deploy`.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;

const ID: &str = "11111111-2222-4333-8444-555555555555";
const OTHER: &str = "99999999-2222-4333-8444-555555555555";
const HOST: &str = "https://brine.example.com";

fn brine(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("brine").unwrap();
    command.current_dir(folder).env_remove("BRINE_BASE_URL").arg("forge").args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn refused(output: &Output, expected: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(expected), "{said:?} does not say {expected:?}");
    assert!(output.stdout.is_empty());
}

#[test]
fn the_manifest_goes_to_standard_output_or_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["manifest", "--base-url", "https://brine.example.com/", "--app-id", ID];
    let printed = stdout(&brine(folder.path(), &arguments));
    assert!(printed.contains(&format!("id: \"ari:cloud:ecosystem::app/{ID}\"")), "{printed}");
    assert!(printed.contains("baseUrl: \"https://brine.example.com\""), "{printed}");
    assert!(printed.contains("- key: brine-action"), "{printed}");
    let ari = format!("ari:cloud:ecosystem::app/{ID}");
    let into_file = ["manifest", "--base-url", HOST, "--app-id", &ari, "--out", "manifest.yml"];
    assert_eq!(stdout(&brine(folder.path(), &into_file)), "");
    assert_eq!(std::fs::read_to_string(folder.path().join("manifest.yml")).unwrap(), printed);
    let nowhere = ["manifest", "--base-url", HOST, "--app-id", ID, "--out", "no/such/folder.yml"];
    refused(&brine(folder.path(), &nowhere), "can't be written");
}

#[test]
fn a_wrong_address_or_id_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    for (url, id, expected) in [
        ("http://brine.example.com", ID, "must begin with https://"),
        ("https://localhost:8930", ID, "give a public name"),
        ("https://brine.example.com/a/../b", ID, "no . or .. alone"),
        ("https://brine.example.com/jira", ID, "must have no path"),
        ("https://brine.example.com?a=b", ID, "must end after its path"),
        (HOST, "my-app", "`forge register` writes it"),
        (HOST, "00000000-0000-0000-0000-000000000000", "run `forge register` first"),
    ] {
        refused(&brine(folder.path(), &["manifest", "--base-url", url, "--app-id", id]), expected);
    }
    refused(&brine(folder.path(), &["manifest", "--app-id", ID]), "--base-url");
    refused(&brine(folder.path(), &["manifest", "--base-url", HOST]), "--app-id");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_new_folder_waits_for_forge_register_and_keeps_the_id_that_it_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let made = brine(folder.path(), &["app", "--base-url", HOST, "--out", "app"]);
    assert_eq!(stdout(&made), "");
    assert!(String::from_utf8_lossy(&made.stderr).contains("forge register Brine"));
    let file = folder.path().join("app/manifest.yml");
    let manifest = std::fs::read_to_string(&file).unwrap();
    assert!(manifest.contains("app/00000000-0000-0000-0000-000000000000"), "{manifest}");
    let page = std::fs::read_to_string(folder.path().join("app/static/index.html")).unwrap();
    for name in ["brine.js", "brine.css"] {
        assert!(page.contains(&format!("./{name}")), "{page}");
        assert!(folder.path().join("app/static").join(name).metadata().unwrap().len() > 1000);
    }

    // As the Forge CLI does it: the id changes, quotes and comments may, too.
    let registered = manifest.replace(
        "\"ari:cloud:ecosystem::app/00000000-0000-0000-0000-000000000000\"",
        &format!("ari:cloud:ecosystem::app/{ID}"),
    );
    std::fs::write(&file, registered).unwrap();
    let again = brine(folder.path(), &["app", "--base-url", "https://other.example.com", "--out", "app"]);
    assert!(String::from_utf8_lossy(&again.stderr).contains(&format!("BRINE_FORGE_APP_IDS holds {ID}")));
    let manifest = std::fs::read_to_string(&file).unwrap();
    assert!(manifest.contains(ID) && manifest.contains("https://other.example.com"), "{manifest}");
    let given = brine(folder.path(), &["app", "--base-url", HOST, "--out", "app", "--app-id", OTHER]);
    stdout(&given);
    assert!(std::fs::read_to_string(&file).unwrap().contains(OTHER));
}

#[test]
fn a_folder_of_somebody_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    refused(&brine(folder.path(), &["app", "--base-url", HOST, "--out", "."]), "holds other files");
    std::fs::write(folder.path().join("manifest.yml"), "app:\n  id: ari:cloud:ecosystem::app/other\n").unwrap();
    refused(&brine(folder.path(), &["app", "--base-url", HOST, "--out", "."]), "holds other files");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    std::fs::create_dir(folder.path().join("ours")).unwrap();
    std::fs::write(folder.path().join("ours/manifest.yml"), "modules:\n  trigger:\n    - key: brine-lifecycle\n")
        .unwrap();
    refused(&brine(folder.path(), &["app", "--base-url", HOST, "--out", "ours"]), "give it with --app-id");
}

#[test]
fn connect_on_forge_needs_no_pages_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let under = "https://brine.example.com/jira";
    stdout(&brine(folder.path(), &["app", "--connect", "--base-url", under, "--app-id", ID, "--out", "app"]));
    let manifest = std::fs::read_to_string(folder.path().join("app/manifest.yml")).unwrap();
    assert!(manifest.contains("key: com.brine.criteria") && manifest.contains("jira:webhooks"), "{manifest}");
    assert!(!folder.path().join("app/static").exists());
}
