//! `brine eval` from the outside, with the controls that need no model.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use assert_cmd::Command;

/// Three stories of different trades, each with a fact.
const STORIES: &str = r#"{"id":"card","summary":"Lock a gift card","description":"A gift card is locked after 3 wrong PINs. Support can unlock it.","facts":["locked after 3 :: lock & 3"],"criteria":"@happy-path\nScenario: Support unlocks a gift card\n  Given a locked gift card\n  When support unlocks it\n  Then the gift card works\n\n@negative\nScenario: Third wrong PIN locks the gift card\n  Given a gift card with wrong PINs\n  When the PIN is wrong for the 3rd time\n  Then the gift card is locked\n\n@edge-case\nScenario: Two wrong PINs leave it open\n  Given a gift card\n  When a second wrong PIN comes\n  Then the gift card stays open\n"}
{"id":"train","summary":"Tell passengers of delays","description":"Passengers get a message when their train is 10 minutes late. Cancelled trains are shown in red.","facts":["message at 10 :: message & 10"],"criteria":"@happy-path\nScenario: Passenger is told of a late train\n  Given a passenger on a train\n  When the train is 10 minutes late\n  Then the passenger gets a message\n\n@negative\nScenario: Train on time sends nothing\n  Given a passenger on a train\n  When the train is on time\n  Then the passenger gets no message\n\n@edge-case\nScenario: Cancelled train is shown in red\n  Given a cancelled train\n  When the board is shown\n  Then the train is shown in red\n"}
{"id":"loan","summary":"Renew library loans","description":"Readers renew a loan twice at most. A reserved book cannot be renewed.","facts":["reserved :: reserved & refused"],"criteria":"@happy-path\nScenario: Reader renews a loan\n  Given a reader with a loan\n  When the reader renews it\n  Then the loan is renewed\n\n@negative\nScenario: Reserved book is not renewed\n  Given a reserved book on loan\n  When the reader renews it\n  Then the renewal is refused\n\n@edge-case\nScenario: Reader renews for the last time\n  Given a loan that was renewed once\n  When the reader renews it\n  Then the loan is renewed\n"}
"#;

fn eval(folder: &Path, more: &[&str]) -> assert_cmd::assert::Assert {
    std::fs::write(folder.join("stories.jsonl"), STORIES).unwrap();
    let controls = ["--arm", "human=reference", "--arm", "shuffled=shuffled", "--arm", "template=template"];
    let mut command = Command::cargo_bin("brine").unwrap();
    command.current_dir(folder).args(["eval", "stories.jsonl", "--out", "out"]).args(controls).args(more).assert()
}

const BASELINE: &str = r#"{"command":"","stories":3,"arms":{"human":{"facts":{"value":1.0,"allowed_drop":0.05},"gates":{"value":1.0,"allowed_drop":0.0}}}}"#;

#[test]
fn controls_are_measured_and_every_part_of_the_report_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let done = eval(folder.path(), &[]).success();
    let table = String::from_utf8(done.get_output().stdout.clone()).unwrap();
    let facts = table.lines().find(|line| line.contains("F: facts covered")).unwrap();
    assert!(
        facts.contains("| 100.0 % (100.0–100.0; n=3) | 0.0 % (0.0–0.0; n=3) |") && facts.contains("holds"),
        "{facts}"
    );
    for part in ["table.md", "table.json", "rows.jsonl", "rows.csv", "report.html", "outputs/human.jsonl"] {
        assert!(folder.path().join("out").join(part).is_file(), "{part}");
    }
    // What was written can be measured again, and gives the same.
    let again = eval(folder.path(), &["--measure-only"]).success();
    let again = String::from_utf8(again.get_output().stdout.clone()).unwrap();
    let figures = |text: &str| text.lines().filter(|line| line.starts_with('|')).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(figures(&again), figures(&table));
}

