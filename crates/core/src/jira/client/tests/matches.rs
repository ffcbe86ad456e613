//! What a JQL of a person's finds.

use serde_json::json;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{always, client, json as answer, path_and_query, requests};
use crate::ids::{IssueId, IssueKey};
use crate::jira::JiraError;
use crate::jira::client::Match;

#[tokio::test]
async fn issues_come_by_pages_with_whether_they_have_criteria() {
    let server = always(answer(json!({"nextPageToken": "t/2", "issues": [
        {"id": "1", "key": "SHOP-1", "properties": {"com.brine.criteria": {"job": "x"}}},
        {"id": "2", "key": "SHOP-2", "properties": {}},
        {"id": "3", "key": "OPS-1"}
    ]})))
    .await;
    let found = client(&server).matches("project = \"A & B\"", Some("t/1"), 50).await.unwrap();
    let issue =
        |id: &str, key: &str, has_criteria| Match { id: IssueId::new(id), key: IssueKey::new(key), has_criteria };
    assert_eq!(found.issues, [issue("1", "SHOP-1", true), issue("2", "SHOP-2", false), issue("3", "OPS-1", false)]);
    assert_eq!(found.next.as_deref(), Some("t/2"));
    let sent = path_and_query(&requests(&server).await[0]);
    assert_eq!(
        sent,
        "/rest/api/3/search/jql?jql=project%20%3D%20%22A%20%26%20B%22&fields=key&properties=com.brine.criteria\
         &maxResults=50&nextPageToken=t%2F1"
    );
}

#[tokio::test]
async fn issues_are_counted() {
    let server = always(answer(json!({"count": 153}))).await;
    assert_eq!(client(&server).count_matches("project = SHOP").await, Ok(153));
    let request = &requests(&server).await[0];
    assert_eq!((request.method.as_str(), request.url.path()), ("POST", "/rest/api/3/search/approximate-count"));
    assert_eq!(request.body_json::<serde_json::Value>().unwrap(), json!({"jql": "project = SHOP"}));
    let server = always(answer(json!({"count": "many"}))).await;
    assert!(matches!(client(&server).count_matches("x = y").await, Err(JiraError::Malformed { .. })));
}

/// The words about the JQL that came with the count repeat our body and are left out; those of the search are kept.
#[tokio::test]
async fn what_is_wrong_with_a_jql_is_told_in_jiras_words() {
    let server = MockServer::start().await;
    let wrong = "The value 'A Customer With A Long Name' does not exist for the field 'project'.";
    let refusal = ResponseTemplate::new(400).set_body_json(json!({"errorMessages": [wrong]}));
    for (verb, at) in [("POST", "/rest/api/3/search/approximate-count"), ("GET", "/rest/api/3/search/jql")] {
        Mock::given(method(verb)).and(path(at)).respond_with(refusal.clone()).expect(1).mount(&server).await;
    }
    let error = client(&server).count_matches("project = 'A Customer With A Long Name'").await.unwrap_err();
    assert_eq!(error, JiraError::Rejected { status: 400, messages: wrong.to_owned() });
}
