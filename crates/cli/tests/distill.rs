//! `brine distill` from the outside, with a stand-in for the teacher's server.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const KEY: &str = "s3cret-of-the-teacher";

const STORIES: &str = r#"{"id":"card","domain":"gift cards","kind":"prose","summary":"Lock a gift card","description":"A gift card is locked after 3 wrong PINs. Support can unlock a locked gift card.","facts":["locked :: locked & 3"]}
{"id":"train","kind":"prose","summary":"Tell passengers of delays","description":"Passengers get a message when their train is 10 minutes late. Cancelled trains are shown in red."}
{"id":"loan","kind":"prose","summary":"Renew library loans","description":"Readers renew a loan twice at most. A reserved book cannot be renewed.","provenance":{"from":"our backlog"}}
{"id":"leak","kind":"prose","summary":"Mark parcels as fragile","description":"A parcel that is marked as fragile is carried by hand to its shelf."}
"#;

const DEV: &str = r#"{"id":"dev","summary":"Carry parcels","description":"Any parcel that is marked as fragile is carried by hand."}
"#;

const CARD: &str = "@happy-path\nScenario: Support unlocks a locked gift card\n  Given a locked gift card\n  When support unlocks it for the holder\n  Then the locked gift card works again\n\n@negative\nScenario: Third wrong PIN locks the gift card\n  Given a gift card with wrong PINs\n  When the PIN is wrong for the 3rd time\n  Then the gift card is locked\n\n@edge-case\nScenario: Two wrong PINs leave the gift card open\n  Given a gift card without wrong PINs\n  When a second wrong PIN is entered\n  Then the gift card stays open";
const TRAIN: &str = "@happy-path\nScenario: Passenger is told of a train that is 20 minutes late\n  Given a passenger with a train\n  When the train is 20 minutes late\n  Then the passenger gets a message\n\n@negative\nScenario: Train on time sends no message\n  Given a passenger with a train\n  When the train leaves on time\n  Then no message is sent to the passenger\n\n@edge-case\nScenario: Cancelled train is shown in red\n  Given a train that is cancelled\n  When the board of trains is read\n  Then the cancelled train is shown in red";
const LOAN: &str = "@happy-path\nScenario: Reader renews a loan\n  Given a reader with a loan\n  When the reader renews the loan\n  Then the loan is renewed once\n\n@negative\nScenario: Reserved book cannot be renewed\n  Given a reserved book on loan\n  When the reader tries to renew it\n  Then the reserved book is not renewed\n\n@edge-case\nScenario: Loan that was renewed twice is not renewed again\n  Given a loan that its reader renewed twice\n  When the reader tries a third time\n  Then the loan ends on its old date";

/// A folder with stories, and a server that knows them.
struct Bench {
    folder: tempfile::TempDir,
    server: MockServer,
    runtime: tokio::runtime::Runtime,
}

fn bench() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("stories.jsonl"), STORIES).unwrap();
    std::fs::write(folder.path().join("dev.jsonl"), DEV).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(async {
        let server = MockServer::start().await;
        let asked = Mock::given(method("POST")).and(path("/v1/chat/completions"));
        let bearer = format!("Bearer {KEY}");
        asked.and(header("Authorization", bearer.as_str())).respond_with(answer).mount(&server).await;
        server
    });
    Bench { folder, server, runtime }
}