#[test]
fn a_fall_below_the_baseline_exits_with_one_and_says_which() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("baseline.json"), BASELINE).unwrap();
    eval(folder.path(), &["--baseline", "baseline.json"]).success();
    let path = folder.path().join("stories.jsonl");
    let harder = STORIES.replace("locked after 3 :: lock & 3", "told :: the holder gets an e-mail");
    std::fs::write(&path, harder).unwrap();
    let mut command = Command::cargo_bin("brine").unwrap();
    let run = ["eval", "stories.jsonl", "--out", "out", "--arm", "human=reference", "--baseline", "baseline.json"];
    let failed = command.current_dir(folder.path()).args(run).assert().code(1);
    let told = String::from_utf8(failed.get_output().stderr.clone()).unwrap();
    assert!(told.contains("human: F: facts covered is 66.7 %, the baseline 100.0 %"), "{told}");
    assert_eq!(told.lines().filter(|line| line.starts_with("human: ")).count(), 1, "{told}");
}

#[test]
fn what_makes_no_sense_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    for (more, word) in [
        (vec!["--arm", "x=haiku"], "haiku"),
        (vec!["--arm", "human=template"], "human"),
        (vec!["--arm", "x=model,model=nothing"], "nothing"),
        (vec!["--arms", "nowhere.toml"], "nowhere.toml"),
        (vec!["--baseline", "nowhere.json"], "nowhere.json"),
    ] {
        let failed = eval(folder.path(), &more).code(2);
        let told = String::from_utf8(failed.get_output().stderr.clone()).unwrap();
        assert!(told.contains(word) || told.contains(more[1]), "{more:?}: {told}");
        assert_eq!(told.trim().lines().count(), 1, "{told}");
    }
}

/// Each scenario gets 7 points, each set has its rules right, and what is wrong on purpose is seen.
fn rows(folder: &Path) -> String {
    let key = std::fs::read_to_string(folder.join("sheets/key.jsonl")).unwrap();
    let row = |line: &str| {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        let number = &entry["number"];
        let points = |points: u8| {
            format!(
                "{{\"number\": {number}, \"points\": {points}, \"turned\": \"no\", \"no_rule\": \"no\", \"empty\": \"no\"}}\n"
            )
        };
        match entry["task"].as_str().unwrap() {
            "rules" => format!("{{\"number\": {number}, \"rules\": [\"right\"]}}\n"),
            "check" => points(0),
            "nothing" => String::new(),
            _ => points(7),
        }
    };
    key.lines().map(row).collect()
}

#[test]
fn sheets_are_read_by_anybody_and_readers_come_first_in_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let made = r#"{"id": "card", "criteria": "Sure!\n\n**Scenario 1: A card**\n- Given a card\n- When a PIN comes\n- Then it is counted\n"}"#;
    std::fs::write(folder.path().join("made.jsonl"), made).unwrap();
    let sheets = ["--arm", "robot=outputs,file=made.jsonl", "--sheets", "sheets"];
    eval(folder.path(), &sheets).success();
    let sheet = std::fs::read_to_string(folder.path().join("sheets/scenarios-01.md")).unwrap();
    assert!(sheet.contains("keep unchanged") && sheet.contains("Scenario: A card\n  Given a card\n"), "{sheet}");
    assert!(!sheet.contains("robot") && !sheet.contains("human"), "{sheet}");

    std::fs::write(folder.path().join("anna.jsonl"), rows(folder.path())).unwrap();
    let read = [&sheets[..], &["--readings", "anna.jsonl"]].concat();
    let done = eval(folder.path(), &read).success();
    let table = String::from_utf8(done.get_output().stdout.clone()).unwrap();
    let first = table.lines().find(|line| line.starts_with("| readers: ")).unwrap();
    // Nine scenarios of people; one of the other arm, and nothing for two stories, each as three worth nothing.
    assert!(first.contains("| 7.0 (7.0–7.0; n=3) | – | – | 1.0 ("), "{first}");
    assert!(table.contains("## The readers") && table.contains("| anna |"), "{table}");
    assert!(folder.path().join("out/readings.jsonl").is_file());

    std::fs::write(folder.path().join("bad.jsonl"), "{\"number\": 1, \"points\": 6}\n").unwrap();
    let bad = [&sheets[..], &["--readings", "bad.jsonl"]].concat();
    let failed = eval(folder.path(), &bad).code(2);
    let told = String::from_utf8(failed.get_output().stderr.clone()).unwrap();
    assert!(told.contains("bad.jsonl: line 1: number 1: 6 points"), "{told}");
}
