#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use url::Url;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{InstallKeyError, InstallKeys, KEPT_KEYS};
use crate::clock::Clock;
use crate::jira::client::http_client;

const PEM: &str = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq\n-----END PUBLIC KEY-----\n";

async fn server(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("GET")).and(path("/keys/known")).respond_with(answer).mount(&server).await;
    server
}

fn keys(server: &MockServer, clock: &Clock) -> InstallKeys {
    let base = Url::parse(&format!("{}/keys/", server.uri())).unwrap();
    InstallKeys::new(base, http_client().unwrap()).with_clock(clock.clone())
}

async fn fetches(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

#[tokio::test]
async fn a_key_is_fetched_once() {
    let server = server(ResponseTemplate::new(200).set_body_string(PEM)).await;
    let keys = keys(&server, &Clock::system());
    let both = tokio::join!(keys.pem("known"), keys.pem("known"));
    assert_eq!(both.0.as_deref(), Ok(PEM));
    assert_eq!(both.1.as_deref(), Ok(PEM));
    assert_eq!(fetches(&server).await, 1);
}

#[tokio::test]
async fn a_flood_of_made_up_names_makes_one_fetch_a_minute() {
    let server = server(ResponseTemplate::new(200).set_body_string(PEM)).await;
    let clock = Clock::system();
    let keys = keys(&server, &clock);
    keys.pem("known").await.unwrap();
    assert_eq!(keys.pem("made-up-0").await, Err(InstallKeyError::Unknown));
    for number in 1..100 {
        assert_eq!(keys.pem(&format!("made-up-{number}")).await, Err(InstallKeyError::Paused));
    }
    assert_eq!(keys.pem("known").await.as_deref(), Ok(PEM), "what is known needs no fetch");
    assert_eq!(fetches(&server).await, 2);
    clock.advance(Duration::from_secs(61));
    assert_eq!(keys.pem("made-up-100").await, Err(InstallKeyError::Unknown));
    assert_eq!(keys.pem("made-up-101").await, Err(InstallKeyError::Paused));
    assert_eq!(fetches(&server).await, 3);
}

#[tokio::test]
async fn odd_names_are_never_asked_for() {
    let server = server(ResponseTemplate::new(200)).await;
    let keys = keys(&server, &Clock::system());
    let long = "k".repeat(129);
    for name in ["", ".", "..", "../known", "a/b", "a%2fb", "a?b", "a#b", "a b", "kéy", "a\n", "@evil.example", &long]
    {
        assert_eq!(keys.pem(name).await, Err(InstallKeyError::Name), "{name:?}");
    }
    assert_eq!(fetches(&server).await, 0);
}

#[tokio::test]
async fn answers_that_are_no_key() {
    let elsewhere = MockServer::start().await;
    let moved = ResponseTemplate::new(302).insert_header("Location", format!("{}/known", elsewhere.uri()));
    for (answer, error) in [
        (ResponseTemplate::new(200).set_body_string("<html>login</html>"), InstallKeyError::NoPem),
        (ResponseTemplate::new(200).set_body_string(""), InstallKeyError::NoPem),
        (ResponseTemplate::new(200).set_body_bytes(vec![0xff; 64]), InstallKeyError::NoPem),
        (ResponseTemplate::new(200).set_body_string(PEM.repeat(1000)), InstallKeyError::NoPem),
        (ResponseTemplate::new(500), InstallKeyError::Unavailable),
        (ResponseTemplate::new(403), InstallKeyError::Unknown),
        (moved, InstallKeyError::Unavailable),
    ] {
        let server = server(answer).await;
        assert_eq!(keys(&server, &Clock::system()).pem("known").await, Err(error));
    }
    assert_eq!(fetches(&elsewhere).await, 0, "redirects are not followed");
}

#[tokio::test]
async fn the_store_of_keys_is_bounded() {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(200).set_body_string(PEM)).mount(&server).await;
    let keys = keys(&server, &Clock::system());
    for number in 0..=KEPT_KEYS {
        keys.pem(&format!("key-{number}")).await.unwrap();
        assert!(keys.state.lock().await.pems.len() <= KEPT_KEYS);
    }
}
