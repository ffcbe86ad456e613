//! The judge against stand-ins: good, formless and babbling servers.
#![allow(clippy::unwrap_used)]

use serde_json::json;
use wiremock::matchers::{body_partial_json, body_string_contains, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::super::super::{Answer, Arm, Outputs};
use super::super::{Plan, sheets};
use super::*;
use crate::data::Pair;

fn settings(address: &str) -> JudgeSettings {
    let ms = Duration::from_millis;
    JudgeSettings {
        address: format!("{address}/v1"),
        model: "reader/large".to_owned(),
        key: Some(SecretString::from("s3cret")),
        deadline: ms(2000),
        patience: Patience { first: ms(5), longest: ms(10), total: ms(100) },
        parallel: 2,
    }
}

fn said(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "choices": [{ "message": { "role": "assistant", "content": text }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 100, "completion_tokens": 20 },
    }))
}

const POINTS: &str = r#"{"points": 7, "turned": false, "no_rule": false, "empty": true}"#;
const RULES: &str = r#"{"rules": ["right", "missing"]}"#;

/// Four scenarios of two stories, a rule list for each set, and nothing that is wrong on purpose: there are too few.
fn laid_out(folder: &Path) -> (Vec<Case>, Key) {
    let case = |id: usize| {
        let criteria = format!("@negative\nScenario: A {id}\n  Given a\n  When b\n  Then c\n\n").repeat(2);
        Case::new(Pair {
            id: format!("s{id}"),
            summary: format!("Summary {id}"),
            description: "Three wrong PINs lock a card.".to_owned(),
            criteria: criteria.replacen("Then c", "Then d", 1),
            facts: vec!["one :: x".to_owned(), "two :: y".to_owned()],
            ..Pair::default()
        })
        .unwrap()
    };
    let cases: Vec<Case> = (0..2).map(case).collect();
    let answer =
        |case: &Case| Answer { id: case.pair.id.clone(), criteria: case.pair.criteria.clone(), ..Answer::default() };
    let outputs = [Outputs { answers: cases.iter().map(answer).collect(), ..Outputs::default() }];
    let arms = [Arm::parse("human=reference").unwrap()];
    let plan = Plan { cases: &cases, arms: &arms, outputs: &outputs, choices: &[], rules: true };
    let key = sheets(&plan, folder).unwrap();
    (cases, key)
}

async fn read(server: &MockServer, folder: &Path) -> Result<(Reader, Spent), EvalError> {
    let (cases, key) = laid_out(folder);
    let judge = Judge::new(settings(&server.uri())).unwrap();
    judge.read(&key, &cases, folder, &CancellationToken::new(), |_, _| ()).await
}

async fn good(server: &MockServer) {
    let points = Mock::given(method("POST")).and(body_string_contains("turned:"));
    points.respond_with(said(&format!("<think>A card {{…}}</think>\n```json\n{POINTS}\n```"))).mount(server).await;
    Mock::given(method("POST"))
        .and(body_string_contains("list of its rules"))
        .respond_with(said(RULES))
        .mount(server)
        .await;
}

#[tokio::test]
async fn every_number_is_asked_once_by_the_rubric_and_never_again() {
    let (server, folder) = (MockServer::start().await, tempfile::tempdir().unwrap());
    good(&server).await;
    let (reader, spent) = read(&server, folder.path()).await.unwrap();
    assert_eq!((reader.name.as_str(), reader.rows.len()), ("reader_large", 6));
    assert_eq!(spent, Spent { questions: 6, read: 600, written: 120, lost: 0 });
    let empty = reader.rows.values().filter(|row| row.empty == Some(true) && row.points == Some(7)).count();
    let rules = reader.rows.values().filter(|row| row.rules.as_ref().is_some_and(|rules| rules.len() == 2)).count();
    assert_eq!((empty, rules), (4, 2));
    let asked = server.received_requests().await.unwrap();
    let body: Value = asked[0].body_json().unwrap();
    assert_eq!(body["response_format"]["type"], "json_schema");
    assert_eq!(body["messages"][0]["role"], "system");
    assert!(body["messages"][1]["content"].as_str().unwrap().contains("Three wrong PINs lock a card."));
    assert!(asked.iter().all(|one| one.headers["authorization"] == "Bearer s3cret"));

    // A line that was cut off is asked for again, and nothing else is.
    let path = folder.path().join("judge-reader_large.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, &text[..text.len() - 9]).unwrap();
    let (again, spent) = read(&server, folder.path()).await.unwrap();
    assert_eq!((again, spent.questions), (reader, 1));
}

#[tokio::test]
async fn a_server_that_refuses_a_schema_is_asked_without_it() {
    let (server, folder) = (MockServer::start().await, tempfile::tempdir().unwrap());
    let formal = Mock::given(body_partial_json(json!({ "response_format": { "type": "json_schema" } })));
    formal.respond_with(ResponseTemplate::new(400)).up_to_n_times(2).mount(&server).await;
    good(&server).await;
    let (reader, _) = read(&server, folder.path()).await.unwrap();
    assert_eq!(reader.rows.len(), 6);
    // The two that were under way when it first refused.
    assert!(server.received_requests().await.unwrap().len() <= 8);
}

#[tokio::test]
async fn what_is_no_answer_is_asked_for_again_and_then_left() {
    let (server, folder) = (MockServer::start().await, tempfile::tempdir().unwrap());
    let points = || Mock::given(method("POST")).and(body_string_contains("turned:"));
    points().respond_with(said("I would say 7.")).up_to_n_times(1).mount(&server).await;
    points().respond_with(said(POINTS)).mount(&server).await;
    let rules = Mock::given(method("POST")).and(body_string_contains("list of its rules"));
    rules.respond_with(said(r#"{"rules": ["right"]}"#)).mount(&server).await;
    let (reader, spent) = read(&server, folder.path()).await.unwrap();
    assert_eq!((reader.rows.len(), spent.lost), (4, 2), "one rule of two is no answer");
    assert_eq!(spent.questions, 4 + 1 + 2 * TRIES);
}

#[tokio::test]
async fn a_server_that_only_babbles_ends_the_run_and_loses_nothing() {
    let (server, folder) = (MockServer::start().await, tempfile::tempdir().unwrap());
    Mock::given(path("/v1/chat/completions"))
        .and(header("authorization", "Bearer s3cret"))
        .respond_with(said("7"))
        .mount(&server)
        .await;
    let error = read(&server, folder.path()).await.unwrap_err().to_string();
    assert!(error.contains("5 numbers in a row") && error.contains("goes on"), "{error}");
    assert!(!error.contains("s3cret") && !error.contains("PIN"), "{error}");
}

#[tokio::test]
async fn a_judge_without_a_key_says_which_variable_it_wants() {
    let (server, folder) = (MockServer::start().await, tempfile::tempdir().unwrap());
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(401)).mount(&server).await;
    let error = read(&server, folder.path()).await.unwrap_err().to_string();
    assert!(error.starts_with("the judge: ") && error.contains(JUDGE_KEY), "{error}");
    assert!(Judge::new(settings("ftp://x")).is_err());
}