fn answer(request: &Request) -> ResponseTemplate {
    let body: Value = request.body_json().unwrap();
    let asked = body["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap();
    let text = match asked.lines().next().unwrap() {
        "Story: Lock a gift card" => format!("Here you are:\n\n```gherkin\n{CARD}\n```\nAnything else?"),
        "Story: Tell passengers of delays" => TRAIN.to_owned(),
        "Story: Renew library loans" => LOAN.to_owned(),
        other => unreachable!("{other}"),
    };
    ResponseTemplate::new(200).set_body_json(json!({ "choices": [{ "message": { "content": text } }] }))
}

fn brine(folder: &Path, arguments: &[&str]) -> Assert {
    let mut command = Command::cargo_bin("brine").unwrap();
    command.current_dir(folder).env("BRINE_TEACHER_KEY", KEY).env("NO_PROXY", "127.0.0.1").arg("distill");
    command.args(arguments).assert()
}

impl Bench {
    fn distill(&self, more: &[&str]) -> Assert {
        let address = format!("{}/v1", self.server.uri());
        let server = ["stories.jsonl", "--out", "pairs.jsonl", "--server", &address, "--server-model", "large-1"];
        brine(self.folder.path(), &[&server, more].concat())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn lines(&self, name: &str) -> Vec<Value> {
        self.text(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn asked(&self) -> usize {
        self.runtime.block_on(self.server.received_requests()).unwrap().len()
    }
}

fn stdout(done: &Assert) -> String {
    String::from_utf8(done.get_output().stdout.clone()).unwrap()
}

/// One line on stderr with this word, and nothing on stdout.
fn refused(failed: Assert, code: i32, word: &str) {
    let failed = failed.code(code);
    let told = String::from_utf8(failed.get_output().stderr.clone()).unwrap();
    assert!(told.contains(word), "{told:?} does not say {word:?}");
    assert!(!told.contains(KEY), "{told}");
    assert!(failed.get_output().stdout.is_empty());
}

#[test]
fn stories_become_pairs_that_a_model_can_be_tuned_with() {
    let bench = bench();
    let done = bench.distill(&["--against", "dev.jsonl", "--facts", "0.9"]).success();
    let table = stdout(&done);
    assert!(
        table.contains("| accepted |  | 2 | 50.0 % |") && table.contains("| rejected |  | 2 | 50.0 % |"),
        "{table}"
    );
    assert!(table.contains("| leak |") && table.contains("| number |"), "{table}");
    assert_eq!(bench.asked(), 3, "a story that leaks is not asked for");

    let pairs = bench.lines("pairs.jsonl");
    assert_eq!(pairs.iter().map(|pair| pair["id"].as_str().unwrap()).collect::<Vec<_>>(), ["card", "loan"]);
    assert_eq!((&pairs[0]["criteria"], &pairs[0]["domain"]), (&CARD.into(), &"gift cards".into()));
    let from = &pairs[1]["provenance"];
    assert_eq!((&from["teacher"], &from["prompt"], &from["seed"]), (&"large-1".into(), &"teacher@2".into(), &0.into()));
    assert_eq!(from["story"], json!({ "from": "our backlog" }));
    let rejected = bench.lines("pairs.rejected.jsonl");
    assert_eq!((&rejected[0]["id"], &rejected[0]["reason"]), (&"train".into(), &"number".into()));
    assert_eq!(rejected[0]["detail"], "scenario 1: The story does not say 20.");

    let written = bench.text("pairs.jsonl") + &bench.text("pairs.rejected.jsonl") + &table;
    let told = String::from_utf8(done.get_output().stderr.clone()).unwrap();
    assert!(!written.contains(KEY) && !written.contains("127.0.0.1") && !told.contains(KEY));

    let mut check = Command::cargo_bin("brine").unwrap();
    check.current_dir(bench.folder.path()).args(["pairs", "check", "pairs.jsonl", "--against", "dev.jsonl"]);
    check.assert().success();
}

#[test]
fn the_same_command_goes_on_where_it_stopped() {
    let bench = bench();
    bench.distill(&["--limit", "1"]).success();
    assert_eq!(bench.asked(), 1);
    std::fs::write(bench.path("stories.jsonl"), STORIES.lines().take(3).collect::<Vec<_>>().join("\n")).unwrap();
    let table = stdout(&bench.distill(&[]).success());
    assert_eq!(bench.asked(), 3, "only what was not done is asked for");
    let (pairs, rejected) = (bench.text("pairs.jsonl"), bench.text("pairs.rejected.jsonl"));
    assert_eq!(stdout(&bench.distill(&[]).success()), table);
    assert_eq!(
        (bench.asked(), bench.text("pairs.jsonl"), bench.text("pairs.rejected.jsonl")),
        (3, pairs.clone(), rejected)
    );

    // As a kill in the middle of a line leaves it.
    std::fs::write(bench.path("pairs.jsonl"), &pairs[..pairs.len() - 30]).unwrap();
    assert_eq!(stdout(&bench.distill(&[]).success()), table);
    assert_eq!((bench.asked(), bench.lines("pairs.jsonl").len()), (4, 2));

    refused(bench.distill(&["--seed", "1"]), 2, "pairs.jsonl, line 1, was not written with these stories and options");
    let there = ["--server", "http://127.0.0.1:1", "--server-model", "x", "--out", "stories.jsonl"];
    refused(brine(bench.folder.path(), &[&["stories.jsonl"], &there[..]].concat()), 2, "stories.jsonl, line 1");
    assert_eq!(bench.text("stories.jsonl").lines().count(), 3);
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_at_once_and_the_same_command_goes_on() {
    let bench = bench();
    let slow = |request: &Request| answer(request).set_delay(std::time::Duration::from_secs(60));
    bench.runtime.block_on(async {
        bench.server.reset().await;
        Mock::given(method("POST")).respond_with(slow).mount(&bench.server).await;
    });
    let address = format!("{}/v1", bench.server.uri());
    let child = std::process::Command::new(assert_cmd::cargo::cargo_bin("brine"))
        .current_dir(bench.folder.path())
        .env("NO_PROXY", "127.0.0.1")
        .args(["distill", "stories.jsonl", "--out", "pairs.jsonl", "--server", &address, "--server-model", "large-1"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while bench.asked() == 0 {
        bench.runtime.block_on(async { tokio::time::sleep(std::time::Duration::from_millis(20)).await });
    }
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0));
    assert!(String::from_utf8(ended.stdout).unwrap().contains("| accepted |  | 0 |"));
    assert!(String::from_utf8(ended.stderr).unwrap().contains("stopped; the same command goes on"));
    bench.runtime.block_on(async {
        bench.server.reset().await;
        Mock::given(method("POST")).respond_with(answer).mount(&bench.server).await;
    });
    bench.distill(&["--limit", "1"]).success();
    assert_eq!(bench.lines("pairs.jsonl").len(), 1);
}

#[test]
fn a_server_that_answers_with_pages_has_no_answers() {
    let bench = bench();
    bench.runtime.block_on(async {
        bench.server.reset().await;
        let page = ResponseTemplate::new(200).set_body_raw("<html>Please log in</html>", "text/html");
        Mock::given(method("POST")).respond_with(page).mount(&bench.server).await;
    });
    let failed = bench.distill(&["--limit", "1"]).code(1);
    assert!(stdout(&failed).contains("| no answer | the next run tries again | 1 | 100.0 % |"));
    refused(bench.distill(&[]), 1, "3 stories in a row had no answer");
    assert_eq!(bench.text("pairs.jsonl"), "");
}

#[test]
fn what_makes_no_sense_is_said_before_anything_is_asked() {
    let bench = bench();
    let with = |arguments: &[&str]| {
        brine(bench.folder.path(), &[&["stories.jsonl", "--out", "pairs.jsonl"], arguments].concat())
    };
    let model = ["--server-model", "x"];
    let server = |address: &str, more: &[&str]| with(&[&["--server", address], &model[..], more].concat());
    refused(brine(bench.folder.path(), &["nowhere.jsonl", "--out", "pairs.jsonl"]), 2, "nowhere.jsonl");
    refused(brine(bench.folder.path(), &["stories.jsonl"]), 2, "--out");
    refused(with(&["--against", "nowhere.jsonl"]), 2, "nowhere.jsonl");
    refused(with(&["--server", "http://127.0.0.1:1"]), 2, "--server-model");
    refused(with(&model), 2, "--server");
    refused(server("http://127.0.0.1:1", &["--teacher-model", "smollm2-135m"]), 2, "--teacher-model");
    refused(server("http://me:s3cret@127.0.0.1:1", &[]), 2, "no name and password");
    refused(server("http://127.0.0.1:1", &["--teacher-prompt", "quoted@1"]), 2, "teacher@1");
    refused(server("http://127.0.0.1:1", &["--rejected", "pairs.jsonl"]), 2, "same file");
    refused(server("http://127.0.0.1:1", &["--cover", "60"]), 2, "0 to 1");
    refused(server("http://127.0.0.1:1", &["--samples", "0"]), 2, "--samples");
    refused(with(&["--teacher-model", "gpt-9"]), 2, "smollm2-135m");
    assert_eq!(bench.asked(), 0);
}

#[test]
fn a_server_that_wants_another_key_is_named_without_it() {
    let bench = bench();
    bench.runtime.block_on(async {
        bench.server.reset().await;
        Mock::given(method("POST")).respond_with(ResponseTemplate::new(401)).mount(&bench.server).await;
    });
    refused(bench.distill(&[]), 2, "does not accept the key in BRINE_TEACHER_KEY");
    let nobody = ["stories.jsonl", "--out", "pairs.jsonl", "--server", "http://127.0.0.1:1", "--server-model", "x"];
    refused(brine(bench.folder.path(), &nobody), 2, "http://127.0.0.1:1: no connection to it");
}
