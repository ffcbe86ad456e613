//! The server teacher against stand-ins: good answers, busy and broken servers, and answers without an end.
#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

fn settings(address: &str) -> ServerSettings {
    let ms = Duration::from_millis;
    ServerSettings {
        address: address.to_owned(),
        model: "large-1".to_owned(),
        prompt: None,
        key: Some(SecretString::from("s3cret")),
        deadline: ms(1500),
        patience: Patience { first: ms(10), longest: ms(40), total: ms(3000) },
    }
}

fn good() -> ResponseTemplate {
    let body = json!({ "choices": [{ "message": { "role": "assistant", "content": "@happy-path" }, "finish_reason": "stop" }] });
    ResponseTemplate::new(200).set_body_json(body)
}

fn story() -> Story {
    Story::new("Lock a gift card", "Three wrong PINs lock it.").unwrap()
}

async fn ask(settings: ServerSettings) -> Result<Written, TeacherError> {
    ServerTeacher::new(settings).unwrap().write(&story(), 7, &CancellationToken::new()).await
}

/// What is said of a server that always answers so; no message holds key, story, or path.
async fn refusal(answer: ResponseTemplate) -> TeacherError {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(answer).mount(&server).await;
    checked(ask(settings(&server.uri())).await)
}

fn checked(result: Result<Written, TeacherError>) -> TeacherError {
    let error = result.unwrap_err();
    let told = error.to_string();
    for hidden in ["s3cret", "gift", "PIN", "completions"] {
        assert!(!told.contains(hidden), "{told}");
    }
    assert_eq!(told.lines().count(), 1);
    error
}

#[tokio::test]
async fn the_whole_set_is_asked_for_with_model_seed_and_key() {
    let server = MockServer::start().await;
    let asked = Mock::given(method("POST"))
        .and(path("/v1/chat/completions"))
        .and(header("Authorization", "Bearer s3cret"))
        .and(header("Content-Type", "application/json"));
    asked.respond_with(good()).expect(1).mount(&server).await;
    let written = ask(settings(&format!("{}/v1", server.uri()))).await.unwrap();
    assert_eq!(written, Written { text: "@happy-path".to_owned(), cut_off: false });
    let body: Value = server.received_requests().await.unwrap()[0].body_json().unwrap();
    assert_eq!((&body["model"], &body["seed"], &body["stream"]), (&"large-1".into(), &7.into(), &false.into()));
    let messages = body["messages"].as_array().unwrap();
    assert_eq!(messages[0]["role"], "system");
    let last = messages.last().unwrap();
    assert_eq!(
        (&last["role"], &last["content"]),
        (&"user".into(), &"Story: Lock a gift card\nThree wrong PINs lock it.".into())
    );
}

#[tokio::test]
async fn without_a_key_none_is_sent() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(good()).mount(&server).await;
    ask(ServerSettings { key: None, ..settings(&server.uri()) }).await.unwrap();
    assert!(!server.received_requests().await.unwrap()[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_busy_server_is_left_alone_for_as_long_as_it_asks() {
    let server = MockServer::start().await;
    let busy = ResponseTemplate::new(429).insert_header("Retry-After", "1");
    Mock::given(method("POST")).respond_with(busy).up_to_n_times(1).mount(&server).await;
    Mock::given(method("POST")).respond_with(good()).mount(&server).await;
    let pauses = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = pauses.clone();
    let teacher =
        ServerTeacher::new(settings(&server.uri())).unwrap().on_pause(move |pause| seen.lock().unwrap().push(pause));
    let started = Instant::now();
    teacher.write(&story(), 0, &CancellationToken::new()).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(*pauses.lock().unwrap(), [Duration::from_secs(1)]);
}

#[tokio::test]
async fn a_pause_beyond_patience_is_not_waited_for() {
    let started = Instant::now();
    let error = refusal(ResponseTemplate::new(429).insert_header("Retry-After", "3600")).await;
    assert!(matches!(&error, TeacherError::NoAnswer(told) if told.contains("429, 1 times")), "{error}");
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_server_that_fails_is_asked_again_until_patience_ends() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(500)).up_to_n_times(3).mount(&server).await;
    Mock::given(method("POST")).respond_with(good()).mount(&server).await;
    assert!(ask(settings(&server.uri())).await.is_ok());
    assert_eq!(server.received_requests().await.unwrap().len(), 4);

    let patience = Patience { total: Duration::from_millis(100), ..settings("").patience };
    let down = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(503)).mount(&down).await;
    let error = checked(ask(ServerSettings { patience, ..settings(&down.uri()) }).await);
    assert!(matches!(&error, TeacherError::NoAnswer(told) if told.contains("status 503")), "{error}");
}

