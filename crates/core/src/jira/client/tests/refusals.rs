//! Bad answers and no answers.

use std::io::{Read, Write};
use std::time::{Duration, UNIX_EPOCH};

use reqwest::header::LOCATION;
use serde_json::json;
use wiremock::{MockServer, ResponseTemplate};

use super::{SECRET, always, by_connect, client, client_of, guard, issue, json as answer, requests};
use crate::clock::Clock;
use crate::failure::Failure;
use crate::ids::{IssueId, IssueKey};
use crate::jira::{JiraClient, JiraError};

async fn refusal(answer: ResponseTemplate) -> JiraError {
    let server = always(answer).await;
    client(&server).issue(&issue()).await.unwrap_err()
}

#[tokio::test]
async fn each_status_has_its_meaning() {
    let status = |code| refusal(ResponseTemplate::new(code));
    assert_eq!(status(401).await, JiraError::Unauthorized);
    assert_eq!(status(403).await, JiraError::Forbidden);
    assert_eq!(status(404).await, JiraError::NotFound);
    assert_eq!(status(410).await, JiraError::NotFound);
    for code in [400, 409, 413, 422] {
        assert!(matches!(status(code).await, JiraError::Rejected { status, .. } if status == code), "{code}");
    }
    for code in [408, 500, 502, 503, 504] {
        let error = status(code).await;
        assert!(matches!(error, JiraError::Unavailable { retry_after: None, .. }), "{code}");
        assert!(error.to_string().contains(&code.to_string()), "{error}");
    }
}

#[tokio::test]
async fn what_follows_from_each() {
    let failure = |error: JiraError| Failure::from(error);
    let rejected = |status| JiraError::Rejected { status, messages: String::new() };
    let wait = Duration::from_secs(7);
    let down = |retry_after| JiraError::Unavailable { cause: "it is down".to_owned(), retry_after };
    assert!(
        matches!(failure(JiraError::RateLimited { retry_after: wait }), Failure::Wait { wait: w, .. } if w == wait)
    );
    assert!(matches!(failure(down(Some(wait))), Failure::RetryAfter { wait: w, .. } if w == wait));
    for error in [down(None), JiraError::Moved, JiraError::Malformed { what: "x" }, rejected(409)] {
        assert!(matches!(failure(error.clone()), Failure::Retry { .. }), "{error:?}");
    }
    for error in [JiraError::Unauthorized, JiraError::Forbidden, rejected(400), rejected(413), JiraError::Installation]
    {
        assert!(matches!(failure(error.clone()), Failure::Permanent { .. }), "{error:?}");
    }
    assert!(matches!(failure(JiraError::NotFound), Failure::NotOurs { .. }));
}

#[tokio::test]
async fn retry_after_in_seconds_or_as_a_date_within_bounds() {
    let limited = async |value: &str| {
        let error = refusal(ResponseTemplate::new(429).insert_header("Retry-After", value)).await;
        let JiraError::RateLimited { retry_after } = error else { unreachable!("{error:?}") };
        retry_after.as_secs()
    };
    assert_eq!(limited("7").await, 7);
    assert_eq!(limited("0").await, 1);
    assert_eq!(limited("999999").await, 3600);
    assert_eq!(limited("soon").await, 30);
    let now = Duration::from_secs(Clock::system().now_seconds().unsigned_abs());
    let in_two_minutes = httpdate::fmt_http_date(UNIX_EPOCH + now + Duration::from_secs(120));
    assert!((110..=120).contains(&limited(&in_two_minutes).await));
    assert_eq!(limited("Sun, 06 Nov 1994 08:49:37 GMT").await, 1);

    let none = refusal(ResponseTemplate::new(429)).await;
    assert_eq!(none, JiraError::RateLimited { retry_after: Duration::from_secs(30) });
    let down = refusal(ResponseTemplate::new(503).insert_header("Retry-After", "9")).await;
    assert!(matches!(down, JiraError::Unavailable { retry_after: Some(wait), .. } if wait.as_secs() == 9));
}

#[tokio::test]
async fn a_page_instead_of_json() {
    for html in [
        ResponseTemplate::new(200).set_body_raw("<html>Log in</html>", "text/html"),
        ResponseTemplate::new(200).set_body_raw("{\"id\":", "application/json"),
        ResponseTemplate::new(200),
    ] {
        assert!(matches!(refusal(html).await, JiraError::Malformed { .. }));
    }
    let down = refusal(ResponseTemplate::new(502).set_body_raw("<html>", "text/html")).await;
    assert!(matches!(down, JiraError::Unavailable { .. }));
    let refused = refusal(ResponseTemplate::new(400).set_body_raw("<html>", "text/html")).await;
    assert!(matches!(refused, JiraError::Rejected { status: 400, .. }));
}

#[tokio::test]
async fn a_body_over_the_limit_is_not_read() {
    let limit = 8 * 1024 * 1024;
    let story =
        |bytes: usize| answer(json!({"id": "10042", "key": "SHOP-7", "fields": {"summary": "x".repeat(bytes)}}));
    assert_eq!(refusal(story(limit)).await, JiraError::TooLarge { limit });
    let server = always(story(limit - 1024)).await;
    assert!(client(&server).issue(&issue()).await.is_ok());
}

/// A site that does not say how much it will send, and sends until we hang up.
#[tokio::test]
async fn a_body_without_an_end_is_cut_off() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let sender = tokio::task::spawn_blocking(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n").unwrap();
        (0..4096_u64).take_while(|_| stream.write_all(&[b' '; 64 * 1024]).is_ok()).count()
    });
    let refused = client_of(&format!("http://{address}")).issue(&issue()).await;
    assert_eq!(refused, Err(JiraError::TooLarge { limit: 8 * 1024 * 1024 }));
    assert!(sender.await.unwrap() < 4096, "the connection was closed before all was sent");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = MockServer::start().await;
    let target = format!("{}/rest/api/3/issue/10042", elsewhere.uri());
    for status in [301, 302, 303, 307, 308] {
        let moved = refusal(ResponseTemplate::new(status).insert_header(LOCATION, target.as_str())).await;
        assert_eq!(moved, JiraError::Moved);
    }
    assert!(requests(&elsewhere).await.is_empty());
}

#[tokio::test]
async fn no_answer_in_time() {
    let server = always(answer(json!({})).set_delay(Duration::from_secs(3600))).await;
    let http = reqwest::Client::builder().timeout(Duration::from_millis(200)).build().unwrap();
    let hasty = JiraClient::new(http, &server.uri(), by_connect(), guard(), Clock::system());
    let error = hasty.issue(&issue()).await.unwrap_err();
    assert_eq!(error.to_string(), "Jira is not available: it did not answer in time");
}

#[tokio::test]
async fn no_site_there() {
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = client_of(&format!("http://{address}")).issue(&issue()).await.unwrap_err();
    assert_eq!(error.to_string(), "Jira is not available: no connection to the site");
    assert_eq!(client_of("not a url").issue(&issue()).await, Err(JiraError::Installation));
}

#[tokio::test]
async fn ids_from_outside_cannot_change_the_path() {
    let server = always(answer(json!({}))).await;
    let site = client(&server);
    for id in ["", "..", "../myself", "1/comment", "1?x", "1#x", "1%2f..", "1 2", "é", "\\"] {
        assert_eq!(site.issue(&IssueId::new(id)).await, Err(JiraError::NotFound), "{id:?}");
        assert_eq!(site.issue_by_key(&IssueKey::new(id)).await, Err(JiraError::NotFound), "{id:?}");
        assert_eq!(site.comment(&issue(), id).await, Err(JiraError::NotFound), "{id:?}");
        assert_eq!(site.issue_property(&issue(), id).await, Err(JiraError::NotFound), "{id:?}");
    }
    assert!(requests(&server).await.is_empty());
}

#[tokio::test]
async fn errors_hold_no_secret_and_no_address() {
    let server = always(ResponseTemplate::new(401)).await;
    let site = client(&server);
    let shown = format!("{site:?} {:?}", site.issue(&issue()).await);
    assert!(!shown.contains(SECRET), "{shown}");
    let error = client_of("http://127.0.0.1:1").issue(&issue()).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("127.0.0.1"));
}