#[tokio::test]
async fn what_no_further_try_can_mend_says_what_to_do() {
    let told = async |status| match refusal(ResponseTemplate::new(status)).await {
        TeacherError::Unusable(told) => told,
        other => unreachable!("{status}: {other}"),
    };
    assert!(told(401).await.contains("BRINE_TEACHER_KEY"));
    assert!(told(403).await.contains("does not accept the key"));
    assert!(told(404).await.contains("no such address or model"));
    assert!(told(307).await.contains("another address"));
    let refused = json!({ "error": { "code": "context_length_exceeded", "message": "Lock a gift card is too long" } });
    let error = refusal(ResponseTemplate::new(400).set_body_json(refused)).await;
    assert!(matches!(&error, TeacherError::NoAnswer(told) if told.contains("400, context_length_exceeded")), "{error}");
}

#[tokio::test]
async fn a_redirect_takes_neither_story_nor_key_along() {
    let (server, other) = (MockServer::start().await, MockServer::start().await);
    let moved = ResponseTemplate::new(308).insert_header("Location", format!("{}/chat/completions", other.uri()));
    Mock::given(method("POST")).respond_with(moved).mount(&server).await;
    checked(ask(settings(&server.uri())).await);
    assert!(other.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn answers_that_are_no_completion_are_no_answers() {
    let large = ResponseTemplate::new(200).set_body_bytes(vec![b' '; 5 << 20]);
    for (answer, expected) in [
        (ResponseTemplate::new(200).set_body_raw("<html>Lock a gift card</html>", "text/html"), "it is no JSON"),
        (ResponseTemplate::new(200).set_body_json(json!({ "result": "ok" })), "no chat completion"),
        (ResponseTemplate::new(200).set_body_raw("{\"choices\": [", "application/json"), "it is no JSON"),
        (ResponseTemplate::new(200), "it is no JSON"),
        (large, "larger than"),
    ] {
        let error = refusal(answer).await;
        assert!(matches!(&error, TeacherError::NoAnswer(told) if told.contains(expected)), "{error}");
    }
}

/// A server whose answer is `head` and then `piece` without an end, one every `pause`.
fn endless(piece: &'static [u8], pause: Duration) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let mut sent =
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{");
        let (ticks, tick) = std::sync::mpsc::channel::<()>();
        while sent.is_ok() {
            sent = stream.write_all(piece).and_then(|()| stream.flush());
            let _ = tick.recv_timeout(pause);
        }
        drop(ticks);
    });
    address
}

#[tokio::test]
async fn an_answer_without_an_end_is_left() {
    let error = checked(ask(settings(&endless(&[b' '; 65536], Duration::ZERO))).await);
    assert!(error.to_string().contains("larger than"), "{error}");
    let error = checked(ask(settings(&endless(b" ", Duration::from_millis(50)))).await);
    assert!(matches!(&error, TeacherError::NoAnswer(told) if told.contains("raise the deadline")), "{error}");
}

#[tokio::test]
async fn nobody_there_is_said_at_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = checked(ask(settings(&address)).await);
    assert!(matches!(&error, TeacherError::Unusable(told) if told.contains("no connection")), "{error}");
}

#[tokio::test]
async fn a_stopped_run_does_not_wait_for_the_server() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(good().set_delay(Duration::from_secs(1))).mount(&server).await;
    let teacher = ServerTeacher::new(settings(&server.uri())).unwrap();
    let cancel = CancellationToken::new();
    let started = Instant::now();
    let (story, stop) = (story(), async { cancel.cancel() });
    let (answer, ()) = tokio::join!(teacher.write(&story, 0, &cancel), stop);
    assert_eq!(answer, Err(TeacherError::Stopped));
    assert!(started.elapsed() < Duration::from_millis(900));
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let told = |settings| ServerTeacher::new(settings).err().unwrap().to_string();
    let base = || settings("http://localhost:1/v1");
    assert!(told(ServerSettings { prompt: Some("quoted@1".to_owned()), ..base() }).contains("teacher@1"));
    let odd = told(ServerSettings { key: Some(SecretString::from("a\nb")), ..base() });
    assert!(odd.contains("BRINE_TEACHER_KEY") && !odd.contains("a\nb"), "{odd}");
    assert!(ServerTeacher::new(ServerSettings { prompt: Some("teacher@1".to_owned()), ..base() }).is_ok());
    let open =
        |address, key| ServerTeacher::new(ServerSettings { key, ..settings(address) }).unwrap().key_in_the_clear();
    assert!(open("http://10.0.0.1/v1", Some(SecretString::from("a"))));
    assert!(!open("http://10.0.0.1/v1", None) && !open("https://10.0.0.1/v1", Some(SecretString::from("a"))));
}
